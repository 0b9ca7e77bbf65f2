"""From a student and questions to a folder of token pairs that `train` takes."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from colloquia.core.atomic_folder import require_room
from colloquia.core.errors import UserError
from colloquia.core.hashing import content_id, seed_for
from colloquia.core.types import Value
from colloquia.core.version import __version__
from colloquia.corpus.derived import Derivation, Rows, write_derived
from colloquia.corpus.formats import row_id
from colloquia.corpus.manifest import (
    ExportManifest,
    ExportSettings,
    ManifestFile,
    Origin,
    read_manifest,
)
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.data.corpus_files import Row, open_corpus
from colloquia.finetune.data.questions import Book, read_questions
from colloquia.finetune.data.token_pairs import TOKENIZER_HASH, tokenizer_hash
from colloquia.finetune.measure.asking import open_student, sampled
from colloquia.finetune.measure.solve_rate import Band
from colloquia.finetune.pivotal.journal import journal_of, open_journal
from colloquia.finetune.pivotal.rollouts import BudgetSpent, Rollouts, RolloutSettings, Stopped
from colloquia.finetune.pivotal.tasks import Task, read_tasks, task_of, with_oracle
from colloquia.finetune.pivotal.tokens import PivotalToken, TokenSearch, pivotal_tokens
from colloquia.finetune.train.base import base_identity
from colloquia.models.faults.errors import CallFailed
from colloquia.models.local.hub import find_model

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator

#: Every pivotal token, with or without a pair.
PIVOTS_FILE = "pivots.jsonl"


class PivotalSettings(Value):
    """What is searched, and how far."""

    rollouts: RolloutSettings = RolloutSettings()
    tokens: TokenSearch = TokenSearch()
    low: float = Field(default=0.2, ge=0, le=1)
    """Questions that are solved less often are left out, after Phi-4."""
    high: float = Field(default=0.8, ge=0, le=1)
    """And those solved more often."""
    oracle: str | None = None
    """`module:function` that says whether a response is right, instead of the grader or the
    reference."""
    context: Book = "closed"
    split: str = TRAIN
    limit: int | None = Field(default=None, ge=1)
    """Most questions, drawn by the seed."""
    max_rollouts: int | None = Field(default=None, ge=1)
    """Rollouts in all; the search then ends with what it has."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Tokens of rollouts, checked before each look."""


@dataclass(kw_only=True)
class Found:
    """What a search has found so far."""

    questions: int
    searched: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    """Reason -> questions that weren't searched."""
    tokens: list[PivotalToken] = field(default_factory=list)
    problem: str | None = None
    """Why the first that couldn't be asked couldn't."""

    def leave_out(self, reason: str, number: int = 1) -> None:
        """Count questions that aren't searched."""
        self.excluded[reason] = self.excluded.get(reason, 0) + number


