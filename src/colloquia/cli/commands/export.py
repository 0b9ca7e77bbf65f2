"""`colloquia export`: a run's dialogues as a training corpus."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from colloquia.cli.commands.opening import RunArgument
from colloquia.cli.view.common import Common, with_common
from colloquia.cli.view.printable import counted
from colloquia.cli.view.totals import in_words

if TYPE_CHECKING:
    from colloquia.corpus.manifest import ExportManifest


def _formats(value: str | None) -> list[str] | None:
    """Read `trl-sft,trl-dpo`."""
    if value is None:
        return None
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not names:
        raise typer.BadParameter("--to names no format")
    return names


def _shares(value: str | None) -> dict[str, float] | None:
    """Read `train=.9,validation=.1`."""
    if value is None:
        return None
    shares: dict[str, float] = {}
    for part in value.split(","):
        name, _, number = part.partition("=")
        try:
            share = float(number)
        except ValueError:
            raise typer.BadParameter(f"{part!r}: write it like train=.9,validation=.1") from None
        if name.strip() in shares:
            raise typer.BadParameter(f"{name.strip()!r} is there twice")
        shares[name.strip()] = share
    return shares


@with_common
def export(
    common: Common,
    run: RunArgument = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT,…", help="canonical, trl-sft, trl-sft-turns, trl-dpo, trl-grpo."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="A folder that doesn't exist yet.")
    ] = Path("corpus"),
    min_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="Leave out dialogues that score less.")
    ] = None,
    only: Annotated[
        Literal["accepted", "all"], typer.Option(help="Accepted dialogues, or all finished ones.")
    ] = "accepted",
    context: Annotated[
        Literal["closed", "open"], typer.Option(help="open puts the snippet in a system message.")
    ] = "closed",
    split: Annotated[
        str | None,
        typer.Option(metavar="NAME=SHARE,…", help="Shares of the splits, as train=.9,test=.1."),
    ] = None,
) -> None:
    """Write a corpus: the formats you name, a dataset card and a manifest whose sums add up.

    Formats and splits are the recipe's unless you name others.
    """
    formats, shares = _formats(to), _shares(split)
    from colloquia.runs.handle import find_run

    manifest = find_run(common.store, run).export(
        out, to=formats, split=shares, only=only, min_score=min_score, context=context
    )
    if common.as_json:
        common.document({"out": str(out), **manifest.model_dump(mode="json", by_alias=True)})
    else:
        _tell(common, manifest, out)


def _tell(common: Common, manifest: "ExportManifest", out: Path) -> None:
    for file in manifest.files:
        common.say(f"{out / file.path}: {counted(file.rows, 'row')}")
    for count in manifest.counts:
        split = f" {count.split}" if count.split else ""
        excluded = f" + excluded {in_words(count.excluded)}" if count.excluded else ""
        candidates = counted(count.candidates, count.unit.removesuffix("s"))
        common.say(f"  {count.format}{split}: in {candidates} = out {count.rows:,}{excluded}")
    for split in manifest.empty_splits:
        common.note(
            f"warning: no snippet fell into {split}; give it a larger share, or export more of them"
        )
    for name in manifest.empty:
        common.say(f"  {name}: nothing to write, so no file")
    common.note(f"next: colloquia check {out}")
