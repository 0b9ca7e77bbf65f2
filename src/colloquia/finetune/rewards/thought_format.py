"""The form of an answer with a thought: `<think>` thought `</think>` answer, and each mark once."""

import re

from colloquia.corpus.thinking import BEGIN, END
from colloquia.finetune.rewards.sampled_answer import SampledAnswer

_THOUGHT = re.compile(rf"\s*{BEGIN}(.*?){END}(.*)", re.DOTALL)


def has_one_thought(text: str) -> bool:
    """Return whether a text is one marked thought with words in it, and an answer after it."""
    parts = _THOUGHT.fullmatch(text)
    if parts is None or not all(part.strip() for part in parts.groups()):
        return False
    return text.count(BEGIN) == text.count(END) == 1


def thought_format(answer: SampledAnswer) -> float:
    """Return 1 where an answer is one marked thought and what follows from it, else 0.

    The format reward of DeepSeek-R1 (arXiv 2501.12948, section 2.2.2).
    """
    return float(has_one_thought(answer.text))
