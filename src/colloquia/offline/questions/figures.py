"""How many, how long, how often, what share: a question for each figure that can be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    ask,
    ask_subject,
    kept,
    made,
    put,
    subject_of,
    trimmed,
)
from colloquia.offline.reading.clauses import Clause, Piece, bare
from colloquia.offline.reading.senses import UNITS as TIME_UNITS
from colloquia.offline.reading.study import Statement

if TYPE_CHECKING:
    from spacy.tokens import Token

_UNITS = word_set(
    "% ° °c °f mm cm m km kg g mg µm nm kpa mpa pa lux ml l ppm v a w kw hz khz mhz percent degree "
    "gram metre meter litre liter micrometre millimetre centimetre kilometre mile foot inch pound "
    "tonne ton hectare acre euro dollar kelvin bar volt watt amp"
)
_UNCOUNTED = word_set("time one half way number percentage point thing hundred thousand million")
_BOUND = re.compile(
    r"^(?:at (?:least|most)|up to|no (?:more|fewer|less) than|(?:more|fewer|less) than|about|"
    r"around|roughly|approximately|only|nearly|almost|exactly|over|under|"
    r"the (?:first|last|next)|another)\s+", re.I,
)  # fmt: skip
_MEASURES = word_set(
    "depth weight length height width distance temperature pressure speed rate ph level share dose "
    "percentage ratio age size volume current voltage frequency penalty fee allowance price cost "
    "charge thickness concentration humidity area power angle value limit score density mass "
    "capacity fine salary wage pension deposit discount range radius diameter period population"
)
_SPELT = (
    r"(?:\d|an? |one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|at |up |about )"
)
_HEDGING = frozenset({"normally", "usually", "typically", "generally"})


def figures(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions on one clause's figures."""
    if clause.negated:
        return
    yield from _subject(statement, clause)
    yield from _value(statement, clause)
    for piece in clause.pieces:
        if piece.start > clause.verb.i:
            yield from _counted(statement, clause, piece)
            yield from _span(statement, clause, piece)
            yield from _rate(statement, clause, piece)


def _unnumbered(clause: Clause, *dropped: Piece) -> list[Piece]:
    """Return what the question repeats, without other figures: one would answer the other."""
    return [
        p for p in kept(clause, *dropped)
        if p.sense == "condition" or not any(t.like_num for t in clause.doc[p.start : p.end])
    ]  # fmt: skip


