"""A heartbeat: what the processes that work on a run are doing at this moment."""

from collections.abc import Iterable
from typing import Self

from colloquia.core.types import Value


class Heartbeat(Value):
    """Numbers of one process, or sums over several; counts begin with the process."""

    workers: int = 1
    """Processes."""
    dialogues: int = 0
    """Being worked on now."""
    in_flight: int = 0
    """Model calls that are out now."""
    limit: int = 0
    """How many may be out, as the endpoints allow it now; 0 where no model has a limit."""
    worked_on: int = 0
    """How many calls the endpoints were found to work on at once; 0 while that isn't known."""
    requests: int = 0
    """Sent, retries included."""
    rate_limits: int = 0
    """Replies that said: too many."""
    retries: int = 0
    outage: bool = False
    """Whether an endpoint is down, so that calls wait for it."""
    batches: int = 0
    """Under way at providers."""
    batched: int = 0
    """Requests in them."""
    batched_done: int = 0
    """Of these, those with a result, when last looked at."""
    wasted_calls: int = 0
    """Calls made ahead whose question was never put."""

    @classmethod
    def total(cls, heartbeats: Iterable[Self]) -> Self | None:
        """Return the sum; None of none."""
        rows = [heartbeat.model_dump() for heartbeat in heartbeats]
        if not rows:
            return None
        return cls.model_validate(
            {name: sum(row[name] for row in rows) for name in cls.model_fields if name != "outage"}
            | {"outage": any(row["outage"] for row in rows)}
        )
