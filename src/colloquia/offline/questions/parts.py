"""A question for each part of a clause that one can ask for: one table, one loop.

A row says for which parts it is, by their role or by what they tell, by their words and their verb,
and how they are asked for. What else the clause tells is repeated in the question, as far as it is
short and gives nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from colloquia.core.types import QuestionKind
from colloquia.language.figures.dates import MONTH
from colloquia.language.lexicon import word_set
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import LIMITING, ask, kept, made, trimmed
from colloquia.offline.questions.verbs import (
    ASKED_WHAT,
    BOUNDS,
    GOVERNED,
    HOLDING,
    MOVING,
    PLACED,
    QUANTIFIED,
    STATES,
    count_of,
    measure_of,
)
from colloquia.offline.reading.clauses import Clause, Piece
from colloquia.offline.reading.people import is_person
from colloquia.offline.reading.senses import PLACES, UNITS, dated
from colloquia.offline.reading.statement import Statement

Noun = Literal["person", "place", "region", "name", "date", "pronoun", "number", "thing", "none"]

_HEDGING = frozenset({"normally", "usually", "typically", "generally", "commonly"})
_BOUND = f"(?:{BOUNDS} )?"
_SPELT = r"(?:\d|an? |two|three|four|five|six|seven|eight|nine|ten|twelve|several|at |up |about )"
_DATED = rf"(?=.*(?:\b[12]\d{{3}}s?\b|centur|(?:\d|of|in|by) {MONTH}))"
_PLACE = "(?:in|at|on|near|under|beneath) "
_UNIT = rf"(?:{'|'.join(UNITS)})s?"
_HELD = frozenset({"condition", "time"})
_SAME = frozenset({"similar", "same", "such"})
_CALLS = word_set("call account ask look pay")
_IN_USE = word_set("use apply employ have be exist remain")  # for long: nobody asks when it was


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """How parts of some kind are asked for."""

    kind: QuestionKind
    of: str
    """The roles and senses of such parts."""
    wh: str
    """How the question opens, and behind ` … ` what it ends in; `{}` are the groups of `told`."""
    told: str = ""
    """What the part's words begin with; nothing: any."""
    verbs: frozenset[str] | None = None
    """Lemmas; None: any."""
    never: frozenset[str] = frozenset()
    """Lemmas of verbs with which nobody asks so."""
    noun: str = ""
    """Kinds of noun that the part has; nothing: any."""
    also: str = ""
    """`denied`, `orders`, `early` parts: of these too; `passive`: only of these."""
    family: str = ""

    def asks(self, clause: Clause, piece: Piece) -> str | None:
        """Return the words that ask for a part, or None where this row doesn't."""
        lemma, late = clause.verb.lemma_, piece.start > clause.verb.i
        fits = {piece.role, piece.sense} & set(self.of.split())
        barred = (
            (clause.negated and "denied" not in self.also)
            or (clause.orders and "orders" not in self.also)
            or ("passive" in self.also and not clause.passive)
            or not (late or "early" in self.also)
        )
        used = (self.verbs is None or lemma in self.verbs) and lemma not in self.never
        if not fits or barred or not used or (self.noun and _noun(piece) not in self.noun.split()):
            return None
        found = re.match(self.told, trimmed(piece), re.I)
        return self.wh.format(*(group or "" for group in found.groups())) if found else None


