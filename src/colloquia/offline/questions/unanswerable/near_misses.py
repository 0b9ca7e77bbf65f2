"""Near misses: what a reader of the snippet would ask next, and what it nowhere tells.

Each is made from something that the snippet says, by asking for what such a thing has and this
one is given without: who did it, how long it takes, what happens otherwise. Where a sentence on
the same matter might tell that, in whatever words, the question isn't asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from colloquia.core.hashing import seed_for
from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import capital, content_forms, stem
from colloquia.offline.choice import pick
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    Phrased,
    kept,
    made,
    sound,
    subject_of,
    tidy,
    trimmed,
)
from colloquia.offline.questions.unanswerable.kinds import KINDS, NAMES
from colloquia.offline.questions.unanswerable.plain import odd, plainly, usable
from colloquia.offline.questions.verbs import STATES
from colloquia.offline.questions.wholes import somebody
from colloquia.offline.reading.antecedents import POINTING
from colloquia.offline.reading.clauses import DISCOURSE, Clause, Piece
from colloquia.offline.reading.senses import dated
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import Study, mid_sentence

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_EMPTY = word_set("be have do make take give get use keep become go come set hold show include")
_HAPPENING = word_set("occur begin end arrive collapse die fall disappear decline")
_DESCRIBED = re.compile(
    r"^(?:(?:very|quite|more|less|particularly|especially|relatively|highly) )?[a-z]+"
    r"(?<!able)(?<!ible)(?<!ed)(?<!ing)(?<!due)(?<!same)(?<!known)(?<!part)(?<!true)(?<!one)"
    r"(?: (?:for|in|to|at|among) .*)?$|"
    r"\bthe (?:most \w+|largest|best|worst|busiest|oldest|richest|strongest|dominant|main)\b|"
    r"^(?:important|famous|popular|essential|crucial|difficult|dangerous|expensive|common)\b"
)
_SHORT = 10  # words; what is longer goes without what can be spared
_NUMBER = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b(?!-)")
#: What makes one of several things of which the text says no more.
_SOME = r"(?:some|several|many|numerous|a (?:large |small )?(?:number|group) of) (?:of )?"
#: A bare plural, which nobody has counted: early missionaries.
_PLURAL = re.compile(r"(?!an? |the |its |their |no |all |many |most )(?:[a-z-]+ ){0,2}[a-z]+s")


def near_misses(studied: Study) -> Iterator[Candidate]:
    """Yield the near misses of a snippet, in the order of its statements."""
    heard = _heard(studied)
    for statement in studied.statements:
        for clause in statement.clauses:
            if usable(statement, clause):
                open_ = _Open(statement=_the(statement), clause=clause, heard=heard)
                yield from (*_of_clause(open_), *_of_some(open_))
        if statement.main is not None:
            yield from _of_things(studied, statement, statement.main, heard)


def _the(statement: Statement) -> Statement:
    """Name a thing that was brought in by `a` as one that is known by then: the citadel."""
    past = statement.main is not None and statement.main.past
    known = re.sub(r"^an? ", "the ", statement.subject) if past else statement.subject
    return replace(statement, subject=known)


def _heard(studied: Study) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the snippet's sentences in order, with the stems of each."""
    told: dict[int, str] = {}
    for statement in studied.statements:
        told[statement.sentence] = f"{told.get(statement.sentence, '')} {statement.quote}".strip()
    return tuple((text, _stems(text)) for text in told.values())


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(form) for form in content_forms(text))


