"""The questions a snippet affords: every kind its clauses can honestly answer, well put.

Precision over recall: what can't be put in plain grammar isn't asked. A candidate never knows its
answer's wording, only the statement it was read off.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from colloquia.language.facts import Fact, find_facts
from colloquia.language.figures.dates import MONTHS
from colloquia.language.inflection import lemmas
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import Tokens, noun_phrase_end
from colloquia.language.tagging import tag
from colloquia.language.words import words
from colloquia.offline.choice import pick
from colloquia.offline.questions.candidate import Candidate, candidate_of
from colloquia.offline.questions.figures import counted_noun
from colloquia.offline.questions.fragments import events, fragments
from colloquia.offline.questions.kinds import questions_on
from colloquia.offline.reading.comparisons import comparisons
from colloquia.offline.reading.soundness import MAX_QUESTION_WORDS as _LONGEST
from colloquia.offline.reading.soundness import keeps_ranges, sound, unclear
from colloquia.offline.reading.study import Statement, Study, study

_FEW = 4  # with fewer questions than this, a dialogue of three exchanges may not come about
_LONG_SENTENCE_CHARS = 600
_LOOSE_STARTS = word_set("other such many several few various own same more most much")


# What a name behind one of these does is to place something else.
_GOVERNED = re.compile(
    r"\b(?:in|at|on|of|to|into|near|off|across|around|from|outside|over|between|and)"
    r" (?:the )?(?:[a-z-]+ )?$"
)
# Ways to ask what is said of a name: the last resort where a sentence's grammar isn't certain.
_ABOUT = (
    ("What can you tell me about {name}?", "what there is to tell about {name}"),
    ("What about {name}?", "what is said about {name}"),
    ("How does {name} come into it?", "how {name} comes into it"),
    ("What do we learn about {name}?", "what we learn about {name}"),
)
_ABOUT_MANY = (
    *(_ABOUT[0], _ABOUT[1], _ABOUT[3]),
    ("How do {name} come into it?", "how {name} come into it"),
)


@lru_cache(maxsize=512)
def candidates(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return every sound answerable question, in the snippet's order, no two alike."""
    read = study(text, title)
    found: dict[str, Candidate] = {}
    for candidate in (*_of_claims(read), *fragments(read)):
        if not keeps_ranges(candidate.question, text):
            continue
        if sound(candidate.question, limit=40 if candidate.kind == "comparison" else _LONGEST):
            found.setdefault(candidate.aim.lower(), candidate)
    for candidate in (*_counts(read, found), *_dated(read, found)):
        if sound(candidate.question):
            found.setdefault(candidate.aim.lower(), candidate)
    for candidate in _general(read, found):
        found.setdefault(candidate.aim.lower(), candidate)
    return tuple(found.values())


def _general(read: Study, found: Mapping[str, Candidate]) -> Iterator[Candidate]:
    """Ask about names and subjects; the vaguer ones only while too few questions were found."""
    yield from _about_names(read, passing=False)
    if len(found) < _FEW:
        yield from _about_names(read, passing=True)
    if len(found) < _FEW:
        yield from _last_resort(read)


def _of_claims(read: Study) -> Iterator[Candidate]:
    for statement in read.claims:
        yield from questions_on(statement)
    for phrased, index in comparisons(read):
        yield candidate_of("comparison", phrased, read.statements[index])


def _dated(read: Study, found: Mapping[str, Candidate]) -> Iterator[Candidate]:
    """Ask what happened in a year, of sentences that gave no other question."""
    asked = {candidate.statement for candidate in found.values()}
    return (event for event in events(read) if event.statement not in asked)


def _counts(read: Study, found: Mapping[str, Candidate]) -> Iterator[Candidate]:
    """Ask how many of a thing there are, of sentences that say so and gave no such question."""
    asked = {candidate.statement for candidate in found.values() if candidate.kind == "how_many"}
    for statement in read.statements:
        sentence = statement.sentence.text
        if statement.index in asked or len(sentence) > _LONG_SENTENCE_CHARS:
            continue
        if not re.match(r"(?:In .{3,40}, )?[Tt]here (?:are|were)\b", sentence):
            continue
        numbers = (token for token in tag(sentence) if token.tag == "CD")
        counted = next(filter(None, (counted_noun(sentence[n.start :]) for n in numbers)), None)
        if counted and _plainly_counted(counted, sentence) and sound(f"how many {counted}"):
            tense = "are" if " are " in sentence[:60] else "were"
            yield Candidate(
                kind="how_many", question=f"How many {counted} {tense} there?",
                aim=f"how many {counted} there {tense}", statement=statement.index,
            )  # fmt: skip


