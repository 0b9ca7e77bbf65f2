"""The foundation: a snippet's core information in two or three sentences of its own."""

from functools import lru_cache

from colloquia.language.words import content_forms, words
from colloquia.offline.restating import finish, restate
from colloquia.offline.study import Statement, Study, study

MAX_FOUNDATION_WORDS = 75
MAX_FOUNDATION_SENTENCES = 3
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
    for index in chosen:
        restated = restate(studied, index)
        size = len(words(restated.text))
        if said and length + size > MAX_FOUNDATION_WORDS:
            continue
        text_now = restated.text
        statement = studied.statements[index]
        if statement.resolved and index - 1 in chosen and said:
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
    opening = pool[0].index
    shares = {s.index: _centrality(s, studied) for s in pool}
    others = sorted((i for i in shares if i != opening), key=lambda i: (-shares[i], i))
    return sorted([opening, *others[: MAX_FOUNDATION_SENTENCES - 1]])


def _complete(statement: Statement) -> bool:
    said = statement.sentence.text
    return len(words(said)) >= 5 and not said.endswith(":")


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
