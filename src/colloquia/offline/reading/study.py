"""A snippet as every role reads it: its statements, each with its clauses and in words of its own.

A statement is a sentence, or a part of one that stands by itself: what a semicolon or a joined
main clause sets apart. Worked out once per snippet; long texts are studied up to a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import lemmas
from colloquia.language.reading.parsing import parse_all
from colloquia.language.reading.sentences import Sentence, split_sentences
from colloquia.offline.reading.clauses import DISCOURSE, SUBJECTS, Clause, bare, clauses_of
from colloquia.offline.reading.people import is_person, is_person_noun, pronoun_of
from colloquia.offline.reading.topics import Topic, topic_of

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

MAX_SENTENCES = 60  # about two pages; what comes later is neither asked about nor searched
MAX_SENTENCE_CHARS = 600  # longer ones are lists or broken text

#: Words that point at something said before.
POINTING = word_set(
    "it they he she this these those such its their his her them him itself themselves one "
    "ones former latter same other others another both either neither each rest we our us i my "
    "you your here there so then thus"
)
_UNNAMED = word_set(
    "a an the many most some several other few "
    "individual early late later modern various certain more two "
    "three new recent"
)
_PERSONAL = frozenset({"it", "they", "he", "she", "its", "their", "his"})
_DEMONSTRATIVES = frozenset({"this", "these", "those", "that", "such"})
_LEANING = re.compile(
    r"(?:\w+ ){0,2}?(?:this|these|those|such|the (?:latter|former|same|rest|two|other))\b"
    r"|(?:it|they|he|she|both|neither|either|one(?! of)|others?|second|third)\b"
    r"|(?:another|each|some) (?:of|is|are|was|were|had|have|has|\w+ed)\b",
    re.I,
)
_OF_UNNAMED = re.compile(
    r"(?:if|when|where|once|unless|before|after|until|while|because|since) "
    r"(?:it|they|he|she|this|these|those|that|both)\b", re.I,
)  # fmt: skip
_FOOTNOTE = r"\s?\[(?:\d{1,3}|citation needed|note \d+)\]"
# What ties a sentence to others, taken out of one that is to stand alone; its figures stay.
_INNER_TIES = re.compile(
    r",? (?:by contrast|for example|for instance|in particular|in turn|in addition|therefore|"
    r"however|moreover|furthermore|consequently|similarly|likewise|in contrast),(?= )"
    r"|(?<!not)(?<!but) (?:also|therefore|thus|hence|then)(?= (?!called|known|named))"
    rf"|{_FOOTNOTE}", re.I,
)  # fmt: skip
_MARKS = re.compile(_FOOTNOTE, re.I)
_OPENING_TIES = re.compile(
    r"(?:For (?:example|instance)|In (?:particular|turn|contrast)|By contrast|In addition|"
    r"As a result|At (?:the same|this|that) (?:time|point|moment)|On the other hand|"
    r"In (?:this|that) (?:case|way)), "
)
_POINTS_BACK = re.compile(
    r"\bthere[.,;]|^(?:If|When|Where)[^,]* still\b|"
    r"\b(?:at|from|since|by|in) (?:that|this) (?:moment|time|point|way|case|year|period)\b|"
    r"\bthe (?:first|second|third)(?=[,.;])|\bthe two\b(?! \w+s\b)|"
    r"\bthe (?:latter|former)\b|\baforementioned\b|^Otherwise\b", re.I,
)  # fmt: skip
_TIES = re.compile(r"(?:and|but|so|or|nor|yet)\b[ ,]*", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that the snippet says: `quote == text[start:end]`."""

    index: int
    sentence: int
    """Which sentence it stands in."""
    quote: str
    start: int
    end: int
    clauses: tuple[Clause, ...]
    said: str
    """The same, able to stand alone: a sentence with its subject named, from capital to stop."""
    subject: str
    """Its subject as it stands inside a sentence, named; nothing where there is none."""
    person: bool
    """Whether the subject is a person or people."""
    plural: bool
    pronoun: str
    """What may stand for the subject; nothing where that isn't sure."""
    loose: bool
    """Whether it can't be understood without what comes before it."""

    @property
    def main(self) -> Clause | None:
        """Its first clause."""
        return self.clauses[0] if self.clauses else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Everything read off one snippet."""

    text: str
    title: str | None
    topic: Topic
    statements: tuple[Statement, ...]


@lru_cache(maxsize=256)
def study(text: str, title: str | None) -> Study:
    """Study a snippet."""
    sentences = split_sentences(text[: MAX_SENTENCES * MAX_SENTENCE_CHARS])[:MAX_SENTENCES]
    if not sentences:  # blank text is still a text one may be asked about
        sentences = (Sentence(text=text.strip() or text, start=0, end=len(text)),)
    docs = parse_all([sentence.text[:MAX_SENTENCE_CHARS] for sentence in sentences])
    found: list[Statement] = []
    for number, (sentence, doc) in enumerate(zip(sentences, docs, strict=True)):
        for clauses, start, end, opening in _parts(doc):
            part = _Part(
                sentence=sentence, number=number, clauses=clauses, start=start, end=end,
                opening=opening,
            )  # fmt: skip
            found.append(_statement(part, found, text))
    return Study(text=text, title=title, topic=topic_of(text, title), statements=tuple(found))


def mid_sentence(phrase: str, first: Token, text: str) -> str:
    """Return a phrase with the case its first word has inside a sentence."""
    word = first.text
    if first.i or not word[:1].isupper() or (len(word) > 1 and not word[1:].islower()):
        return phrase
    unknown = first.tag_ == "NNP" and not lemmas(word.lower())
    before = r"\w,?|[;(]" if unknown else r"\b[a-z]+,?|[;(]"
    if re.search(rf"(?:{before}) {re.escape(word)}\b(?! [A-Z])", text) and word not in {"A", "The"}:
        return phrase
    lowered = phrase[:1].lower() + phrase[1:]
    if first.pos_ in {"DET", "ADP", "PRON", "ADV", "SCONJ"} or word.lower() in _UNNAMED:
        return lowered
    titled = re.match(rf"{re.escape(word)},? (?:and |of |the )*[A-Z][a-z]", phrase)
    seen = re.search(rf"\b{re.escape(word.lower())}\b", text)
    named = first.ent_type_ in {"PERSON", "GPE", "LOC", "NORP", "FAC"}
    made = re.search(r"(?:ness|ity|tion|ism|ment|ing|ic|ium|osis)$", word)
    proper = first.tag_ in {"NNP", "NNPS"} and (named or not (made or lemmas(word.lower())))
    return phrase if titled or (not seen and (proper or first.ent_type_ == "NORP")) else lowered


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    sentence: Sentence
    number: int
    clauses: tuple[Clause, ...]
    start: int
    """Characters within the sentence."""
    end: int
    opening: str
    """What opens the sentence, of another part, and holds for this one as well."""


def _parts(doc: Doc) -> Iterator[tuple[tuple[Clause, ...], int, int, str]]:
    """Part a sentence where a clause with its own subject begins, unless it points back.

    Yields the clauses of a part, its characters, and what opens the sentence and holds for it too.
    What follows a `but` limits what stands before it: that part runs on to the end of it.
    """
    clauses = clauses_of(doc)
    own = (_own_start(clause, doc) for clause in clauses[1:])
    apart = {first for first in own if first is not None and not _hangs_over(doc, first)}
    starts = sorted({0, *apart, *_read_apart(doc, clauses)})
    ends = [*starts[1:], len(doc)]
    for number, (first, until) in enumerate(zip(starts, ends, strict=True)):
        more = takewhile(lambda end: end < len(doc) and _limits(doc, end), ends[number:])
        stop = ends[number + len([*more])]
        begin = doc[first].idx
        end = doc[stop - 1].idx + len(doc[stop - 1])
        text = doc.text[begin:end].rstrip()
        cut = re.sub(r"[\s,;:—–]*(?:\b(?:and|but|or|nor|yet))?[\s,;:—–]*$", "", text)
        whole = stop == len(doc)
        shared = _opening(clauses[0]) if first and doc[first - 1].lower_ == "and" else ""
        within = tuple(clause for clause in clauses if first <= clause.verb.i < until)
        yield within, begin, begin + len(text if whole else cut), shared


def _read_apart(doc: Doc, clauses: tuple[Clause, ...]) -> Iterator[int]:
    """Yield where a semicolon sets apart what the parse has no clause for, but a finite verb."""
    marks = [token.i for token in doc if token.text == ";"]
    for mark, end in pairwise([*marks, len(doc)]):
        told = any(t.dep_ in SUBJECTS and t.tag_ not in {"WP", "WDT"} for t in doc[mark:end])
        finite = told and any(t.tag_ in {"VBZ", "VBP", "MD"} for t in doc[mark:end])
        if finite and not any(mark < clause.verb.i < end for clause in clauses):
            yield mark + 1


def _limits(doc: Doc, first: int) -> bool:
    near = {token.lower_ for token in doc[first - 1 : first + 3]}
    return not near.isdisjoint({"but", "yet", "however", "otherwise"})


def _opening(clause: Clause) -> str:
    """Return the adjuncts before a clause's subject or order."""
    first = (clause.subject or (clause.verb.i,))[0]
    begin = min(
        (p.start for p in clause.pieces if p.start < first and p.role == "adjunct"), default=first
    )
    return str(clause.doc[begin:first].text)


