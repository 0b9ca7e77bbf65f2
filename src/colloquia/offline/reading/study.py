"""A snippet as every role reads it: its sentences, what each one says of whom, and its topic.

Worked out once per snippet and cached; long texts are studied up to a bound, so time stays bounded.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from colloquia.language.clauses import Clause, clauses
from colloquia.language.inflection import lemmas
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import head_noun
from colloquia.language.sentences import Sentence, split_sentences
from colloquia.language.tagging import Token, tag
from colloquia.language.words import words
from colloquia.offline.reading.people import (
    PERSON_PASSIVES,
    THING_WORDS,
    is_animate_verb,
    is_person_noun,
)
from colloquia.offline.reading.topics import topic_of

Pronoun = Literal["it", "they", "he", "she"]

MAX_SENTENCES = 60  # about two pages; what comes later is neither asked about nor searched
MAX_SENTENCE_CHARS = 1200  # longer ones are lists or broken text

_UNCLEAR_STARTS = word_set(
    "this these that those such another other others both either neither each all some many "
    "most one it they he she we you i there here what which its their his her our my former "
    "latter same none several few any two three half much more someone anyone"
)
_UNCLEAR_HEADS = word_set("one ones former latter others other same this these example reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One clause of the snippet, its subject made plain."""

    index: int
    """Which sentence it stands in."""
    sentence: Sentence
    clause: Clause | None
    """None where the sentence's structure is uncertain."""
    subject: str | None
    """The subject in the case it has mid-sentence, pronouns resolved; None where it is unclear."""
    pronoun: Pronoun = "it"
    person: bool | None = None
    """Whether the subject is a person or people; None where that can't be told."""
    resolved: bool = False
    """Whether the subject stands for a pronoun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Everything read off one snippet."""

    text: str
    title: str | None
    topic: str
    statements: tuple[Statement, ...]
    """One for each sentence: what its main clause says."""
    claims: tuple[Statement, ...]
    """One for each clause, in order; several may stand in one sentence."""

    def claims_of(self, index: int) -> tuple[Statement, ...]:
        """Return the claims of one sentence."""
        return tuple(claim for claim in self.claims if claim.index == index)


@lru_cache(maxsize=512)
def study(text: str, title: str | None) -> Study:
    """Study a snippet."""
    bound = MAX_SENTENCES * MAX_SENTENCE_CHARS
    sentences = split_sentences(text[:bound])[:MAX_SENTENCES]
    if not sentences:  # blank text is still a text one may be asked about
        sentences = (Sentence(text=text[:MAX_SENTENCE_CHARS], start=0, end=len(text[:bound])),)
    statements: list[Statement] = []
    claims: list[Statement] = []
    for index, sentence in enumerate(sentences):
        found = _claims(index, sentence, text, claims)
        statements.append(found[0])
        claims.extend(found)
    return Study(
        text=text, title=title,
        topic=topic_of(text, title, [one.subject for one in statements if one.subject]),
        statements=tuple(statements), claims=tuple(claims),
    )  # fmt: skip


def mid_sentence(phrase: str, tokens: tuple[Token, ...], text: str) -> str:
    """Return a phrase with the case its first word has inside a sentence."""
    first = tokens[0]
    word = first.text
    if (len(word) > 1 and word.isupper()) or not word[:1].isupper():
        return phrase
    if first.tag in {"DT", "IN", "PRP$", "PRP", "CD", "EX", "PDT"}:
        return phrase[:1].lower() + phrase[1:]
    if len(tokens) > 1 and first.tag in {"NN", "NNP"} and tokens[1].tag in {"NNP", "POS"}:
        return phrase  # Lake Baikal, Newton's laws
    if re.search(rf"\b{re.escape(word.lower())}\b", text[:5000]):
        return phrase[:1].lower() + phrase[1:]
    if re.search(rf"[a-z,;] {re.escape(word)}\b", text[:5000]):
        return phrase
    if (
        re.search(r"(?:ed|ial|al|ive|ous|ary)$", word)
        and len(tokens) > 1
        and tokens[1].text.islower()
    ):
        return phrase[:1].lower() + phrase[1:]  # an adjective by its ending: Jawed vertebrates
    if first.tag in {"NNP", "NNPS"} or not lemmas(word.lower()):
        return phrase
    if len(tokens) > 1 and tokens[1].tag in {"NNP", "NNPS"} and first.tag not in {"JJ", "VBN"}:
        return phrase
    return phrase[:1].lower() + phrase[1:]


def _claims(index: int, sentence: Sentence, text: str, before: list[Statement]) -> list[Statement]:
    read = clauses(sentence.text) if len(sentence.text) <= MAX_SENTENCE_CHARS else ()
    if not read:
        return [Statement(index=index, sentence=sentence, clause=None, subject=None)]
    found: list[Statement] = []
    for clause in read:
        found.append(_claim(index, sentence, clause, text, [*before[-1:], *found]))
    people = {claim.subject for claim in found if claim.person and claim.subject}
    nearby = text[sentence.start : sentence.end + 400]
    return [_as_person(claim, nearby) if claim.subject in people else claim for claim in found]


def _as_person(claim: Statement, nearby: str) -> Statement:
    """Take for a person whom another clause of the same sentence calls one."""
    if claim.person or claim.resolved or claim.clause is None:
        return claim
    return replace(claim, person=True, pronoun=_pronoun(claim.clause, True, nearby))


