"""Questions on the very topic that the snippet doesn't answer: a fact altered, or a gap asked into.

Each is kept only if a careful reading of the snippet agrees that it isn't answered.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from colloquia.language.clauses import Clause
from colloquia.language.facts import find_facts
from colloquia.language.inflection import inflect
from colloquia.language.lexicon import word_set
from colloquia.language.pieces import Piece
from colloquia.language.tagging import tag
from colloquia.language.words import content_forms
from colloquia.offline.questions.attributes import wanted_of
from colloquia.offline.questions.candidate import Candidate, candidate_of
from colloquia.offline.questions.reasons import follows_so
from colloquia.offline.reading.evidence import has_kind
from colloquia.offline.reading.grammar import Phrased, ask, ask_subject
from colloquia.offline.reading.people import is_animate_verb
from colloquia.offline.reading.reading import read
from colloquia.offline.reading.soundness import (
    changed_figure,
    keeps_ranges,
    kept_pieces,
    sound,
    well_cut,
    whole,
)
from colloquia.offline.reading.study import Statement, Study, study
from colloquia.offline.reading.topics import NO_TOPIC, topic_head

_DURATION = re.compile(
    r"\b(?:until|since|after|before|during|later|ago|then|today|when|while|once|years?)\b", re.I
)
# States have no moment and no reason one would ask for.
_STATES = word_set(
    "be have include contain consist remain seem appear become mean comprise involve belong "
    "possess resemble differ depend refer range lie represent call know name consider define "
    "originate derive come stem owe"
)
_UNDOABLE = frozenset({"bear"})  # a passive by form alone: nobody asks who bore somebody, or why
_YEAR = re.compile(r"\b1\d\d\d\b|\b20\d\d\b")
_MAX_EACH = 8  # enough to choose from; every one costs a careful reading


@lru_cache(maxsize=512)
def unanswerables(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return false-premise and near-miss questions, each verified by a careful reading."""
    studied = study(text, title)
    found: list[Candidate] = []
    for source in (
        _false_premises(studied),
        _swapped_subjects(studied),
        _attributes(studied),
        _near_misses(studied),
        _general(studied),
    ):
        kept: list[Candidate] = []
        for candidate in source:
            if len(kept) >= _MAX_EACH:
                break
            asked = candidate.question
            if not (sound(asked) and keeps_ranges(asked, text)):
                continue
            if not _answered(candidate, text, title):
                kept.append(candidate)
        found.extend(kept)
    return tuple(found)


def _answered(candidate: Candidate, text: str, title: str | None) -> bool:
    return read(candidate.question, text=text, title=title).answers


def _false_premises(studied: Study) -> Iterator[Candidate]:
    """Ask for something else about a claim one of whose facts was changed."""
    for claim in studied.claims:
        clause = claim.clause
        if clause is None or claim.subject is None or clause.negated or clause.copular:
            continue
        if not whole(clause, kept_pieces(clause)) or not well_cut(clause, kept_pieces(clause)):
            continue
        fronted = [clause.fronted] if clause.fronted else []
        for piece in (*fronted, *clause.pieces[:3]):
            for text in altered(piece, studied):
                yield from _with_premise(claim, clause, piece, replace(piece, text=text))


def _swapped_subjects(studied: Study) -> Iterator[Candidate]:
    """Ask when or where another of the text's subjects did what only this one did."""
    # only of people can most things be said of one as well as of another
    people = {claim.subject for claim in studied.claims if claim.person}
    named = [claim for claim in studied.claims if claim.subject in people and not claim.resolved]
    for claim in studied.claims:
        clause = claim.clause
        if clause is None or claim.subject is None or clause.negated or clause.copular:
            continue
        if clause.form != "VBD" or clause.lemma in _STATES:
            continue
        if claim.subject not in people:
            continue
        other = next((o for o in named if _could_stand_for(o, claim)), None)
        if other is None:
            continue
        for kind in ("time", "place"):
            piece = clause.first(kind)
            if piece is not None:
                rest = kept_pieces(clause, drop=(piece,))
                if not whole(clause, rest, drop=(piece,)) or not well_cut(clause, rest):
                    continue
                wh = "when" if kind == "time" else "where"
                phrased = ask(claim, wh, rest, subject=other.subject)
                yield candidate_of("false_premise", phrased, claim)


def _could_stand_for(other: Statement, claim: Statement) -> bool:
    """Whether a subject is another name of the same number, from another sentence."""
    if other.clause is None or claim.clause is None or other.index == claim.index:
        return False
    if other.clause.plural != claim.clause.plural:
        return False
    shared = content_forms(other.subject or "") & content_forms(claim.sentence.text)
    return not shared and re.search(r"[A-Z]", other.subject or "") is not None


def altered(piece: Piece, studied: Study) -> Iterator[str]:
    """Yield a piece with its year, number or place changed to one the claim doesn't have."""
    figure = changed_figure(piece.text) if piece.kind in {"time", "object"} else None
    if figure is not None:
        yield figure
    elif piece.kind == "place":
        yield from _other_places(piece, studied)


def _other_places(piece: Piece, studied: Study) -> Iterator[str]:
    """Yield the same kind of place phrase from another sentence."""
    opener = piece.text.split(" ", 1)[0]
    for claim in studied.claims:
        for other in claim.clause.pieces if claim.clause else ():
            fits = other.kind == "place" and other.text.split(" ", 1)[0] == opener
            if fits and other.text != piece.text and re.search(r"[A-Z]", other.text):
                yield other.text


