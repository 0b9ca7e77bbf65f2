"""The cheap reader, for first drafts: the statement that shares the most plain words, nothing more.

It checks neither the kind of answer nor a premise, as a hasty person would not. What it gets wrong
the careful reviewers catch, and that is where revisions and preference pairs come from.
"""

from colloquia.language.reading.words import content_words, forms
from colloquia.offline.reading.study import Study

# Sharing fewer words, a statement is about other things: even a hasty reader sees that.
SILENCE = 0.34


def skim(question: str, studied: Study) -> int | None:
    """Return the statement that shares the most of the question's words; None if all share few."""
    wanted = content_words(question)
    best, most = 0, -1.0
    for statement in studied.statements:
        have = {word.lower() for word in content_words(statement.said)}
        shared = sum(1 for word in wanted if word.lower() in have or forms(word) & have)
        share = shared / (len(wanted) or 1)
        if share > most:
            best, most = statement.index, share
    return best if most >= SILENCE else None