def _own_start(clause: Clause, doc: Doc) -> int | None:
    """Return the first token of a clause that can be set apart, or None."""
    first = next((t.i for t in doc[clause.start : clause.end] if not t.is_punct), clause.start)
    before = doc[first - 1] if first else None
    if not clause.sound or before is None:
        return None
    if before.lower_ in {"and", "but"} and first > 1:
        apart = doc[first - 2].text in {",", ";"}
        own = clause.subject is not None and clause.subject[0] >= first
        return first if apart and own else None
    return first if before.text == ";" else None


def _hangs_over(doc: Doc, first: int) -> bool:
    """Whether a later part needs what is before it: if A, then B, and C; a D is E, and the F …."""
    if doc[first - 1].text == ";" or doc[first - 2].text == ";":
        return False
    begin = next(t for t in doc if not t.is_punct)
    one = begin.lower_ in {"a", "an", "any", "each", "every"} and doc[first].lower_ == "the"
    depends = any(t.dep_ == "mark" or t.tag_ == "WRB" for t in doc[:first])
    return one or depends or doc[first].lower_ in POINTING


def _statement(part: _Part, before: list[Statement], text: str) -> Statement:
    sentence = part.sentence
    quote = sentence.text[part.start : part.end]
    main = part.clauses[0] if part.clauses else None
    subject, loose, words = _named(main, before, text)
    body = _without_ties(_OPENING_TIES.sub("", quote), main)
    if words is not None and main is not None and main.subject is not None:
        own = main.doc[slice(*main.subject)]
        at = own.start_char - part.start - (len(quote) - len(body))
        there = at >= 0 and body[at : at + len(own.text)] == own.text
        body = body[:at] + words + body[at + len(own.text) :] if there else body
        loose = loose or not there
    person = main is not None and is_person(main.subject_head, main, words)
    plural = main.plural if main else False
    return Statement(
        index=len(before),
        sentence=part.number,
        quote=quote,
        start=sentence.start + part.start,
        end=sentence.start + part.end,
        clauses=part.clauses,
        said=finish(capital(f"{part.opening} {_untied(body)}".strip())),
        subject=subject,
        person=person,
        plural=plural,
        pronoun=pronoun_of(person, plural, text) if subject else "",
        loose=loose or _leans(body) or _POINTS_BACK.search(quote) is not None,
    )


