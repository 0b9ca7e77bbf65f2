"""Environments by name: ours, or one of the user's own as `MODULE:NAME`."""

from colloquia.core.errors import UserError
from colloquia.core.wording import did_you_mean
from colloquia.finetune.environments.protocol import TaskSet
from colloquia.finetune.environments.terminal.terminal import TerminalTasks
from colloquia.finetune.users_code import find_object

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
    if not all(hasattr(found, part) for part in ("name", "tasks", "make")):
        raise UserError(f"environment {name!r} has no name, tasks and make; see TaskSet")
    environment: TaskSet = found
    return environment