def _with_premise(
    claim: Statement, clause: Clause, piece: Piece, changed: Piece
) -> Iterator[Candidate]:
    """Ask when, where, who or why, with the changed piece taken for granted."""
    kept = list(kept_pieces(clause))
    if piece in kept:
        kept[kept.index(piece)] = changed
    elif piece is clause.fronted:
        kept.append(replace(changed, text=changed.text[:1].lower() + changed.text[1:]))
    else:
        return
    if _YEAR.search(changed.text) and clause.form in {"VBZ", "VBP"}:
        return  # Why does the poet ask this in 1644?
    if clause.pieces and kept == [changed] and not clause.passive:
        return  # without what the verb needs: Why did she announce in 2005?
    if clause.first("place") in kept:
        rest = [other for other in kept if other is not clause.first("place")]
        yield candidate_of("false_premise", ask(claim, "where", rest), claim)
    if clause.first("time") in kept:
        rest = [other for other in kept if other is not clause.first("time")]
        yield candidate_of("false_premise", ask(claim, "when", rest), claim)
    if claim.person and not claim.resolved and not clause.passive:
        yield candidate_of("false_premise", ask_subject(claim, "who", kept), claim)
    yield candidate_of("false_premise", ask(claim, "why", kept), claim)


def _attributes(studied: Study) -> Iterator[Candidate]:
    """Ask what one wants to know of a thing of this kind, where nothing is said of it."""
    for phrased, statement in wanted_of(studied):
        yield candidate_of("near_miss", phrased, statement)


def _near_misses(studied: Study) -> Iterator[Candidate]:
    """Ask when, why, where, by whom or how many of a claim that doesn't say."""
    for claim in studied.claims:
        clause = claim.clause
        if clause is None or claim.subject is None or clause.negated or clause.copular:
            continue
        pieces = kept_pieces(clause)
        if not pieces or clause.form == "MD":
            continue
        if not whole(clause, pieces) or not well_cut(clause, pieces):
            continue
        for phrased in _gaps(claim, clause, pieces):
            probe = candidate_of("near_miss", phrased, claim)
            asked = read(probe.question, text=studied.text, title=studied.title).asked
            if not has_kind(asked, claim):
                yield probe


# What one may well want to know of anything, and a short passage seldom says.
_WANTED = (
    ("how did {x} get {its} name", "how {x} got {its} name"),
    (
        "which points about {x} are disputed among experts",
        "which points about {x} are disputed among experts",
    ),
    ("which questions about {x} are still open", "which questions about {x} are still open"),
    (
        "how has the view of {x} changed over the years",
        "how the view of {x} has changed over the years",
    ),
)


# The same where the text has no nameable topic: then the text itself is what one asks about.
_WANTED_OF_TEXT = (
    ("who wrote this passage", "who wrote this passage"),
    ("when was this passage written", "when this passage was written"),
    ("where was this passage first published", "where this passage was first published"),
)


def _general(studied: Study) -> Iterator[Candidate]:
    """Ask what one may want to know of the topic: the last resort."""
    many = topic_head(studied.topic).tag in {"NNS", "NNPS"}
    someone = any(claim.person and claim.subject == studied.topic for claim in studied.claims)
    its = "their" if many or someone else "its"
    wanted = _WANTED_OF_TEXT if studied.topic == NO_TOPIC else _WANTED
    for direct, indirect in wanted:
        if " and " in studied.topic and "{its}" in direct:
            continue  # two things have no one name
        phrased = Phrased(
            direct=direct.format(x=studied.topic, its=its),
            indirect=indirect.format(x=studied.topic, its=its),
        )
        yield replace(candidate_of("near_miss", phrased, studied.statements[0]), general=True)


def _gaps(claim: Statement, clause: Clause, pieces: tuple[Piece, ...]) -> Iterator[Phrased]:
    said = claim.sentence.text
    timeless = not any(fact.kind in {"year", "date", "century"} for fact in find_facts(said))
    happened = clause.form == "VBD" and clause.lemma not in _STATES
    if happened and timeless and not _DURATION.search(said):
        yield ask(claim, "when", pieces)
    done = clause.passive and clause.lemma not in _UNDOABLE
    if happened and done and clause.first("agent") is None and len(clause.aux) == 1:
        yield _by_whom(claim, clause, pieces)
    counted = counted_plural(claim)
    if (
        counted
        and clause.lemma not in _STATES
        and not re.search(r"\d", said)
        and not any(token.tag == "CD" for token in tag(said))
    ):
        yield ask_subject(claim, f"how many {counted}", pieces)
    if _deliberate(claim, clause):
        yield ask(claim, "why", pieces)


def _deliberate(claim: Statement, clause: Clause) -> bool:
    """Whether someone did it on purpose, so that one may well ask why."""
    if clause.form != "VBD" or clause.lemma in _STATES | _UNDOABLE:
        return False
    if clause.first("infinitive", "purpose", "cause") or follows_so(claim, clause):
        return False
    return clause.passive or claim.person is True or is_animate_verb(clause.lemma)


def _by_whom(claim: Statement, clause: Clause, pieces: tuple[Piece, ...]) -> Phrased:
    """A passive without a doer leaves open who did it: was built -> who built it."""
    rest = " ".join(piece.text for piece in pieces)
    text = f"who {inflect(clause.lemma, 'VBD')} {claim.subject} {rest}"
    return Phrased(direct=text, indirect=text)


def counted_plural(claim: Statement) -> str | None:
    """Return a plain plural subject that could be counted; None for others."""
    clause = claim.clause
    if clause is None or not clause.plural or claim.resolved or clause.aux[:1] == ("are",):
        return None
    tokens = clause.subject_tokens
    if any(token.tag == "POS" for token in tokens):
        return None
    if tokens[0].tag in {"DT", "CD", "JJS", "JJR"} or tokens[-1].tag != "NNS" or len(tokens) > 3:
        return None
    return claim.subject
