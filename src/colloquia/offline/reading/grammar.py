"""Building questions from a clause: inversion, do-support, and the same question indirectly put."""

from collections.abc import Iterable
from dataclasses import dataclass

from colloquia.language.clauses import Clause
from colloquia.language.inflection import inflect
from colloquia.language.lexicon import word_set
from colloquia.language.pieces import Piece
from colloquia.offline.reading.study import Statement

#: Adverbs that tie a sentence to the one before it; out of their place they say nothing.
DISCOURSE = word_set(
    "also then thus therefore however still even instead further hence furthermore "
    "additionally likewise similarly again consequently subsequently eventually finally "
    "thereafter thereby too"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrased:
    """One question in two forms: as asked, and as it stands inside a sentence."""

    direct: str
    """`When did the Normans adopt the language`, without the question mark."""
    indirect: str
    """`when the Normans adopted the language`."""


def ask(
    statement: Statement, wh: str, pieces: Iterable[Piece], *, subject: str | None = None
) -> Phrased:
    """Ask for something other than the subject: `wh` + inverted clause with these pieces."""
    clause = statement.clause
    assert clause is not None and statement.subject is not None
    who = subject or statement.subject
    rest = [piece.text for piece in pieces]
    plural = clause.plural or who == "they"
    finite, middle, verb = _verb_words(clause, plural=plural)
    if clause.copular:
        direct = [wh, clause.verb, who, _adverb(clause), *rest]
    elif clause.aux:
        direct = [wh, *finite, who, *middle, _adverb(clause), verb, *rest]
    else:
        direct = [wh, *finite, who, _adverb(clause), clause.lemma, *rest]
    indirect = [wh, who, *clause.aux, _adverb(clause), clause.verb, *rest]
    if clause.copular:
        indirect = [wh, who, clause.verb, _adverb(clause), *rest]
    lowered = wh[:1].lower() + wh[1:]
    return Phrased(direct=_join(direct), indirect=_join([lowered, *indirect[1:]]))


def ask_subject(statement: Statement, wh: str, pieces: Iterable[Piece]) -> Phrased:
    """Ask for the subject: `wh` takes its place, nothing is inverted."""
    clause = statement.clause
    assert clause is not None
    verb = clause.verb
    aux = clause.aux
    if wh.lower() in {"who", "what"} and clause.form == "VBP":  # who and what take the singular
        if aux:
            aux = (_singular(aux[0]), *aux[1:])
        else:
            verb = _singular(verb) if clause.copular else inflect(clause.lemma, "VBZ")
    if wh.lower() in {"who", "what"} and clause.form == "VBD":
        aux = tuple("was" if word == "were" else word for word in aux)
        verb = "was" if verb == "were" else verb
    words = _join([wh, *aux, _adverb(clause), verb, *[piece.text for piece in pieces]])
    return Phrased(direct=words, indirect=words[:1].lower() + words[1:])


def yes_no(statement: Statement, pieces: Iterable[Piece], *, subject: str | None = None) -> Phrased:
    """Ask whether the clause is so."""
    phrased = ask(statement, "whether", pieces, subject=subject)
    direct = phrased.direct.removeprefix("whether ")
    return Phrased(direct=direct[:1].upper() + direct[1:], indirect=phrased.indirect)


def declare(statement: Statement, pieces: Iterable[Piece], *, subject: str | None = None) -> str:
    """Say the clause as a plain statement, without capital or full stop."""
    return ask(statement, "that", pieces, subject=subject).indirect.removeprefix("that ")


def _verb_words(clause: Clause, *, plural: bool) -> tuple[list[str], list[str], str]:
    if clause.aux:
        return [clause.aux[0].lower()], list(clause.aux[1:]), clause.verb
    if clause.form == "VBD":
        return ["did"], [], clause.lemma
    return ["do" if plural else "does"], [], clause.lemma


def _adverb(clause: Clause) -> str:
    return " ".join(word for word in clause.adverb.split() if word.lower() not in DISCOURSE)


def _singular(word: str) -> str:
    return {"are": "is", "have": "has", "do": "does"}.get(word.lower(), word)


def _join(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)
