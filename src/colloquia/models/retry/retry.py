"""When to try again: pure arithmetic over the faults of one call; whoever sends asks it.

Full jitter: a wait is drawn evenly between 0 and a ceiling that doubles, so that callers who failed
together don't come back together (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
"""

import random
from dataclasses import dataclass, replace

from colloquia.models.faults.errors import Fault

ATTEMPTS = 6
FIRST_CEILING_S = 0.5
LAST_CEILING_S = 60.0
LONGEST_REFUSAL_S = 1800.0  # half an hour of nothing but "later" is an outage


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Send it again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Send it no more; `outage` where the endpoint, not this call, is to blame."""

    outage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How one call has fared so far."""

    spent: int = 0
    """Attempts used up; rate limits and failed connections use none."""
    refusals: int = 0
    """Rate limits in a row."""
    waited_s: float = 0.0
    """Waited on rate limits, in total."""

    def after(self, fault: Fault, *, draw: random.Random) -> "tuple[Tries, Wait | GiveUp]":
        """Return the state after this fault and what to do now."""
        match fault.cause:
            case "rate_limit":
                return self._refused(fault, draw=draw)
            case "transient":
                return self._broken(fault, draw=draw)
            case "content" | "refused" | "fatal":
                return self, GiveUp(outage=fault.exhausted)

    def _refused(self, fault: Fault, *, draw: random.Random) -> "tuple[Tries, Wait | GiveUp]":
        if self.waited_s >= LONGEST_REFUSAL_S:
            return self, GiveUp(outage=True)
        wait = jittered(self.refusals, draw=draw)
        if fault.retry_after_s is not None:
            # Never before the time; a little after it, so that not all come back at once.
            wait = fault.retry_after_s + min(wait, fault.retry_after_s / 4)
        return (
            replace(self, refusals=self.refusals + 1, waited_s=self.waited_s + wait),
            Wait(seconds=wait),
        )

    def _broken(self, fault: Fault, *, draw: random.Random) -> "tuple[Tries, Wait | GiveUp]":
        spent = self.spent + (not fault.unreachable)
        if spent >= ATTEMPTS:
            return replace(self, spent=spent, refusals=0), GiveUp()
        wait = max(jittered(spent, draw=draw), fault.retry_after_s or 0.0)
        return replace(self, spent=spent, refusals=0), Wait(seconds=wait)


def jittered(nth: int, *, draw: random.Random) -> float:
    """Return a wait in seconds for the nth failure in a row, counted from 0."""
    return draw.uniform(0.0, min(LAST_CEILING_S, FIRST_CEILING_S * 2 ** min(nth, 16)))
