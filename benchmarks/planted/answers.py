"""Slips in what an answer says: a figure, a name, a condition, or the whole of it.

Quotes stay as they were, as they do where a writer slips; only an answer that is another one
altogether brings quotes of its own.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from colloquia.core.roles import ReviewInput
from colloquia.language.facts.finding import Fact, FactKind, find_facts, numbers_in
from colloquia.language.figures.dates import MONTHS
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import (
    FUNCTION_WORDS,
    content_forms,
    content_words,
    overlap,
    words,
)

Item = TypeVar("Item")

LEAST_WORDS = 4  # in an answer that lost something: fewer would show the loss

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MONTH = re.compile("|".join(MONTHS))
_TRIES = 20


def wrong_figure(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Put a figure of the same form in place of one; neither passage nor question has it."""
    known = numbers_in(f"{case.snippet.text} {case.snippet.title or ''} {case.question}")
    for fact in _shuffled(_own_facts(case), chance):
        if fact.kind in ("name", "century"):
            continue
        for _ in range(_TRIES):
            figure = _other_figure(fact, chance)
            if not numbers_in(figure) <= known:
                return _said_instead(case, fact, figure)
    return None


def swapped_figure(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Put another figure of the passage, of the same form, in place of one."""
    return _swapped(case, chance, names=False)


def swapped_name(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Put another name of the passage in place of one."""
    return _swapped(case, chance, names=True)


def lost_condition(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Take a condition, exception or hedge out, so that the answer says more than is known."""
    if case.declined:
        return None
    for start, end in _shuffled(_conditions(case.answer), chance):
        lost = case.answer[start:end]
        rest = _closed(case.answer[:start], case.answer[end:])
        asked = any(word in words(case.question.lower()) for word in words(lost.lower())[:1])
        if not asked and len(words(rest)) >= LEAST_WORDS:
            return case.model_copy(update={"answer": rest})
    return None


def other_answer(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Give the answer to another question of the dialogue, with its quotes.

    Neither is the overview, of which most answers are a part; nor do both rest on the same words.
    """
    if case.declined or not case.transcript:
        return None
    fitting = [
        other
        for other in others
        if other.transcript and not other.declined and not _shares_quotes(case, other)
    ]
    if not fitting:
        return None
    given = chance.choice(fitting)
    return case.model_copy(update={"answer": given.answer, "quotes": given.quotes})


def needless_refusal(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Decline what the passage holds; where it can be, with a related fact as honest ones have."""
    if case.declined or not case.transcript:
        return None
    said, quotes = chance.choice(_REFUSALS), tuple[str, ...]()
    related = [o.quotes[0] for o in others if o.quotes and not _shares_quotes(case, o)]
    if related:
        quotes = (chance.choice(related),)
        said = f"{said} What I do have is this: {quotes[0].rstrip('.')}."
    return case.model_copy(update={"answer": said, "quotes": quotes, "declined": True})


def invented_answer(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Answer what was rightly declined, with a quote from nearby."""
    if not case.declined:
        return None
    answer = _invented(case, chance)
    if answer is None:
        return None
    near = max(
        (sentence.text for sentence in split_sentences(case.snippet.text)),
        key=lambda text: overlap(content_words(case.question), text),
    )
    return case.model_copy(update={"answer": answer, "quotes": (near,), "declined": False})


# --- figures and names


def _own_facts(case: ReviewInput) -> Iterator[Fact]:
    """Yield the facts that an answer brings; what the question said already is none of its own."""
    asked = content_forms(case.question)
    if not case.declined:
        for fact in find_facts(case.answer):
            if not any(content_forms(word) & asked for word in words(fact.text)):
                yield fact


def _other_figure(fact: Fact, chance: random.Random) -> str:
    """Change one digit, not the first of several, so that round numbers stay round, years near."""
    number = list(_NUMBER.finditer(fact.text))[-1]
    start, end = number.span()
    if fact.kind == "date" and end - start <= 2:
        return f"{fact.text[:start]}{chance.randint(1, 28)}{fact.text[end:]}"
    if fact.kind in ("year", "date"):
        year = min(int(number.group()) + chance.choice((-12, -9, -7, -4, -3, 3, 5, 8, 11)), 2025)
        return f"{fact.text[:start]}{year}{fact.text[end:]}"
    places = [at for at in range(start, end) if fact.text[at] not in ".,0"]
    at = chance.choice(places[1:] or [start])
    digit = chance.choice([digit for digit in "123456789" if digit != fact.text[at]])
    return fact.text[:at] + digit + fact.text[at + 1 :]


def _swapped(case: ReviewInput, chance: random.Random, *, names: bool) -> ReviewInput | None:
    said = f"{case.question} {case.answer}"
    theirs = [fact for fact in find_facts(case.snippet.text) if (fact.kind == "name") is names]
    for fact in _shuffled(_own_facts(case), chance):
        if (fact.kind == "name") is not names or not _stands_alone(fact, case.answer):
            continue
        others = {
            other.text
            for other in theirs
            if _form(other) == _form(fact)
            and _as_long(other, fact)
            and _stands_alone(other, case.snippet.text)
            and _article(other, case.snippet.text) == _article(fact, case.answer)
            and not _was_said(other, said)
        }
        if others:
            return _said_instead(case, fact, chance.choice(sorted(others)))
    return None


_AFTER_A_NAME = re.compile(r"[,.;:)\"”]|\s[(–—]|\s(\w+)|$")


def _stands_alone(fact: Fact, text: str) -> bool:
    """Whether a name is no part of another and says no more than whom: not `French` wine."""
    if fact.kind != "name":
        return True
    after = _AFTER_A_NAME.match(text, fact.end)
    if after is None or re.search(r"(?:[A-Z][\w.’']*\s|[-/])$", text[: fact.start]):
        return False
    return len(fact.text) > 3 and (after[1] is None or after[1] in FUNCTION_WORDS)


def _article(fact: Fact, text: str) -> str:
    found = re.search(r"\b(the|an?)\s$", text[: fact.start], re.IGNORECASE)
    return found[1].lower() if found else ""


def _form(fact: Fact) -> str:
    """Return how a fact is written: names by their length, figures with digits and months aside."""
    if fact.kind == "name":
        return f"name of {len(words(fact.text))}"
    return f"{fact.kind} {_MONTH.sub('M', _NUMBER.sub('#', fact.text))}"


def _as_long(one: Fact, two: Fact) -> bool:
    """Whether figures are of about one size, to their readers: 201 and 64, but not 31,500."""
    pairs = zip(one.digits, two.digits, strict=False)
    return all(abs(len(first) - len(second)) <= 1 for first, second in pairs)


def _was_said(fact: Fact, said: str) -> bool:
    """Whether any word of a name, or all of a figure, was said already."""
    if fact.kind == "name":
        return bool(content_forms(fact.text) & content_forms(said))
    return set(fact.digits) <= numbers_in(said)


def _said_instead(case: ReviewInput, fact: Fact, other: str) -> ReviewInput:
    answer = case.answer[: fact.start] + other + case.answer[fact.end :]
    return case.model_copy(update={"answer": answer})


# --- conditions

_CONDITION = re.compile(
    r"\b(?:(?:but\s)?only\s(?:if|when|where|after|in|for|with|on|by|under|while|until|once)"
    r"|(?<!even\s)(?<!as\s)(?<!what\s)(?<!asks\s)(?<!asked\s)(?<!see\s)(?<!know\s)if"
    r"|unless|provided(?:\sthat)?|(?:as|so)\slong\sas|except(?:\sthat|\sfor|\swhen|\sin)?|until"
    r"|but\snot|apart\sfrom|other\sthan|excluding|depending\son)\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:(?<!right\s)up\sto|at\sleast|at\smost|no\smore\sthan|mainly|mostly|usually|generally|normally"
    r"|typically|largely|primarily|chiefly|partly|often|sometimes|almost|in\smost\scases|(?:some|most)\sof(?=\s(?:the|its|their)\b)),?\s",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(?:[:;]|\b(?:and|but|so|that|because))\s$")
_OR_ANOTHER = re.compile(r"[,;:]\s(?:or|and)\s(?:if|unless|until|only|when)\b")
_CLAUSE_END = re.compile(r"[,;:](?!\d)|\s[–—-]\s|[.!?]['\"”’)]*$")


def _conditions(answer: str) -> Iterator[tuple[int, int]]:
    """Yield what can be taken out, as places in the answer."""
    for sentence in split_sentences(answer):
        for found in _CONDITION.finditer(sentence.text):
            end = _CLAUSE_END.search(sentence.text, found.end())
            fronted = _begins(sentence.text[: found.start()])
            if end is None or _OR_ANOTHER.match(sentence.text, end.start()):
                continue
            if not fronted or end.group().startswith(","):
                last = end.end() if fronted else end.start()
                yield sentence.start + found.start(), sentence.start + last
        for found in _HEDGE.finditer(sentence.text):
            if answer.lower().count(found.group().lower()) == 1:
                yield sentence.start + found.start(), sentence.start + found.end()


def _begins(before: str) -> bool:
    """Whether what follows begins a clause of its own."""
    return not before or bool(_JOINED.search(before))


def _closed(before: str, after: str) -> str:
    """Join what is left, without the comma of what was taken out."""
    if not before or re.search(r"[.!?]['\"”’)]*\s*$", before):  # it began its sentence
        after = after.lstrip(" ,")
        return before + after[:1].upper() + after[1:]
    if _begins(before) and after.startswith(" "):
        return before + after.lstrip()
    if re.match(r"[\w\"'“(]", after):  # a hedge
        return before + after
    return before.rstrip(" ,;–—-") + after


# --- answers that are another one altogether

_REFUSALS = (
    "I'm afraid I don't know that.",
    "That isn't something I have any information on.",
    "I can't say; nothing I have tells.",
    "I don't have that.",
    "I have nothing on that, I'm sorry.",
    "That goes beyond what I know.",
)
_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)"
_ASKS = re.compile(
    r"\bhow\smany\s(?P<count>\w+)|\bget\s(?:its|their)\s(?P<naming>name)"
    r"|\b(?:what|which)\s(?P<when>year|date)\b"
    rf"|\b(?:(?:know|me|idea)\s(?:when|where|why)|(?:when|where|why)\s{_AUXILIARY})\b"
    r"|\b(?P<who>who)\b"
    rf"|^(?:\W|\w+,\s)*(?P<whether>{_AUXILIARY})\s(?!you|we|I\b)"
    r"|\b(?:what|which|whose|whom|how)\b(?!.*\bget\s(?:its|their)\sname)",
    re.IGNORECASE,
)
_WITH_A_NAME = {"who": "It was {}.", "where": "That is in {}.", "naming": "It was named after {}."}
_COUNTS = ("12", "15", "25", "40", "60", "140", "250")
_YEARS = ("1794", "1838", "1871", "1906", "1923", "1958", "1987")


def _invented(case: ReviewInput, chance: random.Random) -> str | None:
    """Return an answer of the kind that was asked for, half the time from elsewhere in the text."""
    put = [sentence.text for sentence in split_sentences(case.question) if "?" in sentence.text]
    asked = _ASKS.search(put[-1]) if put else None
    if asked is None:
        return None
    facts = [fact for fact in find_facts(case.snippet.text) if not _was_said(fact, case.question)]
    match _kind_of(asked):
        case "count":
            counted = asked["count"] if asked["count"].endswith("s") else "of them"
            return f"There were about {_figure(facts, 'number', _COUNTS, chance)} {counted}."
        case "when":
            return f"That was in {_figure(facts, 'year', _YEARS, chance)}."
        case "why":
            told = [sentence.text for sentence in split_sentences(case.snippet.text)]
            others = [text for text in told if not any(quote in text for quote in case.quotes)]
            return f"The reason is this: {chance.choice(others or told)}"
        case "whether":
            return chance.choice(("Yes, that is so.", "Yes, that is right."))
        case "who" | "where" | "naming" as kind:
            names = [
                fact.text
                for fact in facts
                if fact.kind == "name" and _stands_alone(fact, case.snippet.text)
            ]
            name = chance.choice(names).rstrip(".") if names else None
            return _WITH_A_NAME[kind].format(name) if name else None
        case _:
            return None  # what and which ask for anything


def _kind_of(asked: re.Match[str]) -> str:
    named = (kind for kind, found in asked.groupdict().items() if found)
    wh = re.search(r"when|where|why", asked.group(), re.IGNORECASE)
    return next(named, wh.group().lower() if wh else "")


def _figure(
    facts: Iterable[Fact], kind: FactKind, others: Sequence[str], chance: random.Random
) -> str:
    theirs = [fact.text for fact in facts if fact.kind == kind]
    return chance.choice(theirs if theirs and chance.random() < 0.5 else others)


def _shares_quotes(one: ReviewInput, two: ReviewInput) -> bool:
    return any(a in b or b in a for a in one.quotes for b in two.quotes)


def _shuffled(items: Iterable[Item], chance: random.Random) -> list[Item]:
    listed = list(items)
    return chance.sample(listed, len(listed))