class PivotalResult(Value):
    """What `pivotal` did."""

    questions: int
    searched: int
    excluded: dict[str, int]
    pivots: int
    pairs: int
    rollouts: int
    tokens: int
    """Tokens written for them."""
    problem: str | None
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is."""

    question: int
    """1-based."""
    questions: int
    pivots: int
    rollouts: int
    tokens: int


Watch = Callable[[Progress], None]


def pivotal(
    model: Path,
    questions: Path,
    *,
    out: Path,
    settings: PivotalSettings,
    resume: bool = False,
    batch: int | None = None,
    watch: Watch = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> PivotalResult:
    """Search a student's responses for the tokens that decide, and write pairs of them.

    Args:
        model: the student's folder, a `.gguf` file or `ORG/NAME@REVISION`.
        questions: an export with `trl-grpo` rows, or a file of lines as `read_tasks` takes.
        out: a folder that doesn't exist yet.
        settings: what and how far.
        resume: go on with the rollouts of a search that was interrupted, or found no pair; where
            and how often it looks may be another now.
        batch: rollouts at once; 64 on a GPU, else 32.
        watch: told after each look.
        should_stop: asked before each token; what is there then is kept for `resume`.

    Raises:
        UserError: something given doesn't fit, or no pair was found.
        WorldError: `out` may not be written, memory or disk isn't enough.
    """
    require_room(out)
    tasks, origin = _read(questions, settings)
    if settings.oracle is not None:
        tasks = with_oracle(tasks, settings.oracle)
    with open_journal(out, _identity(model, origin, settings), resume=resume) as journal:
        student = open_student(model, batch=batch)
        rollouts = Rollouts(
            student=student,
            settings=settings.rollouts,
            most_rollouts=settings.max_rollouts,
            most_tokens=settings.max_tokens,
            journal=journal,
            stopped=should_stop,
        )
        found = Found(questions=len(tasks))
        try:
            search_all(tasks, rollouts, settings, found, watch=watch)
        except Stopped:
            return _result(found, rollouts, pairs=0, interrupted=True)
        rows = pair_rows(found.tokens, tasks, student, settings)
        if rows:
            how = _derivation(model, student, found, rollouts, settings, pairs=len(rows))
            _write(out, questions, origin, found, rows, how)
            journal_of(out).unlink(missing_ok=True)
    if not rows:
        raise UserError(
            f"no pair was found: {_told(found)}, {len(found.tokens):,} pivotal tokens. Rollouts "
            "are kept: go on with `resume=True` and more rollouts or responses, more questions, a "
            "wider band, or the answer taken in (`answer_span=True`)"
        )
    return _result(found, rollouts, pairs=len(rows), interrupted=False)


def search_all(
    tasks: Sequence[Task],
    rollouts: Rollouts,
    settings: PivotalSettings,
    found: Found,
    *,
    watch: Watch = lambda _: None,
) -> None:
    """Search the questions one after the other, until all are done or the budget is spent.

    Raises:
        Stopped: somebody asked to stop.
        UserError: the oracle fails.
    """
    band = Band(low=settings.low, high=settings.high)
    for number, task in enumerate(tasks, start=1):

        def tell(now: Rollouts, number: int = number) -> None:
            watch(Progress(number, len(tasks), len(found.tokens), now.made, now.tokens))

        rollouts.watch = tell
        try:
            rate = rollouts.rate(task, (), settings.tokens.search.samples)
            if rate not in band:
                found.leave_out("too_hard" if rate < band.low else "too_easy")
                continue
            for one in pivotal_tokens(task, rollouts, settings.tokens):
                found.tokens.append(one)
            found.searched += 1
        except CallFailed as error:
            found.leave_out("unasked")
            found.problem = found.problem or str(error)
        except BudgetSpent:
            found.leave_out("budget_spent", len(tasks) - number + 1)
            return


def pair_rows(
    tokens: Sequence[PivotalToken],
    tasks: Sequence[Task],
    student: "TextGenerator",
    settings: PivotalSettings,
) -> list[Row]:
    """Return rows of `token-pairs`, each pair once."""
    prompts = {task.id: task.messages for task in tasks}
    rows: dict[str, Row] = {}
    for one in tokens:
        other = one.pair(settings.tokens.search.gap)
        if other is None:
            continue
        mine = (one.token, one.pivot.after)
        chosen, rejected = (mine, other) if one.pivot.change > 0 else (other, mine)
        prompt = [*student.prompts.ids(prompts[one.task]), *one.prefix]
        ids = {"prompt_ids": prompt, "chosen_ids": [chosen[0]], "rejected_ids": [rejected[0]]}
        row = {
            "id": row_id(ids, "token-pairs"),
            **ids,
            "prompt_text": student.tokenizer.decode(prompt),
            "chosen_text": student.tokenizer.decode([chosen[0]]),
            "rejected_text": student.tokenizer.decode([rejected[0]]),
            "success_before": round(one.pivot.before, 4),
            "success_chosen": round(chosen[1], 4),
            "success_rejected": round(rejected[1], 4),
            "question": one.task,
        }
        rows.setdefault(row["id"], row)
    return list(rows.values())


def _read(questions: Path, settings: PivotalSettings) -> tuple[list[Task], ManifestFile]:
    """Return the tasks, and the manifest of the corpus they come from or that of a file."""
    if questions.is_file():
        data = questions.read_bytes()
        tasks = read_tasks(questions)
        drawn = sorted(tasks, key=lambda task: seed_for(settings.rollouts.seed, task.id))
        chosen = {task.id for task in drawn[: settings.limit]}
        return [task for task in tasks if task.id in chosen], _file_manifest(
            questions, data, settings
        )
    asked = read_questions(open_corpus(questions), settings.split)
    some = sampled(asked, settings.limit, seed=settings.rollouts.seed)
    return [task_of(question, settings.context) for question in some], read_manifest(questions)


def _file_manifest(file: Path, data: bytes, settings: PivotalSettings) -> ManifestFile:
    """Return what stands for the manifest of an export where questions come from a file."""
    sha256 = hashlib.sha256(data).hexdigest()
    origin = Origin(
        name=file.stem,
        recipe_hash=content_id("recipe1", sha256),
        seed=settings.rollouts.seed,
        code_version=__version__,
        prompts={},
        personas={},
        recipe={},
    )
    asked = ExportSettings(
        to=("token-pairs",),
        split={TRAIN: 1.0},
        only="all",
        min_score=None,
        context=settings.context,
    )
    manifest = ExportManifest(
        settings=asked, dialogues={}, counts=(), empty=(), files=(), run=origin
    )
    return ManifestFile(manifest=manifest, sha256=sha256)


def _identity(model: Path, origin: ManifestFile, settings: PivotalSettings) -> Row:
    """Return what decides a rollout; where else one looks, and how often, may change."""
    return {
        "schema": "colloquia.pivotal/1",
        "student": base_identity(find_model(str(model))),
        "questions": origin.sha256,
        "settings": settings.model_dump(mode="json", include={"rollouts", "oracle", "context"}),
        "version": __version__,
    }


def _derivation(
    model: Path,
    student: "TextGenerator",
    found: Found,
    rollouts: Rollouts,
    settings: PivotalSettings,
    *,
    pairs: int,
) -> Derivation:
    return Derivation(
        command="pivotal",
        summary=(
            f"Pairs of single tokens for `colloquia train --method dpo`, found by pivotal token "
            f"search (arXiv 2412.08905, section 4.3). {_told(found)}: {len(found.tokens):,} "
            f"pivotal tokens and {pairs:,} pairs, in {rollouts.made:,} rollouts of "
            f"{rollouts.tokens:,} tokens. The ids are those of the student's tokenizer and train "
            f"no other; `{PIVOTS_FILE}` has every pivotal token."
        ),
        settings={
            "model": model.name,
            TOKENIZER_HASH: tokenizer_hash(student.tokenizer),
            **settings.model_dump(mode="json"),
            "questions": {"read": found.questions, "searched": found.searched, **found.excluded},
        },
        context=settings.context,
    )


def _told(found: Found) -> str:
    reasons = ", ".join(f"{n:,} {why}" for why, n in found.excluded.items()).replace("_", " ")
    return f"{found.searched:,} of {found.questions:,} questions searched" + (
        f" ({reasons})" if reasons else ""
    )


def _write(
    out: Path,
    questions: Path,
    origin: ManifestFile,
    found: Found,
    rows: Sequence[Row],
    how: Derivation,
) -> None:
    pivots = [
        {
            "question": one.task,
            "prefix_ids": list(one.prefix),
            "token": one.token,
            "before": round(one.pivot.before, 4),
            "after": round(one.pivot.after, 4),
            "others": [[token, seen, round(rate, 4)] for token, seen, rate in one.others],
        }
        for one in found.tokens
    ]
    left = len(found.tokens) - len(rows)
    pairs = Rows(
        rows=rows,
        candidates=len(found.tokens),
        excluded={"without_an_alternative": left} if left else {},
    )
    write_derived(
        out,
        questions,
        origin=origin,
        rows={"token-pairs": pairs},
        notes={PIVOTS_FILE: pivots},
        how=how,
    )


def _result(found: Found, rollouts: Rollouts, *, pairs: int, interrupted: bool) -> PivotalResult:
    return PivotalResult(
        questions=found.questions,
        searched=found.searched,
        excluded=found.excluded,
        pivots=len(found.tokens),
        pairs=pairs,
        rollouts=rollouts.made,
        tokens=rollouts.tokens,
        problem=found.problem,
        interrupted=interrupted,
    )
