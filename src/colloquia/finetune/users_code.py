"""A user's own code, by name."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from traceback import format_exception_only
from typing import Any

from colloquia.core.errors import ColloquiaError, UserError
from colloquia.core.text import brief, shown

_MODULE_NAME = re.compile(r"\w+(\.\w+)*:\w+(\.\w+)*")


def find_object(name: str, what: str, *, at: EntryPoint | None = None) -> Any:
    """Return what a name stands for.

    Args:
        name: `MODULE:NAME`, looked for where Python looks and in the current folder; or what an
            installed package calls it.
        what: what it is to an error: environment, oracle, reward.
        at: where a package that names it has it.

    Raises:
        UserError: it can't be imported.
    """
    here = str(Path.cwd())
    if here not in sys.path:  # that of a command is its own folder
        sys.path.append(here)
    if at is None and not _MODULE_NAME.fullmatch(name):
        raise UserError(f"{what} {shown(name)!r} is no name of the form MODULE:NAME")
    with telling(f"{what} {name!r}", failed="can't be imported"):
        return (at or EntryPoint(name=name, value=name, group="")).load()


def find_function(name: str, what: str, *, at: EntryPoint | None = None) -> Callable[..., Any]:
    """Return the function that a name stands for; see `find_object`.

    Raises:
        UserError: it can't be imported, or is no function.
    """
    found = find_object(name, what, at=at)
    if not callable(found):
        raise UserError(f"{what} {name!r} is a {type(found).__name__}, no function")
    function: Callable[..., Any] = found
    return function


@contextmanager
def telling(what: str, *, failed: str = "failed") -> Iterator[None]:
    """Tell whatever a user's code raises in a block as its own.

    Args:
        what: which code, and what it was given.
        failed: what became of it.

    Raises:
        UserError: it raised.
    """
    try:
        yield
    except (ColloquiaError, KeyboardInterrupt):
        raise
    except BaseException as error:  # it raises whatever its author liked, or ends the program
        why = brief(format_exception_only(error)[-1], 200)  # tells also what can't tell itself
        raise UserError(f"{what} {failed}: {why}") from error
