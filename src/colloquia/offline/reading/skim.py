"""The cheap reader, for first drafts: the sentence that shares the most plain words, nothing more.

It checks neither the kind of answer nor a premise, as a hasty person would not. What it gets wrong
the careful reviewers catch, and that is where revisions and preference pairs come from.
"""

from dataclasses import dataclass

from colloquia.language.words import content_words, forms
from colloquia.offline.reading.asked import Asked
from colloquia.offline.reading.study import Study

# Below this share of shared words even a hasty reader sees that the sentence is about other things.
SILENCE = 0.34


@dataclass(frozen=True, slots=True)
class Skimmed:
    """The best sentence by shared words, and whether enough were shared to answer from it."""

    index: int
    answers: bool


def skim(asked: Asked, studied: Study) -> Skimmed:
    """Find the sentence that shares the most of the question's words."""
    wanted = [*asked.words, *asked.context]
    best, most = 0, -1.0
    for statement in studied.statements:
        have = {word.lower() for word in content_words(statement.sentence.text)}
        shared = sum(1 for word in wanted if word.lower() in have or forms(word) & have)
        share = shared / (len(wanted) or 1)
        if share > most:
            best, most = statement.index, share
    overview = asked.expected == "overview"
    return Skimmed(index=best, answers=overview or most >= SILENCE)
