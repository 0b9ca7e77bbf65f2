"""`colloquia export`: a run's dialogues as a training corpus."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.opening import RunArgument
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal
from colloquia.core.text import in_words

if TYPE_CHECKING:
    from colloquia.corpus.manifest import ExportManifest


def _read_formats(value: str | None) -> list[str] | None:
    """Read `trl-sft,trl-dpo`."""
    if value is None:
        return None
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not names:
        raise typer.BadParameter("--to names no format")
    return names


def _read_shares(value: str | None) -> dict[str, float] | None:
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


@with_terminal
def export(
    terminal: Terminal,
    run: RunArgument = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT,…",
            help="canonical, trl-sft, trl-sft-turns, trl-dpo, trl-grpo, echo-jsonl.",
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
    with_stale: Annotated[
        bool,
        typer.Option(
            "--with-stale", help="Take dialogues whose snippets the source no longer has, too."
        ),
    ] = False,
) -> None:
    """Write a corpus: the formats you name, a dataset card and a manifest whose sums add up.

    Formats and splits are the recipe's unless you name others.
    """
    formats, shares = _read_formats(to), _read_shares(split)
    from colloquia.runs.handle import find_run

    manifest = find_run(terminal.store, run).export(
        out,
        to=formats,
        split=shares,
        only=only,
        min_score=min_score,
        context=context,
        with_stale=with_stale,
    )
    if terminal.as_json:
        terminal.print_json({"out": str(out), **manifest.model_dump(mode="json", by_alias=True)})
    else:
        _tell_export(terminal, manifest, out)


def _tell_export(terminal: Terminal, manifest: "ExportManifest", out: Path) -> None:
    for file in manifest.files:
        terminal.say(f"{out / file.path}: {counted(file.rows, 'row')}")
    for count in manifest.counts:
        split = f" {count.split}" if count.split else ""
        excluded = f" + excluded {in_words(count.excluded)}" if count.excluded else ""
        candidates = counted(count.candidates, count.unit.removesuffix("s"))
        terminal.say(f"  {count.format}{split}: in {candidates} = out {count.rows:,}{excluded}")
    for split in manifest.empty_splits:
        terminal.note(
            f"warning: no snippet fell into {split}; give it a larger share, or export more of them"
        )
    if any("stale" in count.excluded for count in manifest.counts):
        terminal.note("stale: its snippet is no longer in the source; --with-stale takes it too")
    for name in manifest.empty:
        terminal.say(f"  {name}: nothing to write, so no file")
    terminal.note(f"next: colloquia check {out}")
