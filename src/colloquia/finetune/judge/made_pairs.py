"""Each question's best and worst answer as a preference pair; what gives none is counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from colloquia.core.roles import JudgeReply
from colloquia.corpus.formats import row_id
from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.judge.panel import Gradings
from colloquia.finetune.judge.ranking import Measure, Ranked, counted_faults, grades, rank
from colloquia.finetune.judge.samples import Sampled
from colloquia.finetune.measure.asking import AskSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """How pairs are made."""

    ask: AskSettings = field(default_factory=lambda: AskSettings(samples=4, temperature=1.0))
    own_book: bool = True
    """Whether the book is the corpus's own, in place of that in `ask`."""
    by: Measure = "accuracy"
    margin: float = 1.0
    """Grades, of 1 to 5, that the chosen answer must be better by."""
    limit: int | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePairs:
    """What came of every question."""

    pairs: list[Row]
    texts: list[tuple[str, str]]
    """Chosen and rejected, thoughts aside."""
    dropped: Counter[str]
    notes: list[Row]
    faults: dict[str, int]


def make_pairs(
    said: Sequence[Sampled], gradings: Mapping[str, Gradings | str], settings: JudgeSettings
) -> MadePairs:
    """Make a pair of each question's best and worst answer, or say why there is none.

    Args:
        said: what the student said to each question.
        gradings: by the questions' ids, or why a judge gave none.
        settings: measure, margin and book.
    """
    pairs, texts, dropped, notes = list[Row](), list[tuple[str, str]](), Counter[str](), []
    for one in said:
        graded = gradings.get(one.question.id)
        ranked = _ranked(graded, settings) if isinstance(graded, Gradings) else None
        outcome = ranked.outcome if ranked else _why_not(one, graded)
        if ranked and outcome == "pair":
            answers = list(one.said)
            pairs.append(_pair(one, ranked, settings))
            texts.append((answers[ranked.best], answers[ranked.worst]))
        else:
            dropped[outcome] += 1
        notes.append(_note(one, graded, ranked, outcome))
    replies = [
        reply
        for graded in gradings.values()
        if isinstance(graded, Gradings)
        for reply in graded.forwards
    ]
    return MadePairs(
        pairs=pairs, texts=texts, dropped=dropped, notes=notes, faults=dict(counted_faults(replies))
    )


def _ranked(graded: Gradings, settings: JudgeSettings) -> Ranked:
    return rank(
        [grades(reply, settings.by) for reply in graded.forwards],
        [grades(reply, settings.by) for reply in graded.backwards],
        margin=settings.margin,
    )


def _why_not(one: Sampled, graded: object) -> str:
    if one.problem:
        return "unasked"
    return "unjudged" if isinstance(graded, str) else "same_answers"


def _pair(one: Sampled, ranked: Ranked, settings: JudgeSettings) -> Row:
    whole = list(one.said.values())
    row = {
        "prompt": one.question.prompt(settings.ask.book, with_history=not one.alone),
        "chosen": [{"role": "assistant", "content": whole[ranked.best]}],
        "rejected": [{"role": "assistant", "content": whole[ranked.worst]}],
    }
    return {
        "id": row_id(row, "trl-dpo"),
        **row,
        "score_chosen": round(ranked.scores[ranked.best], 4),
        "score_rejected": round(ranked.scores[ranked.worst], 4),
        "source": f"judge:{settings.by}",
    }


def _note(one: Sampled, graded: Gradings | str | None, ranked: Ranked | None, outcome: str) -> Row:
    """Return a line for people who want to see what was judged, and why."""
    return {
        "id": one.question.id,
        "question": one.question.text,
        "outcome": outcome,
        "answers": list(one.said),
        "scores": [round(score, 4) for score in ranked.scores] if ranked else None,
        "forwards": _plain(graded.forwards) if isinstance(graded, Gradings) else None,
        "backwards": _plain(graded.backwards) if isinstance(graded, Gradings) else None,
        "problem": one.problem or (graded if isinstance(graded, str) else None),
    }


def _plain(replies: Sequence[JudgeReply]) -> list[Row]:
    return [reply.model_dump(mode="json") for reply in replies]
