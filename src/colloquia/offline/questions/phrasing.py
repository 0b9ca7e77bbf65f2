"""Putting a clause as a question: inversion, do-support, and the same question indirectly put."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from colloquia.language.inflection import inflect
from colloquia.offline.reading.clauses import DISCOURSE, Clause, Piece, bare
from colloquia.offline.reading.study import POINTING, Statement, mid_sentence

MAX_WORDS = 26
_INNER = frozenset(
    {"its", "their", "it", "they", "them", "itself", "themselves", "his", "her", "he", "she", "him"}
)
_FORMS = {"VBD": "did", "VBZ": "does", "VBP": "do"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrased:
    """One question in two forms."""

    direct: str
    """`When did the Normans adopt the language?`."""
    indirect: str
    """`when the Normans adopted the language`."""
    followed: str | None = None
    """The direct form with a pronoun for the subject."""


def ask(
    statement: Statement,
    clause: Clause,
    wh: str,
    kept: Sequence[Piece],
    *,
    tail: str = "",
    negated: bool | None = None,
    adverb: str = "",
    modal: str = "",
) -> Phrased | None:
    """Ask for something that isn't the subject: `wh`, the inverted clause, these parts, a tail.

    Returns None where it can't be put soundly. An order is asked of `you`.
    """
    who = subject_of(statement, clause)
    if who is None or not clause.sound:
        return None
    denies = clause.negated if negated is None else negated
    finite, middle, verb = _verb_of(clause)
    finite = modal or finite
    before, after = _around(clause, kept)
    no = "not" if denies else ""
    rest = [no, adverb, *before, *middle, verb, tail, *after]
    direct = _tidy([wh, finite, who, *rest])
    helpers = [finite] if clause.helpers or clause.copular or clause.orders else []
    plain_verb = verb if helpers or denies else clause.verb.text
    if denies and not helpers:
        helpers = [finite]
    indirect = _tidy(
        [wh or "whether", who, *helpers, no, adverb, *before, *middle, plain_verb, *after, tail]
    )
    if clause.copular and not clause.helpers:
        direct = _tidy([wh, clause.verb.lower_, who, no, adverb, *before, tail, *after])
        indirect = _tidy(
            [wh or "whether", who, clause.verb.lower_, no, adverb, *before, tail, *after]
        )
    if not sound(direct, who):
        return None
    followed = _followed(direct, who, statement, clause)
    return Phrased(direct=_asked(direct), indirect=_lower(indirect), followed=followed)


def ask_subject(clause: Clause, wh: str, kept: Sequence[Piece]) -> Phrased | None:
    """Ask for the subject: `wh` takes its place, nothing is inverted."""
    if clause.subject is None or not clause.sound:
        return None
    before, after = _around(clause, kept)
    helpers = [h.lower_ for h in clause.helpers if h.lower_ not in {"n't", "not"}]
    verb = clause.verb.text.lower()
    if helpers:
        helpers[0] = {"are": "is", "were": "was", "have": "has", "do": "does"}.get(
            helpers[0], helpers[0]
        )
    elif clause.verb.tag_ == "VBP":
        verb = "is" if clause.copular else inflect(clause.verb.lemma_, "VBZ")
    elif clause.copular and verb == "were":
        verb = "was"
    no = "not" if clause.negated else ""
    words = _tidy([wh, *helpers[:1], no, *before, *helpers[1:], verb, *after])
    if not sound(words, ""):
        return None
    return Phrased(direct=_asked(words), indirect=_lower(words))


def subject_of(statement: Statement, clause: Clause) -> str | None:
    """Return the subject as a question names it, or None where it only points at something."""
    if clause.orders:
        return "you"
    own = clause.doc[slice(*(clause.subject or (0, 0)))]
    named = statement.subject if clause.subject == (statement.main or clause).subject else ""
    name = named or bare(mid_sentence(own.text, own[0], statement.quote))
    name = re.split(r",\s+(?:a|an|the|which|who|meaning|called|also)\b", name)[0].strip(" ,")
    words = name.lower().split()
    if (
        not words
        or set(words) & POINTING - {"its", "their", "there", "each", "other"}
        or len(words) > 12
    ):
        return None
    if any(t.lower_ == "that" and t.tag_ == "DT" for t in own):
        return None
    if re.search(
        r"\bthe (?:two|first|second|third|fourth|latter|former|rest|others?|same)$|\bthe two\b",
        name.lower(),
    ):
        return None
    return None if words[0] in {"its", "their", "none"} or own.root.dep_ == "expl" else name


def _verb_of(clause: Clause) -> tuple[str, list[str], str]:
    """Return the finite word, what stands before the verb, and the verb after inversion."""
    helpers = [h.lower_ for h in clause.helpers]
    helpers = [{"ca": "can", "wo": "will", "sha": "shall"}.get(h, h) for h in helpers]
    if clause.orders:
        return "should", [], clause.verb.lower_
    if helpers:
        return helpers[0], helpers[1:], clause.verb.text.lower()
    if clause.verb.tag_ == "VBD" and clause.verb.lower_ == clause.verb.lemma_ and clause.plural:
        return "do", [], clause.verb.lemma_  # split, set, cut: their past looks like the present
    tag = clause.verb.tag_ if clause.verb.tag_ in _FORMS else ("VBP" if clause.plural else "VBZ")
    return _FORMS[tag], [], clause.verb.lemma_.lower()


def _around(clause: Clause, kept: Sequence[Piece]) -> tuple[list[str], list[str]]:
    """Return the kept parts before and after the verb; what opened the sentence goes last."""
    first = clause.subject[0] if clause.subject else clause.verb.i
    before, after, fronted = [], [], []
    for piece in kept:
        words = trimmed(piece)
        if piece.role == "adverb" and (
            words.lower() in DISCOURSE | {"never", "either"} or piece.head.tag_ == "WRB"
        ):
            continue
        if piece.start < first:
            fronted.append(words[:1].lower() + words[1:] if _small(piece) else words)
        elif piece.end <= clause.verb.i:
            before.append(words)
        else:
            after.append(words)
    return before, [*after, *fronted]


def _small(piece: Piece) -> bool:
    return piece.head.doc[piece.start].pos_ not in {"PROPN", "NUM"} or piece.role == "clause"


def trimmed(piece: Piece) -> str:
    """Return a part's text without brackets and without asides set off by a comma."""
    doc = piece.head.doc
    end = piece.end
    for token in doc[piece.start + 1 : piece.end - 1]:
        if token.text != ",":
            continue
        after = token.nbor()
        aside = after.tag_ in {"WDT", "WP", "WP$"} or after.lower_ in {
            "such", "including", "especially", "usually", "preferably", "meaning", "far", "namely",
            "often", "for",
        }  # fmt: skip
        appos = after.dep_ in {"acl", "relcl"} or (
            after.lower_ in {"a", "an", "the"} and after.head.dep_ == "appos"
        )
        if aside or appos:
            end = token.i
            break
    return bare(doc[piece.start : end].text)


