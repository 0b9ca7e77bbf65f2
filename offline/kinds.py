"""Each kind of question as it can be read off one claim; no kind where the grammar is in doubt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from colloquia.core.types import QuestionKind
from colloquia.language.clauses import Clause
from colloquia.language.inflection import inflect
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import head_noun, noun_phrase_end
from colloquia.language.pieces import Piece
from colloquia.language.tagging import Token, tag
from colloquia.language.words import content_words
from colloquia.offline.grammar import Phrased, ask, ask_subject, yes_no
from colloquia.offline.soundness import changed_figure, kept_pieces, telling, unclear
from colloquia.offline.study import Statement, is_animate_verb, is_person_noun

# With these, "What did X have?" asks for nothing in particular.
_LIGHT_VERBS = word_set(
    "have make take give get go do be play become seem appear remain come put set keep let "
    "tend need lie say mean see know show find call begin start help use lose gain cease try"
)
_PURPOSEFUL = word_set(
    "use build establish create develop found form introduce design invent send flee leave "
    "return move travel employ adopt install add apply employ set construct write publish "
    "hold make modify release join meet organise organize gather come go march sail secrete"
)
# A stretch of time answers "how long", not "when".
_STRETCH = re.compile(r"(?:from|between|since|until|throughout|for)\b", re.I)
_EMPTY_OBJECTS = word_set("part place use way form number one most much role lot rise time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One possible question on a snippet."""

    kind: QuestionKind
    question: str
    """Asked plainly, with its question mark."""
    aim: str
    """The same, indirectly put: `when the Normans adopted the language`."""
    statement: int
    """The sentence that answers it (or that an unanswerable one was made from)."""
    subject: str = ""
    general: bool = False
    """Whether it only asks what is said of a name."""
    followed: str | None = None
    """The same question once its subject has been spoken of: a pronoun stands for it."""


def questions_on(statement: Statement) -> Iterator[Candidate]:
    """Yield every question that one claim answers; none from a denial or a broken clause."""
    clause = statement.clause
    if clause is None or statement.subject is None or clause.negated:
        return
    if clause.verb.lower() in {"'s", "'re"} or not _complete(clause):
        return
    yield from _definition(statement, clause)
    yield from _who_or_what(statement, clause)
    yield from _what_object(statement, clause)
    yield from _when(statement, clause)
    yield from _where(statement, clause)
    yield from _how_many(statement, clause)
    yield from _why_and_how(statement, clause)
    yield from _yes_no(statement, clause)


def candidate_of(kind: QuestionKind, phrased: Phrased, statement: Statement) -> Candidate:
    """Make a candidate of a phrased question."""
    direct = phrased.direct
    return Candidate(
        kind=kind, question=direct[:1].upper() + direct[1:] + "?", aim=phrased.indirect,
        statement=statement.index, subject=statement.subject or "",
    )  # fmt: skip


def _inverted(
    kind: QuestionKind, wh: str, statement: Statement, pieces: tuple[Piece, ...]
) -> Candidate:
    """An inverted question, and its form with a pronoun for the subject."""
    build = yes_no if kind == "yes_no" else None
    plain = build(statement, pieces) if build else ask(statement, wh, pieces)
    short = (
        build(statement, pieces, subject=statement.pronoun)
        if build
        else ask(statement, wh, pieces, subject=statement.pronoun)
    )
    clash = (
        (statement.pronoun == "they" and statement.clause and not statement.clause.plural)
        or (statement.pronoun == "it" and statement.person is None)
        or kind == "definition"
    )
    followed = None if clash else short.direct[:1].upper() + short.direct[1:] + "?"
    return replace(candidate_of(kind, plain, statement), followed=followed)


def _complete(clause: Clause) -> bool:
    """Whether a transitive verb got what it needs: 'The city gave' asks for nothing."""
    if clause.copular:
        return clause.first("object") is not None
    return bool(clause.pieces) or clause.passive


