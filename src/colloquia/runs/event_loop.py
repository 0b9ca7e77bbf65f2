"""Waiting for a coroutine where an event loop may be running already, as in a notebook."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from colloquia.core.errors import UserError

Result = TypeVar("Result")


def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Return what a coroutine comes to; beside a running loop it gets a thread of its own.

    For work that shares nothing with that loop: it is blocked meanwhile.
    """
    if not _is_running():
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def refuse_inside_loop(instead: str) -> None:
    """Raise UserError where an event loop is running: there one awaits what does the same."""
    if _is_running():
        raise UserError(f"an event loop is running here; write 'await {instead}(…)' instead")


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
