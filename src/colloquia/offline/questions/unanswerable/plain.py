"""Plain questions on a clause that is read well: short, whole, and pointing at nothing else."""

import re
from collections.abc import Collection

from colloquia.language.lexicon import word_set
from colloquia.offline.questions.phrasing import Phrased, ask, kept, subject_of
from colloquia.offline.reading.clauses import Clause, Piece
from colloquia.offline.reading.statement import Statement

_VAGUE = word_set(
    "default rate gain limit value figure amount total period result response form quantity "
    "difference address first second third other number range process idea case part term name "
    "word area group type set reason example way one this that question problem exchange"
)
_CLUMSY = re.compile(
    r" n?or |, (?:and|named|along)|°\?$|not today|[a-z] The [a-z]|\?.|:\d|\.:|\bonly\b|,.*,|"
    r" (?:also|even|notably|particularly|namely|especially|including) |"
    r"(?:\bSt|\.[A-Z])\?$| if \w+ not "
)


def usable(statement: Statement, clause: Clause) -> bool:
    """Whether a clause is read well enough to make a question of what it doesn't say."""
    verb, last = clause.verb, clause.helpers[-1] if clause.helpers else None
    fitting = {"be": {"VBN", "VBG"}, "have": {"VBN"}}.get(last.lemma_ if last else "", {"VB"})
    objects = sum(p.role == "object" for p in clause.pieces) + clause.passive
    odd_verb = verb.pos_ not in {"VERB", "AUX"} or (last is not None and verb.tag_ not in fitting)
    if statement.loose or not clause.sound or odd_verb or objects > 1:
        return False
    if clause.orders:
        first = verb.i == 0 or verb.nbor(-1).lower_ in {",", ";", "and", "then", "first", "next"}
        return first and verb.lower_ not in {"see", "note", "let"}
    behind = (clause.subject or (0, clause.start))[1]
    denied = {t.lower_ for t in clause.doc[behind : verb.i]} & {"not", "n't", "nor", "never"}
    if (denied and not clause.negated) or any(p.head.dep_ == "ccomp" for p in clause.pieces):
        return False
    between = any(p.role == "clause" and behind <= p.start < verb.i for p in clause.pieces)
    return not between and _named(statement, clause)


def _named(statement: Statement, clause: Clause) -> bool:
    """Whether the subject is a plain noun phrase, whole and by itself understood."""
    span, nouns = clause.doc[slice(*(clause.subject or (0, 0)))], {"NOUN", "PROPN"}
    name = subject_of(statement, clause)
    if name is None or len(name.split()) > 9 or re.search(r"[;:/(,]|\d{3}", name):
        return False
    if span.root.tag_ == "PRP":
        return True
    parts = {"amod", "acl", "relcl", "compound", "pcomp"}
    verbs = any(t.pos_ in {"VERB", "AUX"} and t.dep_ not in parts for t in span)
    cut = not span.text.endswith(name[-4:])
    if verbs or span.root.pos_ not in nouns or not (cut or span[-1].pos_ in {*nouns, "ADJ"}):
        return False
    least = word_set("only no few little another even such hundreds thousands dozens")
    vague = len(span) < 3 and span.root.lemma_.lower() in _VAGUE
    return span[0].lower_ not in least and not vague


def plainly(
    statement: Statement, clause: Clause, wh: str, dropped: Collection[Piece] = (), *,
    negated: bool | None = None,
) -> Phrased | None:  # fmt: skip
    """Ask it with what the clause says beside, if that is short and points at nothing else."""
    rest = kept(clause, *dropped)
    phrased = ask(statement, clause, wh, rest, negated=negated)
    left = [piece for piece in clause.pieces if piece not in {*rest, *dropped}]
    whole = not any(_missed(piece, clause) for piece in left) and (rest or not clause.copular)
    return phrased if phrased and whole and not odd(phrased.direct, clause) else None


def _missed(piece: Piece, clause: Clause) -> bool:
    """Whether a question without this part would no longer ask of the same thing."""
    aside = piece.role == "adverb" or clause.doc[piece.start - 1].text == ","
    general = clause.verb.tag_ != "VBD" and not any(h.tag_ == "VBD" for h in clause.helpers)
    return piece.start == clause.verb.i + 1 or (general and piece.sense is None and not aside)


def odd(question: str, clause: Clause) -> bool:
    """Whether a question is clumsy, or points at what isn't the subject."""
    strange = r"\b(?:it|its|he|she|his|her)\b" if clause.plural else r"\b(?:they|them|their)\b"
    return bool(_CLUMSY.search(question) or re.search(strange, question))
