"""Environments by name: ours, or one of the user's own as `MODULE:NAME`."""

import importlib
import sys
from pathlib import Path

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.core.wording import did_you_mean
from colloquia.finetune.environments.protocol import TaskSet
from colloquia.finetune.environments.terminal.terminal import TerminalTasks

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
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a module may raise whatever it likes
        why = f"{type(error).__name__}: {error}"
        raise UserError(f"environment {name!r} can't be imported: {shown(why)}") from error
    if not all(hasattr(found, part) for part in ("name", "tasks", "make")):
        raise UserError(f"environment {name!r} has no name, tasks and make; see TaskSet")
    environment: TaskSet = found
    return environment
