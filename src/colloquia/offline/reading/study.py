"""A snippet as every role reads it: its statements, each with its clauses and in words of its own.

A statement is a sentence, or a part of one that stands by itself: what a semicolon or a joined
main clause sets apart. Worked out once per snippet; long texts are studied up to a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import lemmas
from colloquia.language.reading.parsing import parse_all
from colloquia.language.reading.sentences import Sentence, split_sentences, within_quotations
from colloquia.language.reading.words import capital, finish, lowered
from colloquia.offline.reading.antecedents import POINTING, antecedent
from colloquia.offline.reading.clauses import DISCOURSE, Clause, bare, soundly_read
from colloquia.offline.reading.parts import DEMONSTRATIVES, Part, parts
from colloquia.offline.reading.people import is_person, may_be, pronoun_of
from colloquia.offline.reading.rereading import reread
from colloquia.offline.reading.senses import PLACES
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.topics import READ, Topic, parsed_for_topic, topic_of

if TYPE_CHECKING:
    from spacy.tokens import Token

MAX_SENTENCES = 60  # about two pages; what comes later is neither asked about nor searched
MAX_SENTENCE_CHARS = 600  # longer ones are lists or broken text

_UNNAMED = word_set(
    "a an the many most some several other few individual early late later modern various certain "
    "more two three new recent"
)
_SMALL = frozenset({"DET", "ADP", "PRON", "ADV", "SCONJ"})
# Such …, In these …, The latter …, If it …
_LEANING = re.compile(
    r"(?:\w+ ){0,2}?(?:this|these|those|such|the (?:latter|former|same|rest|two|other))\b"
    r"|(?:it|they|he|she|both|neither|either|one(?! of|-)|others?|second|third)\b"
    r"|(?:(?:an?|one|other|further) )?examples?\b(?! of\b)"
    r"|the \w+ (?:does|do)(?: not|n['’]t) (?:apply|hold)\b|(?:an? |the )?exceptions? (?:is|are)\b"
    r"|(?:another|each|some) (?:of|is|are|was|were|had|have|has|\w+ed)\b"
    r"|(?:if|when|where|once|unless|before|after|until|while|because|since) "
    r"(?:it|they|he|she|this|these|those|that)\b",
    re.I,
)
_SUPPOSING = re.compile(r"\b(?:if|when|unless|in case)\b[^.!?]*\?\W*$", re.I)  # and its answer
_PAGES = r"(?<=[.!?\]]):\d+(?:[–:-]\d+)*\.?"  # of a source: They left.:93 The king …
_HEARD = r" \((?:[^()]|\( ?listen\))*\( ?listen\)[^()]*\)"  # how a name is said: ( listen)
_FOOTNOTE = rf"(?:\s?\[(?:\d{{1,3}}|[a-z ]*citation[a-z ]*|update|note \d+)\]|{_PAGES}|{_HEARD})"
# What ties a sentence to others, taken out of one that is to stand alone; its figures stay.
_INNER_TIES = re.compile(
    r",? (?:by contrast|for example|for instance|in particular|in turn|in addition|therefore|"
    r"however|moreover|furthermore|consequently|similarly|likewise|in contrast),(?= )"
    r"|(?<!not)(?<!but)(?<!see) (?:also|therefore|thus|hence|then)(?= (?!called|known|named))"
    rf"|{_FOOTNOTE}", re.I,
)  # fmt: skip
_MARKS = re.compile(_FOOTNOTE, re.I)
_OPENING_TIES = re.compile(
    r"(?:That is|For (?:example|instance)|In (?:particular|turn|contrast)|By contrast|In addition|"
    r"As a result|At (?:the same|this|that) (?:time|point|moment)|On the other hand|"
    r"In (?:this|that) (?:case|way)), "
)
_POINTS_BACK = re.compile(
    r"\bthere[.,;]|\b(?:beyond|above|below) (?:that|this|it)\b|"
    r"\b(?:at|from|since|by|in) (?:that|this) (?:moment|time|point|way|case|year|period)\b|"
    r"\bthe (?:first|second|third)(?=[,.;])|\bthe two\b(?! \w+s\b)|"
    r"\b(?:until|since|before|by|from) then\b|\b(?:mentioned|described|see) (?:above|below)\b|"
    r"\bthe (?:latter|former)\b|\baforementioned\b|^Otherwise\b", re.I,
)  # fmt: skip
_ASIDE = re.compile(  # hard on the parser: a rule (R), also known as the law, holds
    r"(?<=\S)\s+\((?:[^()]|\([^()]*\))*\)(?!\w)"
    r"|, (?:also|often|sometimes|then|formerly) (?:called|known as|named) [^,.;]+,"
)
_NOTICING = word_set("note notice recall remember observe see consider compare")
_THINKING = word_set("realize realise believe think write argue discover invent determine explain")
_TIES = re.compile(r"(?:and|but|so|or|nor|yet)\b[ ,]*", re.I)


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
    sentences = _sentences(text)
    plain = [_plain(sentence) for sentence in sentences]
    docs = reread(parse_all([words for words, _ in plain]), soundly_read)
    found: list[Statement] = []
    read = zip(sentences, docs, plain, within_quotations(sentences), strict=True)
    for number, (sentence, doc, (_, at), quoted) in enumerate(read):
        for part in parts(doc):
            placed = _Placed(part=part, sentence=sentence, number=number, at=at, quoted=quoted)
            found.append(_statement(placed, found, text))
    return Study(text=text, title=title, topic=topic_of(text, title), statements=tuple(found))


def read_ahead(snippets: Iterable[tuple[str, str | None]]) -> None:
    """Parse what studies of several snippets, each a text with its title, will want: as a batch."""
    told = [*snippets]
    sentences = [sentence for text, _ in told for sentence in _sentences(text)]
    parse_all([*(_plain(s)[0] for s in sentences), *(s.text for s in sentences if s.end < READ)])
    parse_all((form for snippet in told for form in parsed_for_topic(*snippet)), entities=False)


def _sentences(text: str) -> tuple[Sentence, ...]:
    """Return as many sentences as are studied; blank text is one, which one may be asked about."""
    sentences = split_sentences(text[: MAX_SENTENCES * MAX_SENTENCE_CHARS])[:MAX_SENTENCES]
    return sentences or (Sentence(text=text.strip() or text, start=0, end=len(text)),)


def _plain(sentence: Sentence) -> tuple[str, list[int]]:
    """Return a sentence without its brackets, and where each of the characters left stood."""
    told = sentence.text[:MAX_SENTENCE_CHARS]
    kept, at = "", 0
    places: list[int] = []
    for aside in [*_ASIDE.finditer(told), None]:
        until = aside.start() if aside else len(told)
        kept += told[at:until]
        places += range(at, until)
        at = aside.end() if aside else until
    return kept, [*places, len(told)]


def mid_sentence(phrase: str, first: Token, text: str) -> str:
    """Return a phrase with the case its first word has inside a sentence."""
    word = first.text
    if first.i or not word[:1].isupper() or (len(word) > 1 and not word[1:].islower()):
        return phrase
    unknown = not lemmas(word.lower())
    before = r"\w,?|[;(]" if unknown else r"\b[a-z]+,?|[;(]"
    if re.search(rf"(?:{before}) {re.escape(word)}\b(?! [A-Z])", text) and word not in {"A", "The"}:
        return phrase
    name = {first.tag_, first.head.tag_} == {"NNP"}  # New Rochelle
    if first.pos_ in _SMALL or (word.lower() in _UNNAMED and not name):
        return lowered(phrase)
    titled = re.match(rf"{re.escape(word)},? (?:and |of |the )*[A-Z][a-z]", phrase)
    seen = re.search(rf"\b{re.escape(word.lower())}\b", text)
    told_of = first.ent_type_ == "PERSON" and any(t.tag_ == "VBD" for t in first.doc)
    named = told_of or (first.ent_type_ in {*PLACES, "NORP"} and first.head.tag_ != "VBP")
    made = re.search(r"(?:ness|ity|tion|ism|ment|ing|ic|ium|osis)$", word)
    proper = first.tag_ in {"NNP", "NNPS"} and (named or not (made or lemmas(word.lower())))
    kept = titled or (not seen and (proper or first.ent_type_ == "NORP"))
    return phrase if kept else lowered(phrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    part: Part
    sentence: Sentence
    number: int
    at: list[int]
    """Where the characters of the doc stand within the sentence."""
    quoted: bool
    """Whether a quotation that it has a part of goes on before or after it."""


def _statement(placed: _Placed, before: list[Statement], text: str) -> Statement:
    sentence, at = placed.sentence, placed.at
    start, end = at[placed.part.start], at[placed.part.end]
    quote = sentence.text[start:end]
    asks = quote.rstrip("\"”’')").endswith("?")  # a question, which states nothing
    first = next(iter(placed.part.clauses), None)
    aside = first is not None and first.orders and first.verb.lemma_ in _NOTICING
    clauses = () if asks or aside or placed.quoted else placed.part.clauses
    main = clauses[0] if clauses else None
    subject, loose, words = _named(main, before, text)
    loose = loose or bool(before and _SUPPOSING.search(before[-1].quote))
    body = _without_ties(_OPENING_TIES.sub("", quote), main)
    if words is not None and main is not None and main.subject is not None:
        own = main.doc[slice(*main.subject)]
        shift = start + len(quote) - len(body)
        begin, until = at[own.start_char] - shift, at[own.end_char - 1] + 1 - shift
        there = begin >= 0 and body[begin:].startswith(own[0].text)
        body = body[:begin] + words + body[until:] if there else body
        loose = loose or not there
    head, part = (main.subject_head if main else None), placed.part
    pointed = words if head and head.pos_ == "PRON" else None
    person = main is not None and is_person(head, main, pointed)
    plural = main.plural if main else False
    away = main and before and any(_points_away(token, part) for token in main.doc)
    return Statement(
        index=len(before),
        sentence=placed.number,
        quote=quote,
        start=sentence.start + start,
        end=sentence.start + end,
        clauses=clauses,
        said=finish(capital(f"{placed.part.opening} {_untied(body)}".strip())),
        subject=subject,
        person=person,
        plural=plural,
        pronoun=pronoun_of(person, plural, text) if subject and not _minds(main) else "",
        loose=loose
        or asks
        or placed.quoted
        or _LEANING.match(body) is not None
        or away
        or (bool(before) and bool(_POINTS_BACK.search(quote))),
    )


def _minds(main: Clause | None) -> bool:
    """Whether what is no known person does what only people do: Newton realized that."""
    head = main.subject_head if main else None
    if main is None or head is None or head.pos_ != "PROPN" or head.ent_type_ == "PERSON":
        return False
    unknown = not (head.ent_type_ or any(c.dep_ == "det" for c in head.children))
    return main.verb.lemma_ in _THINKING or unknown


def _points_away(token: Token, part: Part) -> bool:
    """Whether a word points at what nothing before it in its part names: an acid lowers *it*."""
    if not part.start <= token.idx < part.end:
        return False
    before = (t for t in token.doc[: token.i] if t.idx >= part.start and t.tag_[:2] == "NN")
    if token.lemma_ == "do" and re.match(r",|\.$|;", token.doc[token.i + 1 :].text):
        return token.nbor(-1).dep_ == "cc"  # it rewrites the table and *does*
    if token.dep_ == "det" and token.lower_ in {"this", "these", "such"}:
        return token.i > 0 and all(t.lemma_ != token.head.lemma_ for t in before)
    if token.tag_ == "DT" and token.dep_ == "dobj":
        return token.lower_ in DEMONSTRATIVES  # only trained persons may do *this*
    if token.dep_ not in {"dobj", "pobj"} or token.lower_ not in {"it", "them", "him", "her"}:
        return False
    many, own = token.lower_ == "them", {*(subject_under(token.head) or token).subtree}
    return all(t in own or (t.tag_[-1] == "S" or t.dep_ == "conj") != many for t in before)


def _untied(body: str) -> str:
    """Take out what ties a sentence to others, as far as its own clauses don't need it."""
    held = re.search(r"\b(?:if|unless|when|while|whereas|because|that|which|who|and|but)\b", body)
    end = held.start() if held else len(body)
    return _INNER_TIES.sub("", body[:end]) + without_marks(body[end:])