def _claim(
    index: int, sentence: Sentence, clause: Clause, text: str, before: list[Statement]
) -> Statement:
    tokens = clause.subject_tokens
    if len(tokens) == 1 and tokens[0].tag == "PRP":
        return _resolve(index, sentence, clause, before)
    if tokens[0].tag == "PRP$" and (owned := _owned(clause, before)) is not None:
        return replace(owned, index=index, sentence=sentence)
    if not _plain_subject(clause):
        return Statement(index=index, sentence=sentence, clause=clause, subject=None)
    person = _is_person(clause, text, sentence.end)
    return Statement(
        index=index, sentence=sentence, clause=clause,
        subject=mid_sentence(clause.subject, tokens, text),
        pronoun=_pronoun(clause, person, text[sentence.start : sentence.end + 400]), person=person,
    )  # fmt: skip


def _plain_subject(clause: Clause) -> bool:
    tokens = clause.subject_tokens
    some = len(tokens) > 1 and clause.plural and tokens[0].lower in {"some", "many", "most", "all"}
    if len(tokens) > 12 or (tokens[0].lower in _UNCLEAR_STARTS and not some):
        return False
    if any(token.tag in {"PRP", "PRP$", "WP", "WDT", "EX"} for token in tokens):
        return False
    if any(token.lower in {"this", "these", "such", "those"} for token in tokens):
        return False
    if not any(token.tag.startswith("NN") for token in tokens):
        return False
    if head_noun(tokens).lower in _UNCLEAR_HEADS:
        return False
    return clause.subject.count('"') % 2 == 0 and "(" not in clause.subject


def _resolve(index: int, sentence: Sentence, clause: Clause, before: list[Statement]) -> Statement:
    """Give a pronoun the subject of the sentence before, where number and kind agree."""
    unclear = Statement(index=index, sentence=sentence, clause=clause, subject=None)
    if not before or before[-1].subject is None or before[-1].clause is None:
        return unclear
    last, plural = before[-1], before[-1].clause.plural
    fits: dict[Pronoun, bool] = {
        "it": not plural and last.person is not True,
        "they": plural,
        "he": not plural and last.person is not False,
        "she": not plural and last.person is not False,
    }
    word = clause.subject_tokens[0].lower
    pronoun = next((name for name, fit in fits.items() if name == word and fit), None)
    if pronoun is None:
        return unclear
    return Statement(
        index=index, sentence=sentence, clause=clause, subject=last.subject, pronoun=pronoun,
        person=True if pronoun in {"he", "she"} else last.person, resolved=True,
    )  # fmt: skip


def _owned(clause: Clause, before: list[Statement]) -> Statement | None:
    """Read `Their style` after `The Normans …` as `the Normans' style`."""
    last = before[-1] if before else None
    if last is None or last.subject is None or last.clause is None or len(words(last.subject)) > 3:
        return None
    fits = {"their": last.clause.plural, "its": not last.clause.plural and not last.person}
    owner, rest = clause.subject_tokens[0], clause.subject_tokens[1:]
    if not fits.get(owner.lower) or not rest or any(token.tag.startswith("PRP") for token in rest):
        return None
    possessive = last.subject + ("'" if last.subject.endswith("s") else "'s")
    return Statement(
        index=0, sentence=last.sentence, clause=clause, pronoun="they" if clause.plural else "it",
        subject=f"{possessive}{clause.subject[len(owner.text) :]}", person=False, resolved=True,
    )  # fmt: skip


def _is_person(clause: Clause, text: str, end: int) -> bool | None:
    tokens = clause.subject_tokens
    head = head_noun(tokens)
    if is_person_noun(head.lower):
        return True
    if head.tag in {"NN", "NNS"}:
        return False
    if _called_a_person(clause):
        return True
    animate = is_animate_verb(clause.lemma)
    if any(token.lower in THING_WORDS for token in tokens):
        return False
    if head.tag == "NNPS" or head.lower.endswith(("ans", "ots", "ards", "ines", "ians")):
        return True if animate else None
    if clause.passive and clause.lemma in PERSON_PASSIVES and head.tag == "NNP":
        return True
    if tokens[0].tag == "DT" and head.lower.endswith(("ese", "ish", "nch", "tch", "wiss")):
        return True if animate else None  # the Portuguese, the French
    if tokens[0].tag == "DT":
        return None if animate else False  # the Rhine, the Sejm
    if re.match(r"\s*(?:He|She)\b", text[end : end + 12]):
        return True
    names = sum(token.tag == "NNP" for token in tokens)
    return True if names >= 2 and animate else None


def _called_a_person(clause: Clause) -> bool:
    """Whether a clause says of its subject that it is a doctor, a queen …."""
    said = clause.first("object") if clause.copular else None
    return said is not None and is_person_noun(head_noun(tag(said.text)).lower)


def _pronoun(clause: Clause, person: bool | None, nearby: str) -> Pronoun:
    if clause.plural:
        return "they"
    if not person:
        return "it"
    he, she = (
        len(re.findall(r"\b(?:he|his|him)\b", nearby, re.I)),
        len(re.findall(r"\b(?:she|her)\b", nearby, re.I)),
    )
    if he == she:
        return "they"
    return "he" if he > she else "she"
