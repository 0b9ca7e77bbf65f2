"""Questions on a sentence whose grammar isn't certain: who someone was, what examples there are."""

import re
from collections.abc import Iterator

from colloquia.language.facts import find_facts
from colloquia.language.phrases import head_noun
from colloquia.language.tagging import tag
from colloquia.offline.questions.candidate import Candidate, candidate_of
from colloquia.offline.reading.grammar import Phrased
from colloquia.offline.reading.people import THING_WORDS, is_person_noun
from colloquia.offline.reading.study import Statement, Study

_LONGEST_CHARS = 600  # beyond it a sentence is a list
_LONGEST_EVENT_CHARS = 240
_APPOSITION = re.compile(r", (?P<what>(?:an?|the) [a-z][^,.;:()]{3,60})(?=[,.;]|$)(?!, and\b)")
_EXAMPLES = re.compile(r"\b(?:such as|including|like|for example|e\.g\.|for instance)\b,? ")
_YEAR = re.compile(r"\b[Ii]n (?:[A-Z][a-z]+ )?(1[0-9]\d\d|20[0-2]\d)\b")


def fragments(studied: Study) -> Iterator[Candidate]:
    """Yield what can be asked of names, examples and years, whatever the sentence's structure."""
    for statement in studied.statements:
        if len(statement.sentence.text) <= _LONGEST_CHARS:
            yield from _identities(statement, studied)
            yield from _examples(statement)


def events(studied: Study) -> Iterator[Candidate]:
    """Yield what happened in a year that only one sentence names."""
    for statement in studied.statements:
        sentence = statement.sentence.text
        years = set(_YEAR.findall(sentence))
        past = any(token.tag == "VBD" for token in tag(sentence[:_LONGEST_CHARS]))
        plain = len(sentence) <= _LONGEST_EVENT_CHARS and ";" not in sentence
        if plain and len(years) == 1 and past and studied.text.count(year := years.pop()) == 1:
            text = f"what happened in {year}"
            yield candidate_of("what", Phrased(direct=text, indirect=text), statement)


def _identities(statement: Statement, studied: Study) -> Iterator[Candidate]:
    """Ask who or what a name is that stands before `, a …,` or behind its own noun."""
    sentence = statement.sentence.text
    tags = {token.tag for token in tag(sentence)}
    # a sentence without a verb in the present tells of the past: X, a farmer, sighted the comet
    be = "was" if "VBD" in tags or not tags & {"VBZ", "VBP"} else "is"
    for fact in find_facts(sentence):
        if fact.kind != "name" or fact.text in studied.topic or len(fact.text) < 4:
            continue
        person = _presented(sentence, fact.start, fact.end)
        if person is None or fact.text.endswith("s"):
            continue
        wh = "who" if person else "what"
        article = "the " if re.search(r"\b[Tt]he $", sentence[: fact.start]) and not person else ""
        name = f"{article}{fact.text}"
        yield candidate_of(
            "definition",
            Phrased(direct=f"{wh} {be} {name}", indirect=f"{wh} {name} {be}"),
            statement,
        )


def _presented(sentence: str, start: int, end: int) -> bool | None:
    """Whether a name is said to be a person (True) or a thing (False); None if neither is said."""
    behind = _APPOSITION.match(sentence, end)
    if behind and not re.search(r",[^,]{0,20}$", sentence[:start]):
        tokens = tag(behind["what"])
        if is_person_noun(head_noun(tokens).lower):
            return True
        name = {word.lower() for word in sentence[start:end].split()}
        article = re.search(r"\b[Tt]he $", sentence[:start]) is not None
        return False if article or name & (THING_WORDS | {"of"}) or len(name) == 1 else None
    before = re.search(r"\b([a-z]+) $", sentence[:start])
    two_words = " " in sentence[start:end]
    return True if before and two_words and is_person_noun(before.group(1)) else None


def _examples(statement: Statement) -> Iterator[Candidate]:
    """Ask which examples are given of a plural noun before `such as`."""
    sentence = statement.sentence.text
    for found in _EXAMPLES.finditer(sentence):
        if found.group().startswith("like"):
            continue
        before = tag(sentence[: found.start()].rstrip(" ,("))
        at = len(before)
        while at and before[at - 1].tag in {"NN", "NNS", "JJ"} and len(before) - at < 3:
            at -= 1
        phrase = before[at:]
        if not phrase or phrase[-1].tag != "NNS" or phrase[0].lower in _LOOSE:
            continue
        kind = sentence[phrase[0].start : phrase[-1].end]
        kind = kind[:1].lower() + kind[1:] if at == 0 else kind
        text = f"which examples of {kind} are given"
        yield candidate_of("what", Phrased(direct=text, indirect=text), statement)


_LOOSE = frozenset({"other", "such", "many", "several", "various", "same", "few", "more"})
