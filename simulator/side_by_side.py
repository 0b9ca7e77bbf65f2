"""Work at once in task groups, whose errors come out bare."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from colloquia.core.errors import WorldError

Result = TypeVar("Result")


async def side_by_side(work: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run coroutines at once and return their results in order; an error is raised bare."""
    async with bare_task_group() as group:
        tasks = [group.create_task(piece) for piece in work]
    return [task.result() for task in tasks]


@asynccontextmanager
async def bare_task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """Hold a task group whose error is raised bare, the weightiest where there are several."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise _weightiest(errors) from None


def _weightiest(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error, but an outage before any: it is about more than one dialogue."""
    flat = list(_flattened(errors))
    return next((error for error in flat if isinstance(error, WorldError)), flat[0])


def _flattened(error: BaseException) -> Iterator[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from _flattened(inner)
