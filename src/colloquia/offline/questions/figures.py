"""How many, how long, how often, what share: a question for each figure that can be asked for."""

import re
from collections.abc import Iterator

from spacy.tokens import Token

from colloquia.language.lexicon import word_set
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import ask, ask_subject, subject_of, trimmed
from colloquia.offline.questions.things import kept, made
from colloquia.offline.reading.clauses import Clause, Piece, bare
from colloquia.offline.reading.study import Statement, Study

_TIME_UNITS = word_set("second minute hour day week month year decade century")
_UNITS = word_set(
    "% ° °c °f mm cm m km kg g mg µm nm kpa mpa pa lux ml l ppm v a w kw hz khz mhz percent degree "
    "gram metre meter litre liter micrometre millimetre centimetre kilometre mile foot inch pound "
    "tonne ton hectare acre euro dollar"
)
_MEASURES = word_set(
    "depth weight length height width distance temperature pressure speed rate ph level share dose "
    "percentage ratio age size volume current voltage frequency penalty fee allowance price cost "
    "charge thickness concentration humidity area power angle value suction limit score density "
    "mass capacity fine salary wage pension deposit discount range radius diameter period term"
)
_BOUNDING = word_set("of between below above from at under over up")
_UNCOUNTED = word_set("time one half way number percentage point")
_BOUND = re.compile(
    r"^(?:at (?:least|most)|up to|no (?:more|fewer|less) than|(?:more|fewer|less) than|about|around|"
    r"roughly|approximately|only|nearly|almost|exactly|over|under|the (?:first|last|next)|another)\s+", re.I,
)  # fmt: skip


def figures(studied: Study, statement: Statement) -> Iterator[Candidate]:
    """Yield the questions on one statement's figures."""
    for clause in statement.clauses:
        if clause.sound and not clause.negated:
            yield from _counted_subject(statement, clause)
            yield from _counted_parts(statement, clause)
            yield from _spans(statement, clause)
            yield from _bound_to(statement, clause)
            yield from _values(statement, clause)
            yield from _measured(statement, clause)
            yield from _rates(statement, clause)


