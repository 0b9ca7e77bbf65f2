"""Rewards by what the grader says of an answer, thoughts and length aside."""

from colloquia.finetune.rewards.sampled_answer import SampledAnswer

RIGHT, HONEST, WRONG, INVALID = 1.0, 0.0, -1.0, -1.5


def right(answer: SampledAnswer) -> float:
    """Return 1 for a right answer, or for declining what has no answer; else 0.

    The binary reward of DeepSeek-R1 (arXiv 2501.12948, section 2.2.2), by our grader.
    """
    return float(answer.is_right)


def refusal(answer: SampledAnswer) -> float:
    """Return 1 for right, 0 for an honest refusal, -1 for wrong, -1.5 for what is no answer.

    The order correct > refusal > wrong is Phi-4's (arXiv 2412.08905, section 4.4). With these
    values it pays to answer from an even chance of being right on: p - (1 - p) > 0. To a question
    without an answer a refusal is right.
    """
    if answer.is_right:
        return RIGHT
    match answer.verdict:
        case "not_attempted":
            return HONEST
        case "invalid":
            return INVALID
        case _:
            return WRONG