@lru_cache(maxsize=16)
def _common(heard: tuple[tuple[str, frozenset[str]], ...]) -> frozenset[str]:
    """Return the stems that more than half of a longer text's sentences have."""
    times = Counter(word for _, words in heard for word in words)
    return frozenset(word for word, count in times.items() if count * 2 > len(heard) > 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A clause in its place, and what may be open about it."""

    statement: Statement
    clause: Clause
    heard: tuple[tuple[str, frozenset[str]], ...]

    def silent(self, told: str, *, kin: bool = True) -> bool:
        """Whether no sentence on the same matter tells it: its own, the next, and its kin."""
        clause, here = self.clause, self.statement.sentence
        said = f"{clause.subject_text} {clause.doc[clause.start : clause.end].text}"
        verb = {stem(clause.verb.lemma_)} - _EMPTY
        own = _stems(said) - _common(self.heard) | verb
        for number, (text, words) in enumerate(self.heard):
            shared = own & words
            opening = text.partition(" ")[0].lower().strip(",")
            near = number == here + 1 and (shared or opening in POINTING | DISCOURSE)
            akin = kin and (shared & verb or len(shared) > 2)
            if (number == here or near or akin) and re.search(told, text, re.I):
                return False
        return True

    def put(self, family: str, wh: str, *dropped: Piece) -> Iterator[Candidate]:
        """Ask it of the clause, without its date: what happened once needs none."""
        clause = self.clause
        dates = [p for p in clause.of("time") if clause.past and dated(p.head)]
        late = [p for p in clause.of_role("adjunct") if p.start > clause.verb.i + 1 and not p.sense]
        if not (clause.first("object") or clause.passive) or _NUMBER.search(clause.doc.text):
            late = []  # no less than what is said there
        for spare in ([], late):
            without = [*dropped, *dates, *spare]
            asked = plainly(self.statement, clause, wh, without)
            if asked and len(asked.direct.split()) <= _SHORT:
                break
        yield from made("near_miss", asked, self.statement, family=family)

    def word(self, family: str, words: str) -> Iterator[Candidate]:
        """Ask it in these words."""
        words = tidy([words])
        if sound(words, "") and len(words.split()) > 3 and not odd(words, self.clause):
            who = subject_of(self.statement, self.clause) or ""
            asked = Phrased(direct=f"{capital(words)}?", indirect=_indirectly(words, who))
            yield from made("near_miss", asked, self.statement, family=family)

    def after(self) -> str:
        """Return what a question repeats of what follows the verb."""
        clause = self.clause
        rest = [p for p in kept(clause) if p.start > clause.verb.i]
        rest = [p for p in rest if not (clause.past and dated(p.head))]
        if len(" ".join(map(trimmed, rest)).split()) > _SHORT // 2 and clause.first("object"):
            rest = [p for p in rest if p.sense or p.role != "adjunct"]
        return " ".join(map(trimmed, rest))


def _of_clause(open_: _Open) -> Iterator[Candidate]:
    """How long is it soaked?, why must it be so?: what the table has for such a clause."""
    clause, shape = open_.clause, _shape(open_)
    for kind in KINDS:
        own = kind.own and re.search(kind.own, clause.doc.text, re.I)
        if own or not kind.of(clause.verb.lemma_, shape) or not open_.silent(kind.told):
            continue
        asked = pick(kind.asked, seed=seed_for(open_.statement.quote), about=kind.family)
        if asked.startswith("= "):
            yield from open_.word(kind.family, asked[2:].format(**_forms(open_)))
        else:
            dropped = clause.of("means") if asked == "how else" else clause.of("reason", "purpose")
            for candidate in open_.put(kind.family, asked, *dropped):
                if "figure" not in kind.needed or _NUMBER.search(candidate.question):
                    yield candidate


def _shape(open_: _Open) -> frozenset[str]:
    """Return what a clause is, in the words of the table."""
    clause, head = open_.clause, open_.clause.subject_head
    finite = (*clause.helpers, clause.verb)[0]
    past = finite.tag_ == "VBD" and (finite.lower_ != finite.lemma_ or not clause.plural)
    object_, attribute = clause.first("object"), clause.first("attribute")
    war = re.search(r"\bWars?\b|Revolution|Crisis", clause.subject_text)
    agent = open_.statement.person or (head is not None and not war and somebody(head, clause))
    numbers = (t for p in clause.pieces for t in clause.doc[p.start : p.end] if t.tag_ == "CD")
    told = trimmed(attribute) if attribute else ""
    vague = [p for p in (clause.subject_text, object_ and trimmed(object_)) if p]
    perfect = any(h.lemma_ == "have" for h in clause.helpers)
    facts = {
        "past": past and not perfect, "present": not past and not perfect,
        "orders": clause.orders, "passive": clause.passive, "negated": clause.negated,
        "active": not clause.orders and not clause.passive, "copular": clause.copular,
        "person": open_.statement.person, "agent": agent,
        "object": object_, "means": clause.of("means"),
        "acted": clause.passive or object_,
        "duty": clause.orders or clause.modal in {"must", "should", "shall"},
        "event": agent or clause.passive or (past and object_) or clause.verb.lemma_ in _HAPPENING,
        "definite": not any(re.match(rf"{_SOME}|many|most|{_PLURAL.pattern}$", p) for p in vague),
        "described": clause.copular and _DESCRIBED.search(told) and open_.silent("first"),
        "maybe": clause.modal in {"may", "might", "could"},
        "can": clause.modal in {"can", "may", "could"},
        "figure": any(t.ent_type_ != "DATE" and t.lower_ != "one" for t in numbers)
        and clause.verb.lemma_ not in STATES - {"be", "last"},
        "conditional": clause.of("condition")
        or re.search(r"\b(?:if|once)\b", clause.doc.text, re.I),
        "aimed": clause.of("reason", "purpose")
        or any(p.head.tag_ == "VB" and p.text.startswith("to ") for p in clause.pieces),
        "detailed": clause.modal or any(p.role == "adjunct" for p in clause.pieces),
        "owned": "'s" in clause.subject_text,
        "once": sum(stem(clause.verb.lemma_) in words for _, words in open_.heard) == 1,
    }  # fmt: skip
    return frozenset(name for name, so in facts.items() if so)


def _forms(open_: _Open) -> dict[str, str]:
    """Return what a whole question is made up of."""
    clause = open_.clause
    lemma, many = clause.verb.lemma_, clause.plural or clause.orders
    no = "" if clause.negated else "n't" if clause.orders else " not"
    if clause.passive:
        undone = f"{'are' if many else 'is'}{no} {clause.verb.lower_}"
    elif no:
        undone = f"{'do' if many else 'does'}{no} {lemma}"
    else:
        undone = lemma if many else inflect(lemma, "VBZ")
    past = any(h.tag_ == "VBD" or h.lemma_ == "have" for h in clause.helpers)
    did = f"{clause.modal} {lemma}" if clause.modal else inflect(lemma, "VBD" if past else "VBZ")
    return {
        "who": subject_of(open_.statement, clause) or "", "after": open_.after(),
        "undone": undone, "did": did,
    }  # fmt: skip


def _of_some(open_: _Open) -> Iterator[Candidate]:
    """How many monks fled?: it says several."""
    clause = open_.clause
    if clause.negated or not clause.past or not open_.silent(NAMES["@NUMBER"]):
        return
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    few = re.fullmatch(rf"{_SOME}([\w' -]+)", span.text, re.I)
    verb = " ".join([*(h.lower_ for h in clause.helpers), clause.verb.lower_, open_.after()])
    if few:
        yield from open_.word("how many of them", f"how many {few[1]} {verb}")
    for piece in clause.of_role("object"):
        few = re.fullmatch(rf"{_SOME}([\w' -]+s)", trimmed(piece))
        if few and piece.start > clause.verb.i and not re.match("other|more|less", few[1]):
            yield from open_.put("how many of them", f"how many {few[1]}", piece)


def _of_things(
    studied: Study, statement: Statement, main: Clause, heard: Sequence[tuple[str, frozenset[str]]]
) -> Iterator[Candidate]:
    """How many people died in the siege?, how long do T cells live?"""
    for name, lemma, head in _named(studied, statement, main):
        many, own = head.tag_[-1] == "S", any(t.pos_ == "PROPN" for t in head.subtree)
        past = main.past and (own or not many)
        owned = own and not many and "'s" not in name
        shape = frozenset({"thing", "own" if owned else "one", name.split()[0]})
        forms = {
            "name": name,
            "does": "did" if past else "do" if many else "does", "did": "did" if past else "does",
            "is": ("were" if many else "was") if past else "are" if many else "is",
        }  # fmt: skip
        for kind in KINDS:
            if kind.of(lemma, shape) and _untold(kind.told, stem(head.lemma_), heard):
                words = tidy([kind.asked[0][2:].format(**forms)])
                aim = _indirectly(words, forms["name"])
                asked = Phrased(direct=f"{capital(words)}?", indirect=aim)
                yield from made("near_miss", asked, statement, family=kind.family)


def _named(studied: Study, statement: Statement, main: Clause) -> Iterator[tuple[str, str, Token]]:
    """Yield the things that a sentence names: their names, their kinds, and the nouns."""
    for chunk in main.doc.noun_chunks:
        name, head = _name_of(chunk, studied, past=main.past), chunk.root
        roles = {"nsubj", "nsubjpass", "dobj", "pobj", "attr"}
        thing = head.dep_ in roles and head.ent_type_ != "PERSON"
        if name and thing and sound(f"is {name} so", ""):
            yield name, head.lemma_.lower(), head
    said, subject = main.first("attribute"), main.subject_head
    name = subject_of(statement, main)
    if main.copular and not main.negated and said and subject and subject.pos_ == "PROPN" and name:
        yield name, said.head.lemma_.lower(), subject  # AUSTPAC was a network


def _name_of(chunk: Span, studied: Study, *, past: bool) -> str | None:
    """Return what a phrase is called, where that by itself says which thing is meant."""
    head = chunk.root
    whole = head.doc[head.left_edge.i : head.right_edge.i + 1]
    span = whole if len(whole) < 8 and not re.search(r"[,;:(\"“]", whole.text) else chunk
    first, name = span[0], mid_sentence(span.text, span[0], studied.text)
    if past and len(span) > 2:  # a royal army invaded the town: the royal army
        name = re.sub(r"^an? ", "the ", name)
    plural = head.tag_ == "NNS" and first.pos_ in {"NOUN", "ADJ", "PROPN"}
    fits = (name[:4] == "the " and (len(span) > 2 or head.tag_ == "NN")) or plural
    fits = fits or first.pos_ == "PROPN"
    odd_words = POINTING | word_set("a an first most next other and or new many some few several")
    pointing = {*name.lower().split()} & odd_words or any(t.like_num for t in span)
    verbs = any(t.pos_ in {"VERB", "AUX"} and t.dep_ not in {"amod", "compound"} for t in span)
    alone = len(span) == 1 or (len(span) == 2 and first.lower_ == "the")
    return None if not fits or pointing or verbs or alone or len(span) > 7 else name


def _untold(told: str, word: str, heard: Sequence[tuple[str, frozenset[str]]]) -> bool:
    """Whether no sentence that speaks of the thing, nor the one after it, tells that."""
    speaks = [word in words for _, words in heard]
    after = [False, *speaks[:-1]]
    return not any(
        (here or near) and re.search(told, text, re.I)
        for (text, _), here, near in zip(heard, speaks, after, strict=True)
    )


def _indirectly(words: str, who: str) -> str:
    """Put a question's words as they stand inside a sentence: how long the siege lasted."""
    if words.endswith(" are there"):
        return f"{words.removesuffix(' are there')} there are"
    finites = "do|does|did|is|are|was|were|has|have"
    found = re.fullmatch(rf"(.+?) ({finites}) {re.escape(who)}\b(.*)", words)
    if not who or found is None:
        return words
    wh, finite, rest = found.groups()
    tags = {"does": "VBZ", "did": "VBD", "do": "VBP"}
    if finite not in tags:
        return f"{wh} {who} {finite}{rest}"
    verb, _, after = rest.strip().partition(" ")
    return tidy([wh, who, verb if finite == "do" else inflect(verb, tags[finite]), after])
