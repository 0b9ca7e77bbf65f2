"""Each kind of question as it can be read off one claim; no kind where the grammar is in doubt."""

import re
from collections.abc import Iterator
from dataclasses import replace

from colloquia.language.clauses import Clause
from colloquia.language.inflection import inflect
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import head_noun
from colloquia.language.pieces import Piece
from colloquia.language.tagging import Token, tag
from colloquia.language.words import content_words
from colloquia.offline.questions.candidate import Candidate, candidate_of, inverted
from colloquia.offline.questions.figures import how_many
from colloquia.offline.questions.reasons import why_and_how
from colloquia.offline.questions.stranded import stranded
from colloquia.offline.reading.grammar import Phrased, ask_subject
from colloquia.offline.reading.people import THING_WORDS, is_animate_verb, is_person_noun
from colloquia.offline.reading.soundness import (
    SAYING,
    changed_figure,
    kept_pieces,
    telling,
    unclear,
    well_cut,
    whole,
)
from colloquia.offline.reading.study import Statement

# With these, "What did X have?" asks for nothing in particular.
_LIGHT_VERBS = word_set(
    "have make take give get go do be play become seem appear remain come put set keep let "
    "tend need lie say mean see know show find call begin start help use lose gain cease try"
)
# A stretch of time answers "how long", not "when".
_STRETCH = re.compile(r"(?:from|between|since|until|throughout|for)\b", re.I)
# What says hardly more than that there is one: the Normans were the people …
_SAYS_LITTLE = re.compile(r"(?:the|a|an|one) (?:people|one|ones|thing|result|same|other)\b", re.I)
_SUPERLATIVE = re.compile(r"\b(?:first|last|main|most|only|final|\w+est)\b")
_LOCATES = re.compile(r"(?:on|in|at|near|off|beside|under|above|between|along)\b")
_CALLING = word_set("call name term dub title entitle")
# By what it is ordered is how, not what orders it.
_BY_A_MEASURE = word_set("order sort measure rank classify arrange know mean judge group")
_EMPTY_OBJECTS = word_set("part place use way form number one most much role lot rise time")


def questions_on(statement: Statement) -> Iterator[Candidate]:
    """Yield every question that one claim answers; none from a denial or a broken clause."""
    clause = statement.clause
    if clause is None or clause.negated:
        return
    if clause.verb.lower() in {"'s", "'re"} or not _complete(clause):
        return
    if statement.subject is None:
        if _pointed_at(clause):  # This signal triggers …: what triggers it can still be asked
            yield from _who_or_what(statement, clause)
            named = f"the {clause.subject.split(' ', 1)[1]}"
            yield from why_and_how(replace(statement, subject=named), clause)
        return
    yield from _definition(statement, clause)
    yield from _who_or_what(statement, clause)
    yield from _what_object(statement, clause)
    yield from stranded(statement, clause)
    yield from _when(statement, clause)
    yield from _where(statement, clause)
    yield from how_many(statement, clause)
    yield from why_and_how(statement, clause)
    yield from _yes_no(statement, clause)


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
    if re.match(r"(?!that|who|which|where)[a-z]", clause.tail) or not well_cut(clause, (said,)):
        return  # cut off in the middle: a Polish | nobleman
    if _SAYS_LITTLE.match(said.text) or not _worth_defining(statement, clause):
        return
    if clause.plural and head_noun(clause.subject_tokens).tag == "NNP":
        return
    article = clause.subject_tokens[0].lower in {"a", "an"}
    if (article and (clause.plural or clause.form == "VBD")) or not telling(
        clause.subject, least=2
    ):
        return
    if statement.person is None and _may_be_a_trade(clause, said):
        return
    person = statement.person or (is_person_noun(head_noun(tag(said.text)).lower) and not article)
    wh = "Who" if person else "What"
    yield inverted("definition", wh, statement, ())


def _may_be_a_trade(clause: Clause, said: Piece) -> bool:
    """Whether a full name is said to be a carrier, a tailor …: a person, or a ship of that name."""
    head = head_noun(tag(said.text)).lower
    name = all(token.tag == "NNP" for token in clause.subject_tokens)
    doer = head.endswith(("er", "or")) and not is_person_noun(head)
    return name and len(clause.subject_tokens) > 1 and doer


def _worth_defining(statement: Statement, clause: Clause) -> bool:
    """Whether the subject is a thing one may not know: the city and the result are none."""
    subject = statement.subject or ""
    if clause.subject_tokens[0].lower != "the":
        return True
    named = re.search(r"[A-Z]", subject) is not None
    return named or len(content_words(subject)) >= 3 or _SUPERLATIVE.search(subject) is not None


def _pointed_at(clause: Clause) -> bool:
    """Whether the subject is `this` or `these` with a noun."""
    tokens = clause.subject_tokens
    return len(tokens) >= 2 and tokens[0].lower in {"this", "these"} and len(tokens) <= 5


def _plural_class(piece: Piece) -> bool:
    last = tag(piece.text)[-1]
    return last.tag == "NNS"


