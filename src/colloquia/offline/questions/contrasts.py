"""Setting two things side by side, where the snippet does."""

import re
from collections.abc import Iterator
from itertools import pairwise

from spacy.tokens import Token

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.reading.clauses import Clause, bare
from colloquia.offline.reading.study import POINTING, Statement, Study, mid_sentence


def contrasts(studied: Study) -> Iterator[Candidate]:
    """Yield the questions on how two things differ."""
    for statement in studied.statements:
        for clause in statement.clauses[:1]:
            for piece in clause.of("contrast"):
                other = next(
                    (c for c in piece.head.children if c.dep_ in {"nsubj", "nsubjpass"}), None
                )
                plain = re.match(r"(?:whereas|while) ", piece.text) and piece.head.tag_ != "VBG"
                if (
                    plain
                    and other is not None
                    and statement.subject
                    and not statement.loose
                    and clause.sound
                ):
                    yield from _between(statement.subject, _phrase(other, studied.text), statement)
    for one, two in pairwise(studied.statements):
        if (
            one.sentence == two.sentence
            and _alike(one.main, two.main)
            and not (one.loose or two.loose)
        ):
            yield from _between(one.subject, two.subject, one, also=two)


def _alike(one: Clause | None, two: Clause | None) -> bool:
    """Whether two clauses say the same kind of thing: both what something is, or one verb."""
    if one is None or two is None or one.orders or two.orders:
        return False
    return (
        one.verb.lemma_ == two.verb.lemma_ and one.negated == two.negated and one.modal == two.modal
    )


def _phrase(token: Token, text: str) -> str:
    inside = [t.i for t in token.subtree]
    span = token.doc[min(inside) : max(inside) + 1]
    return bare(mid_sentence(span.text, span[0], text))


def _between(
    first: str, second: str, statement: Statement, *, also: Statement | None = None
) -> Iterator[Candidate]:
    if first.lower() == second.lower() or not first or not second:
        return
    for name in (first, second):
        words = name.lower().split()
        if (
            set(words) & POINTING
            or len(words) > 6
            or re.search(r",|\band\b", name)
            or re.search(r"\d{3}", name)
        ):
            return
    question = f"How do {first} and {second} differ?"
    aim = f"how {first} and {second} differ"
    if also is not None and all(s.main and s.main.copular for s in (statement, also)):
        question = f"What is the difference between {first} and {second}?"
        aim = f"what the difference between {first} and {second} is"
    yield Candidate(
        kind="comparison", question=question, aim=aim, statement=statement.index,
        also=also.index if also else None, subject=first, family="differ",
    )  # fmt: skip
