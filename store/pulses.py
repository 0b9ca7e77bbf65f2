"""What a run's processes say about themselves, and what is asked of them, from other processes.

Each function runs inside one transaction.
"""

import json
import time

from sqlalchemy import Connection, delete, insert, select, update

from colloquia.core.pulse import Pulse
from colloquia.store import writing
from colloquia.store.ownership import is_alive
from colloquia.store.tables import table

STALE_S = 10.0  # ten times as long as a process that works leaves between two beats

_OWNERS, _PULSES = table("owners").c, table("pulses").c


def beat(connection: Connection, run_id: str, pulse: Pulse, *, token: str) -> bool:
    """Write a process's pulse in place of its last; return whether the run is asked to stop."""
    mine = (_PULSES.run_id == run_id, _PULSES.token == token)
    now = {"at": time.time(), "pulse": json.dumps(pulse.model_dump())}
    if not connection.execute(update(table("pulses")).where(*mine).values(now)).rowcount:
        connection.execute(insert(table("pulses")), {"run_id": run_id, "token": token, **now})
    asked = select(_OWNERS.stop_asked).where(_OWNERS.run_id == run_id)
    return bool(connection.scalar(asked))


def total(connection: Connection, run_id: str) -> Pulse | None:
    """Return the sum over the processes that were heard lately; None where there are none."""
    heard = select(_PULSES.pulse).where(
        _PULSES.run_id == run_id, _PULSES.at > time.time() - STALE_S
    )
    return Pulse.total(Pulse.model_validate_json(said) for said in connection.scalars(heard))


def ask_to_stop(connection: Connection, run_id: str) -> bool:
    """Leave word for the process that holds a run; False where none that lives does."""
    owner = connection.execute(select(table("owners")).where(_OWNERS.run_id == run_id))
    row = owner.mappings().first()
    if row is None or not is_alive(row, now=time.time()):
        return False
    here = (_OWNERS.run_id == run_id, _OWNERS.token == row["token"])
    connection.execute(update(table("owners")).where(*here).values(stop_asked=True))
    return True


def dismiss(connection: Connection, run_id: str, token: str) -> None:
    """Clear away what one process that no longer works on a run left behind."""
    writing.release(connection, run_id, token)
    mine = (_PULSES.run_id == run_id, _PULSES.token == token)
    connection.execute(delete(table("pulses")).where(*mine))
