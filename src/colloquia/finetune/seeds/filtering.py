"""From a snippet file to a smaller one: what isn't worth teaching from is left out, and counted.

Scores are kept beside the output while they are made, so that an interrupted filter goes on.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from colloquia.core.atomic_folder import not_made, require_room
from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.core.types import Snippet, Value
from colloquia.finetune.seeds.embedder import Watch
from colloquia.finetune.seeds.fitting import Classifier, open_classifier
from colloquia.finetune.seeds.labels import row_of
from colloquia.snippets.decontamination import HeldOutTexts
from colloquia.snippets.ephemeral import ephemeral_sign
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

AT_ONCE = 256  # snippets between two writes of scores


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterSettings:
    """What a snippet needs to be kept."""

    threshold: float = 0.5
    """The lowest score that is kept, 0..1; for a classifier, without `keep`."""
    keep: float | None = None
    """Keep this share of all snippets, 0..1: those that score highest."""
    drop_ephemeral: bool = False
    """Leave out facts of a day, by rule."""


class Filtered(Value):
    """What was kept and what was not: `read == kept + sum(left_out)`."""

    read: int
    kept: int
    left_out: dict[str, int]
    """Reason -> snippets."""
    unusable: int
    """Lines that are no snippets; not among those read."""
    lowest: float | None
    """Score of the lowest that was kept; None without a classifier."""


def filter_snippets(
    source: Path,
    *,
    out: Path,
    settings: FilterSettings,
    classifier: Path | None = None,
    rest: Path | None = None,
    resume: bool = False,
    watch: Watch = lambda done, total: None,
) -> Filtered:
    """Write the snippets that are worth teaching from to a file that `run` takes as it is.

    Args:
        source: a snippet file or folder; only read.
        out: a new .jsonl file; each row has its score as `quality`.
        settings: what is kept.
        classifier: a folder that `fit` made; None where only facts of a day are left out.
        rest: a new .jsonl file for those left out, with the reason.
        resume: go on with the scores of an interrupted filter.
        watch: told how many are scored, of how many.

    Raises:
        UserError: there is nothing to filter by, a file is there already, or nothing would be kept.
        WorldError: a file can't be written.
    """
    if classifier is None and not settings.drop_ephemeral:
        raise UserError("nothing to filter by: give `classifier=DIR` or `drop_ephemeral=True`")
    _require_new_files(out, rest)
    total = sum(1 for _ in read_snippets(source, report=SnippetReport()))
    scores: Mapping[str, float] = {}
    if classifier is not None:
        scores = _scores(source, out, open_classifier(classifier), resume, total, watch)
    lowest = _lowest(source, scores, settings, total) if scores else 0.0

    def reason(snippet: Snippet) -> str | None:
        if settings.drop_ephemeral and ephemeral_sign(snippet.text):
            return "ephemeral"
        return "low_quality" if scores and scores[snippet.id] < lowest else None

    hint = "; scores are kept for a lower threshold with `resume=True`" if scores else ""
    found = write_kept(
        source,
        out,
        reason=reason,
        more=lambda one: _quality(one, scores),
        rest=rest,
        if_none=hint,
    )
    _scores_file(out).unlink(missing_ok=True)
    return found.model_copy(update={"lowest": lowest if scores else None})


def decontaminate(
    source: Path,
    *,
    out: Path,
    tests: HeldOutTexts,
    keep_partial: bool = True,
    rest: Path | None = None,
) -> Filtered:
    """Write the snippets that aren't too much like a test's texts to a new file.

    Args:
        source: a snippet file or folder.
        out: a new .jsonl file.
        tests: what they are held against.
        keep_partial: whether partly contaminated ones are kept.
        rest: a new .jsonl file for those left out, with the verdict.

    Raises:
        UserError: a file is there already, or nothing would be kept.
        WorldError: a file can't be written.
    """
    _require_new_files(out, rest)

    def reason(snippet: Snippet) -> str | None:
        found = tests.look(snippet.text)
        if found.kind == "partial":
            return None if keep_partial else "partial"
        if found.kind == "contaminated":
            return f"contaminated ({'7' if found.run is None else '13'}-gram)"
        return None

    return write_kept(source, out, reason=reason, rest=rest)


def write_kept(
    source: Path,
    out: Path,
    *,
    reason: Callable[[Snippet], str | None],
    more: Callable[[Snippet], Mapping[str, Any]] = lambda snippet: {},
    rest: Path | None = None,
    if_none: str = "",
) -> Filtered:
    """Write the snippets that there is no reason to leave out, and perhaps the others.

    Args:
        source: a snippet file or folder.
        out: a new .jsonl file.
        reason: why a snippet is left out; None for those that are kept.
        more: columns of its row.
        rest: a new .jsonl file for the others.
        if_none: what an error adds where nothing would be kept.

    Raises:
        UserError: nothing would be kept.
        WorldError: a file can't be written.
    """
    kept, left_out, report = 0, Counter[str](), SnippetReport()
    with new_file(out) as good, _maybe(rest) as others:
        for snippet in read_snippets(source, report=report):
            why = reason(snippet)
            if why is None:
                kept += 1
                _write(good, row_of(snippet, **more(snippet)))
            else:
                left_out[why] += 1
                if others is not None:
                    _write(others, row_of(snippet, left_out=why, **more(snippet)))
        if not kept:
            told = ", ".join(f"{number:,} {why}" for why, number in left_out.items())
            raise UserError(f"{shown(source)}: nothing would be kept ({told}){if_none}")
    return Filtered(
        read=kept + left_out.total(),
        kept=kept,
        left_out=dict(left_out.most_common()),
        unusable=report.bad,
        lowest=None,
    )


def require_new_file(place: Path) -> None:
    """Refuse a place for a file that can't be made, or isn't called .jsonl.

    Raises:
        UserError: something is there, or its name ends otherwise.
        WorldError: it may not be written.
    """
    if place.suffix != ".jsonl":
        raise UserError(f"{shown(place)}: snippets are written as JSONL; name it NAME.jsonl")
    require_room(place)


def _require_new_files(out: Path, rest: Path | None) -> None:
    for place in filter(None, (out, rest)):
        require_new_file(place)
    if rest is not None and rest.resolve() == out.resolve():
        raise UserError(f"{shown(out)} can't hold both what is kept and the rest; name two files")


@contextmanager
def new_file(place: Path) -> Iterator[IO[str]]:
    """Give a file to write, which appears whole or not at all.

    Raises:
        WorldError: it can't be written.
    """
    partial = place.with_name(f".{place.name}.partial")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            yield file
        partial.rename(place)
    except OSError as error:
        raise not_made(place, error) from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _maybe(place: Path | None) -> Iterator[IO[str] | None]:
    if place is None:
        yield None
        return
    with new_file(place) as file:
        yield file


def _write(file: IO[str], row: Mapping[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _quality(snippet: Snippet, scores: Mapping[str, float]) -> dict[str, float]:
    return {"quality": round(scores[snippet.id], 4)} if scores else {}


def _lowest(
    source: Path, scores: Mapping[str, float], settings: FilterSettings, total: int
) -> float:
    """Return the lowest score that is kept."""
    if settings.keep is None:
        return settings.threshold
    candidates = sorted(
        (
            scores[snippet.id]
            for snippet in read_snippets(source, report=SnippetReport())
            if not (settings.drop_ephemeral and ephemeral_sign(snippet.text))
        ),
        reverse=True,
    )
    wanted = max(1, math.floor(settings.keep * total))
    return candidates[min(wanted, len(candidates)) - 1] if candidates else 1.0


def _scores_file(out: Path) -> Path:
    return out.with_name(f"{out.name}.scores")


def _scores(
    source: Path,
    out: Path,
    opened: tuple[Classifier, Any],
    resume: bool,
    total: int,
    watch: Watch,
) -> dict[str, float]:
    """Return each snippet's score; those in the file beside the output aren't made again."""
    made, embedder = opened
    file, known = _scores_file(out), dict[str, float]()
    if resume:
        known = _read_scores(file, made.id)
    elif file.exists():
        raise UserError(f"{shown(file)} holds unfinished scores; `resume=True`, or remove it")
    snippets = read_snippets(source, report=SnippetReport())
    with file.open("w", encoding="utf-8") as log:
        log.write(f"{made.id}\n" + "".join(f"{name} {score!r}\n" for name, score in known.items()))
        done = 0
        while batch := list(islice(snippets, AT_ONCE)):
            new = {one.id: one.text for one in batch if one.id not in known}
            vectors = embedder.embed(list(new.values()))
            scored = {
                name: made.scorer.score(vector) for name, vector in zip(new, vectors, strict=True)
            }
            known |= scored
            log.write("".join(f"{name} {score!r}\n" for name, score in scored.items()))
            log.flush()
            done += len(batch)
            watch(done, total)
    return known


def _read_scores(file: Path, classifier: str) -> dict[str, float]:
    try:
        head, *lines = file.read_text("utf-8").split("\n")
    except OSError as error:
        raise UserError(f"nothing to resume: there is no {shown(file)}") from error
    if head != classifier:
        raise UserError(f"{shown(file)} was begun with another classifier; remove it")
    parts = [line.split(" ") for line in lines[:-1]]  # the last is empty, or was cut by a kill
    return {part[0]: float(part[1]) for part in parts if len(part) == 2}
