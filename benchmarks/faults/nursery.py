"""Processes of the real command line that start at once, so that hundreds of them can be killed.

A nursery is a process that has imported everything and then forks: a child is the `colloquia`
command with its own memory, files and signals, but without the seconds that imports take. One child
at a time.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self

#: What commands import when they are asked for.
_COMMANDS = ("colloquia.cli", "colloquia.runs.start")
_LOOK_S = 0.02
PATIENCE_S = 300.0  # no child of ours takes that long: whoever does hangs


class Hung(AssertionError):
    """A child didn't end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended."""

    code: int
    """Exit code; minus the signal's number where a signal killed it."""
    out: str
    err: str
    peak_mb: float
    """Of its resident memory, in MB of 10^6 bytes; what it shares with the nursery is in it."""
    seconds: float
    """From its birth to its end."""
    cpu_s: float
    """Seconds that it worked, which other work on the machine hardly changes."""


@dataclass(frozen=True, slots=True)
class _End:
    code: int
    peak_kb: int
    seconds: float
    cpu_s: float


class Child:
    """A `colloquia` command that runs."""

    def __init__(self, pid: int, *, told: Path, ends: "Queue[_End]") -> None:
        """Watch a child of the nursery."""
        self.pid = pid
        self._told = told
        self._ends = ends
        self._end: _End | None = None

    def signal(self, number: int) -> None:
        """Send a signal; one that has ended already hears nothing."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return

    def wait(self, timeout_s: float = PATIENCE_S) -> Ended | None:
        """Return how it ended; None if it still runs after so long."""
        if (end := self._ended_within(timeout_s)) is None:
            return None
        files = (self._told.with_suffix(name) for name in (".out", ".err"))
        out, err = (
            file.read_text("utf-8", "backslashreplace") if file.exists() else "" for file in files
        )
        peak_mb = end.peak_kb * 1024 / 1e6
        return Ended(
            code=end.code,
            out=out,
            err=err,
            peak_mb=peak_mb,
            seconds=end.seconds,
            cpu_s=end.cpu_s,
        )

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""
        end = self._ended_within(0)
        return None if end is None else end.code

    def _ended_within(self, timeout_s: float) -> _End | None:
        if self._end is None:
            with suppress(Empty):
                self._end = self._ends.get(timeout=timeout_s)
        return self._end

    def queued_s(self) -> float:
        """Return how long it has stood ready to run while the machine did other work.

        0 where that can't be told: by other kernels than Linux, or once it has ended.
        """
        with suppress(OSError, IndexError):
            return int(Path(f"/proc/{self.pid}/schedstat").read_text("ascii").split()[1]) / 1e9
        return 0.0

    def begun(self) -> None:
        """Wait until it is about to be the command: before that, signals are Python's."""
        until = time.monotonic() + PATIENCE_S
        while not self._told.with_suffix(".err").exists() and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(0.02)

    def ended(self) -> Ended:
        """Return how it ended.

        Raises:
            Hung: it didn't.
        """
        end = self.wait()
        if end is None:
            self.signal(signal.SIGKILL)
            raise Hung(f"still running after {PATIENCE_S:.0f} s: {self._told}")
        return end


class Stopwatch:
    """Counts the seconds that a child had; those other work took don't count."""

    def __init__(self, child: Child) -> None:
        """Begin now."""
        self.seconds = 0.0
        self._child = child
        self._began = time.monotonic()
        self._queued_s = child.queued_s()

    def wait(self, limit_s: float) -> Ended | None:
        """Return how the child ended; None if it still runs so many seconds after the beginning."""
        end = None
        while end is None and self.seconds < limit_s:
            end = self._child.wait(_LOOK_S)
            if end is None:
                queued_s = max(0.0, self._child.queued_s() - self._queued_s)
                self.seconds = time.monotonic() - self._began - queued_s
        return end


class Nursery:
    """Starts `colloquia` commands; a context manager."""

    def __init__(self, *imports: str) -> None:
        """Take names of modules to import beside what every command imports."""
        self._imports = imports

    def __enter__(self) -> Self:
        """Import everything, once."""
        self._process = subprocess.Popen(
            [sys.executable, __file__, *self._imports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._births: Queue[int] = Queue()
        self._ends: Queue[_End] = Queue()
        self._born = 0
        Thread(target=self._listen, daemon=True).start()
        self._births.get()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; a child that still runs is the caller's to kill."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(
        self,
        *arguments: str | Path,
        folder: Path,
        env: Mapping[str, str] | None = None,
        constants: Mapping[str, float | Sequence[float]] | None = None,
        loud: bool = False,
    ) -> Child:
        """Start a command.

        Args:
            arguments: what stands behind `colloquia`.
            folder: where it runs, and where `N.out` and `N.err` take what it prints.
            env: variables to set beside those of this process.
            constants: `module:NAME` and what to set it to in the child, for waits that take long.
            loud: log everything that any library says.
        """
        self._born += 1
        told = folder / f"{self._born}"
        assert self._process.stdin is not None
        order = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(folder),
            "told": str(told),
            "env": dict(env or {}),
            "constants": dict(constants or {}),
            "loud": loud,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Child(self._births.get(), told=told, ends=self._ends)

    def run(self, *arguments: str | Path, folder: Path, **more: Any) -> Ended:
        """Start a command and wait for its end."""
        return self.start(*arguments, folder=folder, **more).ended()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            match json.loads(line):
                case [code, peak_kb, seconds, cpu_s]:
                    self._ends.put(_End(code, peak_kb, seconds, cpu_s))
                case pid:
                    self._births.put(pid)


def live(order: dict[str, Any]) -> int:
    """Be the command; in the child."""
    from colloquia.cli import main

    os.chdir(order["folder"])
    os.environ.update(order["env"])
    for stream, end in ((0, None), (1, ".out"), (2, ".err")):
        path = f"{order['told']}{end}" if end else os.devnull
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC if end else os.O_RDONLY
        os.dup2(os.open(path, flags), stream)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1)  # noqa: SIM115
    for place, value in order["constants"].items():
        module, _, name = place.partition(":")
        assert hasattr(import_module(module), name), place
        setattr(import_module(module), name, value)
    if order["loud"]:
        _speak_up()
    return main(order["arguments"])


def _speak_up() -> None:
    """Let every library log at DEBUG, through the handler that the command makes."""
    from colloquia.models.wire.providers import import_litellm

    import_litellm()._turn_on_debug()
    plain = logging.basicConfig
    logging.basicConfig = lambda **told: plain(**told | {"level": logging.DEBUG})
    os.environ["PYTHONASYNCIODEBUG"] = "1"


def main() -> None:
    """Import, then fork one child per line; print its number and, when it ended, its exit code."""
    from colloquia.models.catalogue import make_model

    make_model("openai/any", api_base="http://127.0.0.1:9/v1")
    for name in (*_COMMANDS, *sys.argv[1:]):
        import_module(name)

    print(0, flush=True)
    for line in sys.stdin:
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            try:
                code = live(json.loads(line))
            except BaseException:
                traceback.print_exc()
                code = 70
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(pid, flush=True)
        _, status, used = os.wait4(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        cpu_s = used.ru_utime + used.ru_stime
        print(json.dumps([code, used.ru_maxrss, time.monotonic() - began, cpu_s]), flush=True)


if __name__ == "__main__":
    main()
