"""A clause in its place: whether it can be asked about, and what the text near it tells."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import content_forms, stem
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    Phrased,
    ask,
    kept,
    made,
    sound,
    subject_of,
    tidy,
    trimmed,
)
from colloquia.offline.reading.clauses import DISCOURSE, Clause, Piece
from colloquia.offline.reading.study import POINTING, Statement, Study, capital

MAX_WORDS = 20
_EMPTY = word_set("be have do make take give get use keep become go come set hold show include")
_VAGUE = word_set(
    "default rate gain limit value figure amount total period result response form quantity "
    "difference address first second third other number range process idea case part term name "
    "word area group type set reason example way one this that question problem exchange"
)
_CLUMSY = re.compile(
    r" n?or |, (?:and|named|along)|°\?$|not today|[a-z] The [a-z]|\?.|:\d|\.:|\bonly\b|,.*,|"
    r" (?:also|even|notably|particularly|namely|especially|including) |"
    r"(?:\bSt|\.[A-Z])\?$"
)


def usable(statement: Statement, clause: Clause) -> bool:
    """Whether a clause is read well enough to make a question of what it doesn't say."""
    verb, last = clause.verb, clause.helpers[-1] if clause.helpers else None
    if statement.loose or not clause.sound or verb.pos_ not in {"VERB", "AUX"}:
        return False
    fitting = {"be": {"VBN", "VBG"}, "have": {"VBN"}}.get(last.lemma_ if last else "", {"VB"})
    objects = sum(p.role == "object" for p in clause.pieces) + clause.passive
    if objects > 1 or (last is not None and verb.tag_ not in fitting):
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
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    name = subject_of(statement, clause)
    if name is None or len(name.split()) > 9 or re.search(r"[;:/(,]|\d{3}", name):
        return False
    if span.root.tag_ == "PRP":
        return "," not in name
    parts = {"amod", "acl", "relcl", "compound", "pcomp"}
    verbs = any(t.pos_ in {"VERB", "AUX"} and t.dep_ not in parts for t in span)
    nouns = {"NOUN", "PROPN"}
    cut = not span.text.endswith(name[-4:])
    if verbs or span.root.pos_ not in nouns or not (cut or span[-1].pos_ in {*nouns, "ADJ"}):
        return False
    least = span[0].lower_ in {"only", "no", "few", "little", "another", "even", "such"}
    least = least or span[0].lower_ in {"hundreds", "thousands", "dozens"}
    return not least and (len(span) > 2 or span.root.lemma_.lower() not in _VAGUE)


def simply(
    statement: Statement, clause: Clause, wh: str, *dropped: Piece, tail: str = "",
    negated: bool | None = None,
) -> Phrased | None:  # fmt: skip
    """Ask it with what the clause says beside, if that is short and points at nothing else."""
    rest = kept(clause, *dropped)
    phrased = ask(statement, clause, wh, rest, tail=tail, negated=negated)
    left = [piece for piece in clause.pieces if piece not in {*rest, *dropped}]
    whole = not any(_missed(piece, clause) for piece in left) and (rest or not clause.copular)
    if phrased is None or not whole:
        return None
    return None if odd(phrased.direct, clause) else phrased


def _missed(piece: Piece, clause: Clause) -> bool:
    """Whether a question without this part would no longer ask of the same thing."""
    aside = piece.role == "adverb" or clause.doc[piece.start - 1].text == ","
    general = clause.verb.tag_ != "VBD" and not any(h.tag_ == "VBD" for h in clause.helpers)
    return piece.start == clause.verb.i + 1 or (general and piece.sense is None and not aside)


def odd(question: str, clause: Clause) -> bool:
    """Whether a question is too long, clumsy, or points at what isn't the subject."""
    strange = r"\b(?:it|its|he|she|his|her)\b" if clause.plural else r"\b(?:they|them|their)\b"
    clumsy = len(question.split()) > MAX_WORDS or _CLUMSY.search(question)
    return bool(clumsy or re.search(strange, question))


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A clause with the statement and the snippet it stands in."""

    studied: Study
    statement: Statement
    clause: Clause
    held: dict[str, frozenset[str]]
    """The sentences, with the stems of each."""

    def silent(self, told: str, *, kin: bool = True) -> bool:
        """Whether no sentence on the same matter tells it: its own, the next, and its kin."""
        clause, here = self.clause, self.statement.sentence
        times = Counter(word for words in self.held.values() for word in words)
        common = {word for word, count in times.items() if count * 2 > len(self.held) > 4}
        said = f"{clause.subject_text} {clause.doc[clause.start : clause.end].text}"
        verb = {stem(clause.verb.lemma_)} if clause.verb.lemma_ not in _EMPTY else set()
        own = stems(said) - common | verb
        for number, (text, words) in enumerate(self.held.items()):
            shared = own & words
            opening = text.partition(" ")[0].lower().strip(",")
            near = number == here + 1 and (shared or opening in POINTING | DISCOURSE)
            akin = kin and (shared & verb or len(shared) > 2)
            if (number == here or near or akin) and re.search(told, text, re.I):
                return False
        return True

    def asked(self, family: str, phrased: Phrased | None) -> Iterator[Candidate]:
        """Yield the near miss, if it could be put."""
        yield from made("near_miss", phrased, self.statement, family=family)

    def worded(self, family: str, words: str) -> Iterator[Candidate]:
        """Yield the near miss of these words."""
        words = tidy([words])
        if sound(words, "") and len(words.split()) > 4 and not odd(words, self.clause):
            who = subject_of(self.statement, self.clause) or ""
            phrased = Phrased(direct=f"{capital(words)}?", indirect=indirectly(words, who))
            yield from self.asked(family, phrased)

    def after(self) -> str:
        """Return what a question repeats of what follows the verb."""
        verb = self.clause.verb.i
        return " ".join(trimmed(p) for p in kept(self.clause) if p.start > verb)


def indirectly(words: str, who: str) -> str:
    """Put a question's words as they stand inside a sentence: how long the siege lasted."""
    if words.endswith(" are there"):
        return f"{words.removesuffix(' are there')} there are"
    finites = "do|does|did|is|are|was|were|has|have"
    found = re.fullmatch(rf"(.+?) ({finites}) {re.escape(who)}(.*)", words)
    if not who or found is None:
        return words
    wh, finite, rest = found.groups()
    tags = {"does": "VBZ", "did": "VBD", "do": "VBP"}
    if finite not in tags:
        return f"{wh} {who} {finite}{rest}"
    verb, _, after = rest.strip().partition(" ")
    return tidy([wh, who, verb if finite == "do" else inflect(verb, tags[finite]), after])


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words that carry content."""
    return frozenset(stem(form) for form in content_forms(text))


def heard(studied: Study) -> dict[str, frozenset[str]]:
    """Return the snippet's sentences in order, with the stems of each."""
    told: dict[int, str] = {}
    for statement in studied.statements:
        told[statement.sentence] = f"{told.get(statement.sentence, '')} {statement.quote}".strip()
    return {text: stems(text) for text in told.values()}
