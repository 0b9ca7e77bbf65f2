"""Pairs for a second round of DPO: a student's own answers, compared by a judge.

After Phi-4 (arXiv 2412.08905, section 4.2 and appendix A.2): a judge names each answer's faults,
grades accuracy, style and detail, and the better answer is preferred. The paper is silent on ties,
margins and the order of answers; here a pair needs a margin in both orders, and what is dropped is
counted.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from colloquia.core.atomic_folder import require_room
from colloquia.core.errors import DialogueFailure, UserError
from colloquia.core.hashing import digest
from colloquia.core.recipe import Recipe
from colloquia.core.text import in_words, shown
from colloquia.core.types import Snippet, Value
from colloquia.corpus.derived import Derivation, Rows, write_derived
from colloquia.corpus.formats import ROW_FORMATS, Format
from colloquia.corpus.manifest import ExportManifest
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.data.corpus_files import Corpus, Row, open_corpus
from colloquia.finetune.data.questions import Question, book_of, read_questions
from colloquia.finetune.judge.made_pairs import JudgeSettings, MadePairs, make_pairs
from colloquia.finetune.judge.panel import Contest, Gradings, Panel, open_panel
from colloquia.finetune.judge.ranking import longer_won
from colloquia.finetune.judge.samples import SAMPLES_FILE, Sampled, SampleFile, ask_all
from colloquia.finetune.kept_calls import KeptCalls, open_calls
from colloquia.finetune.measure.asking import open_student, sampled
from colloquia.finetune.measure.intervals import Share
from colloquia.finetune.work_folder import Work, open_work_folder
from colloquia.models.local.hub import find_model
from colloquia.simulator.side_by_side import side_by_side

JUDGED_FILE = "judged.jsonl"
JUDGING = Work(
    doing="judging",
    identity_file="judging.json",
    can_resume=lambda folder: (folder / SAMPLES_FILE).exists(),
)
AT_ONCE = 32  # questions before the judges; models keep their own pace
CALLS_PER_QUESTION = 1000  # a panel of any size, with repairs

#: Told what is being done, and how far it is: done, of how many.
WatchEach = Callable[[str, int, int], None]


class Judged(Value):
    """What `judge` found and wrote."""

    questions: int
    judges: tuple[str, ...]
    pairs: int
    dropped: dict[str, int]
    """Reason -> questions that gave no pair."""
    longer_won: Share
    """Of the pairs whose answers differ in length: the share in which the longer one was chosen."""
    faults: dict[str, int]
    """Faults that were named, by kind."""
    sources: dict[str, int]
    """All pairs that were written, those of other corpora too, by what made them."""
    manifest: ExportManifest


def judge(
    model: Path,
    folder: Path,
    *,
    out: Path,
    judges: Sequence[str] = (),
    recipe: Recipe | None = None,
    settings: JudgeSettings,
    others: Sequence[Path] = (),
    resume: bool = False,
    panel: Panel | None = None,
    watch: WatchEach = lambda what, done, total: None,
) -> Judged:
    """Have a student answer the training questions k times, and a judge compare its answers.

    Args:
        model: the student's folder.
        folder: a corpus with `trl-grpo` rows.
        out: a new folder, for `train --method dpo`.
        judges: models, see `open_panel`.
        recipe: of models, prompts and limits.
        settings: how pairs are made.
        others: corpora whose pairs are written beside them, to be learnt in the same stage.
        resume: go on with a judging that was interrupted; give what it was begun with.
        panel: judges of your own in place of `judges` and `recipe`.
        watch: told how far it is.

    Raises:
        UserError: student, corpus, judge or setting doesn't fit, or `out` exists; or no pair came
            of it.
        WorldError: a service is out of reach, the budget is reached, or `out` may not be written;
            `resume` goes on.
    """
    require_room(out)
    corpus = open_corpus(folder)
    questions = read_questions(corpus, TRAIN)
    if settings.own_book:
        settings = replace(settings, ask=replace(settings.ask, book=book_of(questions)))
    chosen = sampled(questions, settings.limit, seed=settings.ask.seed)
    brought = [_pairs_of(other) for other in others]
    panel = panel or open_panel(judges, recipe)
    identity = _identity(model, corpus, panel, settings)
    with open_work_folder(JUDGING, out, identity, resume=resume) as work:
        said = _sample(model, chosen, settings, work, watch)
        gradings = asyncio.run(_grade_all(panel, said, work, identity, watch))
        made = make_pairs(said, gradings, settings)
        result = _write(out, folder, panel, made, brought, settings, identity)
    shutil.rmtree(JUDGING.folder_of(out), ignore_errors=True)
    return result


def _identity(model: Path, corpus: Corpus, panel: Panel, settings: JudgeSettings) -> dict[str, Any]:
    """Return what decides answers and grades; what becomes of these may be decided later."""
    return {
        "student": find_model(str(model)).fingerprint(),
        "corpus": corpus.manifest_sha256,
        "judges": panel.identity,
        "asked": asdict(settings.ask) | {"limit": settings.limit},
    }


def _sample(
    model: Path,
    questions: Sequence[Question],
    settings: JudgeSettings,
    work: Path,
    watch: WatchEach,
) -> list[Sampled]:
    file = SampleFile(work)
    if not all(question in file for question in questions):
        student = open_student(model, batch=settings.batch)
        ask_all(
            student,
            questions,
            settings.ask,
            file,
            watch=lambda done, total: watch("questions answered", done, total),
        )
    return [file.sampled(question) for question in questions]


async def _grade_all(
    panel: Panel,
    said: Sequence[Sampled],
    work: Path,
    identity: Mapping[str, Any],
    watch: WatchEach,
) -> dict[str, Gradings | str]:
    """Return gradings by question, or why there are none; where nothing differs nobody is asked."""
    contests = [
        Contest(question=one.question, alone=one.alone, answers=tuple(one.said))
        for one in said
        if len(one.said) > 1
    ]
    turns, done = asyncio.Semaphore(AT_ONCE), 0

    async def grade(contest: Contest, calls: KeptCalls) -> Gradings | str:
        nonlocal done
        async with turns:
            try:
                graded: Gradings | str = await panel.grade(
                    contest, await calls.ledger(contest.question.id)
                )
            except DialogueFailure as error:
                graded = str(error)
            done += 1
            watch("questions judged", done, len(contests))
            return graded

    try:
        async with open_calls(
            work,
            {
                one.question.id: Snippet.of(one.question.system or one.question.text)
                for one in contests
            },
            role="judge",
            identity=digest(identity)[:20],
            budget=panel.budget,
            most=CALLS_PER_QUESTION,
        ) as calls:
            found = await side_by_side(grade(contest, calls) for contest in contests)
    finally:
        await panel.close()
    return {one.question.id: graded for one, graded in zip(contests, found, strict=True)}


def _pairs_of(folder: Path) -> list[Row]:
    """Return the training pairs of another corpus.

    Raises:
        UserError: it has none, or one that lacks a column.
    """
    rows = open_corpus(folder).rows("trl-dpo", TRAIN)
    if not rows:
        raise UserError(f"{shown(folder)} has no trl-dpo rows in a split named {TRAIN}")
    if any(ROW_FORMATS["trl-dpo"].columns.keys() - row.keys() for row in rows):
        raise UserError(
            f"{shown(folder)}: a trl-dpo row lacks a column; look with: colloquia check "
            f"{shown(folder)}"
        )
    return rows


def _write(
    out: Path,
    folder: Path,
    panel: Panel,
    made: MadePairs,
    brought: Sequence[list[Row]],
    settings: JudgeSettings,
    identity: Mapping[str, Any],
) -> Judged:
    offered = [*made.pairs, *(row for rows in brought for row in rows)]
    by_id: dict[str, Row] = {}
    for row in offered:
        by_id.setdefault(row["id"], row)
    rows = list(by_id.values())
    if not rows:
        raise UserError(
            f"no pair came of {len(made.notes):,} questions ({in_words(made.dropped)}). Answers "
            "and grades are kept: go on with a smaller margin and `resume=True`, or ask more "
            "often, at a higher temperature"
        )
    asked, excluded = len(made.notes), dict(made.dropped)
    if doubled := len(offered) - len(rows):
        excluded["doubled"] = doubled
    won = longer_won(made.texts)
    sources = dict(sorted(Counter(str(row["source"]) for row in rows).items()))
    left_out = ", ".join(f"{n:,} {why.replace('_', ' ')}" for why, n in excluded.items()) or "none"
    how = Derivation(
        command="judge",
        summary=(
            f"{', '.join(panel.names)} compared a student's answers to {asked:,} questions by "
            f"{settings.by}: {len(made.pairs):,} pairs; left out: {left_out}. "
            + (f"The longer answer was chosen in {won.value:.0%}. " if won.n else "")
            + "Pairs by source: "
            + (", ".join(f"{name} {number:,}" for name, number in sources.items()) or "none")
            + "."
        ),
        settings={
            **identity,
            "by": settings.by,
            "margin": settings.margin,
            "longer_won": won.model_dump(),
            "sources": sources,
        },
        context=settings.ask.book,
    )
    candidates = asked + sum(map(len, brought))
    written: dict[Format, Rows] = {
        "trl-dpo": Rows(rows=rows, candidates=candidates, excluded=excluded)
    }
    manifest = write_derived(out, folder, rows=written, notes={JUDGED_FILE: made.notes}, how=how)
    return Judged(
        questions=asked,
        judges=tuple(panel.names),
        pairs=len(made.pairs),
        dropped=dict(made.dropped),
        longer_won=won,
        faults=made.faults,
        sources=sources,
        manifest=manifest,
    )
