"""A sentence taken apart: its clauses, and of each the subject, the verb and what hangs on it.

Read off spaCy's dependencies. Only what can be taken out and put back as running text counts: a
part whose words don't stand together makes the clause unsound, and nothing is asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect, lemmas
from colloquia.offline.reading.finite import (
    SUBJECTS,
    cuts_a_word,
    has_subject,
    helpers_of,
    plausible,
    subject_of,
)
from colloquia.offline.reading.senses import Sense, sense_of

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

Role = Literal["object", "attribute", "adjunct", "clause", "adverb", "particle", "agent"]

_FINITE = frozenset({"VBZ", "VBP", "VBD", "MD", "VB"})
_WITHIN = frozenset({"relcl", "acl", "advcl", "aux", "auxpass", "conj"})
_TO_THE_END: dict[str, Sense] = {"because": "reason", "unless": "exception"}
_SILENT = frozenset({"punct", "cc", "preconj", "mark", "aux", "auxpass", "neg", "conj", "intj"})
_PARTICLES = word_set("back away aside up down on off out over")
_ROLES: dict[str, Role] = {
    "dobj": "object", "dative": "object", "oprd": "attribute", "attr": "attribute",
    "acomp": "attribute", "xcomp": "attribute", "ccomp": "attribute", "prt": "particle",
    "agent": "agent", "prep": "adjunct", "npadvmod": "adjunct", "advcl": "clause",
    "advmod": "adverb", "pcomp": "clause",
}  # fmt: skip
#: They tie a sentence to the one before it; out of their place they say nothing.
DISCOURSE = word_set(
    "also then thus therefore however still even instead further hence furthermore additionally "
    "likewise similarly again consequently subsequently eventually finally thereafter thereby too "
    "first second third secondly thirdly next afterwards meanwhile moreover otherwise accordingly "
    "conversely nevertheless nonetheless besides firstly lastly now here there yet so simply "
    "rather indeed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part that hangs on a verb: tokens `start` to `end` of the sentence."""

    role: Role
    head: Token
    start: int
    end: int
    sense: Sense | None
    """What it tells, where that is plain: a time, a reason, a condition."""

    @property
    def text(self) -> str:
        """The part as written."""
        return str(self.head.doc[self.start : self.end].text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A verb with its subject and what hangs on it."""

    verb: Token
    subject: tuple[int, int] | None
    """Tokens of the subject; None of an order: remove the gravel."""
    helpers: tuple[Token, ...]
    """Auxiliaries, in order; shared ones of a joined verb included."""
    negated: bool
    pieces: tuple[Piece, ...]
    """In the order of the text."""
    start: int
    end: int
    sound: bool
    """Whether every part's words stand together."""

    @property
    def doc(self) -> Doc:
        """The sentence."""
        return self.verb.doc

    @property
    def text(self) -> str:
        """Its own words, without those of clauses beside it."""
        return str(self.doc[self.start : self.end].text)

    @property
    def subject_text(self) -> str:
        """The subject as written, or nothing."""
        return str(self.doc[slice(*self.subject)].text) if self.subject else ""

    @property
    def subject_head(self) -> Token | None:
        """The subject's main word."""
        return self.doc[slice(*self.subject)].root if self.subject else None

    @property
    def orders(self) -> bool:
        """Whether it tells somebody what to do."""
        return self.subject is None

    @property
    def copular(self) -> bool:
        """Whether `be` is its only verb."""
        return self.verb.lemma_ == "be" and not self.passive

    @property
    def passive(self) -> bool:
        """Whether the verb is in the passive."""
        return any(helper.dep_ == "auxpass" for helper in self.helpers) or (
            self.verb.tag_ == "VBN" and any(h.lemma_ == "be" for h in self.helpers)
        )

    @property
    def modal(self) -> str:
        """Its modal verb in lower case, or nothing."""
        return next((h.lower_ for h in self.helpers if h.tag_ == "MD"), "")

    @property
    def past(self) -> bool:
        """Whether it tells of the past."""
        finite = self.helpers[0] if self.helpers else self.verb
        unmarked = finite.tag_ in {"VBP", "VBZ"} and finite.lower_ == inflect(finite.lemma_, "VBD")
        return finite.tag_ in {"VBD", "VBN"} or (unmarked and not self.plural)  # the group set sail

    @property
    def subject_sound(self) -> bool:
        """Whether the subject reads like a noun phrase: no finite verb was taken for a noun."""
        head = self.subject_head
        if head is None:
            return False
        inside = self.doc[slice(*(self.subject or (0, 0)))]
        if head.tag_ in {"VBZ", "VBP", "VBD", "VB", "MD"} and head.dep_ != "csubj":
            return False
        if head.tag_ == "NNS" and head.nbor().lower_ == "that" and "VERB" in lemmas(head.lower_):
            return False  # the model predicts that …
        if inside[0].tag_ == "VBN" and len(inside) > 1 and inside[1].pos_ == "DET":
            return False  # an order: knit the first two stitches
        for token in inside[1:]:
            bare_pair = token.i == head.i and len(inside) == 2 and inside[0].tag_ == "NN"
            misread = token.dep_ == "compound" or (bare_pair and not self.helpers)
            if misread and token.tag_ in {"NNS", "VBZ"} and "VERB" in lemmas(token.lower_):
                return False
        return not any(
            t.tag_ in _FINITE and t.dep_ not in _WITHIN and t.nbor(-1).tag_ != "TO"
            for t in inside[1:]
        )

    @property
    def plural(self) -> bool:
        """Whether the subject takes a plural verb."""
        head = self.subject_head
        if head is None:
            return False
        beside = [child for child in head.children if child.dep_ == "conj"]
        named = head.tag_ == "NNP" and all(_ends_a_name(child) for child in beside)
        joined = beside and not named and any(child.lower_ == "and" for child in head.children)
        return (
            bool(joined)
            or head.tag_ in {"NNS", "NNPS"}
            or head.lower_ in {"they", "these", "those"}
        )

    def of(self, *senses: Sense) -> tuple[Piece, ...]:
        """Return the parts that tell one of these things."""
        return tuple(piece for piece in self.pieces if piece.sense in senses)

    def of_role(self, role: Role) -> tuple[Piece, ...]:
        """Return the parts in this role."""
        return tuple(piece for piece in self.pieces if piece.role == role)

    def first(self, role: Role) -> Piece | None:
        """Return the first part in this role."""
        return next(iter(self.of_role(role)), None)


def _ends_a_name(token: Token) -> bool:
    """Whether a noun ends a name that has an `and` in it: Liverpool and Manchester Railway."""
    inside = any(child.dep_ == "compound" for child in token.children)
    return inside and token.tag_ == "NNP" and "NOUN" in lemmas(token.lower_)


@lru_cache(maxsize=64)
def clauses_of(doc: Doc) -> tuple[Clause, ...]:
    """Return a sentence's independent clauses in order, joined verbs each as one of their own."""
    found = [clause for verb in _verbs(doc) if (clause := _clause(verb)) is not None]
    return tuple(sorted(found, key=lambda clause: clause.verb.i))


def soundly_read(doc: Doc) -> bool:
    """Whether a sentence's first clause is one that can be right."""
    main = next(iter(clauses_of(doc)), None)
    return main is not None and main.sound and (main.orders or main.subject_sound)


def _verbs(doc: Doc) -> Iterator[Token]:
    queue = [token for token in doc if token.dep_ == "ROOT"][:1]
    while queue:
        verb = queue.pop()
        if verb.pos_ in {"VERB", "AUX"}:
            yield verb
        queue += [
            child for child in _parted(verb)
            if not any(t.lower_ in _TO_THE_END for t in doc[verb.i : max(child.i, verb.i)])
        ]  # fmt: skip


def _clause(verb: Token) -> Clause | None:
    subject = subject_of(verb)
    helpers = helpers_of(verb)
    if subject is None and (verb.tag_ != "VB" or helpers):
        return None  # neither a statement nor an order
    joined = {t.i for child in _parted(verb) for t in child.subtree}
    own = [token.i for token in verb.subtree if token.i not in joined]
    pieces, sound = _pieces(verb, joined)
    pieces = _with_result(verb, _with_tail(verb, pieces))
    if subject is not None:  # an apposition at the end: a loaf expands, a change known as …
        late = [c for c in subject.children if c.dep_ == "appos" and subject.i < verb.i < c.i]
        joined |= {t.i for c in late for t in c.subtree}
    span = _span_of(subject, joined) if subject is not None else None
    inherited = subject is not None and subject.head is not verb
    return Clause(
        verb=verb,
        subject=span,
        helpers=helpers,
        negated=any(child.dep_ == "neg" for child in verb.children)
        or any(child.dep_ == "neg" for helper in helpers for child in helper.children),
        pieces=pieces,
        start=min(own),
        end=max(own) + 1,
        sound=sound
        and not any(span and p.role == "clause" and p.end == span[0] for p in pieces)
        and (span is not None or subject is None)
        and (inherited or span is None or span[0] >= min(own))
        and not any(
            _misplaced(piece, verb) or cuts_a_word(verb.doc, piece.start, piece.end)
            for piece in pieces
        )
        and not (span and span[0] and _stranded(verb.doc[span[0] - 1]))
        and plausible(verb, helpers, joined),
    )


def _with_tail(verb: Token, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Let a reason run from its `because` to the end, whatever the parse hung on what."""
    mark = next((t for t in verb.doc[verb.i :] if t.lower_ in _TO_THE_END), None)
    if mark is None or mark.i < verb.i or any(_parts_off(t) for t in verb.doc[verb.i + 1 : mark.i]):
        return pieces
    if mark.nbor(-1).dep_ == "cc":
        return pieces  # split off, and because it is wet, …
    end = len(verb.doc) - (1 if verb.doc[-1].is_punct else 0)
    before = tuple(
        piece if piece.end <= mark.i else replace(piece, end=_before(mark))
        for piece in pieces
        if piece.end <= mark.i or (piece.start < mark.i and piece.head.dep_ == "ccomp")
    )  # the court held that it was not, because …
    of = mark.i + 1 < end and mark.nbor().lower_ == "of"
    tail = Piece(
        role="adjunct" if of else "clause", head=mark, start=mark.i, end=end,
        sense=_TO_THE_END[mark.lower_],
    )  # fmt: skip
    return (*before, tail)


def _before(mark: Token) -> int:
    """Return the end of the words before a mark, without their comma."""
    return mark.i - 1 if mark.nbor(-1).is_punct else mark.i


def _parts_off(token: Token) -> bool:
    """Whether what follows a token says something of another clause."""
    return (
        (token.dep_ == "conj" and has_subject(token))
        or token.text == ";"
        or token.lower_ in _TO_THE_END
    )


def _misplaced(piece: Piece, verb: Token) -> bool:
    """Whether a part can't be one: paper returns *are due*; about one and a half, *times the …*."""
    finite = piece.head.tag_ in {"VBZ", "VBP"} and not has_subject(piece.head)
    early = piece.end <= verb.i and piece.sense is None
    return (piece.head.dep_ == "ccomp" and (early or finite)) or piece.text.startswith("times ")


def _stranded(token: Token) -> bool:
    """Whether a word belongs to the subject behind it: too *high* a flow, *for* cars steam is."""
    lone = token.dep_ == "prep" and not any(token.children)
    return lone or (token.dep_ == "advmod" and token.tag_ in {"JJ", "IN"} and token.lower_ != "so")


def _with_result(verb: Token, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Take `X, so Y` for Y with X as its reason, whichever of the two the parse put first."""
    before = next((p for p in pieces if p.head.dep_ == "ccomp" and p.end <= verb.i), None)
    if before is None:
        return pieces
    between = verb.doc[before.end : min(before.end + 3, verb.i)]
    if not any(token.lower_ == "so" for token in between):
        return pieces
    rest = tuple(piece for piece in pieces if piece is not before)
    reason = Piece(
        role="clause", head=before.head, start=before.start, end=before.end, sense="reason"
    )
    return (reason, *rest)


def _parted(verb: Token) -> Iterator[Token]:
    """Yield the verbs under a verb that head other clauses of the sentence."""
    for child in verb.children:
        between = verb.doc[min(child.i, verb.i) : max(child.i, verb.i)]
        apart = child.dep_ in {"ccomp", "parataxis"} and any(t.text in ";:" for t in between)
        if child.pos_ in {"VERB", "AUX"} and (child.dep_ == "conj" or apart):
            yield child


def _pieces(verb: Token, joined: set[int]) -> tuple[tuple[Piece, ...], bool]:
    found: list[Piece] = []
    sound = not _shares_its_object(verb)
    for child in _hanging(verb):
        if child.i in joined or child.dep_ in SUBJECTS | _SILENT:
            continue
        if child.dep_ == "dep" and child.lower_ == "so":
            continue
        sense, span = sense_of(child), _span_of(child, joined)
        role = "adjunct" if child.dep_ == "agent" and sense else _ROLES.get(child.dep_)
        if role == "adverb" and child.i == verb.i + 1 and child.lower_ in _PARTICLES:
            role = "particle"
        if role == "object" and [t.text for t in child.subtree] == ["a", "lot"]:
            role = "adverb"  # it has changed a lot
        if role is None or span is None or _unlike(child):
            sound = False
            continue
        found.append(Piece(role=role, head=child, start=span[0], end=span[1], sense=sense))
    return tuple(sorted(found, key=lambda piece: piece.start)), sound


def _shares_its_object(verb: Token) -> bool:
    """Whether what it does something to hangs on the verb after it: exploring or exploiting it."""
    after = (c for c in verb.children if c.dep_ == "conj" and c.i == verb.i + 2)
    return any(t.dep_ == "dobj" for child in after for t in child.children)


def _hanging(verb: Token) -> Iterator[Token]:
    """Yield what hangs on a verb; what ends two joined verbs is told of the latter alone."""
    parts = frozenset({"advcl", "prep"})
    later = [
        c for c in verb.children if c.dep_ == "conj" and c.pos_ == "VERB" and not has_subject(c)
    ]
    for child in verb.children:
        if child.dep_ not in parts or not any(verb.i < c.i < child.i for c in later):
            yield child
    if verb.dep_ == "conj" and not has_subject(verb):
        yield from (c for c in verb.head.children if c.dep_ in parts and c.i > verb.i)


def _unlike(child: Token) -> bool:
    """Whether two parts that say different things are read as one: in 2019 *and by ½ %*."""
    joined = (c for c in child.children if c.dep_ == "conj" and c.tag_ == "IN")
    return child.tag_ == "IN" and any(c.lower_ != child.lower_ for c in joined)


def _span_of(token: Token, joined: set[int]) -> tuple[int, int] | None:
    """Return where a token with all that hangs on it stands; None if other words come between."""
    inside = sorted(t.i for t in token.subtree if t.i not in joined)
    while inside and token.doc[inside[-1]].text in {",", ";", ":", ".", "—", "–"}:
        inside.pop()
    while inside and token.doc[inside[0]].text in {",", ";", ":"}:
        inside.pop(0)
    if not inside:
        return None
    last = token.doc[inside[-1]]
    if not last.whitespace_ and last.i + 1 < len(token.doc) and not last.nbor().is_punct:
        return None  # half of a path or a formula
    gaps = [i for i in range(inside[0], inside[-1]) if i not in set(inside)]
    if any(not token.doc[i].is_punct for i in gaps):
        return None
    return inside[0], inside[-1] + 1


def bare(text: str) -> str:
    """Return a phrase without brackets and what stands in them."""
    return re.sub(r"(?:^|\s+)\([^()]*\)(?!\w)", "", text).strip()