def _subject(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """How many hours of rest must follow each day?; What depth is considered healthy?"""
    head = clause.subject_head
    if head is None:
        return
    noun, measure = _count_of(head), _measure(head)
    if noun and not clause.copular:
        asked = ask_subject(clause, f"how many {noun}", _unnumbered(clause))
        yield from made("how_many", asked, statement, family="how many")
    elif measure and not clause.of("contrast"):
        asked = ask_subject(clause, f"what {measure}", kept(clause))
        yield from made("how_many", asked, statement, family="what measure")


def _counted(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    if piece.role not in {"object", "attribute"}:
        return
    noun, measure, rest = _count_of(piece.head), _measure(piece.head), _unnumbered(clause, piece)
    lasting = clause.verb.lemma_ in {"last", "take"} and piece.head.lemma_ in TIME_UNITS
    if clause.subject_head is not None and clause.subject_head.dep_ == "expl":
        if noun and clause.copular:
            be = clause.verb.lower_
            yield from put(
                statement,
                "how_many",
                "how many",
                f"how many {noun} {be} there",
                f"how many {noun} there {be}",
            )
    elif noun and not clause.copular and not lasting:
        asked = ask(statement, clause, f"how many {noun}", rest)
        yield from made("how_many", asked, statement, family="how many")
    elif measure and not clause.copular:
        asked = ask(statement, clause, f"what {measure}", rest)
        yield from made("how_many", asked, statement, family="what measure")
    share = re.match(
        r"\d[\d.,]*\s?(?:%|per cent|percent) of ([^,]+)$", _BOUND.sub("", trimmed(piece))
    )
    if share and not clause.copular:
        asked = ask(statement, clause, f"what percentage of {share.group(1)}", rest)
        yield from made("how_many", asked, statement, family="what share")


def _count_of(head: Token) -> str | None:
    """Return what is counted, with what describes it: consecutive hours of rest."""
    figure = next((c for c in head.children if c.dep_ == "nummod" and c.like_num), None)
    several = figure is None or head.tag_ != "NNS" or head.lemma_.lower() in _UNCOUNTED
    if several or figure is None or head.lower_ in _UNITS or figure.lower_ == "one":
        return None
    under = [t for t in head.subtree if t.i > figure.i]
    if any(t.pos_ == "AUX" and t.i > head.i for t in under):
        return None  # copies were printed
    phrase = bare(head.doc[figure.i + 1 : under[-1].i + 1].text)
    phrase = re.split(r",|:| that | which | who | before | after | \w+ing ", phrase)[0].strip()
    crowded = (
        any(t.like_num or t.lower_ == "other" for t in head.doc[figure.i + 1 : head.i])
        or len(phrase.split()) > 7
    )
    joined = " and " in head.doc[head.i : head.i + 8].text and " and " in phrase
    year = re.fullmatch(r"1\d{3}|20\d\d", figure.text)
    return (
        phrase
        if not crowded and not joined and not year and re.fullmatch(r"[\w' -]+", phrase)
        else None
    )


def _measure(head: Token) -> str | None:
    """Return the noun of `a depth of 1 to 3 mm`."""
    prep = next((c for c in head.children if c.dep_ == "prep" and c.lower_ == "of"), None)
    first = next(iter(head.subtree))
    if (
        head.lemma_.lower() not in _MEASURES
        or prep is None
        or first.lower_ not in {"a", "an"}
        or prep.i != head.i + 1
    ):
        return None
    inner = list(prep.subtree)
    figure = any(t.like_num for t in inner) and not any(t.dep_ == "relcl" for t in inner)
    if not figure:
        return None
    return " ".join(
        t.text for t in [*head.lefts, head] if t.dep_ in {"amod", "compound"} or t is head
    )


def _span(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """How long does probation last for ordinary staff?; How often is it inspected?"""
    text = piece.text
    timed = piece.head.lemma_.lower() in TIME_UNITS
    lasts = clause.verb.lemma_ in {"last", "take"} and piece.role in {"object", "adjunct"}
    wh = ""
    compared = any(t.tag_ in {"JJR", "RBR"} for t in clause.verb.children)
    if compared or clause.verb.lemma_ in {"call", "account", "ask", "look", "pay"}:
        return
    moved = re.search(r"\b(?:later|earlier)\b", clause.doc.text)
    if piece.sense == "frequency" and not moved and not text.startswith("per"):
        wh = "how often"
    elif piece.sense == "duration" and re.match(f"within {_SPELT}", text):
        wh = "how soon"
    elif (piece.sense == "duration" and re.match(rf"for (?!an? ){_SPELT}|at |up ", text)) or (
        lasts and timed and piece.start == clause.verb.i + 1
    ):
        wh = "how long"
    if wh:
        rest = [p for p in _unnumbered(clause, piece) if p.text.lower() not in _HEDGING]
        yield from made("how_many", ask(statement, clause, wh, rest), statement, family=wh)


def _rate(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """At what temperature does the yeast die?; At what rate is taxable income taxed?"""
    found = re.match(r"(at|to) (?:about |around |roughly |up to )?[\d.,]+[^.;]*", piece.text)
    if piece.role != "adjunct" or found is None:
        return
    if re.search(r"\d\s?°\s?[CF]\b|degrees", found.group()):
        wh = f"{found.group(1)} what temperature"
    elif re.search(r"\d\s?(?:%|per ?cent)", found.group()) and found.group(1) == "at":
        wh = "at what rate"
    else:
        return
    asked = ask(statement, clause, wh, _unnumbered(clause, piece))
    yield from made("how_many", asked, statement, family="at what")


def _value(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is the rate?: a copula between a name and a bare figure."""
    said = clause.first("attribute")
    if not clause.copular or clause.helpers or said is None or said.start < clause.verb.i:
        return
    value, who = _BOUND.sub("", trimmed(said)), subject_of(statement, clause)
    rest = [p for p in kept(clause, said) if p.role != "adverb"]
    told = who and who.lower().startswith("the ") and (rest or len(who.split()) > 2)
    if told and re.match(r"[\d$€£]", value) and len(value.split()) < 9:
        timed = any(t.lemma_.lower() in TIME_UNITS for t in clause.doc[said.start : said.end])
        asked = ask(statement, clause, "how long" if timed else "what", rest)
        yield from made("how_many", asked, statement, family="what value")
