"""Ctrl-C: the first asks the run to stop, the second ends the process at once."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

from colloquia.cli.view.errors import INTERRUPTED

_LEFT = "stopped at once; the same command continues from the last committed call"
_SHOW_CURSOR = "\x1b[?25h"  # the live panel hides it, and nothing after it gets to run


class Signals:
    """Listens for SIGINT and SIGTERM inside a `with` block.

    Args:
        left: what the second signal says before it ends the process.
    """

    def __init__(self, left: str = _LEFT) -> None:
        self._left = left
        self._before: dict[int, Any] = {}
        self._stop: Callable[[], None] | None = None
        self._heard = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def on_first(
        self,
        stop: Callable[[], None],
        loop: asyncio.AbstractEventLoop | None = None,
        *,
        then: Callable[[], None],
    ) -> None:
        """From now on the first signal calls `stop`, inside the loop if there is one, then `then`.

        Before this is called there is nothing to finish, and a signal ends the command.
        """

        def stop_soon() -> None:
            if loop is None:
                stop()
            else:
                loop.call_soon_threadsafe(stop)  # also wakes a loop that is waiting for a model
            then()

        self._stop = stop_soon

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._heard:
            _leave_at_once(self._left)
        self._heard = True
        if self._stop is None:
            raise KeyboardInterrupt
        self._stop()


def _leave_at_once(line: str) -> None:
    """End without any cleaning up: what is committed is safe, the rest is made again."""
    cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
    os.write(2, f"{cursor}\n{line}\n".encode())  # sys.stderr may be locked by what was interrupted
    os._exit(INTERRUPTED)
