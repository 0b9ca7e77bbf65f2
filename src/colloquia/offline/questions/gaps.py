"""Near misses: what a reader of the snippet would ask next, and what it nowhere tells.

Each is made from something that the snippet says, by asking for what such a thing has and this
one is given without: who did it, how long it takes, what happens otherwise. Where a sentence on
the same matter might tell that, in whatever words, the question isn't asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from colloquia.core.hashing import seed_for
from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import stem
from colloquia.offline.choice import pick
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    Phrased,
    made,
    sound,
    subject_of,
    tidy,
    trimmed,
)
from colloquia.offline.questions.telling import Telling, heard, indirectly, simply, usable
from colloquia.offline.questions.wanted import KINDS, STATES, WANTED
from colloquia.offline.reading.clauses import Piece
from colloquia.offline.reading.study import POINTING, Statement, Study, capital, mid_sentence

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_SHAPES = {
    "usually": word_set("usually normally typically generally commonly ordinarily"),
    "often": word_set("often frequently sometimes occasionally rarely repeatedly regularly"),
    "fast": word_set("rapidly quickly slowly gradually"),
    "partly": word_set(
        "mostly mainly largely partly primarily partially chiefly considerably widely strongly "
        "significantly greatly substantially heavily predominantly extensively"
    ),
}
_NUMBER = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b(?!-)")
_LISTS = r"such as|particular|includ|\blike\b|namely|example|: |%|per ?cent|[a-z], [\w ]+, "
_QUANTITIES = {
    "which": word_set("some several certain various"),
    "how many": word_set("many numerous hundreds thousands dozens"),
    "what share of": word_set("most much"),
}
_DEALT = word_set(
    "send build erect receive establish produce publish create employ attract manufacture sell "
    "recruit found open operate own kill capture execute train teach host win buy purchase award "
    "issue comprise house contain have maintain offer lose donate write compose deploy admit"
)
_DESCRIBED = re.compile(
    r"^(?:(?:very|quite|more|less|particularly|especially|relatively|highly) )?[a-z]+"
    r"(?<!able)(?<!ible)(?<!ed)(?<!ing)(?<!due)(?<!same)(?<!known)(?<!part)(?<!true)(?<!one)$|"
    r"\bthe (?:most \w+|largest|best|worst|busiest|oldest|richest|strongest|dominant|main)\b|"
    r"^(?:important|famous|popular|essential|crucial|difficult|dangerous|expensive|common)\b"
)
_HAPPENING = word_set("occur begin end arrive come lead collapse die fall become")
_MASS = word_set(
    "energy heat water steam power money land income fuel oxygen light damage electricity moisture "
    "gas air oil coal gold silver wealth territory time space bandwidth memory salt sugar milk"
)
#: A bare plural, which nobody has counted: early missionaries.
_PLURAL = re.compile(r"(?!an? |the |its |their |no |all )(?:[a-z-]+ ){0,2}[a-z]+s")
_BEST = re.compile(
    r"the (?:first |(?=most |\w+est |best ))(?!\w+ (?:of|at|in|to) )((?:[\w'-]+ ){2,8}[\w'-]+)"
)


def gaps(studied: Study) -> Iterator[Candidate]:
    """Yield the near misses of a snippet, in the order of its statements."""
    held = heard(studied)
    for statement in studied.statements:
        for clause in statement.clauses:
            if usable(statement, clause):
                said = Telling(studied=studied, statement=statement, clause=clause, held=held)
                for family in (_wanted, _quantities, _compared):
                    yield from family(said)
        if not statement.loose:
            yield from _of_its_kind(studied, statement, held)


def _of_its_kind(
    studied: Study, statement: Statement, held: dict[str, frozenset[str]]
) -> Iterator[Candidate]:
    """How many people died in the siege?, how long do T cells live?"""
    topic = studied.topic.name.lower()
    main = statement.main
    for chunk in main.doc.noun_chunks if main else ():
        name, head = _name_of(chunk, studied), chunk.root
        if head.dep_ not in {"nsubj", "nsubjpass", "dobj", "pobj"}:
            continue
        if name is None or not sound(f"what is {name}", "") or name.lower() == topic:
            continue
        many, own = head.tag_[-1] == "S", any(t.pos_ == "PROPN" for t in chunk)
        past = statement.main is not None and statement.main.past and (own or not many)
        did = "did" if past else "do" if many else "does"
        be = ("were" if many else "was") if past else "are" if many else "is"
        for kind in KINDS:
            apt = head.lemma_.lower() in kind.nouns and _untold(kind.told, head, held)
            if (
                apt
                and not (many and re.search("[!?]", kind.asked))
                and (own or "!" not in kind.asked)
            ):
                asked = re.sub("[!?]", "", kind.asked)
                one = name.removeprefix("the ") if "many {name}" in asked else name
                words = tidy([asked.format(name=one, does=did, did=did, **{"is": be})])
                phrased = Phrased(direct=f"{capital(words)}?", indirect=indirectly(words, one))
                yield from made("near_miss", phrased, statement, family=asked)


def _name_of(chunk: Span, studied: Study) -> str | None:
    """Return what a phrase is called, where that by itself says which thing is meant."""
    head = chunk.root
    whole = head.doc[head.left_edge.i : head.right_edge.i + 1]
    short = len(whole) < 8 and not re.search(r"[,;:(\"“]", whole.text)
    span = whole if short else chunk
    first, name = span[0], mid_sentence(span.text, span[0], studied.text)
    named = any(t.pos_ == "PROPN" for t in span)
    bare_plural = head.tag_ == "NNS" and first.pos_ in {"NOUN", "ADJ", "PROPN"}
    which = first.lower_ == "the" and (len(span) > 2 or head.tag_ == "NN")
    fits = which or bare_plural or (named and first.pos_ == "PROPN")
    odd_words = POINTING | {"a", "an", "first", "most", "next", "other", "and", "or", "new"}
    pointing = {t.lower_ for t in span} & odd_words or any(t.like_num for t in span)
    verbs = any(t.pos_ in {"VERB", "AUX"} and t.dep_ not in {"amod", "compound"} for t in span)
    alone = len(span) == 1 or (len(span) == 2 and first.lower_ == "the")
    return None if not fits or pointing or verbs or alone or len(span) > 7 else name


def _untold(told: str, head: Token, held: dict[str, frozenset[str]]) -> bool:
    """Whether no sentence that speaks of the thing, nor the one after it, tells that."""
    word, near = stem(head.lemma_.lower()), False
    for text, words in held.items():
        here = word in words
        if (here or near) and re.search(told, text, re.I):
            return False
        near = here
    return True


def _wanted(said: Telling) -> Iterator[Candidate]:
    """How long is it soaked?, why must it be so?: what the table has for such a clause."""
    clause, shape = said.clause, _shape(said)
    for row in WANTED:
        if not row.of(clause.verb.lemma_) or not row.needed <= shape or row.barred & shape:
            continue
        if row.family == "amount of change" and clause.first("adverb"):
            continue  # By how much does it expand rapidly?
        own = row.own and re.search(row.own, clause.doc.text, re.I)
        if own or not said.silent(row.told):
            continue
        asked = pick(row.asked, seed=seed_for(said.statement.quote), about=row.family)
        if asked.startswith("="):
            yield from said.worded(row.family, asked[1:].format(**_forms(said)))
            continue
        wh, _, tail = asked.partition(" … ")
        dropped = clause.of("means") if wh == "how else" else clause.of("reason", "purpose")
        negated = True if tail == "not" else None
        tail = "" if negated else tail
        phrased = simply(said.statement, clause, wh, *dropped, tail=tail, negated=negated)
        direct = phrased.direct if phrased else ""
        if row.family != "reason of a figure" or _NUMBER.search(direct):
            yield from said.asked(row.family, phrased)


def _shape(said: Telling) -> set[str]:
    """Return what a clause is, in the words of the table."""
    clause, head = said.clause, said.clause.subject_head
    finite = (*clause.helpers, clause.verb)[0]
    past = finite.tag_ == "VBD" and (finite.lower_ != finite.lemma_ or not clause.plural)
    object_ = clause.first("object")
    named = head is not None and head.pos_ == "PROPN" and head.ent_type_ != "EVENT"
    war = head is not None and re.search(r"\bWars?\b|Revolution|Crisis", clause.subject_text)
    agent = said.statement.person or (named and not war)
    numbers = (t for p in clause.pieces for t in clause.doc[p.start : p.end] if t.tag_ == "CD")
    lemma, attribute = clause.verb.lemma_, clause.first("attribute")
    told = trimmed(attribute) if attribute else ""
    duty = clause.orders or clause.modal in {"must", "should", "shall"}
    adverbs = {trimmed(p).lower() for p in clause.pieces if p.role == "adverb"}
    perfect = any(h.lemma_ == "have" for h in clause.helpers)
    facts = {
        "past": past and not perfect, "present": not past and not perfect, "perfect": perfect,
        "orders": clause.orders, "passive": clause.passive, "negated": clause.negated,
        "active": not clause.orders and not clause.passive, "copular": clause.copular,
        "person": said.statement.person, "plural": clause.plural, "agent": agent,
        "object": object_, "means": clause.of("means"), "duty": duty,
        "place": object_ is not None and trimmed(object_) == "place",
        "done": agent or clause.passive,
        "event": agent or clause.passive or (past and object_) or lemma in _HAPPENING,
        "described": _DESCRIBED.search(told) if clause.copular and said.silent("first") else None,
        "maybe": clause.modal in {"may", "might", "could"},
        "can": clause.modal in {"can", "may", "could"},
        "figure": any(t.ent_type_ != "DATE" and t.lower_ != "one" for t in numbers)
        and clause.verb.lemma_ not in STATES - {"be", "take", "offer", "last"},
        "conditional": clause.of("condition")
        or re.search(r"\b(?:if|once)\b", clause.doc.text, re.I),
        "aimed": clause.of("reason", "purpose")
        or any(p.head.tag_ == "VB" and p.text.startswith("to ") for p in clause.pieces),
        "detailed": clause.modal or any(p.role == "adjunct" for p in clause.pieces),
        **{name: adverbs & words for name, words in _SHAPES.items()},
    }  # fmt: skip
    return {name for name, so in facts.items() if so}


def _forms(said: Telling) -> dict[str, str]:
    """Return what a whole question is made up of."""
    clause = said.clause
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
        "who": subject_of(said.statement, clause) or "", "after": said.after(), "undone": undone,
        "did": did, "base": lemma, "are": "are" if many else "is", "be": clause.verb.lower_,
        "done": inflect(lemma, "VBN"), "has": "have" if many else "has",
    }  # fmt: skip


def _quantities(said: Telling) -> Iterator[Candidate]:
    """Which systems prefer that?, how many, how much, what share?: it says some, many or most."""
    clause, later = said.clause, said.studied.statements[said.statement.index + 1 :]
    listed = r"(?:One|The first|Another|Among|Examples?|These|In|Some|Most)\b"
    follows = bool(later) and re.match(listed, later[0].quote)
    if clause.negated or follows or not said.silent(_LISTS, kin=False):
        return
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    people = said.statement.person or span.root.ent_type_ == "NORP"
    wh = _asking(said, span.text, some=people and clause.past)
    emphatic = any(h.lemma_ == "do" for h in clause.helpers)
    if wh and not emphatic and span.root.tag_ in {"NNS", "NNPS"} and said.after():
        verb = " ".join([*(h.lower_ for h in clause.helpers), clause.verb.lower_])
        yield from said.worded(_family(wh), f"{wh} {verb} {said.after()}")
    for piece in clause.pieces:
        words, plural = trimmed(piece), piece.head.tag_ == "NNS"
        few = re.fullmatch(
            r"(in|from|to|for|by|with|at) (?:various|several|certain|numerous|some) ([\w' -]+s)",
            words,
        )
        if few and piece.start > clause.verb.i and piece.sense != "duration":
            asked = simply(said.statement, clause, f"{few[1]} which {few[2]}", piece)
            yield from said.asked("which of them", asked)
        if piece.role != "object" or piece.start < clause.verb.i:
            continue
        wh = _asking(said, words)
        if wh and (plural or wh.startswith("what")):
            yield from said.asked(_family(wh), simply(said.statement, clause, wh, piece))
        elif counted := _uncounted(said, piece, words):
            yield from said.asked("count", simply(said.statement, clause, counted, piece))


def _uncounted(said: Telling, piece: Piece, words: str) -> str | None:
    """Return what asks for the number or the amount of things told of without."""
    lemma, told = said.clause.verb.lemma_, any(t.tag_ == "CD" for t in piece.head.subtree)
    whole = _PLURAL.fullmatch(words) and " and " not in words and not told
    if whole and piece.head.tag_ == "NNS" and lemma in _DEALT and said.silent(r"\d"):
        return f"how many {words}"
    mass = re.fullmatch(r"(?:some |much )?((?:[a-z-]+ )?([a-z]+))", words)
    if mass and mass[2] in _MASS and not told and said.silent(r"\d|amount"):
        return f"how much {mass[1]}"
    return None


def _family(wh: str) -> str:
    return next(
        f"{asked.removesuffix(' of')} of them" for asked in _QUANTITIES if wh.startswith(asked)
    )


def _asking(said: Telling, phrase: str, *, some: bool = False) -> str | None:
    """Return what asks for more than `several …` tells."""
    first, _, rest = phrase.partition(" ")
    rest = rest.removeprefix("of ")
    if some and first == first.capitalize() and said.silent(r"\d"):  # Norman mercenaries
        few = first.lower() in _QUANTITIES["which"]
        apt = len(phrase.split()) < 5 and first != "The"
        return f"how many {rest if few else phrase}" if apt else None
    if not rest or len(rest.split()) > 6 or re.match(r"other|more|less|most", rest):
        return None
    wh = next((wh for wh, words in _QUANTITIES.items() if first.lower() in words), None)
    return None if wh is None or (wh != "which" and not said.silent(r"\d")) else f"{wh} {rest}"


def _compared(said: Telling) -> Iterator[Candidate]:
    """How much more does it absorb?; what is the second largest?"""
    for piece in said.clause.pieces:
        if not said.clause.negated and piece.start > said.clause.verb.i:
            yield from _difference(said, piece)
            yield from _next_best(said, piece)


def _difference(said: Telling, piece: Piece) -> Iterator[Candidate]:
    words, than, other = trimmed(piece).partition(" than ")
    grown = piece.head.tag_ == "JJR" or any(t.lower_ == "more" for t in piece.head.children)
    told = r"\d|half|twice|double|times|per ?cent|slight"
    if than and grown and not re.search(r"rather|other|much", words) and said.silent(told):
        wh = f"how {'many' if piece.head.tag_ == 'NNS' else 'much'} {words}"
        asked = simply(said.statement, said.clause, wh, piece, tail=f"than {other}")
        yield from said.asked("difference", asked)


def _next_best(said: Telling, piece: Piece) -> Iterator[Candidate]:
    clause, best = said.clause, _BEST.fullmatch(trimmed(piece))
    if not best or not clause.copular or clause.helpers or piece.head.tag_ != "NN":
        return
    if said.silent(r"second|next|follow|after|third"):
        who = "who" if said.statement.person else "what"
        be = "was" if clause.verb.tag_ == "VBD" else "is"
        yield from said.worded("next best", f"{who} {be} the second {best.group(1)}")
