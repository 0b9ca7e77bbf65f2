"""Rewards by name: ours, those of installed packages, and any Python function.

A package names its own in `pyproject.toml`, and nothing else is needed:

    [project.entry-points."colloquia.rewards"]
    short = "my_package.rewards:short"
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points

from colloquia.core.errors import UserError
from colloquia.core.wording import did_you_mean
from colloquia.finetune.rewards.length_aware import length_aware, length_aware_thought
from colloquia.finetune.rewards.outcome import refusal, right
from colloquia.finetune.rewards.repetition import repetition
from colloquia.finetune.rewards.sampled_answer import Reward
from colloquia.finetune.rewards.thought_format import thought_format
from colloquia.finetune.users_code import find_function

GROUP = "colloquia.rewards"

REWARDS: Mapping[str, Reward] = {
    "right": right,
    "refusal": refusal,
    "length_aware": length_aware,
    "length_aware_thought": length_aware_thought,
    "repetition": repetition,
    "thought_format": thought_format,
}

#: How Phi-4-reasoning-plus weighs them (arXiv 2504.21318, section 4.2).
PHI_WEIGHTS = {"length_aware_thought": 8 / 13, "repetition": 1 / 13}


def find_rewards(names: Iterable[str]) -> dict[str, Reward]:
    """Return the rewards of these names.

    Args:
        names: of `REWARDS`, of an entry point in the group `colloquia.rewards`, or
            `module:function`, of the current folder or installed.

    Raises:
        UserError: there is none of that name, or it can't be imported.
    """
    return {name: _find_reward(name) for name in names}


def _find_reward(name: str) -> Reward:
    if name in REWARDS:
        return REWARDS[name]
    installed = {point.name: point for point in entry_points(group=GROUP)}
    if ":" not in name and name not in installed:
        known = [*REWARDS, *installed]
        raise UserError(
            f"no such reward: {name!r}{did_you_mean(name, known)}; there are {', '.join(known)}, "
            "or name a function as module:function"
        )
    return find_function(name, "reward", at=installed.get(name))
