"""Questions that end in their preposition: what it consists of, what it is known as."""

from collections.abc import Iterator

from colloquia.language.clauses import Clause
from colloquia.language.phrases import head_noun
from colloquia.language.pieces import Piece
from colloquia.language.tagging import tag
from colloquia.offline.questions.candidate import Candidate, inverted
from colloquia.offline.reading.people import is_person_noun
from colloquia.offline.reading.soundness import unclear
from colloquia.offline.reading.study import Statement

# Verbs that mean something only with their preposition.
_ACTIVE = frozenset({
    ("consist", "of"), ("depend", "on"), ("lead", "to"), ("result", "in"), ("belong", "to"),
    ("refer", "to"), ("focus", "on"), ("contribute", "to"), ("rely", "on"), ("derive", "from"),
    ("originate", "from"), ("originate", "in"), ("deal", "with"), ("suffer", "from"),
    ("specialise", "in"), ("specialize", "in"), ("serve", "as"), ("act", "as"), ("live", "on"),
    ("feed", "on"), ("compete", "in"), ("react", "with"), ("begin", "with"), ("end", "with"),
    ("differ", "from"), ("account", "for"), ("stand", "for"), ("result", "from"),
})  # fmt: skip
_PASSIVE = frozenset({
    ("know", "as"), ("name", "after"), ("use", "for"), ("use", "as"), ("base", "on"),
    ("make", "of"), ("compose", "of"), ("connect", "to"), ("derive", "from"), ("call", "after"),
    ("associate", "with"), ("fill", "with"), ("cover", "with"), ("divide", "into"),
    ("make", "from"), ("power", "by"), ("surround", "by"), ("drive", "by"), ("cause", "by"),
})  # fmt: skip
_HOW = frozenset({"classify", "define", "describe", "regard", "treat", "recognise", "recognize"})


def stranded(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the question for what stands after a verb's own preposition."""
    first = clause.pieces[0] if clause.pieces else None
    if first is None or clause.copular or unclear(first.text) or " " not in first.text:
        return
    preposition, rest = first.text.split(" ", 1)
    if clause.passive and clause.lemma in _HOW and preposition.lower() == "as":
        yield inverted("how", "How", statement, ())
        return
    pair = (clause.lemma, preposition.lower())
    if pair not in (_PASSIVE if clause.passive else _ACTIVE):
        return
    tokens = tag(rest)
    person = bool(tokens) and is_person_noun(head_noun(tokens).lower)
    wh = "Who" if person and pair[1] == "after" else "What"
    if person and wh == "What" and pair[1] != "as":
        return
    last = Piece(kind="particle", text=preposition, start=first.start, end=first.start)
    yield inverted("what", wh, statement, (last,))
