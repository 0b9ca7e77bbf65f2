"""Questions for a figure: how many of a thing, how long, how high, how much, what share."""

import re
from collections.abc import Iterator

from colloquia.language.clauses import Clause
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import noun_phrase_end
from colloquia.language.pieces import Piece
from colloquia.language.tagging import tag
from colloquia.offline.questions.candidate import Candidate, candidate_of, inverted
from colloquia.offline.reading.grammar import ask_subject
from colloquia.offline.reading.soundness import kept_pieces
from colloquia.offline.reading.study import Statement

_UNITS = word_set(
    "years percent times centuries million billion kilometres kilometers metres meters miles feet "
    "inches yards kilograms kilogram grams tonnes tons pounds litres liters degrees hectares acres "
    "watts volts amperes hertz knots hours minutes seconds days weeks months decades cents % km "
    "bits bytes points"
)
_NUMBER = (
    r"\d[\d.,]*(?: (?:hundred|thousand|million|billion))?|"
    r"[a-z]+ty-[a-z]+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
)
_NEARLY = r"(?:about|around|some|nearly|almost|roughly|over|up to|at least|more than|only|just) "
_SPAN = r"(?:years|months|weeks|days|hours|minutes|seconds|decades|centuries)"
_STRETCH = re.compile(rf"(?:for )?(?:{_NEARLY})?(?:{_NUMBER}) (?:\w+ )?{_SPAN}$", re.I)
_LENGTH = re.compile(
    rf"(?:{_NEARLY})?(?:{_NUMBER}) (?:square )?(?:kilomet|met|mile|feet|km|hectare|acre)", re.I
)
_HEIGHT = re.compile(rf"{_LENGTH.pattern}\w* (?:high|tall)\b", re.I)
_WEIGHT = re.compile(rf"(?:{_NEARLY})?(?:{_NUMBER}) (?:kilogram|gram|ton|pound|kg)", re.I)
_MONEY = re.compile(
    rf"(?:{_NEARLY})?(?:[$€£¥]\d|(?:{_NUMBER}) (?:dollar|euro|franc|pound|mark))", re.I
)
_SHARE = re.compile(rf"(?:{_NEARLY})?\d[\d.]*(?:\s?%| percent| per cent) of (.+)$", re.I)
_DIMENSION = re.compile(rf"(?:{_NUMBER}) \w+ (high|tall|long|wide|deep|thick|old)$", re.I)


def how_many(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions for a figure that a claim gives."""
    yield from _measures(statement, clause)
    for piece in clause.pieces[:2]:
        counted = counted_noun(piece.text) if piece.kind == "object" else None
        if counted is None or _narrowed(clause, piece):
            continue
        rest = kept_pieces(clause, drop=(piece,))
        rest = tuple(other for other in rest if other.kind in {"time", "place", "particle"})
        if not clause.copular and clause.first("object") is piece:
            yield inverted("how_many", f"How many {counted}", statement, rest)
    counted = counted_noun(clause.subject)
    pieces = kept_pieces(clause)
    if counted and clause.plural and pieces and not statement.resolved:
        yield candidate_of(
            "how_many", ask_subject(statement, f"How many {counted}", pieces), statement
        )


def _narrowed(clause: Clause, piece: Piece) -> bool:
    """Whether what follows says which ones are meant: eight men who …, ten days to answer."""
    at = clause.pieces.index(piece)
    after = clause.pieces[at + 1] if at + 1 < len(clause.pieces) else None
    if after is not None:
        return after.kind in {"infinitive", "participle", "object"}
    return re.match(r"(?:that|who|which|whose|of|for|with)\b", clause.tail) is not None


def _measures(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield how high, how long, how heavy, how much or what share, for a measured piece."""
    for piece in clause.pieces[:3]:
        wh = _measure(clause, piece)
        if wh is None:
            continue
        earlier = clause.pieces[: clause.pieces.index(piece)]
        rest = kept_pieces(clause, drop=clause.pieces[len(earlier) :])
        if len(rest) == len(earlier):
            yield inverted("how_many", wh, statement, rest)
            return


def _measure(clause: Clause, piece: Piece) -> str | None:
    """Return what asks for a measured piece after this verb; None for any other."""
    text, verb = piece.text, clause.lemma
    if clause.copular:
        dimension = _DIMENSION.search(text)
        return f"How {dimension.group(1).lower()}" if dimension else None
    share = _SHARE.match(text)
    if share and piece.kind == "object":
        return f"What share of {share.group(1)}"
    if _STRETCH.match(text) and piece is not clause.pieces[0] and text.startswith("for "):
        return "How long"
    by_verb = (
        ({"last", "take", "live", "run", "remain", "stay"}, _STRETCH, "How long"),
        ({"weigh"}, _WEIGHT, "How much"),
        ({"cost"}, _MONEY, "How much"),
        ({"cover", "occupy"}, _LENGTH, "How large an area"),
        ({"rise", "tower"}, _LENGTH, "How high"),
        ({"stand"}, _HEIGHT, "How high"),  # 18 kilometres off the coast is no height
        ({"stretch", "extend", "run", "fly", "travel"}, _LENGTH, "How far"),
    )
    for verbs, measured, wh in by_verb:
        if verb in verbs and measured.match(text):
            return wh
    return None


def counted_noun(phrase: str) -> str | None:
    """Return what a phrase counts: `about 3,000 old books` counts `old books`; None if nothing."""
    tokens = tag(phrase)
    for index, token in enumerate(tokens[:5]):
        if (
            token.tag != "CD"
            or token.lower == "one"
            or re.fullmatch(r"(?:1[5-9]|20)\d\d", token.text)
        ):
            continue
        start = index + 1
        while start < len(tokens) and tokens[start].tag == "CD":
            start += 1
        end = noun_phrase_end(tokens, start)
        if end > start and tokens[end - 1].tag in {"NNS", "NNPS"} and tokens[start].tag != "DT":
            if any(part.lower in _UNITS for part in tokens[start:end]):
                return None
            return phrase[tokens[start].start : tokens[end - 1].end]
        return None
    return None
