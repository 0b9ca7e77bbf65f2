"""From dialogues to a corpus: files, card and manifest in a new folder, whole or not at all."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from colloquia.core.atomic_folder import atomic_folder
from colloquia.core.errors import ExportError
from colloquia.core.record import DialogueRecord
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Outcome
from colloquia.core.wording import refuse_no_score, refuse_unknown
from colloquia.corpus.canonical import CANONICAL_FILE
from colloquia.corpus.card import card
from colloquia.corpus.card_header import CARD_FILE
from colloquia.corpus.check import refuse_unsound
from colloquia.corpus.formats import ROW_FORMATS, Format, chosen_formats
from colloquia.corpus.line_file import SplitFiles
from colloquia.corpus.line_sorter import LineSorter, open_line_sorter
from colloquia.corpus.manifest import (
    MANIFEST_FILE,
    Context,
    Count,
    ExportedFile,
    ExportManifest,
    ExportSettings,
    Only,
    Origin,
)
from colloquia.corpus.rows import REASONS, Selection, left_out, possible_rows
from colloquia.corpus.splits import checked_shares, moved_snippets, split_of

SplitOf = Callable[[str], str]


def export(
    records: Iterable[DialogueRecord],
    *,
    manifest: RunManifest,
    to: Sequence[str],
    out: Path,
    split: Mapping[str, float],
    only: str = "accepted",
    min_score: float | None = None,
    context: str = "closed",
    stale: Container[str] = (),
) -> ExportManifest:
    """Write a run's dialogues as a corpus to a new folder; memory doesn't grow with their number.

    Args:
        records: all dialogues of the run, in any order.
        manifest: the run's.
        to: formats, see `FORMATS`; of a run with thoughts `trl-sft` is `trl-sft-turns`.
        out: a folder that doesn't exist yet.
        split: share per split; all dialogues about a snippet fall into one.
        only: `accepted`, or `all` that were finished.
        min_score: leave out dialogues whose answers score less on average, 0..1.
        context: `closed`, or `open` to put the snippet in a system message.
        stale: ids of snippets whose dialogues are left out.

    Raises:
        UserError: `out` exists, or no folder can have this path; an argument doesn't fit.
        ExportError: there is no such format, or no row is left to write.
        WorldError: `out` may not be written, or the disk is full; nothing is at `out`.
    """
    thinks = manifest.recipe.agents.answerer.style == "reasoning"
    settings = _checked_settings(to, split, only, min_score, context, thinks=thinks)
    with atomic_folder(out) as folder:
        with open_line_sorter(folder / "lines.db") as sorter:
            selection = Selection.of(settings, thinks=thinks, stale=stale)
            _sort_rows(records, sorter, settings.to, selection, manifest.recipe_hash)
            split_name = _assign_splits(sorter, settings, seed=manifest.seed)
            files = tuple(_write_files(folder, sorter, settings, split_name))
            if not files:
                raise ExportError(_nothing_left(sorter, settings))
            result = ExportManifest(
                settings=settings,
                dialogues=_count_outcomes(sorter.facts.outcomes),
                counts=tuple(_count_rows(sorter, settings, split_name)),
                empty=_empty_formats(settings, files),
                files=files,
                run=Origin.of(manifest),
            )
            (folder / CARD_FILE).write_text(card(result, sorter), encoding="utf-8")
            (folder / MANIFEST_FILE).write_text(result.to_json(), encoding="utf-8")
        refuse_unsound(folder)
    return result


def _checked_settings(
    to: Sequence[str],
    split: Mapping[str, float],
    only: str,
    min_score: float | None,
    context: str,
    *,
    thinks: bool,
) -> ExportSettings:
    refuse_unknown("only", only, get_args(Only))
    refuse_unknown("context", context, get_args(Context))
    refuse_no_score(min_score)
    if thinks:  # in a row for a whole dialogue, answers would see earlier thoughts
        to = ["trl-sft-turns" if name == "trl-sft" else name for name in to]
    return ExportSettings(
        to=chosen_formats(tuple(to)),
        split=checked_shares(split),
        only=only,
        min_score=min_score,
        context=context,
    )


def _sort_rows(
    records: Iterable[DialogueRecord],
    sorter: LineSorter,
    formats: Sequence[Format],
    selection: Selection,
    recipe_hash: str,
) -> None:
    for record in records:
        sorter.note_dialogue(record, selected=left_out(record, selection) is None)
        for name in formats:
            rows = possible_rows(record, name, selection=selection, recipe_hash=recipe_hash)
            for n, row in enumerate(rows):
                sorter.add(name, record, n, row)
    sorter.sort()


def _assign_splits(sorter: LineSorter, settings: ExportSettings, *, seed: int) -> SplitOf:
    """Return who goes where; no split of the first format that has rows is empty, if it can be."""
    moved: dict[str, str] = {}
    for name in settings.to:
        if name in ROW_FORMATS and any(sorter.snippet_ids(name)):
            moved = moved_snippets(sorter.snippet_ids(name), settings.split, seed=seed)
            break
    return lambda snippet: moved.get(snippet) or split_of(snippet, settings.split, seed=seed)


def _write_files(
    folder: Path, sorter: LineSorter, settings: ExportSettings, split_name: SplitOf
) -> Iterator[ExportedFile]:
    for name in settings.to:
        with SplitFiles(folder, name, paths_of(name, settings.split)) as files:
            for sorted_line in sorter.lines(name):
                split = split_name(sorted_line.snippet_id) if name in ROW_FORMATS else None
                files.write(split, sorted_line.line)
        yield from files.entries()


def paths_of(name: Format, splits: Iterable[str]) -> dict[str | None, str]:
    """Return where a format's splits are written; the canonical file holds all of them."""
    if name not in ROW_FORMATS:
        return {None: CANONICAL_FILE}
    return {split: f"{ROW_FORMATS[name].folder}/{split}.jsonl" for split in splits}


