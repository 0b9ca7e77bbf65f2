"""What a run will take, as words and as JSON; ranges are rounded, for nobody knows better."""

import math
import textwrap
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from colloquia.cli.view.printable import counted, one_line
from colloquia.cli.view.totals import dollars

if TYPE_CHECKING:
    from colloquia.runs.dry_run import DryRun
    from colloquia.runs.projection import Projection, Range

DIGITS = 2  # that mean something in a projection
WIDTH = 15  # of the column with names


def forecast_as_json(forecast: "DryRun") -> dict[str, Any]:
    """Return a forecast as plain JSON."""
    return {
        "recipe_hash": forecast.recipe_hash,
        "run": forecast.run,
        "new": forecast.run is None,
        "near": forecast.near,
        "snippets": forecast.snippets,
        "bad_snippets": {"count": forecast.bad_snippets, "first": list(forecast.problems)},
        "rejected": forecast.rejected,
        "passed_over": dict(forecast.passed_over),
        "id_clashes": list(forecast.id_clashes),
        "duplicates_merged": forecast.copies,
        "finished": forecast.finished,
        "to_do": forecast.to_do,
        "expected": projection_as_json(forecast.projection),
        "unpriced": list(forecast.unpriced),
        "models": list(forecast.models),
        "personas": list(forecast.personas),
    }


def projection_as_json(projection: "Projection") -> dict[str, Any]:
    """Return a projection as plain JSON; a range is [least, most], null where nobody can say."""
    names = ("calls", "tokens_in", "tokens_out", "cost_usd", "seconds")
    values = {name: getattr(projection, name) for name in names}
    return {
        "basis": projection.basis,
        "sample": projection.sample,
        **{name: value and [value.least, value.most] for name, value in values.items()},
        "most_tokens_out": projection.most_tokens_out,
        "most_cost_usd": projection.most_cost_usd,
    }


def in_short(projection: "Projection") -> str:
    """Return the three figures that matter on one line: calls, cost, time."""
    money = projection.cost_usd
    parts = [
        f"{_between(projection.calls, about)} calls",
        "cost unknown" if money is None else _between(money, about_dollars) if money.most else "",
        _between(projection.seconds, about_duration),
    ]
    return ", ".join(part for part in parts if part)


def forecast_lines(forecast: "DryRun", *, previewed: bool = False) -> list[str]:
    """Return the projection of what is left to do, a line per figure, and what it is based on.

    Args:
        forecast: of a run.
        previewed: dialogues were made to measure it; where all failed, there is still no measure.
    """
    if not forecast.to_do and forecast.rejected and not forecast.finished:
        return ["nothing to do: no dialogue can be made of these snippets"]
    if not forecast.to_do:
        return ["nothing to do: this run is finished; --fresh starts anew beside it"]
    figures = [f"{name:<{WIDTH}}{value}" for name, value in _figures(forecast, previewed)]
    return [*figures, *_basis(forecast.projection)]


def _figures(forecast: "DryRun", previewed: bool) -> Iterator[tuple[str, str]]:
    projection = forecast.projection
    yield "calls", _between(projection.calls, about)
    yield "prompt tokens", _between(projection.tokens_in, about)
    reply = _between(projection.tokens_out, about)
    yield "reply tokens", reply + _at_most(projection.most_tokens_out, about)
    if projection.cost_usd is None:
        yield "cost", f"unknown{_why_unpriced(forecast)}"
    elif not projection.cost_usd.most:
        yield "cost", "none"
    else:
        money = _between(projection.cost_usd, about_dollars)
        yield "cost", money + _at_most(projection.most_cost_usd, about_dollars)
    if projection.seconds is None:
        measure = "until a dialogue is accepted or rejected"
        if not previewed:
            measure = "before a first call; colloquia preview measures it"
        yield "time", f"unknown {measure}"
    else:
        yield "time", _between(projection.seconds, about_duration)


def _why_unpriced(forecast: "DryRun") -> str:
    if not forecast.unpriced:
        return ": a backend didn't count its tokens"
    return f": give {one_line(', '.join(forecast.unpriced))} a price in the recipe"


def _basis(projection: "Projection") -> Iterator[str]:
    if projection.basis == "measured":
        yield f"measured on {counted(projection.sample, 'finished dialogue')} of this recipe"
        return
    if projection.basis == "rehearsed":
        yield f"the offline teacher played {counted(projection.sample, 'dialogue')} in memory"
        return
    from colloquia.runs.projection import TYPICAL_REPLY_TOKENS

    yield f"prompts were rendered for {counted(projection.sample, 'snippet')}, 4 bytes a token,"
    yield "three quarters to one and a half times of that;"
    typical = ", ".join(f"{role} {number}" for role, number in TYPICAL_REPLY_TOKENS.items())
    yield "replies are assumed, half to twice these tokens, at most with max_tokens each:"
    yield from textwrap.wrap(typical, 78)


def _between(value: "Range | None", show: Callable[[float], str]) -> str:
    if value is None:
        return "unknown"
    least, most = show(value.least), show(value.most)
    return f"about {most}" if least == most else f"{least} to {most}"


def _at_most(value: float | None, show: Callable[[float], str]) -> str:
    return "" if value is None else f", at most {show(value)}"


def about(value: float) -> str:
    """Return `540`, `5,400` or `5.4 million`: as many digits as mean something."""
    rounded = _rounded(value)
    return f"{rounded / 1e6:,.3g} million" if rounded >= 1e6 else f"{rounded:,.0f}"


def about_dollars(value: float) -> str:
    """Return `$0.0042`, `$0.42` or `$4,200`."""
    rounded = _rounded(value)
    return f"${rounded:,.0f}" if rounded >= 10 else dollars(rounded)


def about_duration(seconds: float) -> str:
    """Return `40 s`, `12 min`, `3.5 h` or `2.1 days`."""
    unit, size = next((unit, size) for unit, size, most in _UNITS if seconds < most)
    return f"{_rounded(seconds / size):g} {unit}"


_UNITS = (("s", 1, 60), ("min", 60, 3600), ("h", 3600, 2 * 86400), ("days", 86400, math.inf))


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
