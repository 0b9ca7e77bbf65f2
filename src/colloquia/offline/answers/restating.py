"""A sentence made to stand alone: connectives off, pronouns named, length kept in hand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colloquia.language.clauses import CONNECTIVES
from colloquia.language.phrases import FINITE
from colloquia.language.tagging import tag
from colloquia.language.words import WORD, content_words, overlap, words
from colloquia.offline.reading.asked import Asked
from colloquia.offline.reading.evidence import has_kind
from colloquia.offline.reading.grammar import declare
from colloquia.offline.reading.study import Statement, Study, mid_sentence

MAX_WORDS = 42  # a longer sentence is cut where its main clause ends
HARD_MAX_WORDS = 90
_SHORT_WORDS = 16  # a sentence this short is restated whole

_DANGLING = re.compile(
    r"(?:this|these|that|those|such|it|they|he|she|his|her|its|their|here|there|both|"
    r"another|others?|the (?:latter|former|other|same)|similar|further)\b",
    re.I,
)
# What is left of footnotes in text taken from a web page: [citation needed], :212–219
_FOOTNOTE = re.compile(r"\[[^\[\]]{1,40}\]|(?<=[\w.,\"]):\d[\d:–,-]*(?=\s|$)")
# Pronunciations, original spellings and the like: no reader of an answer needs them.
_ASIDE = re.compile(
    r"\s*\((?:[A-Z]?[\w ]{0,12}:|pronounced|/|from |or )(?:[^()]|\([^()]{0,40}\)){0,160}\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """A sentence that stands alone, and the verbatim stretch of the snippet behind it."""

    text: str
    """With capital and full stop."""
    inside: str
    """As it stands inside another sentence: no capital unless a name's, no full stop."""
    quote: str
    clear: bool
    """Whether it stands alone; where not, the sentence before it belongs with it."""


def restate(studied: Study, index: int, *, asked: Asked | None = None) -> Restated:
    """Restate one sentence; with a question, only the clause of it that the question is about."""
    statement = studied.statements[index]
    claim = _best_claim(studied, index, asked) if asked is not None else None
    if claim is not None:
        return _claim_alone(claim, studied)
    quote = _stretch(statement, asked)
    body = CONNECTIVES.sub("", quote, count=1) if CONNECTIVES.match(quote) else quote
    body = _tidy(_ASIDE.sub("", body))
    clear = True
    if statement.resolved and statement.subject and statement.clause:
        body = _named(body, statement.clause.subject, statement.subject)
    elif _DANGLING.match(body):
        clear = False
    inside = _uncapital(body, studied.text).rstrip(".")
    if statement.clause is None and not _has_verb(quote):
        inside = f'"{quote.rstrip(".")}"'  # a heading, a list, another language: only to be quoted
    return Restated(text=finish(capital(body)), inside=inside, quote=quote, clear=clear)


def with_context(studied: Study, index: int) -> str | None:
    """Return a sentence together with the one before it, which says what its pronouns mean."""
    if index == 0:
        return None
    before, own = studied.statements[index - 1].sentence, studied.statements[index].sentence
    both = studied.text[before.start : own.end]
    return both if len(words(both)) <= MAX_WORDS + 15 else None


def _best_claim(studied: Study, index: int, asked: Asked) -> Statement | None:
    """Return the clause a question is about, where it says it as well as the whole sentence."""
    sentence = studied.statements[index].sentence.text
    whole = overlap(asked.words, sentence)
    found: list[tuple[float, int, Statement]] = []
    for order, claim in enumerate(studied.claims_of(index)):
        clause = claim.clause
        if clause is None or claim.subject is None or not clause.separable or not clause.pieces:
            continue
        if asked.expected == "definition" and not _defines(claim, asked):
            continue
        said = _said(claim)
        kind = asked.expected not in {"when", "where", "who", "how_many", "why", "how"}
        if kind or has_kind(asked, claim, said):
            defines = asked.expected == "definition" and clause.copular
            found.append((overlap(asked.words, said) + 0.1 * defines, -order, claim))
    if not found or max(found)[0] < whole or len(words(sentence)) < _SHORT_WORDS:
        return None
    best = max(found, key=lambda entry: entry[:2])[2]
    return best if len(words(_said(best))) >= 5 else None


