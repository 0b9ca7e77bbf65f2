"""Rewards of one's own, as a module of the user's has them."""

from colloquia.finetune.rewards.sampled_answer import SampledAnswer

TEXT = "no function"


def shorter(answer: SampledAnswer) -> float:
    """Return -1 for the longest answer, near 0 for the shortest."""
    return -answer.tokens / answer.most_tokens


def alike(answer: SampledAnswer) -> float:
    """Return 1 for any answer."""
    return 1.0


def broken(answer: SampledAnswer) -> float:
    """Fail on every answer."""
    return answer.tokens / 0


def endless(answer: SampledAnswer) -> float:
    """Return what is no reward."""
    return float("nan")
