"""What rounds came to: a row for each, whether it gained anything, and when to stop."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from colloquia.core.types import Value
from colloquia.finetune.measure.intervals import Share, bootstrap_mean, wilson
from colloquia.rounds.mixture import MixtureCount


class RoundResult(Value):
    """One round: whom its dialogues are by, what was learnt from them, and what came of it."""

    number: int
    """0 is the teacher's."""
    run: str
    """Its run's id."""
    planned: int
    accepted: int
    """Dialogues."""
    rejected: int
    failed: int
    rows: MixtureCount | None = None
    """None, as all below, where nothing was accepted, so that there was nothing new to learn."""
    corpus_sha256: str | None = None
    """Of the manifest of what it learnt from."""
    own_sha256: str | None = None
    """Of the manifest of what was accepted of the student; None in round 0."""
    student_sha256: str | None = None
    """Of its weights."""
    right: Share | None = None
    """Of the held-out questions: answerable ones answered rightly, others declined."""
    correct: Share | None = None
    """Of the answerable ones."""
    declined: Share | None = None
    """Of the unanswerable ones."""
    gain: Share | None = None
    """`right` less that of the best round before, question by question, with the 95 % interval of
    a bootstrap over questions. None in round 0."""

    @property
    def has_gained(self) -> bool:
        """Whether the interval of its gain lies above 0; round 0 is where it begins."""
        return self.number == 0 or (
            self.gain is not None and self.gain.low is not None and self.gain.low > 0
        )


class Improvement(Value):
    """All rounds so far."""

    output: str
    rounds: tuple[RoundResult, ...]
    held_out_snippets: int
    """That no row was learnt from."""
    held_out_questions_sha256: str | None
    """Of the ids of the questions that every round was measured by."""
    stopped: str | None
    """Why there are no more rounds; None where all were made, or it was interrupted."""
    interrupted: bool = False

    @property
    def best(self) -> RoundResult | None:
        """The round with the highest share of right answers, the first of several."""
        return best_of(self.rounds)

    @property
    def student(self) -> str | None:
        """The folder of the best round's student."""
        return f"{self.output}/round-{self.best.number}/student" if self.best else None


def best_of(rounds: Sequence[RoundResult]) -> RoundResult | None:
    """Return the round with the highest share of right answers, the first of several."""
    measured = [one for one in rounds if one.right is not None and one.right.value is not None]
    return max(measured, key=_right_share, default=None)


def _right_share(one: RoundResult) -> float:
    return (one.right.value or 0.0) if one.right else 0.0


def why_stop(rounds: Sequence[RoundResult], *, patience: int) -> str | None:
    """Return why no further round is worth it; None where one may be.

    A gain that isn't told from chance is none: going on costs as much as beginning did, and the
    more rounds are looked at, the more of them gain by chance.
    """
    if not rounds:
        return None
    if rounds[-1].right is None:
        return f"no dialogue of round {rounds[-1].number} was accepted"
    last = rounds[-patience:]
    if len(last) == patience and not any(one.has_gained for one in last):
        of = f"round {last[0].number}" if patience == 1 else f"the last {patience} rounds"
        return f"{of} gained nothing: the interval of the gain reaches 0 or below"
    return None


def read_verdicts(answers: Path, *, split: str, book: str) -> dict[str, tuple[bool, bool]]:
    """Return, by the id of each held-out question that was asked, if it is answerable, and right.

    Args:
        answers: `answers.jsonl` of an evaluation.
        split: the held-out one.
        book: whether the passage was shown.
    """
    verdicts: dict[str, tuple[bool, bool]] = {}
    for line in answers.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        if (row["split"], row["book"]) == (split, book) and row["verdict"] is not None:
            wanted = "correct" if row["answerable"] else "not_attempted"
            verdicts[row["id"]] = row["answerable"], row["verdict"] == wanted
    return verdicts


def measured_shares(verdicts: dict[str, tuple[bool, bool]]) -> dict[str, Share]:
    """Return the shares `right`, `correct` and `declined`, with Wilson's intervals."""
    kinds = {
        "right": [right for _, right in verdicts.values()],
        "correct": [right for answerable, right in verdicts.values() if answerable],
        "declined": [right for answerable, right in verdicts.values() if not answerable],
    }
    return {name: wilson(sum(hits), len(hits)) for name, hits in kinds.items()}


def gain_over(
    before: dict[str, tuple[bool, bool]], after: dict[str, tuple[bool, bool]], *, seed: int
) -> Share:
    """Return how much more is right, paired by question, with a bootstrap's interval."""
    both = sorted(before.keys() & after.keys())
    return bootstrap_mean([float(after[one][1]) - float(before[one][1]) for one in both], seed=seed)
