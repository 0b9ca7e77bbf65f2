"""One process works on a run: who it is, whether it still lives, and how it is followed.

On one machine a process number and the moment it began tell for certain whether the owner lives,
so a killed run is taken over at once. Elsewhere (another host, another container, a system that
doesn't say) its heartbeat decides: silent for `LEASE_S`, it is taken for dead.
"""

import os
import platform
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, update
from sqlmodel import col, select

from colloquia.core.errors import RunOwned, StoreError
from colloquia.core.types import Value
from colloquia.store import writing
from colloquia.store.reading import check_run
from colloquia.store.tables import HeartbeatRow, OwnerRow
from colloquia.store.writer import Writer

LEASE_S = 90.0  # survives a laptop's hiccup; nobody waits longer for a dead host
HEARTBEAT_S = LEASE_S / 6
CLOCKS_APART_S = 3600.0
"""A heartbeat from further ahead was sent before a clock was set back: it would live for years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process as others can recognise it; `token` names one opened store in it."""

    token: str
    host: str
    machine: str
    pid: int
    started: str | None

    @classmethod
    def this_process(cls, token: str | None = None) -> Self:
        """Describe the process that runs this; a token of its own unless it is given one."""
        pid = os.getpid()
        return cls(
            token=token or uuid4().hex,
            host=socket.gethostname(),
            machine=_machine(),
            pid=pid,
            started=_started(pid),
        )


class Worker(Value):
    """The process that works on a run, as people know it."""

    host: str
    pid: int
    stopping: bool
    """Whether another process asked it to stop."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


class Ownership:
    """A run held by this process for the length of a `with` block."""

    def __init__(self, writer: Writer, owner: Owner, run_id: str) -> None:
        """Prepare to hold a run; entering the block takes it."""
        self._writer = writer
        self._owner = owner
        self._run_id = run_id
        self._left = threading.Event()
        self._showing_life: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Take the run, or raise RunOwned; claims that a dead owner left behind are freed."""
        self._writer.submit(lambda c: _take_run(c, self._run_id, self._owner)).result()
        self._showing_life = threading.Thread(
            target=self._show_life_regularly, name="colloquia-owner", daemon=True
        )
        self._showing_life.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the run back."""
        self._left.set()
        if self._showing_life is not None:
            self._showing_life.join()
        try:
            self._writer.submit(lambda c: _leave_run(c, self._run_id, self._owner)).result()
        except StoreError:
            # The disk may be full or the store closed: what ended the block matters more, and the
            # row of a process that is gone stops nobody.
            return

    def _show_life_regularly(self) -> None:
        while not self._left.wait(HEARTBEAT_S):
            try:
                self._writer.submit(lambda c: _show_life(c, self._run_id, self._owner)).result()
            except StoreError:
                continue  # a full disk may have room again by the next heartbeat


def is_alive(owner: Mapping[Any, Any], *, now: float) -> bool:
    """Say whether the process in a row of `owners` still works."""
    if not isinstance(owner["heartbeat"], int | float) or not isinstance(owner["pid"], int):
        return False  # somebody's hand: SQLite keeps text in any column
    if owner["machine"] == _machine() and owner["started"] is not None:
        return bool(owner["started"] == _started(owner["pid"]))
    silent_s: float = now - owner["heartbeat"]
    return -CLOCKS_APART_S < silent_s < LEASE_S


def living_owner(connection: Connection, run_id: str) -> Mapping[Any, Any] | None:
    """Return the row of the process that holds a run; None where none that lives does."""
    held = connection.execute(select(OwnerRow).where(OwnerRow.run_id == run_id))
    row = held.mappings().first()
    return row if row is not None and is_alive(row, now=time.time()) else None


def worker(connection: Connection, run_id: str) -> Worker | None:
    """Return the living process that works on a run; None where there is none."""
    row = living_owner(connection, run_id)
    if row is None:
        return None
    return Worker(host=row["host"], pid=row["pid"], stopping=row["stop_asked"])


def _take_run(connection: Connection, run_id: str, owner: Owner) -> None:
    check_run(connection, run_id)
    if (row := living_owner(connection, run_id)) is not None:
        raise RunOwned(
            f"run {run_id} is being worked on by process {row['pid']} on {row['host']}; "
            "wait for it or stop it, then run again"
        )
    connection.execute(delete(OwnerRow).where(col(OwnerRow.run_id) == run_id))
    mine = asdict(owner) | {"run_id": run_id, "heartbeat": time.time(), "stop_asked": False}
    connection.execute(insert(OwnerRow), mine)
    _start_over(connection, run_id)


def _show_life(connection: Connection, run_id: str, owner: Owner) -> None:
    mine = (col(OwnerRow.run_id) == run_id, col(OwnerRow.token) == owner.token)
    connection.execute(update(OwnerRow).where(*mine).values(heartbeat=time.time()))


def _leave_run(connection: Connection, run_id: str, owner: Owner) -> None:
    mine = (col(OwnerRow.run_id) == run_id, col(OwnerRow.token) == owner.token)
    if connection.execute(delete(OwnerRow).where(*mine)).rowcount:
        _start_over(connection, run_id)


def _start_over(connection: Connection, run_id: str) -> None:
    """Clear away what processes that no longer work on a run left behind."""
    writing.release_claims(connection, run_id)
    connection.execute(delete(HeartbeatRow).where(col(HeartbeatRow.run_id) == run_id))


@cache
def _machine() -> str:
    """Name what process numbers count in: this host since its boot, and the container on it."""
    parts = [platform.node()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:  # not Linux: the host's name has to do
        pass
    return "/".join(parts)


def _started(pid: int) -> str | None:
    """Return when a process began, in the system's ticks; None where none lives or none can say."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in brackets may hold spaces and brackets; the 22nd field counts from its end.
    state, *fields = status.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]
