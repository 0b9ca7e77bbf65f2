"""Putting a clause as a question: inversion, do-support, and the same question indirectly put."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colloquia.core.types import QuestionKind
from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import capital, lowered
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.reading.antecedents import POINTING
from colloquia.offline.reading.clauses import DISCOURSE, Clause, Piece, bare
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import mid_sentence

MAX_WORDS = 17
_SPARE_WORDS = 9  # of parts that a question could do without
_FORMS = {"VBD": "did", "VBZ": "does", "VBP": "do"}
_NEEDED = frozenset({"object", "attribute", "particle"})
_ASIDES = frozenset({"reason", "purpose", "contrast", "exception", "frequency"})
_TIMED = frozenset({"time", "duration", "frequency"})
_INNER = word_set("its their itself themselves his her they he she")
_WITHIN_A_NAME = word_set("its their there each other his her former")
_HARMLESS = word_set(
    "another one you there so then here each both either neither other same such others thus rest"
)
_QUALIFYING = word_set(
    "usually preferably especially never normally depending typically often mainly mostly despite "
    "particularly generally even according like unlike instead rather including thereby regardless "
    "not but"
)
#: Without these it would be said of all times, or of another deed.
LIMITING = word_set("initially originally formerly again alone once twice") | {"only once"}
_AT_A_TIME = word_set("previously first last")
_WHITHER = word_set("ahead astern behind apart together upright upwards downwards outside inside")
_TYING = re.compile(
    r"(?:for (?:example|instance|this|these|that)|in (?:addition|fact|general|particular|contrast|"
    r"turn|practice|this|these|such|some|many|most|other|principle|total|all)|by (?:contrast|far)|"
    r"as a (?:result|rule)|on (?:the other hand|average)|at (?:first|the time|that time|the same)|"
    r"to (?:this|that)|with (?:this|these|that)|as with)\b", re.I,
)  # fmt: skip
_BROKEN = re.compile(
    r"[;—…\"“”\[\](){}=]|: |\.\s|"
    r"\bthat (?:moment|time|point|case|way|day|date|year)\b|"
    r"\b(?:one|another|former|latter|respectively|follows?|following|above|below)\b(?! \w)|"
    r"\b(?:any|no) such\b|\b(?:still|again|otherwise|instead|the rest)\b|"
    r"\bbut (?:do|does|did|is|are|was|were|ha[sd]|have)\b|"
    r"\s–|–\s|\bas (?:much|many)\b|\b(?:and|or|but|of|the|an?|which|than|rather|that)$|"
    r"\b(\w+) \1\b(?! that)"
)


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
    if finite == "need" and denies:
        finite, middle = "do" if clause.plural else "does", ["need to", *middle]
    before, needed, spare = _around(clause, kept)
    no = "not" if denies else ""
    inner = [no, adverb, *before, *middle]
    rest = [*needed, tail, *spare]
    if clause.copular and not clause.helpers:
        finite, verb = clause.verb.lower_, ""
        helpers = [finite]
    else:
        helpers = [finite] if clause.helpers or clause.orders or denies else []
    direct = tidy([wh, finite, who, *inner, verb, *rest])
    spoken = verb if helpers else clause.verb.text
    indirect = tidy([wh or "whether", who, *helpers, *inner, spoken, *rest])
    if not sound(direct.removesuffix(" of") if tail else direct, who):
        return None
    followed = _followed(direct, who, statement, clause)
    return Phrased(direct=f"{capital(direct)}?", indirect=indirect, followed=followed)


def ask_subject(clause: Clause, wh: str, kept: Sequence[Piece]) -> Phrased | None:
    """Ask for the subject: `wh` takes its place, nothing is inverted."""
    if clause.subject is None or not clause.sound:
        return None
    before, needed, spare = _around(clause, kept)
    helpers = [h.lower_ for h in clause.helpers]
    verb = clause.verb.text.lower()
    many = {"is": "are", "was": "were", "has": "have", "does": "do"}
    if wh.startswith("how many"):
        helpers[:1] = [many.get(word, word) for word in helpers[:1]]
    else:  # what asks for one thing, however many there are
        if helpers:
            helpers[0] = {word: one for one, word in many.items()}.get(helpers[0], helpers[0])
        elif clause.verb.tag_ == "VBP":
            verb = inflect(clause.verb.lemma_, "VBZ")
    words = tidy([wh, *helpers[:1], *before, *helpers[1:], verb, *needed, *spare])
    return worded(words, "", "")


def made(
    kind: QuestionKind,
    phrased: Phrased | None,
    statement: Statement,
    *,
    family: str,
    lead: str = "",
    also: int | None = None,
) -> Iterator[Candidate]:
    """Yield the candidate of a phrased question, if there is one."""
    if phrased is not None:
        yield Candidate(
            kind=kind,
            question=phrased.direct,
            aim=phrased.indirect,
            statement=statement.index,
            subject=statement.subject,
            followed=phrased.followed,
            family=family,
            lead=lead,
            also=also,
        )


def worded(question: str, aim: str, who: str) -> Phrased | None:
    """Return a question worded whole, if it is sound; an aim only where its words differ."""
    question = tidy([question])
    if not sound(question, who):
        return None
    return Phrased(direct=f"{capital(question)}?", indirect=tidy([aim or question]))


def put(
    statement: Statement, kind: QuestionKind, family: str, question: str, aim: str = ""
) -> Iterator[Candidate]:
    """Yield the candidate of a question worded whole."""
    yield from made(kind, worded(question, aim, statement.subject), statement, family=family)


def kept(clause: Clause, *dropped: Piece) -> list[Piece]:
    """Return the parts a question repeats: what the verb needs, and of the rest what is short."""
    spare = _SPARE_WORDS
    timed = any(p.sense in _TIMED for p in dropped)
    found = []
    for piece in clause.pieces:
        if piece in dropped or (timed and piece.sense in _TIMED and piece.role != "clause"):
            continue
        if piece.role not in _NEEDED:
            size = len(trimmed(piece).split())
            counted = clause.doc[piece.start - 1].lower_ in {"once", "twice"}  # once each winter
            if (piece.sense in _ASIDES and not counted) or size > spare or _aside(piece, clause):
                continue
            spare -= size
        found.append(piece)
    return found


def _aside(piece: Piece, clause: Clause) -> bool:
    """Whether a part only qualifies or ties: usually at 5%, a participle after a comma."""
    doc = piece.head.doc
    apart = piece.start > 0 and doc[piece.start - 1].text == ","
    if piece.role == "adverb" and re.search(r"\d|\btoo\b", piece.text):
        return False  # they catch 5 % too little
    if piece.role == "adverb" and piece.text.lower() not in LIMITING:
        if piece.text.lower() in _AT_A_TIME and piece.end >= clause.verb.i:
            return False
        lone = piece.start == clause.verb.i + 1 and clause.first("object") is None
        lone |= piece.text.split()[-1] in _WHITHER and piece.start > clause.verb.i
        return not lone or piece.text.lower() in DISCOURSE | _QUALIFYING or piece.head.tag_ == "WRB"
    if (piece.role == "clause" or piece.head.dep_ == "npadvmod") and piece.sense is None:
        return True
    late = apart and piece.start > clause.verb.i and piece.sense is None
    return doc[piece.start].lower_ in _QUALIFYING or late or bool(_TYING.match(piece.text))


def subject_of(statement: Statement, clause: Clause) -> str | None:
    """Return the subject as a question names it, or None where it only points at something."""
    if clause.orders:
        return "you"
    own = clause.doc[slice(*(clause.subject or (0, 0)))]
    named = statement.subject if clause.subject == (statement.main or clause).subject else ""
    name = named or bare(mid_sentence(own.text, own[0], statement.quote))
    listed = re.search(r",? (?:and|or) ", name)
    aside = r",\s+(?:an?\b|the|which|who|called|also|known|named|then|now|born|especi|design|such)"
    name = re.split(aside if listed else r",\s", name)[0].strip(" ,")
    if own.root.pos_ == "NOUN" and own.root.text.lower() not in name.lower():
        return None  # cut before its noun: a stiff, cool culture
    if "," in name and not listed:
        return None  # the theory, held
    words = name.lower().split()
    pointing = set(words[1:]) & POINTING - _WITHIN_A_NAME
    allowed = {"each", "another"} if clause.copular else {"each"}
    pointing |= {words[0]} & POINTING - allowed if words else set()
    cut = own.text and own[-1].tag_ in {"VBZ", "VBD", "VBP", "IN"}
    if not words or pointing or len(words) > 12 or own.root.dep_ == "expl" or cut:
        return None
    if words[0] in {"its", "their", "his", "her", "none", "neither", "that"}:
        return None
    nth = r"two|first|second|third|fourth|last|rest|same"
    short = (
        r"^(?:nobody|nothing|no one|first the|last the|\w+ other)\b|, and (?:the|an?) |"
        rf"\b(?:that|the (?:{nth})|ones?|many|most|some)$|{'(?!)' if clause.passive else '^no '}"
    )  # how long may nobody swim?
    return None if re.search(short, name.lower()) or not clause.subject_sound else name


def _verb_of(clause: Clause) -> tuple[str, list[str], str]:
    """Return the finite word, what stands before the verb, and the verb after inversion."""
    full = {"ca": "can", "wo": "will", "sha": "shall", "'s": "is", "'d": "had", "'ve": "have"}
    helpers = [full.get(h.lower_, h.lower_) for h in clause.helpers]
    if clause.orders:
        return "should", [], clause.verb.lower_
    if helpers:
        return helpers[0], helpers[1:], clause.verb.text.lower()
    if clause.verb.tag_ == "VBD" and clause.verb.lower_ == clause.verb.lemma_ and clause.plural:
        past = re.search(r"\b1\d{3}\b", clause.doc.text) or any(
            t.tag_ == "VBD" for t in clause.doc[: clause.verb.i]
        )
        return "did" if past else "do", [], clause.verb.lemma_  # split, set, cut: past or present
    if clause.past:
        return "did", [], clause.verb.lemma_.lower()
    tag = clause.verb.tag_ if clause.verb.tag_ in _FORMS else ("VBP" if clause.plural else "VBZ")
    return _FORMS[tag], [], clause.verb.lemma_.lower()


def _around(clause: Clause, kept: Sequence[Piece]) -> tuple[list[str], list[str], list[str]]:
    """Return the parts before the verb, those it needs, and the rest; what opened it goes last."""
    first = clause.subject[0] if clause.subject else clause.verb.i
    before, needed, spare, fronted = [], [], [], []
    for piece in kept:
        words = trimmed(piece)
        if piece.start < first:
            fronted.append(lowered(words))
        elif piece.end <= clause.verb.i:
            before.append(words)
        elif piece.role in _NEEDED:
            needed.append(words)
        else:
            spare.append(words)
    return before, needed, [*spare, *fronted]


def trimmed(piece: Piece) -> str:
    """Return a part's text without brackets and without asides set off by a comma."""
    doc = piece.head.doc
    for token in doc[piece.start + 1 : piece.end - 1]:
        after = token.nbor()
        aside = after.tag_ in {"WDT", "WP", "WP$"} or after.dep_ in {"acl", "relcl"}
        opens = re.match(r"(?:such|includ|meaning|far|namely|often|for)", after.lower_)
        appos = after.dep_ == "det" and after.head.dep_ == "appos"
        if token.text == "," and (aside or opens or appos or after.lower_ in _QUALIFYING):
            return bare(doc[piece.start : token.i].text)
    return re.sub(r" (?:instead|too|as well)$", "", bare(piece.text))


