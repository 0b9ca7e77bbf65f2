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
from colloquia.language.tagging import Token
from colloquia.language.words import forms, words

Pronoun = Literal["it", "they", "he", "she"]

NO_TOPIC = "this passage"
MAX_SENTENCES = 60  # about two pages; what comes later is neither asked about nor searched
MAX_SENTENCE_CHARS = 1200  # longer ones are lists or broken text

_PERSON_NOUNS = word_set(
    "man woman men women people person king queen emperor duke prince princess pope bishop "
    "scientist scientists engineer engineers physicist chemist mathematician philosopher "
    "philosophers author authors writer writers poet artist architect historian historians "
    "scholar scholars researcher researchers settlers settler refugees inhabitants citizens "
    "colonists leader leaders politician general soldiers students student teachers teacher "
    "president minister inventor explorer merchants monk monks nobles lords lord count "
    "knights farmers workers doctors pharmacists theologian reformer reformers adventurers "
    "warriors conqueror conquerors economists economist biologist astronomer sailor captain "
    "children residents members exiles lawyer musician composer singer actor actress director "
    "painter diplomat judge surgeon nurse doctor miller blacksmith minister mayor governor "
    "senator chancellor critics critic designer pioneer founder minister pastor priest "
    "missionary nobleman noblewoman mercenary mercenaries raiders pirates traders descendants "
    "clergy peasants slaves authorities professor professors pupils mathematicians physicists "
    "chemists economists"
)
_PERSON_VERBS = word_set(
    "lead invade conquer command settle flee join appoint found establish decide order accept "
    "arrive fight marry sail travel move return leave build design create bring adopt "
    "incorporate introduce defeat attack capture rule speak live work serve emigrate "
    "persecute formulate extend demonstrate maintain secure found vote sign elect write say "
    "argue marry discover invent believe propose publish graduate claim compose paint state "
    "suggest criticize criticise conclude teach study observe think succeed preach"
)
# A name with one of these is no person's.
_THING_WORDS = word_set(
    "university college company act war council city river church party house court school "
    "museum network system protocol empire kingdom republic duchy army treaty revolution "
    "institute press law bank park street palace castle bay island islands mountains theory "
    "parliament commission union government committee league group dynasty language congress "
    "ministry agency"
)
_PERSON_PASSIVES = word_set(
    "appoint elect marry kill bear educate crown arrest execute imprison exile bury murder "
    "baptize baptise ordain raise imprison crown depose knight"
)
_MASS_NOUN = re.compile(r"(?:ing|ism|ity|ness|ion|ics|y|s|ance|ence)$")  # by its ending, mostly
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
        text=text, title=title, topic=_topic(text, title, statements),
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
    return found


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
    if len(tokens) > 12 or tokens[0].lower in _UNCLEAR_STARTS:
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
    animate = clause.lemma in _PERSON_VERBS
    if any(token.lower in _THING_WORDS for token in tokens):
        return False
    if head.tag == "NNPS" or head.lower.endswith(("ans", "ots", "ards", "ines", "ians")):
        return True if animate else None
    if clause.passive and clause.lemma in _PERSON_PASSIVES and head.tag == "NNP":
        return True
    if tokens[0].tag == "DT" and head.lower.endswith(("ese", "ish", "nch", "tch", "wiss")):
        return True if animate else None  # the Portuguese, the French
    if tokens[0].tag == "DT":
        return None if animate else False  # the Rhine, the Sejm
    if re.match(r"\s*(?:He|She)\b", text[end : end + 12]):
        return True
    names = sum(token.tag == "NNP" for token in tokens)
    return True if names >= 2 and animate else None


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


def _topic(text: str, title: str | None, statements: list[Statement]) -> str:
    """Name what the snippet is about, as it would stand mid-sentence."""
    if title and title.strip():
        return _titled(title.replace("_", " ").strip(), text)
    counts: dict[str, int] = {}
    for statement in statements:
        if statement.subject and len(words(statement.subject)) <= 6:
            counts[statement.subject] = counts.get(statement.subject, 0) + 1
    # the first of the most frequent
    return max(counts, key=lambda subject: counts[subject]) if counts else NO_TOPIC


def _titled(title: str, text: str) -> str:
    """Give a title the article, number and case that the text uses it with."""
    common = (
        title[1:] == title[1:].lower()
        and bool(lemmas(title.lower().split()[0]))
        and "NOUN" in lemmas(title.lower().split()[-1])
    )
    said: dict[str, int] = {}
    for form in (f"the {title}s", f"{title}s", f"the {title}", title):
        # only "The X" says how X is written even where a sentence begins with it
        anywhere = "" if form.startswith("the ") else r"(?<![.!?] )(?<!^)"
        found = re.findall(rf"{anywhere}\b{re.escape(form)}\b(?! (?-i:[A-Z]))", text, re.I)
        if found:
            first = found[0]
            article = first.lower().startswith("the ")
            said[first[:1].lower() + first[1:] if article else first] = len(found) + article
    best = max(said, key=lambda form: said[form]) if said else title
    if not common or (said and best.lower() != title.lower()):
        return best
    lowered = title[:1].lower() + title[1:]
    countable = " " in title and not _MASS_NOUN.search(title)
    return f"the {lowered}" if countable else lowered


def is_person_noun(word: str) -> bool:
    """Whether a common noun names a person or people."""
    if forms(word) & _PERSON_NOUNS:
        return True
    return bool(
        re.fullmatch(r"[a-z]{3,}(?:ologist|icist|smith|woman|women|sman|smen|monger)s?", word)
    )


def is_animate_verb(lemma: str) -> bool:
    """Whether people, or bodies made of people, do this."""
    return lemma in _PERSON_VERBS