def _counted_parts(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    for piece in clause.pieces:
        if (
            piece.role not in {"object", "attribute"}
            or piece.start < clause.verb.i
            or clause.copular
        ):
            continue
        noun = _counted(piece.head)
        if noun is None or (
            clause.verb.lemma_ in {"last", "take"} and piece.head.lemma_ in _TIME_UNITS
        ):
            continue
        rest = _unnumbered(clause, piece)
        yield from made(
            "how_many",
            ask(statement, clause, f"how many {noun}", rest),
            statement,
            family="how many",
        )
        share = _share(piece)
        if share:
            yield from made(
                "how_many",
                ask(statement, clause, f"what percentage of {share}", rest),
                statement,
                family="what share",
            )


def _unnumbered(clause: Clause, *dropped: Piece) -> list[Piece]:
    """Return what the question repeats, without other figures: one would answer the other."""
    return [
        piece for piece in kept(clause, *dropped)
        if piece.sense == "condition" or not any(t.like_num for t in piece.head.doc[piece.start : piece.end])
    ]  # fmt: skip


def _counted_subject(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    head = clause.subject_head
    noun = _counted(head) if head is not None else None
    if noun is None or clause.copular:
        return
    phrased = ask_subject(clause, f"how many {noun}", _unnumbered(clause))
    if phrased is not None and re.search(r"^.* (?:is|has|was|does) ", phrased.direct):
        return  # the verb was put in the singular
    yield from made("how_many", phrased, statement, family="how many")


def _counted(head: Token) -> str | None:
    """Return what is counted, with what describes it: consecutive hours of rest."""
    figure = next((c for c in head.children if c.dep_ == "nummod" and c.like_num), None)
    if (
        figure is None
        or head.tag_ != "NNS"
        or head.lemma_.lower() in _UNCOUNTED
        or head.lower_ in _UNITS
    ):
        return None
    if figure.lower_ == "one" or re.fullmatch(r"1\d{3}|20\d\d", figure.text):
        return None
    right = max(t.i for t in head.subtree)
    phrase = head.doc[figure.i + 1 : right + 1].text
    phrase = re.split(r",| that | which | who | before | after ", bare(phrase))[0].strip()
    if any(t.like_num for t in head.doc[figure.i + 1 : head.i]) or len(phrase.split()) > 7:
        return None
    return phrase if re.fullmatch(r"[\w' -]+", phrase) else None


def _share(piece: Piece) -> str | None:
    found = re.match(
        r"\d[\d.,]*\s?(?:%|per cent|percent) of (.+)$", _BOUND.sub("", bare(piece.text))
    )
    return found.group(1) if found and "," not in found.group(1) else None


def _spans(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """How long does probation last for ordinary staff?; How often is it inspected?"""
    for piece in clause.pieces:
        text = piece.text
        if piece.start < (clause.subject or (clause.verb.i,))[0]:
            continue
        lasting = (
            clause.verb.lemma_ in {"last", "take"}
            and piece.role in {"object", "adjunct"}
            and _has_unit(piece)
            and piece.start == clause.verb.i + 1
        )
        rest = _unnumbered(clause, piece)
        if piece.sense == "frequency" and not text.startswith("per"):
            kind, wh = "how often", "how often"
        elif (
            piece.sense == "duration"
            and re.match(r"(?:for|at|up)\b", text)
            and re.search(
                r"\d|\b(?:a|two|three|four|five|six|seven|eight|nine|ten|twelve|several)\b", text
            )
        ) or lasting:
            kind, wh = "how long", "how long"
        elif piece.sense == "duration" and re.match(
            r"within (?:\d|a |an |one|two|three|four|five|six|ten)", text
        ):
            kind, wh = "how soon", "how soon"
        else:
            continue
        yield from made(
            "how_many",
            ask(
                statement,
                clause,
                wh,
                [
                    p
                    for p in rest
                    if p.role != "adverb"
                    or p.text.lower() not in {"normally", "usually", "typically"}
                ],
            ),
            statement,
            family=kind,
        )
    said = clause.first("attribute")
    lasting = said is not None and re.match(r"(\w+) for ", said.text)
    if clause.copular and said is not None and lasting and _has_unit(said):
        phrased = ask(statement, clause, "how long", [], tail=lasting.group(1))
        yield from made("how_many", phrased, statement, family="how long")


def _bound_to(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """How soon does a claim have to be lodged?; How long are records to be kept?"""
    for piece in clause.pieces:
        found = re.match(
            r"(to [^,]+?) (within|for) (?:at (?:least|most) |up to )?(\w+) (\w+)", piece.text
        )
        if (
            found is None
            or piece.role != "attribute"
            or found.group(4).rstrip("s") not in _TIME_UNITS
        ):
            continue
        wh = "how soon" if found.group(2) == "within" else "how long"
        phrased = ask(statement, clause, wh, [], tail=found.group(1))
        yield from made("how_many", phrased, statement, family=wh)


def _has_unit(piece: Piece) -> bool:
    return any(t.lemma_.lower() in _TIME_UNITS for t in piece.head.doc[piece.start : piece.end])


def _measured(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What depth is considered healthy?; What current does a healthy sensor pass?"""
    head = clause.subject_head
    noun = _measure(head) if head is not None else None
    if noun and not clause.of("contrast"):
        yield from made(
            "how_many",
            ask_subject(clause, f"what {noun}", kept(clause)),
            statement,
            family="what measure",
        )
    said = clause.first("object")
    noun = _measure(said.head) if said is not None else None
    if said is not None and noun:
        phrased = ask(statement, clause, f"what {noun}", _unnumbered(clause, said))
        yield from made("how_many", phrased, statement, family="what measure")


def _measure(head: Token) -> str | None:
    """Return the noun of `a depth of 1 to 3 mm`."""
    if head.tag_ != "NN" or (head.i == 0 and head.dep_ == "ROOT"):
        return None
    prep = next((c for c in head.children if c.dep_ == "prep" and c.lower_ == "of"), None)
    first = head.doc[min(t.i for t in head.subtree)]
    if prep is None or first.lower_ not in {"a", "an"}:
        return None
    figure = any(t.like_num for t in prep.subtree) and not any(
        t.dep_ == "relcl" for t in prep.subtree
    )
    described = [t for t in head.lefts if t.dep_ in {"amod", "compound"}]
    return " ".join(t.text for t in [*described, head]) if figure else None


def _rates(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """At what temperature does the yeast die?; At what rate is taxable income taxed?"""
    for piece in clause.pieces:
        found = re.match(r"(?:at|to) (?:about |around |roughly |up to )?[\d.,]+[^.;]*", piece.text)
        if piece.role != "adjunct" or piece.start < clause.verb.i or found is None:
            continue
        if re.search(r"\d\s?°\s?[CF]\b|degrees", found.group()):
            wh = f"{piece.text.split()[0]} what temperature"
        elif re.search(r"\d\s?(?:%|per ?cent)", found.group()) and piece.text.startswith("at "):
            wh = "at what rate"
        else:
            continue
        yield from made(
            "how_many",
            ask(statement, clause, wh, _unnumbered(clause, piece)),
            statement,
            family="at what",
        )


def _values(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is the rate?: a copula between a name and a bare figure."""
    said = clause.first("attribute")
    if not clause.copular or clause.helpers or said is None or said.start < clause.verb.i:
        return
    value = _BOUND.sub("", trimmed(said))
    if not re.match(r"[\d$€£]", value) or len(value.split()) > 8:
        return
    who = subject_of(statement, clause)
    if who is None or not who.lower().startswith("the "):
        return
    wh = "how long" if _has_unit(said) else "what"
    yield from made(
        "how_many",
        ask(statement, clause, wh, [p for p in kept(clause, said) if p.role != "adverb"]),
        statement,
        family="what value",
    )
