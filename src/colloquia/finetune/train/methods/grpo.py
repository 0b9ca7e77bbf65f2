"""Group relative policy optimisation: the student learns from what its own answers earn.

Each question is answered several times. An answer that earned more than the others of its group is
made likelier, one that earned less unlikelier: A = (r - mean) / std, within the clipped ratio of
new to old probabilities, and not far from where it began (arXiv 2402.03300, equations 3 and 4).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import EncodedRow, Examples, collect_examples
from colloquia.finetune.data.questions import OVERVIEW, book_of, level_of, read_question
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.measure.asking import is_alone
from colloquia.finetune.rewards.registry import find_rewards
from colloquia.finetune.settings import GrpoSettings
from colloquia.finetune.train.methods.answering import Answering
from colloquia.finetune.train.methods.group_sampler import GroupSampler
from colloquia.finetune.train.methods.group_trainer import group_trainer
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs


def grpo_examples(
    tokens: ChatTokens, rows: Iterable[Row], *, max_length: int, settings: GrpoSettings
) -> Examples:
    """Encode questions of `trl-grpo` as a student is asked them.

    Overviews, which have no one answer that could be graded, are passed over.
    What was said before a question is left out where it gives the answer away, as in `evaluate`. A
    question that doesn't fit into `max_length` with an answer of `max_tokens` is left out.
    """

    def encode(row: Row) -> EncodedRow:
        question = read_question(row)
        messages = question.messages(book_of([question]), with_history=not is_alone(question))
        ids = tokens.question(messages)
        if len(ids) + settings.max_tokens > max_length:
            return EncodedRow(example=None)
        return EncodedRow(example={"id": row["id"], "prompt_ids": ids, "question": question})

    return collect_examples((row for row in rows if row["kind"] != OVERVIEW), encode)


def group_sampler(inputs: TrainerInputs, settings: GrpoSettings, *, seed: int) -> GroupSampler:
    """Return what asks the student the rows' questions and rewards its answers.

    Raises:
        UserError: a reward isn't there.
    """
    return GroupSampler.of(
        inputs,
        settings,
        seed=seed,
        level=lambda row: level_of(row["question"]),
        sample=Answering(
            tokens=inputs.tokens,
            settings=settings,
            rewards=find_rewards(settings.rewards),
            seed=seed,
        ),
    )


def grpo_trainer(
    inputs: TrainerInputs,
    settings: GrpoSettings,
    *,
    sampler: GroupSampler,
    reference: Any,
    kind: Any = None,
) -> Any:
    """Return a trainer of TRL's over groups of answers.

    Args:
        inputs: what all methods are given.
        settings: of this one.
        sampler: who is asked what, and what the answers earn.
        reference: the same model frozen; None with adapters, which are switched off instead, and
            where `beta` is 0.
        kind: a class of trainer; `group_trainer`'s by default.
    """
    from trl import GRPOConfig

    # Rows are the sampler's; TRL is told how many make an epoch, and which are measured.
    placeholders = replace(
        inputs,
        train=Examples([{"prompt": ""}] * max(len(inputs.train.rows), settings.questions)),
        validation=Examples([{"prompt": row} for row in sampler.validation]),
    )
    arguments = {name: value for name, value in inputs.arguments.items() if name != "max_length"}
    return (kind or group_trainer())(
        sampler=sampler,
        reference=reference,
        beta=settings.beta,
        reward_funcs=[_told(name) for name in settings.rewards],
        args=GRPOConfig(
            **arguments | {"max_steps": _steps(settings, len(inputs.train.rows))},
            reward_weights=list(settings.rewards.values()),
            num_generations=settings.group_size,
            num_generations_eval=1,
            max_completion_length=settings.max_tokens,
            temperature=settings.temperature,
            num_iterations=settings.iterations,
            epsilon=settings.epsilon_low,
            epsilon_high=settings.epsilon_high,
            # TRL would load its own reference by the name that the model has in its configuration.
            beta=0.0 if reference is not None else settings.beta,
            entropy_coef=settings.entropy_weight,
            loss_type="grpo" if settings.mean_over == "answers" else "dapo",
            disable_dropout=True,
            ignore_data_skip=True,  # which rows come is for the sampler to say
        ),
        **placeholders.for_trainer(),
    )


def _steps(settings: GrpoSettings, rows: int) -> int:
    if settings.steps is not None:
        return settings.steps
    return max(1, math.ceil((settings.epochs or 1) * rows / settings.questions)) * (
        settings.iterations
    )


def _told(name: str) -> Any:
    """Return a reward function of TRL's that says what a rollout has earned already."""

    def reward(scores: Sequence[dict[str, float | None]], **_: Any) -> list[float | None]:
        return [one[name] for one in scores]

    reward.__name__ = name
    return reward
