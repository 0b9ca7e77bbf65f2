"""Which kinds of question a persona likes to ask: by what it knows, wants and tends to do.

Only plain words count ("asks for figures", "compares"); where there are none, all kinds are alike.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from colloquia.core.roles import Profile
from colloquia.core.types import QuestionKind

_MOST, _LEAST = 2.5, 0.15
# Words in goals and behaviours that plainly ask for a kind.
_SIGNS: tuple[tuple[str, tuple[QuestionKind, ...]], ...] = (
    (r"figures?\b|numbers?\b|quantit|records\b|measure|statistic", ("how_many",)),
    (r"\byears?\b|\bdates?\b|\bwhen\b|chronolog|came before", ("when",)),
    (r"\bplaces?\b|\bwhere\b|\bmaps?\b", ("where",)),
    (r"\bpeople\b|\bwho\b(?! or)|\bnames?\b", ("who",)),
    (r"\bwhy\b|\bcauses?\b|reasons?\b|consequences", ("why",)),
    (r"how (?:a |some)?things? works?|how it works?|mechanism|\bprocess", ("how", "why")),
    (r"compar|differ\b|similar terms|confuse|tell apart", ("comparison",)),
    (r"definition|\bterms?\b|what a word means|words that carry|pronoun", ("definition",)),
    (r"confirm|a guess is right|claim|holds\b|sum[s]? it up", ("yes_no", "false_premise")),
)
_BY_KNOWLEDGE: dict[str, tuple[QuestionKind, ...]] = {
    "novice": ("definition", "what"),
    "expert": ("comparison", "why", "how"),
}


@lru_cache(maxsize=256)
def _weights(
    signs: tuple[str, ...], never: tuple[str, ...], levels: tuple[str, ...]
) -> Mapping[QuestionKind, float]:
    found: dict[QuestionKind, float] = {}
    for level, kinds in _BY_KNOWLEDGE.items():
        share = levels.count(level) / len(levels) if levels else 0.0
        for kind in kinds:
            found[kind] = found.get(kind, 1.0) * (1 + 0.8 * share)
    for sentence in signs:
        for pattern, kinds in _SIGNS:
            if re.search(pattern, sentence, re.I):
                for kind in kinds:
                    found[kind] = found.get(kind, 1.0) * 1.45
    for sentence in never:
        for pattern, kinds in _SIGNS:
            if re.match(r"asks? for", sentence) and re.search(pattern, sentence, re.I):
                found.update(dict.fromkeys(kinds, _LEAST))
    return {kind: min(_MOST, weight) for kind, weight in found.items() if weight != 1}


def tastes(persona: Profile) -> Mapping[QuestionKind, float]:
    """Return how much more (above 1) or less a persona likes each kind; others count as 1."""
    levels = tuple(persona.knowledge.values())
    return _weights((*persona.goals, *persona.behaviours), persona.never, levels)


def asked_first(persona: Profile) -> QuestionKind | None:
    """Return the kind a persona says it asks for first; None where it says nothing of the sort."""
    for sentence in persona.behaviours:
        if not re.search(r"\bfirst\b|before the story", sentence, re.I):
            continue
        for pattern, kinds in _SIGNS:
            if re.search(pattern, sentence, re.I):
                return kinds[0]
    return None