def _plainly_counted(counted: str, sentence: str) -> bool:
    """Whether a counted noun says what it is without the words behind it."""
    behind = sentence[sentence.find(counted) + len(counted) :]
    goes_on = re.match(r"\s*(?:and|or|of|that|who|which|to|per)\b|\s+[a-z]+s\b", behind)
    return not unclear(counted) and len(words(counted)) <= 3 and goes_on is None


def _about_names(read: Study, *, passing: bool) -> Iterator[Candidate]:
    """Ask what the passage says of a name or subject: sensible on any text at all.

    Of names that only say where or whose, in `passing`, little is learnt.
    """
    seen: set[str] = set()
    topic = read.topic.lower().removeprefix("the ").rstrip("s")
    for statement in read.statements:
        for name in _names_in(statement, passing=passing):
            key = name.lower().removeprefix("the ")
            if key in seen or key in topic or topic in key:
                continue
            seen.add(key)
            yield _about(name, statement)


def _about(name: str, statement: Statement) -> Candidate:
    last = tag(name)[-1].tag
    many = statement.clause is not None and name == statement.subject and statement.clause.plural
    many = many or (
        " of " not in name
        and (last == "NNS" or (last == "NNPS" and (" " not in name or name[:4] == "the ")))
    )
    direct, indirect = pick(_ABOUT_MANY if many else _ABOUT, seed=0, about=name)
    return Candidate(
        kind="what", question=direct.format(name=name), aim=indirect.format(name=name),
        statement=statement.index, subject=name, general=True,
    )  # fmt: skip


def _names_in(statement: Statement, *, passing: bool) -> Iterator[str]:
    sentence = statement.sentence.text
    if statement.subject and not statement.resolved and len(words(statement.subject)) <= 7:
        yield statement.subject
    for fact in find_facts(sentence):
        if (
            fact.kind == "name"
            and not _qualifies(sentence, fact)
            and (passing or not _in_passing(sentence, fact))
            and 3 < len(fact.text) < 60
            and sound(f"what about {fact.text}")
        ):
            before = sentence[: fact.start].rstrip().lower()
            yield f"the {fact.text}" if before.endswith(" the") or before == "the" else fact.text
    if statement.subject is None:
        yield from _long_nouns(sentence)


def _in_passing(sentence: str, fact: Fact) -> bool:
    """Whether a name only says where, when or whose something is: the first book in Europe."""
    aside = sentence[fact.end : fact.end + 4].startswith((", a ", ", an", ", th", ", wh"))
    governed = _GOVERNED.search(sentence, 0, fact.start) is not None
    return fact.text in MONTHS or (governed and not aside)


def _qualifies(sentence: str, fact: Fact) -> bool:
    """Whether a one-word name only qualifies the noun after it: Polish theatre."""
    following = re.match(r"\s+([a-z]{3,})", sentence[fact.end :])
    return (
        " " not in fact.text
        and following is not None
        and (not {"NOUN", "ADJ"}.isdisjoint(lemmas(following.group(1))))
    )


def _long_nouns(sentence: str, *, least: int = 2) -> Iterator[str]:
    """Yield plain noun phrases of at least so many words, with "the" where the text has it."""
    tokens = tag(sentence[:400])
    index = 0
    while index < len(tokens):
        end = noun_phrase_end(tokens, index)
        start = index
        while start < end and tokens[start].tag in {"DT", "CD", "PRP$", "PDT"}:
            start += 1
        piece = tokens[start:end]
        definite = start == index + 1 and tokens[index].lower == "the"
        if least <= len(piece) <= 4 and _stands_alone(piece, definite=definite or least == 1):
            phrase = sentence[piece[0].start : piece[-1].end][:80]
            if len(phrase) > 2 and not unclear(phrase) and not re.search(r"[_()=\\]", phrase):
                yield f"the {phrase}" if definite else phrase
        index = max(end, index + 1)


def _stands_alone(piece: Tokens, *, definite: bool) -> bool:
    """Whether a noun phrase can be named out of its sentence: in the plural, or with "the"."""
    plain = all(token.tag.startswith(("NN", "JJ")) for token in piece)
    named = definite or piece[-1].tag != "NN"
    return plain and named and piece[0].lower not in _LOOSE_STARTS


def _last_resort(read: Study) -> Iterator[Candidate]:
    """Where nothing else can be asked, ask about any noun: lists, headings, other languages."""
    for statement in read.statements[:12]:
        for noun in _long_nouns(statement.sentence.text, least=1):
            yield _about(noun, statement)