def _count_rows(
    sorter: LineSorter, settings: ExportSettings, split_name: SplitOf
) -> Iterator[Count]:
    reasons: dict[tuple[Format, str | None], Counter[str | None]] = {
        (name, split): Counter() for name in settings.to for split in paths_of(name, settings.split)
    }
    for count in sorter.counts_by_reason(split_name):
        split = count.split if count.format in ROW_FORMATS else None
        reasons[count.format, split][count.reason] += count.number
    for (name, split), number in reasons.items():
        yield Count(
            format=name,
            split=split,
            unit=ROW_FORMATS[name].unit if name in ROW_FORMATS else "dialogues",
            candidates=number.total(),
            rows=number[None],
            excluded={reason: number[reason] for reason in REASONS if number[reason]},
        )


def _empty_formats(settings: ExportSettings, files: Iterable[ExportedFile]) -> tuple[Format, ...]:
    written = {file.format for file in files}
    return tuple(name for name in settings.to if name not in written)


def _count_outcomes(outcomes: Mapping[str, int]) -> dict[str, int]:
    ended = {name: outcomes[name] for name in get_args(Outcome) if name in outcomes}
    return {"planned": sum(ended.values()), **ended}


def _nothing_left(sorter: LineSorter, settings: ExportSettings) -> str:
    ended = _count_outcomes(sorter.facts.outcomes)
    outcomes = ", ".join(f"{number} {name}" for name, number in ended.items())
    reasons = Counter[str]()
    for count in sorter.counts_by_reason(lambda _: ""):
        reasons[count.reason or ""] += count.number
    why = "; ".join(f"{number}: {REASONS[reason]}" for reason, number in reasons.most_common(3))
    hint = ""
    if settings.only == "accepted" and ended.get("rejected"):
        hint = "; `only=all` takes rejected ones too, colloquia show ID --drafts says what of them"
    return f"nothing to export as {', '.join(settings.to)} ({outcomes} dialogues)" + (
        f"; left out {why}{hint}" if why else "; run the recipe first"
    )
