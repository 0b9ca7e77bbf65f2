"""Rounds: run, corpus, student, evaluation; then the student plays a role, and so on.

    colloquia.improve("recipe.yaml", rounds=2, output="improved")

Round 0 is the teacher's. In each further one the last student answers (or asks) about the training
snippets, reviewed by the recipe's other agents; what they accept is mixed with all that came
before, and a new student learns it from the same base, as in STaR (arXiv 2203.14465) and ReST-EM
(arXiv 2312.06585). All students are measured by the same held-out questions.
"""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from colloquia.core.errors import BudgetReached
from colloquia.core.recipe import Recipe
from colloquia.core.types import Dialogue
from colloquia.corpus.formats import ROW_FORMATS, Format
from colloquia.corpus.splits import TRAIN, checked_shares
from colloquia.finetune.data.corpus_files import NEEDED_FORMATS, Corpus, open_corpus
from colloquia.finetune.data.questions import FORMAT as QUESTIONS
from colloquia.finetune.data.questions import held_out_split
from colloquia.finetune.measure.evaluation import evaluate
from colloquia.finetune.settings import TrainSettings, load_settings
from colloquia.finetune.train.base import find_base
from colloquia.finetune.train.libraries import require_libraries
from colloquia.finetune.train.stage import StepReport
from colloquia.finetune.train.training import train
from colloquia.finetune.train.training_folder import can_resume, training_folder_of
from colloquia.rounds.mixture import Division, counted_mixture, divide, mix
from colloquia.rounds.plot import draw_rounds
from colloquia.rounds.results import (
    Improvement,
    RoundResult,
    best_of,
    gain_over,
    measured_shares,
    read_verdicts,
    why_stop,
)
from colloquia.rounds.rounds_folder import PLOT_FILE, RoundsFolder, open_rounds
from colloquia.rounds.settings import RoundSettings, identity_of, refuse_unfit, round_settings
from colloquia.rounds.student_run import graph_for, limited, student_recipe
from colloquia.runs.event_loop import finish
from colloquia.runs.given import RecipeLike, SnippetsLike, recipe_for
from colloquia.runs.handle import Run, find_run
from colloquia.runs.start import OnStart, arun


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundWatch:
    """Who is told how rounds go."""

    part: Callable[[int, str], None] = lambda number, part: None
    """A round's part begins: `dialogues`, `corpus`, `student` or `evaluation`."""
    on_start: OnStart = lambda runner, manifest: None
    """A run begins; its runner can be stopped."""
    on_finish: Callable[[Dialogue], None] = lambda dialogue: None
    step: Callable[[StepReport], None] = lambda report: None
    asked: Callable[[str, int, int], None] = lambda what, done, total: None
    round_done: Callable[[RoundResult], None] = lambda result: None
    should_stop: Callable[[], bool] = lambda: False


#: Of a round's run, in the round's folder.
STORE = "store.db"


class _Stopped(Exception):
    """Somebody asked to stop; what is done is kept."""


def improve(
    recipe: RecipeLike,
    *,
    output: str | os.PathLike[str] = "improved",
    snippets: SnippetsLike | None = None,
    config: str | os.PathLike[str] | None = None,
    rounds: int = 2,
    role: str = "answerer",
    watch: RoundWatch | None = None,
    **settings: Any,
) -> Improvement:
    """Let a student learn from its own accepted answers, round by round; needs `finetune`.

    The same call goes on with what was begun in `output`, however that ended.

    Args:
        recipe: the teacher's run, whose agents review the student too; its `export.split` says
            what is held out, and its `limits` hold for all rounds together.
        output: a new folder, or that of an earlier call.
        snippets: instead of the recipe's, see `colloquia.run`.
        config: a YAML file with a section `train`.
        rounds: after round 0, at most.
        role: `answerer` or `questioner`: what the student plays.
        watch: told how it goes.
        settings: those of `RoundSettings`, as `samples=4`, and others of each training, as in
            `colloquia.train`.

    Raises:
        UserError: recipe, settings or base don't fit, or the folder holds something else.
        WorldError: as of runs and trainings; the same call goes on.
    """
    own = {name: settings.pop(name) for name in RoundSettings.model_fields if name in settings}
    chosen = round_settings({"rounds": rounds, "role": role, **own})
    training = load_settings(config, settings)
    teacher = recipe_for(recipe, snippets)
    refuse_unfit(teacher, training)
    checked_shares(teacher.export.split)
    require_libraries()
    find_base(training.base)
    identity = identity_of(teacher, chosen, training)
    with open_rounds(Path(output), identity) as folder:
        work = _Rounds(
            folder=folder,
            recipe=teacher,
            snippets=snippets,
            settings=chosen,
            training=training,
            watch=watch or RoundWatch(),
        )
        return work.make()


