"""Environments by name: ours, or one of the user's own as `MODULE:NAME`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from colloquia.core.errors import UserError
from colloquia.core.text import brief, clean_text
from colloquia.core.wording import did_you_mean
from colloquia.finetune.environments.protocol import Environment, TaskSet
from colloquia.finetune.environments.terminal.terminal import TerminalTasks
from colloquia.finetune.users_code import find_object, telling

OURS = {"terminal": TerminalTasks}


def find_environment(name: str) -> TaskSet:
    """Return the task set of that name.

    Args:
        name: `terminal`, or `MODULE:NAME` of an object that is a `TaskSet`; the module is looked
            for where Python looks, and in the current folder.

    Raises:
        UserError: there is none, its module can't be imported, or it is no task set.
    """
    if name in OURS:
        return OURS[name]()
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        hint = did_you_mean(name, OURS)
        raise UserError(f"no environment {name!r}{hint}; there are {', '.join(OURS)}, MODULE:NAME")
    found = find_object(name, "environment")
    with telling(f"environment {name!r}"):
        is_complete = all(hasattr(found, part) for part in ("name", "tasks", "make"))
        called = found.name if is_complete else ""
    if not is_complete:
        raise UserError(f"environment {name!r} has no name, tasks and make; see TaskSet")
    if not _is_name(called):
        raise UserError(f"environment {name!r} has the name {brief(str(called))}; {_NAMES}")
    return TasksByOthers(name=called, called=name, given=found)


_LONGEST = 200
_NAMES = f"give a text of at most {_LONGEST} plain characters"


def _is_name(given: object) -> TypeGuard[str]:
    """Whether this can name something in a transcript."""
    return isinstance(given, str) and 0 < len(given) <= _LONGEST and clean_text(given) == given


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksByOthers:
    """A task set by anybody; what is wrong with it is told with its name."""

    name: str
    called: str
    """As the user named it."""
    given: TaskSet

    def tasks(self, split: str) -> Sequence[str]:
        """Return the names of a split's tasks.

        Raises:
            UserError: it fails, there are none, or they are no texts.
        """
        what = f"environment {self.called!r}: tasks({split!r})"
        with telling(what):
            names: list[object] = list(self.given.tasks(split))
        texts = [name for name in names if _is_name(name)]
        if len(texts) < len(names):
            odd = next(name for name in names if not _is_name(name))
            raise UserError(f"{what} has {brief(repr(odd))}; {_NAMES}")
        if not texts:
            raise UserError(f"{what} has none")
        return texts

    def make(self) -> Environment:
        """Return an environment for one episode.

        Raises:
            UserError: it fails, or what it gives is none.
        """
        what = f"environment {self.called!r}: make()"
        with telling(what):
            made = self.given.make()
        if not (callable(getattr(made, "reset", None)) and callable(getattr(made, "step", None))):
            raise UserError(
                f"{what} gave an object of type {type(made).__name__} without reset and step"
            )
        return made