def sound(question: str, who: str) -> bool:
    """Whether a question can stand: short enough, whole, and pointing at nothing unnamed."""
    words = list(re.finditer(r"[\w'’-]+", question.lower()))
    if not 3 <= len(words) <= MAX_WORDS or _BROKEN.search(question.strip()):
        return False
    at = question.lower().find(who.lower()) if who and who != "you" else -1
    named = at + len(who) if at >= 0 else 10**6
    return not any(
        word.group() in POINTING - _HARMLESS
        and not (word.group() in _INNER and word.start() >= named)
        and not (word.group() == "you" or (word.group() == "your" and who == "you"))
        for word in words
    )


def _followed(direct: str, who: str, statement: Statement, clause: Clause) -> str | None:
    pronoun = "they" if clause.plural else statement.pronoun
    own = clause.orders or clause.subject != (statement.main or clause).subject
    if own or not pronoun or who not in direct or len(direct.split()) - len(who.split()) < 3:
        return None
    return f"{capital(direct.replace(who, pronoun, 1))}?"


def tidy(parts: Sequence[str]) -> str:
    """Join words and parts of sentences with single spaces."""
    text = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(part for part in parts if part))
    text = re.sub(r"\s+", " ", text).strip(" ,;:.")
    return lowered(re.sub(r"\bcan not\b", "cannot", text))
