"""A user's own code, by name."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from colloquia.core.errors import ColloquiaError, UserError
from colloquia.core.text import brief, shown


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
    try:
        return (at or EntryPoint(name=name, value=name, group="")).load()
    except Exception as error:  # a module raises whatever its author liked
        why = f"{type(error).__name__}: {error}"
        raise UserError(f"{what} {name!r} can't be imported: {shown(why)}") from error


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
def telling(what: str) -> Iterator[None]:
    """Tell whatever a user's code raises in a block as its own.

    Args:
        what: which code, and what it was given.

    Raises:
        UserError: it raised.
    """
    try:
        yield
    except ColloquiaError:
        raise
    except Exception as error:  # it raises whatever its author liked
        why = brief(f"{type(error).__name__}: {error}", 200)
        raise UserError(f"{what} failed: {why}") from error
