"""A run's totals, as words and as JSON: the same numbers wherever they are shown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from colloquia.cli.printable import counted

if TYPE_CHECKING:
    from colloquia.store.reading import RunCounts


def totals(run_id: str, counts: "RunCounts", *, seconds: float | None) -> dict[str, Any]:
    """Return the JSON shape that `run` and `status` share; `seconds` is None where unknown."""
    return {
        "run": run_id,
        "planned": counts.planned,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "failed": counts.failed,
        "pending": counts.pending,
        "calls": counts.calls,
        "cost_usd": counts.cost_usd,
        "seconds": None if seconds is None else round(seconds, 3),
        "exchanges": counts.exchanges,
        "tokens_in": counts.tokens_in,
        "tokens_out": counts.tokens_out,
    }


def reasons_given(counts: "RunCounts") -> list[str]:
    """Return a line for the reasons of rejections and one for the causes of failures, if any."""
    told = {"rejected": counts.rejected, "failed": counts.failed}
    return [f"  {kind}: {in_words(reasons)}" for kind, reasons in told.items() if reasons]


def in_words(reasons: Mapping[str, int]) -> str:
    """Return `ungrounded 3, unhelpful 1`, the most frequent first."""
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {number:,}" for reason, number in ranked)


def cost(cost_usd: float | None) -> str:
    """Return a cost in USD; unknown is never shown as free."""
    if cost_usd is None:
        return "cost unknown"
    return "no cost" if cost_usd == 0 else f"${cost_usd:,.2f}"


def speed(dialogues: int, seconds: float, *, calls: int) -> str:
    """Return how much was done in what time."""
    rate = f" ({dialogues / seconds:.1f}/s)" if seconds > 0 else ""
    done = f"{counted(dialogues, 'dialogue')} in {duration(seconds)}{rate}"
    return f"{done}, {counted(calls, 'call')} in the run"


def duration(seconds: float) -> str:
    """Return `8.4 s`, `3 min 20 s` or `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