def sound(question: str, who: str) -> bool:
    """Whether a question can stand: short enough, whole, and pointing at nothing unnamed."""
    words = re.findall(r"[\w'’-]+", question.lower())
    if not 3 <= len(words) <= MAX_WORDS or re.search(
        r"[;—–…\"“”\[\](){}]|: |\.\s|\bthat (?:moment|time|point|case|way|day|date|year)\b",
        question,
    ):
        return False
    named = question.lower().find(who.lower()) + len(who) if who and who != "you" else 10**6
    for found in re.finditer(r"[\w'’-]+", question.lower()):
        word = found.group()
        if word in _INNER and found.start() >= named:
            continue
        if word in POINTING - {
            "you",
            "there",
            "so",
            "then",
            "here",
            "each",
            "both",
            "either",
            "neither",
            "one",
            "another",
            "other",
            "same",
            "others",
        }:
            return False
        if (
            word
            in {"one", "others", "another", "former", "latter", "instead", "respectively", "only"}
            and word != "only"
        ):
            return False
    return not re.search(
        r"\b(?:and|or|but|of|the|a|an|which|than|rather)$|\bthat$", question.strip()
    )


def _followed(direct: str, who: str, statement: Statement, clause: Clause) -> str | None:
    if clause.orders or statement.person or who not in direct or clause.subject is None:
        return None
    if len(who.split()) > 8 or clause.subject != (statement.main or clause).subject:
        return None
    pronoun = "they" if clause.plural else "it"
    short = direct.replace(who, pronoun, 1)
    return _asked(short) if len(short.split()) >= 4 else None


def _tidy(parts: Sequence[str]) -> str:
    text = " ".join(part for part in parts if part)
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    return re.sub(r"\s+", " ", text).strip(" ,;:.")


def _asked(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}?"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