def parts(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions on one clause's parts."""
    for piece in clause.pieces:
        for row in _ROWS:
            words = row.asks(clause, piece)
            if words and _apt(row.family or row.wh, clause, piece):
                wh, _, tail = words.partition(" … ")
                rest = _rest(row, clause, piece)
                after = (p for p in clause.pieces if p.start == clause.verb.i + 1)
                lost = (p for p in after if p not in {piece, *rest} and p.role == "adjunct")
                cut = any(p.sense is None for p in lost)  # when did it lead?
                asked = None if cut else ask(statement, clause, wh.strip(), rest, tail=tail)
                yield from made(row.kind, asked, statement, family=row.family or row.wh)
        yield from _figures(statement, clause, piece)


def _figures(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """Ask how many, and what depth."""
    lasts = clause.verb.lemma_ in {"last", "take"} and piece.head.lemma_ in UNITS
    late = piece.start > clause.verb.i and piece.role in {"object", "attribute"}
    if late and not piece.sense and not (lasts or clause.copular or clause.negated):
        noun, measure = count_of(piece.head), measure_of(piece.head)
        rest = _rest(_COUNTED, clause, piece)
        asked = f"how many {noun}" if noun else f"what {measure}" if measure else ""
        phrased = ask(statement, clause, asked, rest) if asked else None
        family = "how many" if noun else "what measure"
        yield from made("how_many", phrased, statement, family=family)


def _rest(row: _Row, clause: Clause, piece: Piece) -> list[Piece]:
    """Return what the question repeats: without other figures, of which one answers the other."""
    dropped = clause.of("reason", "purpose") if row.wh == "why" else (piece,)
    plain, tailed = row.kind in {"what", "who", "where"}, "…" in row.wh and not clause.past
    return [
        other
        for other in kept(clause, *dropped)
        if not (other.role == "adverb" and _hedges(other, plain=plain))
        and not (row.kind == "where" and other.sense == "place")
        and not other.text.startswith("which is why")
        and not (row.wh == "when" and other.sense == "condition")
        and not (tailed and other.role == "adjunct" and other.start > piece.start)
        and not (row.kind == "how_many" and other.sense not in _HELD and _counts(other))
    ]


def _hedges(piece: Piece, *, plain: bool) -> bool:
    said = piece.text.lower()
    return said in _HEDGING or (plain and said not in LIMITING)


def _counts(piece: Piece) -> bool:
    return any(token.like_num for token in piece.head.doc[piece.start : piece.end])


def _noun(piece: Piece) -> Noun:
    """Return what kind of thing a preposition's noun is."""
    head = piece.head
    inner = next((c for c in head.children if c.dep_ == "pobj"), None)
    inner = head if piece.role == "object" else inner
    if inner is None:
        return "none"
    if is_person(inner, None, None) or (inner.ent_type_ == "NORP" and inner.tag_[-1] == "S"):
        return "person"
    if any(t.ent_type_ in PLACES for t in inner.subtree):
        near = (inner, *inner.children)
        return "place" if any(t.ent_type_ in PLACES for t in near) else "region"
    if inner.lemma_.lower() in UNITS or inner.ent_type_ in {"DATE", "TIME"}:
        return "date"
    if inner.pos_ == "PROPN":
        return "name"
    return "pronoun" if inner.pos_ == "PRON" else "number" if inner.pos_ == "NUM" else "thing"


def _apt(family: str, clause: Clause, piece: Piece) -> bool:
    """Whether nothing in the clause makes the question odd, as it would be of such a part."""
    subject, doc, head = clause.subject_head, clause.doc, piece.head
    match family:
        case "why":
            first = next(iter(clause.of("reason", "purpose")), piece)
            aim = piece.sense == "purpose"
            bare_aim = aim and piece.text.startswith("to ")  # must give room to keep clear
            idle = aim and (clause.modal in {"can", "may", "could"} or (bare_aim and clause.modal))
            bare = clause.copular and not clause.of_role("attribute")
            return piece == first and not idle and not bare
        case "how":
            return subject is None or subject.tag_ != "VBG"  # how is choosing a base done?
        case "when" | "since when":
            counts = subject is not None and any(c.like_num for c in subject.children)
            once = not clause.past or (dated(piece.head) and clause.verb.lemma_ not in _IN_USE)
            figures = any(map(_counts, kept(clause, piece)))
            return piece.role != "adverb" and once and not counts and not figures
        case "when if":
            had = any(h.lower_ == "had" for h in clause.helpers)
            beside = piece.start > 2 and doc[piece.start - 2].lower_ in {"or", "and"}  # or, if …,
            once = clause.past and piece.text.lower().startswith("if ")  # when did he threaten it?
            return piece.role == "clause" and not (had or beside or once)
        case "how often":
            compared = any(t.tag_ in {"JJR", "RBR"} for t in clause.verb.children)
            counted = r"\b(?:later|earlier|(?:once|twice) (?:each|every))\b"
            return not compared and not re.search(counted, clause.text)
        case "what object":
            dull = any(t.like_num or t.lower_ in _SAME for t in head.children)
            lone = re.fullmatch(r"\w+", clause.subject_text) and clause.verb.lemma_ == "include"
            many = len(clause.of_role("object")) > 1 or QUANTIFIED.match(clause.subject_text)
            lone = lone or len(clause.subject_text) == 1
            says = clause.verb.lemma_ == "cause" or re.match(
                r"(?:that|how|what|whether) ", piece.text
            )
            told = piece.role == "object" or (head.dep_ == "ccomp" and says)
            wrong = dull or lone or many or clause.passive or head.dep_ == "dative"
            return bool(told and not wrong)
        case "what for":
            apart = doc[piece.start - 1].text == "," or ":" in clause.text or clause.copular
            alone = not (piece.sense or clause.first("object"))
            return alone and not apart and _governs(clause, piece)
        case "called":
            return head.dep_ == "oprd"
        case "how much":
            return head.pos_ != "NOUN" or head.tag_ != "NNS"
        case _:
            return True


def _governs(clause: Clause, piece: Piece) -> bool:
    """Whether one asks what a verb goes with by this preposition: depends on."""
    lemma = clause.verb.lemma_
    governed = GOVERNED.fullmatch(f"{lemma} {piece.head.lower_}")
    figure = _counts(piece) and lemma != "entitle"
    return bool(governed and not figure and piece.start <= clause.verb.i + 2)


_COUNTED = _Row(kind="how_many", of="object", wh="how many")
_ROWS = (
    _Row(kind="how", of="means", wh="how", never=word_set("refer call name know"), also="orders"),
    _Row(kind="why", of="reason", wh="why", also="denied orders early"),
    _Row(
        kind="why", of="purpose", wh="why", also="denied orders",
        never=STATES | {"use", "come", "act"},
    ),
    _Row(kind="why", of="clause adjunct", wh="why", told="which is why", also="denied"),
    _Row(kind="when", of="time", wh="since when", told=f"since {_DATED}", also="early"),
    _Row(
        kind="when", of="time", wh="when", also="early",
        told=f"(?!until|from|since|by|for|as )(?:{_DATED}|before |after |when(?! s?he\b)|once )",
    ),
    _Row(kind="when", of="attribute", wh="when … due", told="due (?:by|on|in|at|within) "),
    _Row(
        kind="how_many", of="time condition", wh="until when", told=f"until {_DATED}",
        never=word_set("give"),
    ),
    _Row(kind="how_many", of="time condition", wh="how long", told=f"until (?!{_DATED}|.*°)"),
    _Row(
        kind="when", of="condition", wh="when", family="when if", also="early",
        told=r"(?!where|until|before|while|as |when s?he\b|.*reasonabl)",
    ),
    _Row(
        kind="how_many", of="frequency", wh="how often", told="(?!per)", never=_CALLS, also="orders"
    ),
    _Row(
        kind="how_many", of="duration", wh="how soon", never=_CALLS, also="orders",
        told=rf"within (?:{_SPELT}|{_UNIT} )",
    ),
    _Row(
        kind="how_many", of="duration", wh="how long", never=_CALLS, also="orders",
        told=rf"for (?!an? ){_SPELT}|at |up ",
    ),
    _Row(
        kind="how_many", of="object adjunct duration", wh="how long", verbs=word_set("last take"),
        told=rf"{_BOUND}[\w-]+(?: (?:to|or) \w+)?(?: full| whole)? {_UNIT}\b",
    ),
    _Row(kind="where", of="adjunct", wh="where", told=_PLACE, verbs=PLACED, noun="place region"),
    _Row(
        kind="where", of="adjunct", wh="where", told=rf"{_PLACE}|(?:by|beside|above|below|behind) ",
        verbs=word_set("stand lie sit locate situate"), noun="place region name",
    ),
    _Row(
        kind="where", of="adjunct", wh="where",
        told=rf"{_PLACE}(?!\w+ing\b)(?:an? |the )?[\w-]+(?<!s)(?: \w+)?$",
        verbs=PLACED - {"base"}, noun="thing", also="passive orders",
    ),
    _Row(
        kind="where", of="adjunct", wh="where … to", told="(?:in)?to ", noun="place name",
        verbs=word_set("move send"),
    ),
    _Row(
        kind="where", of="adjunct", wh="where", told="(?:in)?to ", noun="place name",
        verbs=MOVING - {"move", "send"},
    ),
    _Row(
        kind="where", of="adjunct", wh="where … from", told="from ", noun="place name",
        verbs=MOVING,
    ),
    _Row(
        kind="what", of="adjunct", wh="what … {}", family="what for", told=r"(?!either|both)(\w+) ",
        never=MOVING, noun="thing name number",
    ),
    _Row(
        kind="what", of="attribute", wh="what … to do", family="what to do", told="to (?!be )",
        verbs=word_set("require expect allow force oblige permit"), also="passive",
    ),
    _Row(
        kind="what", of="object attribute", wh="what", family="what object", verbs=ASKED_WHAT,
        told=r"(?!(?:the|its|their|this) \S+$)", noun="none thing",
    ),
    _Row(
        kind="what", of="object adjunct", wh="{} which {}", family="which",
        told=r"(?!except)(?:(to|in|from|into|with|by|for|on|against) )?((?!the |other |its |their |"
        r"many |some |several |most |few |various |two |three |\d)(?:[\w-]+ ){0,3}[\w-]+s),?"
        r" (?:such as|including|like|namely) ",
    ),
    _Row(
        kind="what", of="attribute", wh="what", family="called", also="passive",
        verbs=word_set("call name term"),
    ),
    _Row(
        kind="what", of="attribute clause", wh="what … for", family="used for", told="to ",
        verbs=word_set("use"), also="passive",
    ),
    _Row(
        kind="how_many", of="object", wh="how much", verbs=HOLDING,
        told=rf"{_BOUND}[\d.,]+(?: (?:to|or|and) (?:more|less|[\d.,]+))?(?: \S+)?$",
    ),
    _Row(
        kind="how_many", of="object", wh="what percentage of {}", family="what share",
        told=rf"{_BOUND}\d[\d.,]*\s?(?:%|per cent|percent) of ([^,]+)$",
    ),
    _Row(
        kind="how_many", of="adjunct", wh="{} what temperature", family="at what", also="orders",
        told=r"(at|to) (?:\w+ (?:to )?)?[\d.,]+[^.;]*?(?:\d\s?°\s?[CF]\b|degrees)",
    ),
    _Row(
        kind="how_many", of="adjunct", wh="at what {}", family="at what",
        told=r"at (?:\w+ (?:to )?)?[\d.,]+\s?(?:%|per ?cent) ((?:\w+ )?[a-z]+)$",
    ),
)  # fmt: skip
