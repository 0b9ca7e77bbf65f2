"""A predicate taken apart: its verb group, and the typed pieces that follow it."""

from dataclasses import dataclass

from colloquia.language.lexicon import word_set
from colloquia.language.phrases import (
    FINITE,
    NOUNS,
    PieceKind,
    Tokens,
    is_time,
    long_phrase_end,
    phrase_kind,
    starts_with,
    tag_at,
)

BE_FORMS = word_set("be am is are was were been being")
HAVE_FORMS = word_set("have has had")
_DO = word_set("do does did")
_SPANS = word_set("year years month months day days week weeks decade decades century centuries")
_CONJUNCTIONS = word_set("after before since until as")
_DEGREES = word_set("long shortly soon just even right immediately")  # long before the war
_SPAN_TO = word_set("to until till through")
_SUBORDINATORS = word_set("while whereas although though if unless whether than")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One stretch after the verb (or before the subject), as written."""

    kind: PieceKind
    text: str
    start: int
    end: int


def verb_group(
    tokens: Tokens, index: int, *, participle: bool = False
) -> tuple[tuple[str, ...], str, int, str] | None:
    """Return auxiliaries, adverb, the main verb's index and the finite word's tag."""
    aux: list[str] = []
    adverbs: list[str] = []
    form = ""
    while index < len(tokens):
        token = tokens[index]
        if token.tag == "RB":
            denies = token.lower in {"not", "n't", "n’t", "never"} and bool(aux)
            (aux if denies else adverbs).append(token.text)
        elif not form and token.tag not in FINITE and not (participle and token.tag == "VBN"):
            return None
        else:
            form = form or token.tag
            if not _is_auxiliary(tokens, index):
                return tuple(aux), " ".join(adverbs), index, form
            aux.append(token.text)
        index += 1
    return None


def _is_auxiliary(tokens: Tokens, index: int) -> bool:
    """Whether the word at `index` helps a verb that follows it."""
    token = tokens[index]
    if token.tag == "MD":
        return True
    after = index + 1
    while tag_at(tokens, after) == "RB":
        after += 1
    name = tag_at(tokens, after)
    if token.lower in _DO:
        return name == "VB"
    if token.lower in BE_FORMS:
        return name in {"VBN", "VBD"} or (name == "VBG" and tag_at(tokens, after + 1) not in NOUNS)
    return token.lower in HAVE_FORMS and name == "VBN"


def cut_pieces(sentence: str, tokens: Tokens, index: int) -> tuple[tuple[Piece, ...], int]:
    """Cut what follows the verb; return the pieces and where the untyped rest begins."""
    found: list[Piece] = []
    while index < len(tokens):
        if tokens[index].text == "," and _gives_cause(tokens, index + 1):
            index += 1
        end, kind = _piece_end(tokens, index)
        if kind == "tail":
            break
        found.append(piece_of(sentence, tokens[index:end], kind))
        index = end
    while found and found[-1].kind == "adverb" and tag_at(tokens, index) in {"VBN", "VBG", "IN"}:
        found.pop()  # it belongs to what follows: a jet | usually supplied from the boiler
    return tuple(found), index


def _gives_cause(tokens: Tokens, index: int) -> bool:
    return any(
        starts_with(tokens, index, marker) for marker in ("because", "due to", "as a result of")
    )


def _piece_end(tokens: Tokens, index: int) -> tuple[int, PieceKind]:
    token = tokens[index]
    stop = _clause_stop(tokens, index)
    if _gives_cause(tokens, index):
        return stop, "cause"
    if token.tag == "TO" and tag_at(tokens, index + 1) == "VB":
        return stop, "infinitive"
    if starts_with(tokens, index, "in order to"):
        return stop, "purpose"
    if token.lower == "that":
        said = any(token.tag in FINITE for token in tokens[index + 1 : stop])
        return (stop, "that") if said and tag_at(tokens, index + 1) != "IN" else (index, "tail")
    if token.lower == "by" and tag_at(tokens, index + 1) == "VBG":
        return stop, "means"
    if token.lower in _SUBORDINATORS:
        return index, "tail"
    follows = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if token.lower in _DEGREES and follows in {"before", "after"}:
        end, kind = _prepositional(tokens, index + 1)
        return (index if kind == "tail" else end), kind
    if token.tag in {"IN", "TO"}:
        return _prepositional(tokens, index)
    return _plainpiece_of(tokens, index, stop)


def _plainpiece_of(tokens: Tokens, index: int, stop: int) -> tuple[int, PieceKind]:
    token = tokens[index]
    if token.tag in {"VBN", "VBG"} and tag_at(tokens, index - 1) in NOUNS | {"CD"}:
        return stop, ("means" if token.lower == "using" else "participle")
    if token.tag == "VBG" and tag_at(tokens, index + 1) in {"IN", "TO"}:
        return stop, "participle"
    if token.tag in {"RP", "RB"}:
        return index + 1, ("particle" if token.tag == "RP" else "adverb")
    end = long_phrase_end(tokens, index)
    if end > index and tokens[end - 1].lower in _SPANS and _measures(tokens, end):
        return end + 1, "time"
    if end > index:
        return end, "object"
    while tag_at(tokens, end) in {"JJ", "JJR", "JJS", "VBN", "VBG"} or (
        tag_at(tokens, end) == "CC"
        and end > index
        and tag_at(tokens, end + 1) in {"JJ", "JJR", "VBN"}
    ):
        end += 1
    return (end, "object") if end > index else (index, "tail")


def _prepositional(tokens: Tokens, index: int) -> tuple[int, PieceKind]:
    second = index + 2 if tag_at(tokens, index + 1) in {"IN", "TO"} else index + 1
    end = long_phrase_end(tokens, second)
    if end <= second or tag_at(tokens, end) in FINITE:
        return index, "tail"
    if tokens[index].lower in _CONJUNCTIONS and tag_at(tokens, end) in {"VBN", "RB", "VB"}:
        return index, "tail"  # after a knife cut his finger: the noun has its own verb
    kind = phrase_kind(tokens[index:end])
    return (_span_end(tokens, index, end) if kind == "time" else end), kind


def _span_end(tokens: Tokens, index: int, end: int) -> int:
    """Take the other end of a span into it: from January | to May."""
    if tokens[index].lower != "from" or end >= len(tokens) or tokens[end].lower not in _SPAN_TO:
        return end
    further = long_phrase_end(tokens, end + 1)
    return further if further > end + 1 and is_time(tokens[end:further]) else end


def _clause_stop(tokens: Tokens, index: int) -> int:
    """Where a subordinate clause ends: at a comma, semicolon, dash or the sentence's end."""
    for at in range(index + 1, len(tokens)):
        if tag_at(tokens, at - 1) == "JJ" and tag_at(tokens, at + 1) in {"JJ", "VBN"}:
            continue  # a comma between adjectives: a fault-tolerant, efficient method
        if _gives_cause(tokens, at) and not _gives_cause(tokens, index):
            return at  # had to be large | because the pressure was low
        if tokens[at].tag in {".", ":", ";"} or tokens[at].text in {",", ";", "—", "–"}:
            return at
    return len(tokens)


def piece_of(sentence: str, tokens: Tokens, kind: PieceKind) -> Piece:
    """Make a piece of these tokens of a sentence."""
    start, end = tokens[0].start, tokens[-1].end
    return Piece(kind=kind, text=sentence[start:end], start=start, end=end)


def _measures(tokens: Tokens, index: int) -> bool:
    """Whether `ten years` is followed by the word that makes it a time: later, ago."""
    words = {"later", "earlier", "ago", "before", "after"}
    return index < len(tokens) and tokens[index].lower in words
