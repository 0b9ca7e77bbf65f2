"""`colloquia status`: where a run stands."""

from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.common import Common, with_common
from colloquia.cli.opening import opened
from colloquia.cli.printable import one_line
from colloquia.cli.totals import cost, reasons_given, totals

if TYPE_CHECKING:
    from colloquia.core.types import RunManifest
    from colloquia.store.reading import RunCounts

RunArgument = Annotated[
    str | None,
    typer.Argument(metavar="[RUN]", help="A run's id or its beginning; the latest by default."),
]


@with_common
def status(common: Common, run: RunArgument = None) -> None:
    """Show a run's totals: what was accepted, rejected and failed, why, and what is pending."""
    from colloquia.runs import manifest_in

    with opened(common) as store:
        manifest = manifest_in(store, run)
        counts = store.counts(manifest.id)
    if common.as_json:
        common.document(totals(manifest.id, counts, seconds=None))
    else:
        _tell(common, manifest, counts)


def _tell(common: Common, manifest: "RunManifest", counts: "RunCounts") -> None:
    begun = manifest.created_at or "at an unknown time"
    common.say(
        f"run {manifest.id}: {one_line(manifest.name)}, begun {begun}",
        counts.summary,
        *reasons_given(counts),
        f"exchanges {counts.exchanges:,}",
        f"calls {counts.calls:,}, {cost(counts.cost_usd)}, "
        f"tokens in {counts.tokens_in:,}, out {counts.tokens_out:,}",
        f"recipe {manifest.recipe_hash}, seed {manifest.seed}, colloquia {manifest.code_version}",
    )
    if counts.pending:
        common.note("pending dialogues are taken up by the same 'colloquia run' as before")