@dataclass(kw_only=True)
class _Rounds:
    folder: RoundsFolder
    recipe: Recipe
    snippets: SnippetsLike | None
    settings: RoundSettings
    training: TrainSettings
    watch: RoundWatch
    since: float = field(default_factory=time.monotonic)
    done: list[RoundResult] = field(default_factory=list)

    def make(self) -> Improvement:
        """Make what is left to do."""
        self.done = self.folder.rounds()
        interrupted = False
        try:
            while len(self.done) <= self.settings.rounds and not self._why_stop():
                result = self._make_round(len(self.done))
                self.done.append(result)
                self.folder.write(self._found())
                draw_rounds(self.done, self.folder.place / PLOT_FILE)
                self.watch.round_done(result)
        except _Stopped:
            interrupted = True
        return self._found(interrupted=interrupted)

    def _why_stop(self) -> str | None:
        return why_stop(self.done, patience=self.settings.patience)

    def _found(self, *, interrupted: bool = False) -> Improvement:
        measured = any(one.right is not None for one in self.done)
        verdicts = self._verdicts(0) if measured else {}
        return Improvement(
            output=str(self.folder.place),
            rounds=tuple(self.done),
            held_out_snippets=len(self._division().held_out) if self.done else 0,
            held_out_questions_sha256=sha256("\n".join(sorted(verdicts)).encode()).hexdigest()
            if measured
            else None,
            stopped=None if interrupted else self._why_stop(),
            interrupted=interrupted,
        )

    def _make_round(self, number: int) -> RoundResult:
        run = self._run(number)
        counts = run.counts()
        result = RoundResult(
            number=number,
            run=run.id,
            planned=counts.planned,
            accepted=counts.accepted,
            rejected=sum(counts.rejected.values()),
            failed=sum(counts.failed.values()),
        )
        if number and not counts.accepted:
            return result
        corpus = self._corpus(number, run)
        student = self._student(number, corpus)
        self._evaluate(number, student)
        return result.model_copy(
            update={
                "corpus_sha256": corpus.manifest_sha256,
                "own_sha256": self._exported(number).manifest_sha256 if number else None,
                "student_sha256": _weights_sha256(student),
                "rows": counted_mixture(self._exported(0), corpus),
                **self._measured(number),
            }
        )

    def _run(self, number: int) -> Run:
        """Make the dialogues of a round, or what is left of them."""
        self.watch.part(number, "dialogues")
        recipe, given, graph = self.recipe, self.snippets, None
        if number:
            student = self.folder.part(number - 1, "student")
            recipe = student_recipe(self.recipe, student, self.settings, number=number)
            given, graph = self._division().train, graph_for(self.settings)
        store = self.folder.part(number, STORE)
        store.parent.mkdir(exist_ok=True)
        spent = [self._run_of(one).counts() for one in self.done]
        run = finish(
            arun(
                limited(recipe, spent=spent, since=self.since),
                store=store,
                snippets=given,
                graph=graph,
                on_start=self.watch.on_start,
                on_finish=self.watch.on_finish,
            )
        )
        if run.interrupted:
            raise _Stopped
        return run

    def _run_of(self, result: RoundResult) -> Run:
        return find_run(self.folder.part(result.number, STORE), result.run)

    def _division(self) -> Division:
        """Return which snippets are learnt from, as round 0's corpus was divided."""
        run = self._run_of(self.done[0])
        snippets = [record.snippet for record in run.dialogues()]
        return divide(self._exported(0), snippets, seed=run.manifest.seed)

    def _exported(self, number: int) -> Corpus:
        """Return a round's own export: the teacher's dialogues, or the student's."""
        return open_corpus(self.folder.part(number, "answers" if number else "corpus"))

    def _corpus(self, number: int, run: Run) -> Corpus:
        """Return what a round learns from, made where it isn't there yet."""
        self._go_on(number, "corpus")
        place = self.folder.part(number, "corpus")
        exported = self.folder.part(number, "answers") if number else place
        if not exported.exists():
            run.export(
                exported,
                to=_formats(self.training),
                split={TRAIN: 1.0} if number else None,
                context=self.settings.context,
                with_stale=True,
            )
        if number == 0:
            held_out_split(open_corpus(place))  # says what to do where no question is held out
        elif not place.exists():
            own = [one.number for one in self.done[1:] if one.own_sha256] + [number]
            mix(
                place,
                self._exported(0),
                [self._exported(one) for one in own],
                share=self.settings.teacher_share,
                seed=self.training.seed,
                held_out=self._division().held_out,
                settings={"round": number, "students": [one.student_sha256 for one in self.done]},
            )
        return open_corpus(place)

    def _student(self, number: int, corpus: Corpus) -> Path:
        """Return a round's student, trained where it isn't there yet."""
        self._go_on(number, "student")
        place = self.folder.part(number, "student")
        if place.exists():
            return place
        unfinished = training_folder_of(place)
        resume = can_resume(unfinished)
        if not resume:  # killed before its first checkpoint
            shutil.rmtree(unfinished, ignore_errors=True)
        result = train(
            corpus.folder,
            output=place,
            resume=resume,
            watch=self.watch.step,
            should_stop=lambda: self.watch.should_stop() or self._is_late(),
            **self.training.model_dump(),
        )
        if result.interrupted:
            self._refuse_late()
            raise _Stopped
        return place

    def _evaluate(self, number: int, student: Path) -> None:
        self._go_on(number, "evaluation")
        out = self.folder.part(number, "evaluation")
        if out.exists():
            return

        def watch(what: str, done: int, total: int) -> None:
            self._refuse_late()
            if self.watch.should_stop():
                raise _Stopped
            self.watch.asked(what, done, total)

        evaluate(
            student,
            self.folder.part(0, "corpus"),
            limit=self.settings.limit,
            max_tokens=self.settings.max_tokens,
            seed=self.training.seed,
            out=out,
            watch=watch,
        )

    def _measured(self, number: int) -> dict[str, Any]:
        now = self._verdicts(number)
        best = best_of(self.done)
        gain = (
            gain_over(self._verdicts(best.number), now, seed=self.training.seed) if best else None
        )
        return {**measured_shares(now), "gain": gain}

    def _verdicts(self, number: int) -> dict[str, tuple[bool, bool]]:
        split = held_out_split(open_corpus(self.folder.part(0, "corpus")))
        answers = self.folder.part(number, "evaluation") / "answers.jsonl"
        return read_verdicts(answers, split=split, book=self.settings.context)

    def _go_on(self, number: int, part: str) -> None:
        self._refuse_late()
        if self.watch.should_stop():
            raise _Stopped
        self.watch.part(number, part)

    def _is_late(self) -> bool:
        wall = self.recipe.limits.wall_s
        return wall is not None and time.monotonic() - self.since > wall

    def _refuse_late(self) -> None:
        if self._is_late():
            raise BudgetReached(
                f"limits.wall of {self.recipe.limits.wall} is over: what is done is kept; run the "
                "same command again to go on"
            )


def _formats(training: TrainSettings) -> Sequence[Format]:
    """Return what the methods learn from, and the questions."""
    needed = {NEEDED_FORMATS[method][0] for method in training.method}
    return [name for name in ROW_FORMATS if name in needed | {QUESTIONS}]


def _weights_sha256(folder: Path) -> str:
    """Return the hash of a model's weights alone: what else is there names paths and versions."""
    total = sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as stream:
            total.update(file_digest(stream, "sha256").digest())
    return total.hexdigest()
