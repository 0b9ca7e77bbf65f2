"""Groups of answers for a step: which questions, who answers them, and what the groups are worth.

A group whose answers all earn the same says nothing about which of them was better: it has no
gradient. Such groups are counted, and where `redraws` allows it other questions take their place.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.settings import GrpoSettings
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs
from colloquia.finetune.train.question_order import QuestionOrder

TRAINING, VALIDATION = "train", "eval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What a student said to one prompt, and what it earns."""

    prompt_ids: list[int]
    completion_ids: list[int]
    """All that followed, with the token that ended it."""
    scores: Mapping[str, float | None]
    """By reward, unweighted; None where one has nothing to say."""
    is_right: bool
    own: list[int] | None = None
    """Per token of the completion, 1 where the student wrote it and 0 where an environment did;
    None where it wrote all."""
    observed: list[float] | None = None
    """Per token of the completion, its weight as an observation, over their number; None where
    there is no environment."""

    def total(self, weights: Mapping[str, float]) -> float:
        """Return the weighted sum of its rewards."""
        return sum(
            weight * score
            for name, weight in weights.items()
            if (score := self.scores[name]) is not None
        )


class Sample(Protocol):
    """Has a student answer rows, one answer per row; the same row may come several times."""

    def __call__(self, model: Any, rows: Sequence[Row], /, *, round_: int) -> list[Rollout]:
        """Answer; model, rows and the number of the round decide what is said."""
        ...


@dataclass(kw_only=True)
class GroupSampler:
    """Samples the groups of one generation after the other."""

    rows: Mapping[str, Row]
    """Training rows by id."""
    validation: Mapping[str, Row]
    settings: GrpoSettings
    order: QuestionOrder
    sample: Sample
    round_: int = 0
    """Samplings so far, redraws among them: the seeds depend on it."""
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {TRAINING: Counter(), VALIDATION: Counter()}
    )

    @classmethod
    def of(
        cls,
        inputs: TrainerInputs,
        settings: GrpoSettings,
        *,
        seed: int,
        level: Callable[[Row], str],
        sample: Sample,
    ) -> Self:
        """Return one for a stage's rows.

        Args:
            inputs: its rows.
            settings: of the method.
            seed: of the order of rows.
            level: of a row, where an adaptive order looks at levels.
            sample: has the student answer.
        """
        rows = {row["id"]: row for row in inputs.train.rows}
        adaptive = settings.order == "adaptive"
        return cls(
            rows=rows,
            validation={row["id"]: row for row in inputs.validation.rows},
            settings=settings,
            order=QuestionOrder(
                ids=[row["id"] for row in inputs.train.rows],  # one may come from two corpora
                group_size=settings.group_size,
                seed=seed,
                levels={name: level(row) for name, row in rows.items()} if adaptive else None,
            ),
            sample=sample,
        )

    def groups(self, model: Any, number: int) -> list[Rollout]:
        """Return the answers of so many groups, one group after the other."""
        groups = self._fresh_groups(model, number)
        for _ in range(self.settings.redraws):
            silent = [n for n, group in enumerate(groups) if not self._is_mixed(group)]
            if not silent:
                break
            self.counts[TRAINING]["redrawn"] += len(silent)
            for place, group in zip(silent, self._fresh_groups(model, len(silent)), strict=True):
                groups[place] = group
        for group in groups:
            self._count(group)
        return [rollout for group in groups for rollout in group]

    def held_out(self, model: Any, ids: Sequence[str]) -> list[Rollout]:
        """Return an answer to each of these rows of the validation split, by the same seeds."""
        found = self.sample(model, [self.validation[row] for row in ids], round_=-1)
        self.counts[VALIDATION].update(answers=len(found), right=sum(one.is_right for one in found))
        return found

    def figures(self, mode: str) -> dict[str, float]:
        """Return the groups since the last call, counted, and the share of right answers, 0..1.

        Args:
            mode: `train` or `eval`.
        """
        counts, self.counts[mode] = self.counts[mode], Counter()
        if not counts["answers"]:
            return {}
        right = counts["right"] / counts["answers"]
        if mode == VALIDATION:
            return {"eval_right": right}
        return {"right": right} | {name: counts[name] for name in _COUNTED}

    def state(self) -> dict[str, Any]:
        """Return what decides how it goes on, as plain JSON."""
        return {"round": self.round_, "drawn": self.order.drawn, "rates": self.order.rates}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.round_ = state["round"]
        self.order.drawn, self.order.rates = state["drawn"], dict(state["rates"])

    def _fresh_groups(self, model: Any, number: int) -> list[list[Rollout]]:
        size = self.settings.group_size
        drawn = self.order.draw(number)
        rows = [self.rows[row] for row in drawn for _ in range(size)]
        answers = self.sample(model, rows, round_=self.round_)
        self.round_ += 1
        groups = [answers[n * size : (n + 1) * size] for n in range(number)]
        for row, group in zip(drawn, groups, strict=True):
            self.order.learn(row, sum(one.is_right for one in group) / size)
        return groups

    def _is_mixed(self, group: Sequence[Rollout]) -> bool:
        earned = [one.total(self.settings.rewards) for one in group]
        return max(earned) - min(earned) > _EQUAL

    def _count(self, group: Sequence[Rollout]) -> None:
        right = sum(one.is_right for one in group)
        self.counts[TRAINING].update(
            groups=1,
            answers=len(group),
            right=right,
            mixed_groups=self._is_mixed(group),
            groups_all_right=right == len(group),
            groups_none_right=right == 0,
        )


_EQUAL = 1e-6  # sums of floats differ by their order
_COUNTED = ("groups", "mixed_groups", "groups_all_right", "groups_none_right", "redrawn")
