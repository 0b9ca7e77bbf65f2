"""From a student and a corpus to a corpus chosen or made by what the student can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.atomic_folder import atomic_folder, require_room
from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.core.types import Value
from colloquia.corpus.canonical import row_line
from colloquia.corpus.derived import Derivation, write_derived
from colloquia.corpus.manifest import ExportManifest
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import Question, read_questions
from colloquia.finetune.measure.asking import (
    AskedQuestion,
    AskSettings,
    Watch,
    ask,
    open_student,
    refuse_none_asked,
    sampled,
)
from colloquia.finetune.measure.plurality import Plurality, by_plurality
from colloquia.finetune.measure.probing import QuestionTally, probe_rows, tally
from colloquia.finetune.measure.refusal_data import RefusalSettings, refusal_data
from colloquia.finetune.measure.solve_rate import RATE_FILE, Band, kept_rows, rate_rows

PROBE_FILE = "probe.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Which questions are asked, and how often."""

    ask: AskSettings
    split: str = TRAIN
    limit: int | None = None
    batch: int | None = None
    truth: Path | None = None
    """A strong model, whose plurality answer is the reference in place of the corpus's own."""


class Probed(Value):
    """What `probe` found and wrote."""

    tally: QuestionTally
    answers: int
    refusals: int
    correct_over_refusal: int
    refusal_over_wrong: int
    manifest: ExportManifest


class Rated(Value):
    """What `solve-rate` found and wrote."""

    tally: QuestionTally
    kept: int
    histogram: dict[str, int]
    """Solve rate -> questions."""
    undecided: int
    """Questions without a plurality answer, which weren't asked."""
    manifest: ExportManifest


def probe(
    model: Path,
    folder: Path,
    *,
    out: Path,
    attempts: Attempts,
    refusals: RefusalSettings,
    watch: Watch = lambda done, total: None,
) -> Probed:
    """Ask the training questions k times, and write the rows that teach when to decline.

    Raises:
        UserError: model or corpus can't be used, or `out` exists; nothing is written.
        WorldError: `out` may not be written, memory or disk isn't enough.
    """
    require_room(out)
    if open_corpus(folder).manifest.run.thinks:
        raise UserError(
            f"{shown(folder)} has thoughts before its answers, and probe knows none for its "
            "refusals; probe the export of a run with `style: plain`"
        )
    chosen = _training_questions(folder, out=out, attempts=attempts, watch=watch)
    asked = _ask_questions(model, chosen.questions, attempts=attempts, watch=watch)
    data, counts = refusal_data(asked, refusals), tally(asked, usual=refusals.usual)
    how = Derivation(
        command="probe",
        summary=(
            f"{counts.questions:,} questions asked {attempts.ask.samples} times each: "
            f"{data.answers:,} rows answer, {data.refusals:,} decline; of the pairs "
            f"{data.correct_over_refusal:,} prefer an answer to a refusal and "
            f"{data.refusal_over_wrong:,} a refusal to a wrong answer."
        ),
        settings=_settings(model, attempts)
        | {"usual": refusals.usual, "pair_ratio": refusals.pair_ratio},
        context=attempts.ask.book,
    )
    notes = {PROBE_FILE: probe_rows(asked)}
    manifest = write_derived(out, folder, rows=data.rows, notes=notes, how=how)
    return Probed(
        tally=counts,
        answers=data.answers,
        refusals=data.refusals,
        correct_over_refusal=data.correct_over_refusal,
        refusal_over_wrong=data.refusal_over_wrong,
        manifest=manifest,
    )


def rate(
    model: Path,
    folder: Path,
    *,
    out: Path,
    attempts: Attempts,
    band: Band,
    watch: Watch = lambda done, total: None,
) -> Rated:
    """Ask the training questions k times, and write those at the edge of the student's ability.

    Raises:
        UserError: model or corpus can't be used, or `out` exists: nothing is written. Or no
            question is within the band: `out` has the rates alone, since the answers took long.
        WorldError: `out` may not be written, memory or disk isn't enough.
    """
    chosen = _training_questions(folder, out=out, attempts=attempts, watch=watch)
    asked = _ask_questions(model, chosen.questions, attempts=attempts, watch=watch)
    counts = tally(asked)
    rows = kept_rows(asked, band, book=attempts.ask.book, undecided=chosen.undecided)
    rates = rate_rows(asked, band, book=attempts.ask.book)
    kept, offered = len(rows["trl-grpo"].rows), rows["trl-grpo"].candidates
    excluded = rows["trl-grpo"].excluded
    left_out = ", ".join(f"{n:,} {why}" for why, n in excluded.items()).replace("_", " ") or "none"
    if not kept:
        with atomic_folder(out) as place:
            (place / RATE_FILE).write_text(
                "".join(row_line(row) + "\n" for row in rates), encoding="utf-8"
            )
        raise UserError(
            f"no question is solved at a rate within {band} ({left_out}); all rates are in "
            f"{shown(out / RATE_FILE)}; widen the band with `keep=LOW..HIGH`, or ask more often "
            "with `samples=`, into another `out=`"
        )
    how = Derivation(
        command="solve-rate",
        summary=(
            f"{kept:,} of {offered:,} questions are solved at a rate within {band}; "
            f"left out: {left_out}."
        ),
        settings=_settings(model, attempts)
        | {"keep": str(band), "truth": attempts.truth.name if attempts.truth else None},
        context=attempts.ask.book,
    )
    manifest = write_derived(out, folder, rows=rows, notes={RATE_FILE: rates}, how=how)
    known = sorted(row["solve_rate"] for row in rates if row["solve_rate"] is not None)
    return Rated(
        tally=counts,
        kept=kept,
        histogram={f"{one:g}": known.count(one) for one in dict.fromkeys(known)},
        undecided=chosen.undecided,
        manifest=manifest,
    )


def _training_questions(folder: Path, *, out: Path, attempts: Attempts, watch: Watch) -> Plurality:
    """Return what to ask, each with its reference: the corpus's, or a strong model's plurality."""
    require_room(out)  # before an hour of asking, not after it
    questions = read_questions(open_corpus(folder), attempts.split)
    some = sampled(questions, attempts.limit, seed=attempts.ask.seed)
    if attempts.truth is None:
        return Plurality(questions=some, undecided=0)
    decided = by_plurality(_ask_questions(attempts.truth, some, attempts=attempts, watch=watch))
    if not decided.questions:
        raise UserError(
            f"{shown(attempts.truth)} gives no answer to any question half of the time; ask "
            "another model, or ask more coolly with `temperature=`"
        )
    return decided


def _ask_questions(
    model: Path, questions: Sequence[Question], *, attempts: Attempts, watch: Watch
) -> list[AskedQuestion]:
    asked = ask(open_student(model, batch=attempts.batch), questions, attempts.ask, watch=watch)
    refuse_none_asked(asked)
    return asked


def _settings(model: Path, attempts: Attempts) -> dict[str, Any]:
    return {
        "model": model.name,
        "k": attempts.ask.samples,
        "temperature": attempts.ask.temperature,
        "top_p": attempts.ask.top_p,
        "max_tokens": attempts.ask.max_tokens,
        "seed": attempts.ask.seed,
        "split": attempts.split,
        "limit": attempts.limit,
    }
