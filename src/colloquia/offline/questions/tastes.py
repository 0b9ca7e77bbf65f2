"""Which kinds of question a persona likes to ask: by what it knows, wants and tends to do.

Only plain words count ("asks for figures", "compares"); where there are none, all kinds are alike.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from colloquia.core.roles import Profile
from colloquia.core.types import QuestionKind

_MOST = 2.5
_LIKED = 1.45  # for each goal or behaviour that says so
# Words in goals, behaviours and nevers that plainly speak of a kind.
_SIGNS: tuple[tuple[str, tuple[QuestionKind, ...]], ...] = (
    (r"figures?\b|\bnumbers?\b|quantit|\brecords,|measure|statistic", ("how_many",)),
    (r"\byears?\b|\bdates?\b|\bwhen\b(?! (?:an?|the) )|chronolog|came before", ("when",)),
    (r"\bplaces?\b|\bwhere\b(?! (?:an?|the)\b)|\bmaps?\b", ("where",)),
    (r"\bpeople\b|\bwho\b(?! or)|\bnames?\b", ("who",)),
    (r"\bwhy\b|\bcauses?\b|reasons?\b|consequences", ("why",)),
    (r"how (?:a |some)?things? works?|how it works?|mechanism|\bprocess", ("how", "why")),
    (r"compar|differ\b|similar terms|confuse|tell apart", ("comparison",)),
    (r"definition|\bterms?\b|what a word means|words that carry|jargon", ("definition",)),
    (r"confirm|a guess is right|claim|holds\b|is right\b", ("yes_no", "false_premise")),
    (r"follow-up|earlier answer|the one before|became of|happened next|pronoun", ("follow_up",)),
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
        found.update({kind: found.get(kind, 1.0) * (1 + 0.8 * share) for kind in kinds})
    for sentence in signs:
        found.update({kind: found.get(kind, 1.0) * _LIKED for kind in _named_in(sentence)})
    for sentence in never:
        if re.match(r"asks? for\b", sentence, re.I):
            found.update(dict.fromkeys(_named_in(sentence), 0.0))
    return {kind: min(_MOST, weight) for kind, weight in found.items() if weight != 1}


def _named_in(sentence: str) -> tuple[QuestionKind, ...]:
    return tuple(
        kind for pattern, kinds in _SIGNS if re.search(pattern, sentence, re.I) for kind in kinds
    )


def tastes(persona: Profile) -> Mapping[QuestionKind, float]:
    """Return how much more (above 1) or less a persona likes each kind; others count as 1.

    At 0 its card says that it never asks for such a thing.
    """
    levels = tuple(persona.knowledge.values())
    return _weights((*persona.goals, *persona.behaviours), persona.never, levels)


def asked_first(persona: Profile) -> QuestionKind | None:
    """Return the kind a persona says it asks for first; None where it says nothing of the sort."""
    for sentence in persona.behaviours:
        if re.search(r"\bfirst\b|before the story", sentence, re.I):
            return next(iter(_named_in(sentence)), None)
    return None
