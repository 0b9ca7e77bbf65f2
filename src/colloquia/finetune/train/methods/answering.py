"""The student in training answers questions, and each answer is weighed by the rewards."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from colloquia.core.errors import UserError, WorldError
from colloquia.core.hashing import seed_for
from colloquia.core.text import brief
from colloquia.corpus.thinking import BEGIN
from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.rewards.sampled_answer import Reward, SampledAnswer
from colloquia.finetune.settings import GrpoSettings
from colloquia.finetune.train.methods.group_sampler import Rollout
from colloquia.finetune.users_code import telling
from colloquia.models.faults.errors import CallFailed

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import Answer

#: Answers written at once; with no gradients to keep they take far less memory than a step.
AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Writes answers with the decoder that `hf:` models are asked with, each by its own seed."""

    tokens: ChatTokens
    settings: GrpoSettings
    rewards: Mapping[str, Reward]
    seed: int

    def __call__(self, model: Any, rows: Sequence[Row], *, round_: int) -> list[Rollout]:
        """Return an answer per row, of `grpo_examples`; the same row may come several times.

        Raises:
            WorldError: memory runs out.
            UserError: a reward fails.
        """
        from colloquia.models.local.text_generator import Chat, Sampling, TextGenerator

        writer = TextGenerator(model, self.tokens.tokenizer, batch=AT_ONCE)
        chats = [
            Chat(
                messages=(),
                ids=tuple(row["prompt_ids"]),
                sampling=Sampling(
                    temperature=self.settings.temperature,
                    top_p=1.0,
                    top_k=0,
                    max_tokens=self.settings.max_tokens,
                    seed=seed_for(self.seed, round_, row["id"], place),
                ),
            )
            for place, row in enumerate(rows)
        ]
        known: dict[tuple[Any, ...], Rollout] = {}  # a group often says the same, graded once
        rollouts = []
        for row, answer in zip(rows, writer.answer(chats), strict=True):
            if isinstance(answer, CallFailed):
                raise WorldError(f"{answer}; fewer `max_tokens` need less memory")
            said = (row["id"], answer.ids, answer.end)
            known[said] = known.get(said) or self._rollout(row, answer)
            rollouts.append(known[said])
        return rollouts

    def _rollout(self, row: Row, answer: "Answer") -> Rollout:
        written = [*answer.ids, *(() if answer.end is None else (answer.end,))]
        # Some templates write it before the model speaks.
        opened = self.tokens.decode(row["prompt_ids"][-8:]).rstrip().endswith(BEGIN)
        sampled = SampledAnswer(
            question=row["question"],
            text=(BEGIN if opened else "") + answer.text,
            tokens=len(written),
            ended=answer.end is not None,
            most_tokens=self.settings.max_tokens,
        )
        return Rollout(
            prompt_ids=row["prompt_ids"],
            completion_ids=written,
            scores={name: _score(name, reward, sampled) for name, reward in self.rewards.items()},
            is_right=sampled.is_right,
        )


def _score(name: str, reward: Reward, answer: SampledAnswer) -> float | None:
    what = f"reward {name!r}, asked about {brief(answer.text)},"
    with telling(what):
        score = reward(answer)
        if score is None:
            return None
        score = float(score)
    if not math.isfinite(score):
        raise UserError(f"{what} is {score}, no number")
    return score
