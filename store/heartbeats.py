"""What a run's processes say about themselves, and what is asked of them, from other processes.

Each function runs inside one transaction.
"""

import time

from sqlalchemy import Connection, delete, insert, update
from sqlmodel import col, select

from colloquia.core.heartbeat import Heartbeat
from colloquia.store import writing
from colloquia.store.ownership import CLOCKS_APART_S, living_owner
from colloquia.store.tables import HeartbeatRow, OwnerRow

STALE_S = 10.0  # ten times as long as a process that works leaves between two heartbeats


def send_heartbeat(
    connection: Connection, run_id: str, heartbeat: Heartbeat, *, token: str
) -> bool:
    """Write a process's heartbeat in place of its last; return whether the run is asked to stop."""
    mine = (col(HeartbeatRow.run_id) == run_id, col(HeartbeatRow.token) == token)
    now = {"at": time.time(), "heartbeat": heartbeat.model_dump()}
    if not connection.execute(update(HeartbeatRow).where(*mine).values(now)).rowcount:
        connection.execute(insert(HeartbeatRow), {"run_id": run_id, "token": token, **now})
    return bool(connection.scalar(select(OwnerRow.stop_asked).where(OwnerRow.run_id == run_id)))


def sum_of_heartbeats(connection: Connection, run_id: str) -> Heartbeat | None:
    """Return the sum over the processes that were heard lately; None where there are none."""
    now = time.time()
    heard = select(HeartbeatRow.heartbeat).where(
        col(HeartbeatRow.run_id) == run_id,
        col(HeartbeatRow.at).between(now - STALE_S, now + CLOCKS_APART_S),
    )
    return Heartbeat.total(Heartbeat.model_validate(said) for said in connection.scalars(heard))


def ask_to_stop(connection: Connection, run_id: str) -> bool:
    """Leave word for the process that holds a run; False where none that lives does."""
    owner = living_owner(connection, run_id)
    if owner is None:
        return False
    here = (col(OwnerRow.run_id) == run_id, col(OwnerRow.token) == owner["token"])
    connection.execute(update(OwnerRow).where(*here).values(stop_asked=True))
    return True


def dismiss_process(connection: Connection, run_id: str, token: str) -> None:
    """Clear away what one process that no longer works on a run left behind."""
    writing.release_claims(connection, run_id, token)
    mine = (col(HeartbeatRow.run_id) == run_id, col(HeartbeatRow.token) == token)
    connection.execute(delete(HeartbeatRow).where(*mine))
