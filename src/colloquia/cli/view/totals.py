"""A run's totals, as words and as JSON: the same numbers wherever they are shown."""

import math
from typing import TYPE_CHECKING, Any

from colloquia.cli.view.printable import counted, one_line, short_id
from colloquia.core.text import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from colloquia.cli.view.terminal import Terminal
    from colloquia.store.reading import RunCounts

LONGEST_WHY = 240  # characters of what a provider or a library said
LISTED_BAD_LINES = 5


def totals(run_id: str, counts: "RunCounts", *, seconds: float | None) -> dict[str, Any]:
    """Return the JSON shape that `run` and `status` share; `seconds` is None where unknown."""
    return {
        "run": run_id,
        "planned": counts.planned,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "failed": counts.failed,
        "failures": [failure.model_dump() for failure in counts.failures],
        "pending": counts.pending,
        "calls": counts.calls,
        "cost_usd": counts.cost_usd,
        "seconds": None if seconds is None else round(seconds, 3),
        "exchanges": counts.exchanges,
        "tokens_in": counts.tokens_in,
        "tokens_out": counts.tokens_out,
        "wasted_calls": counts.wasted_calls,
        "charged": counts.charged.model_dump() if counts.charged else None,
    }


def reasons_given(terminal: "Terminal", counts: "RunCounts") -> list[str]:
    """Return a line for the reasons of rejections and some for the causes of failures, if any."""
    by_kind = {"rejected": counts.rejected, "failed": counts.failed}
    lines = [f"  {kind}: {in_words(reasons)}" for kind, reasons in by_kind.items() if reasons]
    lines[1:1] = [f"    {line}" for line in unwritable(counts.rejected)]
    return lines + [
        f"    {failure.dialogues:,} × {one_line(failure.why, most=LONGEST_WHY)}; "
        f"{terminal.next_command(f'show {short_id(failure.example)}')}"
        for failure in counts.failures
    ]


def calls_made(counts: "RunCounts") -> str:
    """Return `calls 4,090, of these 310 in vain`: made ahead for a question that was never put."""
    vain = f", of these {counts.wasted_calls:,} in vain" if counts.wasted_calls else ""
    return f"calls {counts.calls:,}{vain}"


def cost(cost_usd: float | None, *, cap: float | None = None) -> str:
    """Return a cost in USD, of a cap if there is one; unknown is never shown as free."""
    if cost_usd is None:
        return "cost unknown" if cap is None else f"cost unknown, cap {dollars(cap)}"
    if cap is not None:
        return f"{dollars(cost_usd)} of {dollars(cap)}"
    return dollars(cost_usd) if cost_usd else "no cost"


def dollars(value: float) -> str:
    """Return `$4,200.00`, `$0.42` or `$0.0042`: a small sum is never shown as none."""
    digits = 2 if value >= 0.1 or value <= 0 else 1 - math.floor(math.log10(value))
    return f"${value:,.{digits}f}"


def unwritable(rejected: "Mapping[str, int]") -> list[str]:
    """Return a line each on what the offline teacher can't write about, and what to do."""
    from colloquia.core.types import UNWRITABLE  # pydantic

    return [
        f"{counted(snippets, 'snippet')} {UNWRITABLE[reason]}"
        for reason, snippets in rejected.items()
        if reason in UNWRITABLE
    ]


def left_unread(
    passed_over: "Mapping[str, int]",
    clashes: "Sequence[str]",
    *,
    copies: int,
    first_copy: str | None,
) -> list[str]:
    """Return a line each for what was passed over, ids that came with two texts, and copies."""
    lines = [f"passed over, as no text: {in_words(passed_over)}"] if passed_over else []
    if clashes:
        ids = f"{counted(len(clashes), 'snippet id')} with two texts; the first: "
        lines.append(ids + one_line(clashes[0], most=LONGEST_WHY))
    if first_copy is not None:
        merged = f"{counted(copies, 'duplicate snippet')} merged; the first: "
        lines.append(merged + one_line(first_copy, most=LONGEST_WHY))
    return lines


def bad_lines_told(bad: int, problems: "Sequence[str]") -> str:
    """Return how many lines were left out, and the first."""
    first = one_line(problems[0], most=LONGEST_WHY)
    return f"{counted(bad, 'bad snippet line')} left out; the first: {first}"


def list_bad_lines(terminal: "Terminal", bad: int, problems: "Sequence[str]") -> None:
    """Tell the first lines that were left out, on stderr; with `--quiet` still that there are.

    With `-v` each was told when it was read.
    """
    if bad and terminal.quiet:
        terminal.warn(bad_lines_told(bad, problems))
    elif bad:
        listed = [] if terminal.verbose else problems[:LISTED_BAD_LINES]
        terminal.note(f"{counted(bad, 'bad snippet line')} left out{':' if listed else ''}")
        terminal.note(*(f"  {one_line(problem, most=LONGEST_WHY)}" for problem in listed))
        if listed and bad > len(listed):
            terminal.note(f"  … and {bad - len(listed):,} more; -v tells all")


def stale_dialogues(number: int) -> str:
    """Return how many dialogues are about text that was mended or taken out, and what of them."""
    about = f"{counted(number, 'dialogue')} about snippets that the source no longer has"
    return f"{about}; an export leaves {'it' if number == 1 else 'them'} out"


def shorter_than_asked(dialogues: int, *, exchanges: int) -> str:
    """Return how many accepted dialogues are shorter than the recipe asks for, and why.

    One that lost an exchange to a reviewer isn't accepted below that; one planned so is.
    """
    whose = "its snippet gives" if dialogues == 1 else "their snippets give"
    accepted = counted(dialogues, "accepted dialogue")
    return f"{accepted} shorter than {counted(exchanges, 'exchange')}: {whose} no more to ask about"


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
