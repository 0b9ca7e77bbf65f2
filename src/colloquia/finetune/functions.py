"""Functions of a user's own, by name."""

from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

from colloquia.core.errors import UserError


def find_function(name: str, what: str, *, at: EntryPoint | None = None) -> Callable[..., Any]:
    """Return a function.

    Args:
        name: `module:function`, or what an installed package calls it.
        what: what it is to an error: oracle, reward.
        at: where a package that names it has it.

    Raises:
        UserError: it can't be imported, or is no function.
    """
    try:
        found = (at or EntryPoint(name=name, value=name, group="")).load()
    except Exception as error:  # a module raises whatever its author liked
        raise UserError(f"{what} {name!r} can't be imported: {error}") from error
    if not callable(found):
        raise UserError(f"{what} {name!r} is a {type(found).__name__}, no function")
    function: Callable[..., Any] = found
    return function