def _untied(body: str) -> str:
    """Take out what ties a sentence to others, as far as its own clauses don't need it."""
    held = re.search(r"\b(?:if|unless|when|while|whereas|because|that|which|who|and|but)\b", body)
    end = held.start() if held else len(body)
    return _INNER_TIES.sub("", body[:end]) + _MARKS.sub("", body[end:])


def subject_under(verb: Token) -> Token | None:
    """Return the subject of a verb that has one of its own, the word that heads it."""
    return next((c for c in verb.children if c.dep_ in {"nsubj", "nsubjpass"}), None)


def phrase_of(noun: Token, text: str) -> str:
    """Return a noun with all that hangs on it, as it stands inside a sentence."""
    span = noun.doc[noun.left_edge.i : noun.right_edge.i + 1]
    return bare(mid_sentence(span.text, span[0], text))


def _leans(said: str) -> bool:
    """Whether it opens by pointing back: Such …, In these …, The latter …, If it …."""
    return (_LEANING.match(said) or _OF_UNNAMED.match(said)) is not None


def _named(main: Clause | None, before: list[Statement], text: str) -> tuple[str, bool, str | None]:
    """Return the subject with its name, whether that failed, and the words to put in its place."""
    if main is None or main.subject is None:
        return "", False, None
    own = main.doc[slice(*main.subject)]
    head, first = own.root, own[0].lower_
    if head.tag_ == "PRP" or (len(own) == 1 and head.lower_ in _DEMONSTRATIVES | {"both"}):
        parted = before and before[-1].main and before[-1].main.doc is main.doc
        named = any(_may_be(head, token) for token in main.doc[: own.start])
        if named and head.tag_ == "PRP" and not parted:
            return own.text, False, None
        told = {c.dep_ for c in main.verb.rights} & {"ccomp", "csubj"}
        empty = head.dep_ == "expl" or (head.lower_ == "it" and bool(told))
        if head.lower_ == "it" and empty:
            return own.text, False, None  # It was found that …
        found = _antecedent(head, before) if main.sound and not empty else None
        return (found, False, found) if found else (own.text, True, None)
    if own[0].tag_ == "PRP$":
        owner = _antecedent(own[0], before)
        if owner is None or len(owner.split()) > 4:
            return own.text, True, None
        mark = "'" if owner.endswith("s") else "'s"
        name = f"{owner}{mark} {own[1:].text}"
        return name, False, name
    if first in {"this", "these", "those", "such"}:
        found = _spoken_of(head, before)
        return (found, False, found) if found else (own.text, True, None)
    return bare(mid_sentence(own.text, own[0], text)), False, None


