"""The repetition penalty of Phi-4-reasoning-plus (arXiv 2504.21318, section 4.2)."""

import re
from collections import Counter

from colloquia.finetune.rewards.sampled_answer import SampledAnswer

RUN, OFTEN = 5, 5  # words of a run, and how often it may stand in a text

_WORD = re.compile(r"\w+")


def repetition_penalty(text: str) -> float:
    """Return 0 for a text that doesn't repeat itself, down to -1.

    Of its runs of five words: the share that stands there more than five times, each counted
    once; or, if that is more, how often the most frequent one stands there for each five words of
    the text, where that is five times at least. The paper has no lower bound, and would give twenty
    times the same word -4, as much as nothing else can earn; so it ends at -1.
    """
    words = _WORD.findall(text.lower())
    runs = Counter(tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1))
    if not runs:
        return 0.0
    share = sum(count > OFTEN for count in runs.values()) / runs.total()
    most = max(runs.values())
    return -min(1.0, max(share, most / (len(words) / RUN) if most >= OFTEN else 0.0))


def repetition(answer: SampledAnswer) -> float:
    """Return the repetition penalty of an answer, its thought included."""
    return repetition_penalty(answer.text)
