"""`colloquia status`: where a run stands."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.opening import RunArgument, open_store
from colloquia.cli.commands.runs.retry import advice
from colloquia.cli.view.printable import counted, one_line
from colloquia.cli.view.projection import in_short, projection_as_json
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.totals import (
    bad_lines_told,
    calls_made,
    cost,
    dollars,
    left_unread,
    reasons_given,
    shorter_than_asked,
    stale_dialogues,
    totals,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from colloquia.core.heartbeat import Heartbeat
    from colloquia.core.ports import Spending
    from colloquia.core.recipe import Limits
    from colloquia.core.run_manifest import RunManifest
    from colloquia.runs.projection import Projection
    from colloquia.snippets.report import SnippetReport
    from colloquia.store.ownership import Worker
    from colloquia.store.reading import RunCounts
    from colloquia.store.repository import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the store knows of a run at one moment."""

    manifest: "RunManifest"
    counts: "RunCounts"
    worker: "Worker | None"
    heartbeat: "Heartbeat | None"
    rest: "Projection | None"
    """What is pending will take so much; None where nothing is, or where nothing is known."""
    stale: int | None
    """Dialogues about snippets that the source no longer has; None where that takes too long."""
    source: "SnippetReport | None"
    """What the source holds now; None where that takes too long."""
    shorter: int
    """Accepted dialogues with fewer exchanges than the recipe asks for."""
    in_batches: dict[str, int]
    """Requests in batches at providers, by model."""


@with_terminal
def status(terminal: Terminal, run: RunArgument = None) -> None:
    """Show a run's totals, who works on it, and what the rest will take."""
    from colloquia.runs.handle import manifest_in

    with open_store(terminal) as store:
        standing = _read_standing(store, manifest_in(store, run))
    if terminal.as_json:
        terminal.print_json(_standing_as_json(standing))
    else:
        _tell_standing(terminal, standing)


def _read_standing(store: "Store", manifest: "RunManifest") -> Standing:
    from colloquia.runs.handle import rest_of
    from colloquia.runs.stale import AT_A_GLANCE, stale_snippets

    counts, heartbeat = store.counts(manifest.id), store.heartbeat(manifest.id)
    worker = store.worker(manifest.id)
    found = stale_snippets(manifest, store, most_bytes=AT_A_GLANCE)
    at_once = heartbeat.dialogues if heartbeat is not None else None
    return Standing(
        manifest=manifest,
        counts=counts,
        worker=worker,
        heartbeat=heartbeat,
        rest=rest_of(
            manifest,
            store,
            pending=counts.pending,
            at_once=at_once,
            under_way=worker is not None,
        ),
        stale=None if found.unknown else len(found.ids),
        source=found.source,
        shorter=store.shorter(manifest.id, exchanges=manifest.recipe.dialogue.exchanges[0]),
        in_batches=store.open_batches(manifest.id),
    )


def _standing_as_json(standing: Standing) -> dict[str, Any]:
    worker, heartbeat, rest = standing.worker, standing.heartbeat, standing.rest
    source = standing.source
    return totals(standing.manifest.id, standing.counts, seconds=None) | {
        "retries": standing.counts.retries,
        "stale": standing.stale,
        "bad_snippets": source and {"count": source.bad, "first": source.problems},
        "passed_over": None if source is None else dict(source.passed_over),
        "id_clashes": None if source is None else list(source.clashes()),
        "duplicates_merged": None if source is None else source.copies,
        "shorter_than_asked": standing.shorter,
        "in_batches": standing.in_batches,
        "worker": None if worker is None else worker.model_dump(mode="json"),
        "pulse": None if heartbeat is None else heartbeat.model_dump(mode="json"),
        "rest": None if rest is None else projection_as_json(rest),
    }


def _tell_standing(terminal: Terminal, standing: Standing) -> None:
    manifest, counts = standing.manifest, standing.counts
    begun = manifest.created_at or "at an unknown time"
    again = f", {counts.retries:,} sent again" if counts.retries else ""
    terminal.say(
        f"run {manifest.id}: {one_line(manifest.name)}, begun {begun}",
        counts.summary,
        *reasons_given(terminal, counts),
        f"exchanges {counts.exchanges:,}",
        f"{calls_made(counts)}{again}, "
        f"{cost(counts.cost_usd, cap=manifest.recipe.limits.budget_usd)}, "
        f"tokens in {counts.tokens_in:,}, out {counts.tokens_out:,}",
        *([stale_dialogues(standing.stale)] if standing.stale else []),
        *_source(standing),
        *_short(standing),
        *_at_work(standing),
        *_batches(standing),
        *_rest(standing),
        f"recipe {manifest.recipe_hash}, seed {manifest.seed}, colloquia {manifest.code_version}",
    )
    if counts.charged:
        terminal.say(f"spent or held: {_charged(counts.charged, manifest.recipe.limits)}")
    if standing.in_batches and standing.worker is None:
        terminal.note("the same 'colloquia run --batch' as before takes the batches up")
    elif counts.pending and standing.worker is None:
        terminal.note("pending dialogues are taken up by the same 'colloquia run' as before")
    if counts.failed:
        terminal.note(advice(terminal, counts.failed))


def _charged(charged: "Spending", limits: "Limits") -> str:
    """Return what was spent or set aside, each of its ceiling where it has one."""

    def of(cap: str, show: "Callable[[Any], str]", value: float) -> str:
        most = getattr(limits, cap)
        return show(value) if most is None else f"{show(value)} of {show(most)}"

    money = of("budget_usd", dollars, charged.usd)
    calls, tokens = (
        of(name, "{:,}".format, getattr(charged, name)) for name in ("calls", "tokens")
    )
    parts = [f"{calls} calls", f"{tokens} tokens"]
    return ", ".join([money, *parts] if charged.usd or limits.budget_usd else parts)


def _at_work(standing: Standing) -> list[str]:
    worker, heartbeat = standing.worker, standing.heartbeat
    if worker is None:
        return ["nobody works on it"] if standing.counts.pending else []
    parts = [f"{worker} {'is stopping' if worker.stopping else 'works on it'}"]
    if heartbeat is not None:
        parts.append(counted(heartbeat.dialogues, "dialogue") + " at once")
        if heartbeat.limit:
            parts.append(f"{heartbeat.in_flight:,} of {heartbeat.limit:,} calls in flight")
        if heartbeat.worked_on:
            parts.append(f"the server works on about {heartbeat.worked_on:,} at a time")
        if heartbeat.rate_limits:
            parts.append(f"{heartbeat.rate_limits:,} × 429")
        if heartbeat.outage:
            parts.append("an endpoint is down and calls wait for it")
    return [", ".join(parts)]


def _batches(standing: Standing) -> list[str]:
    where = [f"{number:,} at {one_line(name)}" for name, number in standing.in_batches.items()]
    return [f"requests in batches: {', '.join(where)}"] if where else []


def _source(standing: Standing) -> list[str]:
    source = standing.source
    if source is None:
        return []
    bad = [bad_lines_told(source.bad, source.problems)] if source.bad else []
    return bad + left_unread(
        source.passed_over, source.clashes(), copies=source.copies, first_copy=source.first_copy()
    )


def _short(standing: Standing) -> list[str]:
    least = standing.manifest.recipe.dialogue.exchanges[0]
    return [shorter_than_asked(standing.shorter, exchanges=least)] if standing.shorter else []


def _rest(standing: Standing) -> list[str]:
    return [] if standing.rest is None else [f"the rest takes {in_short(standing.rest)}"]