def _definition(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    said = clause.first("object")
    if not clause.copular or said is None or clause.pieces[0] is not said:
        return
    if not re.match(r"(?:an?|the|one)\b", said.text, re.I) and not _plural_class(said):
        return
    if clause.plural and head_noun(clause.subject_tokens).tag == "NNP":
        return
    article = clause.subject_tokens[0].lower in {"a", "an"}
    if (article and (clause.plural or clause.form == "VBD")) or not telling(
        clause.subject, least=2
    ):
        return
    person = statement.person or (is_person_noun(head_noun(tag(said.text)).lower) and not article)
    wh = "Who" if person else "What"
    yield _inverted("definition", wh, statement, ())


def _plural_class(piece: Piece) -> bool:
    last = tag(piece.text)[-1]
    return last.tag == "NNS"


def _who_or_what(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    pieces = kept_pieces(clause)
    if clause.passive and len(clause.aux) == 1 and clause.first("agent"):
        yield from _agent(statement, clause)
        return
    if clause.copular or not pieces or (clause.lemma in {"have", "be"} and clause.aux == ()):
        return
    if len(content_words(" ".join(piece.text for piece in pieces))) < 2 or statement.resolved:
        return
    if pieces[0].kind not in {"object", "that", "infinitive"} and not clause.passive:
        return
    if clause.lemma in {"include", "comprise"}:
        return
    leads = clause.lemma == "lead" and pieces[0].text.startswith("to")
    acts = is_animate_verb(clause.lemma) and not clause.passive and not leads
    named = head_noun(clause.subject_tokens).tag in {"NNP", "NNPS"}
    if statement.person is True or (acts and (named or statement.person is None)):
        yield candidate_of("who", ask_subject(statement, "Who", pieces), statement)
    elif statement.person is False and not acts:
        yield candidate_of("what", ask_subject(statement, "What", pieces), statement)


def _agent(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Turn a passive with its doer round: was designed by X -> who designed it."""
    agent = clause.first("agent")
    form = {"was": "VBD", "were": "VBD", "is": "VBZ", "are": "VBZ"}.get(clause.aux[0].lower())
    if agent is None or form is None or statement.subject is None or unclear(agent.text):
        return
    rest = [piece.text for piece in kept_pieces(clause, drop=(agent,)) if piece.kind != "phrase"]
    doer = tag(agent.text.split(" ", 1)[-1])
    person = _names_person(doer)
    if person is None:
        return
    verb = inflect(clause.lemma, "VBD" if form == "VBD" else "VBZ")
    wh = "who" if person else "what"
    text = " ".join([wh, verb, statement.subject, *rest])
    yield candidate_of("who" if person else "what", Phrased(direct=text, indirect=text), statement)


def _names_person(tokens: tuple[Token, ...]) -> bool | None:
    if not tokens:
        return None
    head = head_noun(tokens)
    if any(is_person_noun(token.lower) for token in tokens):
        return True
    if head.tag in {"NN", "NNS"}:
        return None if any(token.tag in {"NNP", "NNPS"} for token in tokens) else False
    names = [token for token in tokens if token.tag == "NNP"]
    return True if len(names) == len(tokens) and len(names) in {2, 3} else None


def _what_object(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    said = clause.pieces[0] if clause.pieces else None
    if said is None or said.kind != "object" or clause.copular or clause.passive:
        return
    if clause.lemma in _LIGHT_VERBS:
        return
    tokens = tag(said.text)
    head = head_noun(tokens)
    if not head.tag.startswith("NN") or head.lower in _EMPTY_OBJECTS or _names_person(tokens):
        return
    after = [piece for piece in clause.pieces[1:3] if piece.kind in {"time", "place", "particle"}]
    keep = tuple(piece for piece in after if not unclear(piece.text))
    asked = " ".join([statement.subject or "", clause.lemma, *(piece.text for piece in keep)])
    if not telling(asked, least=3):
        return
    yield _inverted("what", "What", statement, keep)


def _when(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    front = clause.fronted if clause.fronted and clause.fronted.kind == "time" else None
    timed = clause.first("time") or front
    if timed is None or _STRETCH.match(timed.text):
        return
    pieces = kept_pieces(clause, drop=[piece for piece in clause.pieces if piece.kind == "time"])
    if clause.copular and not pieces:
        return
    if _specific(statement, pieces):
        yield _inverted("when", "When", statement, pieces)


def _where(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    place = clause.first("place")
    if place is None or clause.lemma in {
        "have",
        "become",
        "include",
        "result",
        "consist",
        "estimate",
        "see",
        "base",
    }:
        return
    at = clause.pieces.index(place)
    before = kept_pieces(clause, drop=clause.pieces[at:])
    if len(before) < at or (clause.copular and before):
        return
    if any(piece.kind in {"that", "infinitive", "means"} for piece in before):
        return
    later = [piece for piece in clause.pieces[at + 1 : at + 2] if piece.kind == "time"]
    if _specific(statement, before):
        yield _inverted("where", "Where", statement, (*before, *later))


def _specific(statement: Statement, pieces: tuple[Piece, ...]) -> bool:
    clause = statement.clause
    assert clause is not None
    said = " ".join(piece.text for piece in pieces)
    return bool(said) or clause.passive or not clause.tail


def _how_many(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    for piece in clause.pieces[:2]:
        counted = counted_noun(piece.text) if piece.kind == "object" else None
        if counted is None:
            continue
        rest = kept_pieces(clause, drop=(piece,))
        rest = tuple(other for other in rest if other.kind in {"time", "place", "particle"})
        if not clause.copular and clause.first("object") is piece:
            yield _inverted("how_many", f"How many {counted}", statement, rest)
    counted = counted_noun(clause.subject)
    pieces = kept_pieces(clause)
    if counted and clause.plural and pieces and not statement.resolved:
        yield candidate_of(
            "how_many", ask_subject(statement, f"How many {counted}", pieces), statement
        )


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
            if tokens[end - 1].lower in {"years", "percent", "times", "centuries", "million"}:
                return None
            return phrase[tokens[start].start : tokens[end - 1].end]
        return None
    return None


def _why_and_how(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    cause = clause.first("cause", "purpose") or _purpose(clause)
    fronted = clause.fronted
    if cause is not None:
        before = kept_pieces(clause, drop=clause.pieces[clause.pieces.index(cause) :])
        if len(before) == clause.pieces.index(cause) and (before or not clause.copular):
            yield _inverted("why", "Why", statement, before)
    elif fronted is not None and re.match(
        r"(?:because|due to|since [a-z]+ [a-z]+ed)\b", fronted.text, re.I
    ):
        pieces = kept_pieces(clause)
        if pieces:
            yield _inverted("why", "Why", statement, pieces)
    means = clause.first("means")
    if means is not None and clause.lemma not in {"be", "go", "have"}:
        before = kept_pieces(clause, drop=clause.pieces[clause.pieces.index(means) :])
        if len(before) == clause.pieces.index(means):
            yield _inverted("how", "How", statement, before)


def _purpose(clause: Clause) -> Piece | None:
    """An infinitive after the object of such a verb says what the deed was for."""
    for earlier, piece in zip(clause.pieces, clause.pieces[1:], strict=False):
        if piece.kind == "infinitive" and earlier.kind in {"object", "place", "time", "phrase"}:
            return piece if clause.lemma in _PURPOSEFUL else None
    passive = clause.passive and clause.pieces and clause.pieces[0].kind == "infinitive"
    return clause.pieces[0] if passive and clause.lemma in _PURPOSEFUL else None


def _yes_no(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    pieces = kept_pieces(clause)
    if len(content_words(" ".join(piece.text for piece in pieces))) < 2:
        return
    if clause.form == "MD" and clause.aux and clause.aux[0].lower() not in {"can", "could", "must"}:
        return
    yield _inverted("yes_no", "", statement, pieces)
    for piece in pieces[:3]:
        other = changed_figure(piece.text)
        if other is not None:  # one whose honest answer is No
            swapped = tuple(replace(p, text=other) if p is piece else p for p in pieces)
            yield _inverted("yes_no", "", statement, swapped)
