"""Ctrl-C: the first asks the run to stop, at the second the kernel ends the process at once.

Python runs its handlers between its own instructions, so one for the second signal would wait for
whatever long call into C is under way. So the signal has its default action by then, and the shell
sees a process that died of it (130 for SIGINT).
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_SHOW_CURSOR = b"\x1b[?25h"  # the live panel hides it, and after the second nothing gets to run


class Signals:
    """Listens for SIGINT and SIGTERM inside a `with` block, also inside another one of these."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._stop: Callable[[], None] | None = None
        self._heard = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._on_signal)
            _reset_once_raised(number)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            inside_another = isinstance(getattr(handler, "__self__", None), Signals)
            signal.signal(number, signal.SIG_DFL if inside_another and self._heard else handler)
            if inside_another and not self._heard:
                _reset_once_raised(number)

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
            elif loop.is_closed():
                return  # the run has just ended by itself
            else:
                loop.call_soon_threadsafe(stop)  # also wakes a loop that is waiting for a model
            then()

        self._stop = stop_soon

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        for other in self._before:
            signal.signal(other, signal.SIG_DFL)
        if sys.stderr.isatty():
            os.write(2, _SHOW_CURSOR)  # sys.stderr may be locked by what was interrupted
        self._heard = True
        if self._stop is None:
            if _is_importing(frame):
                os.kill(os.getpid(), number)
            raise KeyboardInterrupt
        self._stop()


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported: callbacks and C code there swallow what is raised."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _reset_once_raised(number: int) -> None:
    """Let the kernel put back a signal's default action as soon as it is raised.

    So a second one ends the process even if Python hasn't come to hear of the first. Where the C
    library has no System V `signal`, as on macOS, the first must have been heard.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "sysv_signal"):
        libc.signal.restype = ctypes.c_void_p
        handler = libc.signal(number, None)
        libc.sysv_signal(number, ctypes.c_void_p(handler))