def _who_or_what(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    pieces = kept_pieces(clause)
    if clause.passive and len(clause.aux) == 1 and clause.first("agent"):
        yield from _agent(statement, clause)
        return
    if not _asks_something(clause, pieces):
        return
    leads = clause.lemma == "lead" and pieces[0].text.startswith("to")
    acts = is_animate_verb(clause.lemma) and not clause.passive and not leads
    head = head_noun(clause.subject_tokens)
    named = head.tag in {"NNP", "NNPS"} and head.lower not in THING_WORDS
    person = statement.person
    if statement.subject is None:
        person = is_person_noun(head.lower)
    if person is True or (acts and (named or person is None)):
        yield candidate_of("who", ask_subject(statement, "Who", pieces), statement)
    elif person is False and not acts:
        yield candidate_of("what", ask_subject(statement, "What", pieces), statement)


def _asks_something(clause: Clause, pieces: tuple[Piece, ...]) -> bool:
    """Whether a clause without its subject says enough to ask for it, and its subject tells."""
    if clause.copular or not pieces or (clause.lemma in {"have", "be"} and clause.aux == ()):
        return False
    if len(content_words(" ".join(piece.text for piece in pieces))) < 2:
        return False
    if not whole(clause, pieces) or not well_cut(clause, pieces):
        return False
    needs = pieces[0].kind in {"object", "that", "infinitive"}
    if not (needs or clause.passive) or clause.lemma in {"include", "comprise"}:
        return False
    if clause.passive and clause.lemma in _CALLING and pieces[0].kind == "object":
        return False  # the largest lenses are called first-order lenses: what is one, rather
    # the results showed it: nobody learns what showed it
    named = any(token.tag.startswith("NNP") for token in clause.subject_tokens)
    return clause.lemma not in SAYING or named or len(content_words(clause.subject)) > 1


def _agent(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Turn a passive with its doer round: was designed by X -> who designed it."""
    agent = clause.first("agent")
    form = {"was": "VBD", "were": "VBD", "is": "VBZ", "are": "VBZ"}.get(clause.aux[0].lower())
    if agent is None or form is None or statement.subject is None or unclear(agent.text):
        return
    rest = [piece.text for piece in kept_pieces(clause, drop=(agent,)) if piece.kind != "phrase"]
    doer = tag(agent.text.split(" ", 1)[-1])
    person = _names_person(doer)
    if person is None or (len(doer) == 1 and doer[0].tag == "NN"):
        return  # by hand, by law: that is how, not who
    if not person and clause.lemma in _BY_A_MEASURE:
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
    if not telling(asked, least=3) or (said.text != said.text.strip() or "%" in said.text):
        return
    yield inverted("what", "What", statement, keep)


def _when(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    front = clause.fronted if clause.fronted and clause.fronted.kind == "time" else None
    timed = clause.first("time") or front
    if timed is None or _STRETCH.match(timed.text):
        return
    times = [piece for piece in clause.pieces if piece.kind == "time"]
    if len(times) > 1:
        return  # it fell from so much in April to so little in June
    pieces = kept_pieces(clause, drop=times)
    if (clause.copular and not pieces) or not well_cut(clause, pieces):
        return
    if _specific(statement, pieces) and whole(clause, pieces, drop=(timed,)):
        yield inverted("when", "When", statement, pieces)


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
    while (
        at and _LOCATES.match(clause.pieces[at - 1].text) and clause.pieces[at - 1].kind == "phrase"
    ):
        at -= 1  # on a granite reef | in the Sound
    before = kept_pieces(clause, drop=clause.pieces[at:])
    if len(before) < at or (clause.copular and before):
        return
    if any(piece.kind not in {"object", "particle", "agent", "time", "adverb"} for piece in before):
        return
    if not whole(clause, before, drop=(place,)) or not well_cut(clause, before):
        return
    after = clause.pieces.index(place) + 1
    later = [piece for piece in clause.pieces[after : after + 1] if piece.kind == "time"]
    if _specific(statement, before):
        yield inverted("where", "Where", statement, (*before, *later))


def _specific(statement: Statement, pieces: tuple[Piece, ...]) -> bool:
    clause = statement.clause
    assert clause is not None
    said = " ".join(piece.text for piece in pieces)
    return bool(said) or clause.passive or not clause.tail


def _yes_no(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    pieces = kept_pieces(clause)
    if len(content_words(" ".join(piece.text for piece in pieces))) < 2:
        return
    if clause.form == "MD" and clause.aux and clause.aux[0].lower() not in {"can", "could", "must"}:
        return
    if not whole(clause, pieces) or not well_cut(clause, pieces):
        return
    yield inverted("yes_no", "", statement, pieces)
    for piece in pieces[:3]:
        other = changed_figure(piece.text)
        if other is not None:  # one whose honest answer is No
            swapped = tuple(replace(p, text=other) if p is piece else p for p in pieces)
            yield inverted("yes_no", "", statement, swapped)