def subject_under(verb: Token) -> Token | None:
    """Return the subject of a verb that has one of its own, the word that heads it."""
    return next((c for c in verb.children if c.dep_ in {"nsubj", "nsubjpass"}), None)


def phrase_of(noun: Token, text: str) -> str:
    """Return a noun with all that hangs on it, as it stands inside a sentence."""
    span = noun.doc[noun.left_edge.i : noun.right_edge.i + 1]
    return bare(mid_sentence(span.text, span[0], text))


def _named(main: Clause | None, before: list[Statement], text: str) -> tuple[str, bool, str | None]:
    """Return the subject with its name, whether that failed, and the words to put in its place."""
    if main is None or main.subject is None:
        return "", False, None
    own = main.doc[slice(*main.subject)]
    head, first = own.root, own[0].lower_
    if head.tag_ == "PRP" or (len(own) == 1 and head.lower_ in DEMONSTRATIVES | {"both"}):
        parted = before and before[-1].main and before[-1].main.doc is main.doc
        named = any(may_be(head, token) for token in main.doc[: own.start])
        if named and head.tag_ == "PRP" and not parted:
            return own.text, False, None
        told = {c.dep_ for c in main.verb.rights} & {"ccomp", "csubj"}
        empty = head.dep_ == "expl" or (head.lower_ == "it" and bool(told))
        if head.lower_ == "it" and empty:
            return own.text, False, None  # It was found that …
        found = antecedent(head, before) if main.sound and not empty else None
        return (found, False, found) if found else (own.text, True, None)
    if own[0].tag_ == "PRP$":
        owner = antecedent(own[0], before)
        if owner is None or len(owner.split()) > 4:
            return own.text, True, None
        mark = "'" if owner.endswith("s") else "'s"
        thing, long = own[1:].text, len(owner.split()) > 2
        name = f"the {thing} of {owner}" if long else f"{owner}{mark} {thing}"
        return name, False, name
    if first in {"this", "these", "those", "such"}:
        itself = any(c.dep_ == "prep" for c in head.children) and first != "such"
        found = f"the {own[1:].text}" if itself else _spoken_of(head, before)
        return (found, False, found) if found else (own.text, True, None)
    if len(own) == 2 and first == "the" and head.pos_ == "PROPN":
        full = re.search(
            rf"\b[Tt]he ((?:[A-Z][\w-]+ )*{re.escape(head.text)}(?: of [A-Z][\w-]+)?)", text
        )
        if full and full[1] != head.text:
            return f"the {full[1]}", False, f"the {full[1]}"
    return bare(mid_sentence(own.text, own[0], text)), False, None


def _spoken_of(head: Token, before: list[Statement]) -> str | None:
    """Return the last phrase with this noun, made definite: these cells, the cells of the pulp."""
    docs = [clause.doc for statement in reversed(before[-2:]) for clause in statement.clauses[:1]]
    told = {c.lower_ for c in head.children if c.dep_ in {"amod", "compound"}}  # improved, of which
    for token in (token for doc in docs for token in doc):
        same = token.lemma_.lower() == head.lemma_.lower() and token.tag_[2:3] == head.tag_[2:3]
        if not same or token.pos_ not in {"NOUN", "PROPN"} or token.dep_ == "compound":
            continue
        phrase = phrase_of(token, token.doc.text).strip(" ,;:.")
        words = re.sub(r"^(?:an?|the|its|their|this|these|such)\s+", "", phrase, flags=re.I)
        found = {*words.lower().split()}
        named = 1 < len(words.split()) < 9 and "," not in words and told <= found
        named = named and token.dep_ != "conj"  # of several, all may be meant
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


def without_marks(text: str) -> str:
    """Return the text without the marks of its footnotes."""
    return _MARKS.sub("", text)
