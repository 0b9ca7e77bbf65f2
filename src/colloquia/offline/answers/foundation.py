"""The foundation: what a snippet is about, and the fact that most else in it hangs on."""

import re
from functools import lru_cache

from colloquia.language.words import content_forms, content_words, overlap, words
from colloquia.offline.answers.restating import finish, restate
from colloquia.offline.reading.study import Statement, Study, study

MAX_FOUNDATION_WORDS = 60
MAX_FOUNDATION_SENTENCES = 2
# A sentence that points back this early says little by itself: In humans, this response is …
_POINTING = re.compile(
    r".{0,40}?\b(?:this|these|such|those|the (?:latter|former|same|other))\b", re.I
)
# Nothing has been named yet that an opening sentence could mean by these: the rock beneath it.
_LEANING = re.compile(
    r"\b(?:it(?! (?:possible|clear|easy|hard|known|difficult)\b)|them|him|her|itself)\b", re.I
)
_SHORT_CHARS = 300  # what can't be read as sentences is quoted whole up to this length


@lru_cache(maxsize=512)
def foundation(text: str, title: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the core information and the verbatim quotes behind it."""
    studied = study(text, title)
    if all(claim.clause is None for claim in studied.claims) and len(text) <= _SHORT_CHARS:
        whole = text.strip()
        return finish(f'The passage reads: "{whole}"'), (whole,) if whole else ()
    chosen = _central(studied)
    said: list[str] = []
    quotes: list[str] = []
    length = 0
    for at, index in enumerate(chosen):
        restated = restate(studied, index)
        size = len(words(restated.text))
        if said and length + size > MAX_FOUNDATION_WORDS:
            continue
        text_now = restated.text
        statement = studied.statements[index]
        if statement.resolved and chosen[at - 1 :][:1] == [index - 1] and said:
            text_now = _with_pronoun(statement, restated.text)
        said.append(text_now)
        quotes.append(restated.quote)
        length += size
    return " ".join(said), tuple(quotes)


def _with_pronoun(statement: Statement, restated: str) -> str:
    """Right after the sentence that names it, a subject needs no second naming."""
    subject, clause = statement.subject or "", statement.clause
    if clause is None or not restated.lower().startswith(subject.lower()):
        return restated
    return clause.subject + restated[len(subject) :]


def _central(studied: Study) -> list[int]:
    """Choose the first clear sentence and those that share most with the rest, in their order."""
    statements = studied.statements
    if len(statements) <= 2:
        return [statement.index for statement in statements] or []
    clear = [s for s in statements if restate(studied, s.index).clear and _complete(s)]
    pool = clear or list(statements)
    identity = next((s.index for s in pool if _says_what_it_is(s, studied)), None)
    first = next((s for s in pool if not _LEANING.search(s.sentence.text)), pool[0])
    opening = first.index if identity is None else identity
    shares = {s.index: _centrality(s, studied) for s in pool}
    others = sorted((i for i in shares if i != opening), key=lambda i: (-shares[i], i))
    return [opening, *sorted(others[: MAX_FOUNDATION_SENTENCES - 1])]


def _says_what_it_is(statement: Statement, studied: Study) -> bool:
    """Whether a sentence says of the topic what it is."""
    clause = statement.clause
    if clause is None or not clause.copular or statement.subject is None or statement.resolved:
        return False
    said = clause.first("object")
    if said is None or not re.match(r"(?:an?|the|one) ", said.text):
        return False
    named = overlap(content_words(studied.topic), statement.subject) > 0.5
    return named and len(content_words(statement.subject)) <= 4


def _complete(statement: Statement) -> bool:
    said = statement.sentence.text
    if len(words(said)) < 5 or said.endswith(":") or re.match(r"(?:And|Or|But|Thus|So)\b", said):
        return False
    return statement.resolved or _POINTING.match(said) is None


def _centrality(statement: Statement, studied: Study) -> float:
    own = content_forms(statement.sentence.text)
    if not own:
        return 0.0
    shared = sum(
        len(own & content_forms(other.sentence.text))
        for other in studied.statements
        if other.index != statement.index
    )
    density: float = shared / (len(own) ** 0.5) + (0.5 if statement.subject else 0.0)
    return density