def _defines(claim: Statement, asked: Asked) -> bool:
    """Whether a clause says what its subject is: as a whole, or by a noun beside the name."""
    assert claim.clause is not None
    beside = len(content_words(claim.subject or "")) > len(asked.words)
    return claim.clause.copular or beside


def _said(claim: Statement) -> str:
    assert claim.clause is not None
    plain = _tidy(declare(claim, claim.clause.pieces))
    fronted = claim.clause.fronted
    if fronted is None:
        return plain
    opening = fronted.text[:1].lower() + fronted.text[1:]
    return f"{opening}, {plain}"


def _claim_alone(claim: Statement, studied: Study) -> Restated:
    clause = claim.clause
    assert clause is not None
    said = _said(claim)
    quote = claim.sentence.text[clause.start : clause.end]
    whole = not quote or clause.subject not in quote
    return Restated(
        text=finish(capital(said)), inside=said.rstrip("."), clear=True,
        quote=claim.sentence.text if whole else quote,
    )  # fmt: skip


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def finish(text: str) -> str:
    """Return the text with an end mark."""
    text = text.rstrip(" ,;:")
    return text if re.search(r"[.!?]['\"”’)]*$", text) else text + "."


def _stretch(statement: Statement, asked: Asked | None) -> str:
    sentence = statement.sentence.text
    if len(words(sentence)) <= MAX_WORDS:
        return sentence
    wanted = asked.words if asked else ()
    whole = overlap(wanted, sentence)
    for cut in _cuts(statement, wanted):
        if len(words(cut)) >= 7 and _balanced(cut) and overlap(wanted, cut) >= whole:
            return cut
    return _first_words(sentence)


def _cuts(statement: Statement, wanted: Sequence[str]) -> Iterator[str]:
    """Yield the places where a sentence can be cut short, the best first."""
    sentence, clause = statement.sentence.text, statement.clause
    if clause is not None and clause.separable:
        yield sentence[: clause.end].rstrip(" ,;:").removesuffix(" such as")
    for mark in ("; ", " — ", " – ", ", which ", ", while ", ", although ", ", and "):
        at = sentence.find(mark, 60)
        if at > 0:
            yield sentence[:at]
    items = sentence.split("; ")
    yield max(items, key=lambda item: overlap(wanted, item))  # of a long list, the item asked about


def _first_words(sentence: str) -> str:
    """Cut what can't be cut anywhere else after so many words that it stays readable."""
    found = list(WORD.finditer(sentence))
    return sentence if len(found) <= HARD_MAX_WORDS else sentence[: found[HARD_MAX_WORDS - 1].end()]


def _balanced(text: str) -> bool:
    return text.count("(") == text.count(")") and text.count('"') % 2 == 0


def _tidy(text: str) -> str:
    """Drop footnote marks and doubled spaces."""
    plain = re.sub(r"\s+", " ", _FOOTNOTE.sub("", text)).rstrip()
    if plain.startswith("(") and plain.count("(") > plain.count(")"):
        return plain[1:].lstrip()  # an aside that goes on into the next sentence
    return plain


def _named(body: str, pronoun: str, subject: str) -> str:
    """Put the subject in the place of the pronoun that opens the clause."""
    return re.sub(rf"\b{re.escape(pronoun)}\b", lambda _: subject, body, count=1)


def _has_verb(text: str) -> bool:
    return any(token.tag in FINITE for token in tag(text))


def _uncapital(body: str, text: str) -> str:
    tokens = tag(body)
    return mid_sentence(body, tokens, text) if tokens else body
