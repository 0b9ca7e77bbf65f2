"""A run's numbers as they are shown while it runs: in the panel, and as a plain line."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from colloquia.cli.view.pace import Pace
from colloquia.cli.view.printable import counted
from colloquia.cli.view.totals import cost, dollars, duration

if TYPE_CHECKING:
    from colloquia.core.heartbeat import Heartbeat
    from colloquia.core.run_manifest import RunManifest
    from colloquia.store.reading import RunCounts


@dataclass(slots=True, kw_only=True)
class RunFigures:
    """A run as it was when last looked at."""

    watching: bool = False
    """Whether another process works on it."""
    in_batches: bool = False
    """Whether models are asked in batches."""
    manifest: "RunManifest | None" = None
    counts: "RunCounts | None" = None
    heartbeat: "Heartbeat | None" = None
    question: str = ""
    """What was asked last."""
    is_stopping: bool = False
    is_over: bool = False
    """Whether the run has come to its end, or to a stop."""
    pace: Pace = field(default_factory=Pace)

    @property
    def cap_usd(self) -> float | None:
        """The most that the run may cost; None for no cap."""
        return self.manifest.recipe.limits.budget_usd if self.manifest else None

    @property
    def how_it_stops(self) -> str:
        """What happens to calls when the run is stopped."""
        if self.in_batches:
            return "stopping: batches go on at the provider, the same command takes them up"
        return "stopping: calls in flight finish first"

    def outcomes(self) -> dict[str, int]:
        """Return how many dialogues there are of each outcome."""
        counts = self.counts
        return {
            "accepted": counts.accepted if counts else 0,
            "rejected": sum(counts.rejected.values()) if counts else 0,
            "failed": sum(counts.failed.values()) if counts else 0,
            "pending": counts.pending if counts else 0,
        }

    def traffic(self) -> list[str]:
        """Return what goes over the wire: calls made, in flight, told to wait, sent again."""
        if self.counts is None:
            return []
        heartbeat = None if self.is_over else self.heartbeat
        parts = [f"{self.counts.calls:,} calls"]
        if heartbeat is not None and heartbeat.worked_on:
            parts.append(f"the server works on about {heartbeat.worked_on:,} at a time")
        elif heartbeat is not None and heartbeat.limit:
            parts.append(f"{heartbeat.in_flight:,} of {heartbeat.limit:,} in flight")
        if heartbeat is not None and heartbeat.batches:
            done = f"{heartbeat.batched_done:,} of {counted(heartbeat.batched, 'request')}"
            batches = "a batch" if heartbeat.batches == 1 else f"{heartbeat.batches:,} batches"
            parts.append(f"waits for {batches}: {done} done")
        if heartbeat is not None and heartbeat.rate_limits:
            parts.append(f"{heartbeat.rate_limits:,} × 429")
        if self.counts.retries:
            parts.append(f"{self.counts.retries:,} sent again")
        if self.counts.wasted_calls:
            parts.append(f"{self.counts.wasted_calls:,} in vain")
        return parts

    def spend(self) -> list[str]:
        """Return what was spent, of what, and what it will be in the end."""
        counts = self.counts
        if counts is None:
            return []
        parts = [cost(counts.cost_usd, cap=self.cap_usd)]
        done = counts.planned - counts.pending
        if counts.cost_usd and done and counts.pending and not self.is_over:
            parts.append(f"about {dollars(counts.cost_usd * counts.planned / done)} in the end")
        return parts

    def speed(self) -> list[str]:
        """Return how fast it goes, and how long the rest takes at that rate."""
        if self.heartbeat is not None and self.heartbeat.outage and not self.is_over:
            return ["an endpoint is down; calls wait for it"]
        rate = self.pace.per_second
        parts = [f"{rate:.1f} dialogues/s" if rate >= 0.1 else f"{60 * rate:.1f} dialogues/min"]
        if self.counts is not None and self.counts.pending and rate and not self.is_over:
            parts.append(f"about {duration(self.counts.pending / rate)} left")
        return parts

    def line(self) -> str:
        """Return the plain line: `212 of 324 done: accepted 208, …`."""
        if self.counts is None:
            return "starting"
        outcomes = self.outcomes()
        pending = outcomes.pop("pending")
        by_outcome = ", ".join(f"{name} {number:,}" for name, number in outcomes.items())
        done = f"{self.counts.planned - pending:,} of {self.counts.planned:,} done: {by_outcome}"
        parts = (self.traffic(), self.spend(), self.speed())
        return "; ".join([done, *(", ".join(part) for part in parts)])