def _may_be(pronoun: Token, noun: Token) -> bool:
    """Whether a noun of the same sentence may be what a pronoun stands for."""
    if pronoun.lower_ in {"he", "she"}:
        return noun.ent_type_ == "PERSON" or is_person_noun(noun.lemma_)
    return noun.pos_ in {"NOUN", "PROPN"}


def _antecedent(pronoun: Token, before: list[Statement]) -> str | None:
    """Return the subject that a pronoun stands for, where person and number leave no doubt."""
    last = before[-1] if before else None
    if last is not None and last.clauses and last.clauses[-1].orders:
        return _handled(pronoun, last.clauses[-1])
    if last is None or last.main is None or not last.subject or pronoun.lower_ not in _PERSONAL:
        return None
    if set(last.subject.lower().split()) & POINTING or len(last.subject.split()) > 9:
        return None
    number = pronoun.lower_ in {"they", "their"}
    person = pronoun.lower_ in {"he", "she", "his"}
    named = last.main.subject_head
    somebody = last.person or (
        person
        and named is not None
        and named.tag_ == "NNP"
        and named.ent_type_ in {"PERSON", "", "ORG"}
    )
    fits = last.plural == number and (number or somebody == person)
    return last.subject if fits else None


def _handled(pronoun: Token, order: Clause) -> str | None:
    """Return what an order of the same sentence speaks of: wipe the teeth; they need not …."""
    thing = order.first("object") if order.doc is pronoun.doc else None
    many = pronoun.lower_ == "they"
    alike = thing is not None and (thing.head.tag_ == "NNS") == many
    return bare(thing.text) if thing and alike and pronoun.lower_ in {"it", "they"} else None


def _spoken_of(head: Token, before: list[Statement]) -> str | None:
    """Return the last phrase with this noun, made definite: these cells, the cells of the pulp."""
    docs = [clause.doc for statement in reversed(before[-2:]) for clause in statement.clauses[:1]]
    for token in (token for doc in docs for token in doc):
        same = token.lemma_.lower() == head.lemma_.lower() and token.tag_[2:3] == head.tag_[2:3]
        if not same or token.pos_ not in {"NOUN", "PROPN"} or token.dep_ == "compound":
            continue
        inner = [t.i for t in token.subtree if t.dep_ != "punct"]
        phrase = bare(token.doc[min(inner) : max(inner) + 1].text)
        words = re.sub(r"^(?:an?|the|its|their|this|these|such)\s+", "", phrase, flags=re.I)
        named = 1 < len(words.split()) < 9 and "," not in words
        if named and not set(words.lower().split()) & POINTING:
            return words if re.search(r"^\S+['’]s ", words) else f"the {words}"
    return None


def _without_ties(quote: str, main: Clause | None) -> str:
    """Drop what only ties a sentence to the one before: However, / Then / First, ."""
    tie = _TIES.match(quote)
    body = quote[tie.end() :] if tie else quote
    found = re.match(r"([A-Za-z]+),?\s+", body)
    if found and found.group(1).lower() in DISCOURSE and main is not None:
        rest = body[found.end() :]
        tied = next((t for t in main.doc if t.text == found.group(1)), None)
        if tied is not None and tied.dep_ == "advmod" and ("," in found.group() or main.orders):
            return rest
    return body


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def finish(text: str) -> str:
    """Return the text with a full stop at its end, if it has no end mark."""
    cut = text.rstrip(" ,;:—–")
    return cut if re.search(r"[.!?…][\"'”’)\]]*$", cut) else cut + "."
