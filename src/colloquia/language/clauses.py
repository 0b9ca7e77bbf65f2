"""What a sentence says, taken apart into clauses: subject, verb and the pieces after it.

Precision over recall: where the structure isn't certain there is no clause. Pieces are cut at
prepositions and conjunctions and typed by what question they answer (when, where, why, how).
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from colloquia.language.inflection import verb_lemma
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import (
    FINITE,
    NOUNS,
    PieceKind,
    Tokens,
    long_phrase_end,
    noun_phrase_end,
    phrase_kind,
    starts_with,
    tag_at,
)
from colloquia.language.pieces import BE_FORMS, Piece, cut_pieces, piece_of, verb_group
from colloquia.language.subjects import (
    can_agree,
    is_participle,
    is_plural,
    skip_aside,
    subject_end,
)
from colloquia.language.tagging import Token, tag

MAX_TOKENS = 100  # longer "sentences" are lists or broken text; nothing is read off them
MAX_CLAUSES = 4
#: Words that tie a sentence to the one before it.
CONNECTIVES = re.compile(
    r"(?:However|In addition|Additionally|Moreover|Furthermore|For example|"
    r"For instance|Thus|Therefore|Hence|Also|Besides|Nevertheless|Nonetheless|"
    r"As a result|In fact|Indeed|Consequently|Meanwhile|Similarly|Likewise|Instead|"
    r"On the other hand|In contrast|By contrast|Conversely|In general|Generally|"
    r"Typically|Usually|Often|Sometimes|Historically|Traditionally|Today|Finally|"
    r"Eventually|Subsequently|Accordingly|In particular|Specifically|Overall|Still|"
    r"Yet|But|And|So|Then|Interestingly|Notably|Importantly|Ultimately|First|"
    r"Second|Third|Later|Afterwards|Initially|Originally|Currently|Recently|"
    r"Unfortunately|Because of this|For this reason|In this way|At the same time|"
    r"That is|In other words|To this end)(?:,\s+|\s+(?=the\b))"
)
_STARTS_SUBJECT = NOUNS | {"DT", "PRP", "PRP$", "JJ", "CD", "EX"}
_AFTER_TIME = frozenset({"DT", "NNP", "PRP", "PRP$"})
_PARTICIPLES = frozenset({"VBD", "VBN"})  # without its auxiliary a participle may look finite
_BEGIN_AGAIN = word_set("and but so while whereas")
# A clause with such a tail says less, or something else, without it.
_NEEDED_TAILS = word_set("unless if except provided although though but when where only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of a sentence. Offsets count from the start of the sentence."""

    subject: str
    subject_tokens: Tokens
    plural: bool
    aux: tuple[str, ...]
    """Auxiliaries as written, negation included: `("was", "not")`; empty before a plain verb."""
    adverb: str
    """An adverb between auxiliary or subject and verb; empty if none."""
    verb: str
    lemma: str
    form: str
    """Penn tag of the first finite word: VBD, VBZ, VBP or MD."""
    pieces: tuple[Piece, ...]
    fronted: Piece | None
    start: int
    end: int
    """Where the last piece ends; the tail is none of them."""
    tail: str = ""
    """What follows that could not be typed."""

    @property
    def copular(self) -> bool:
        """Whether the verb itself is a form of be."""
        return not self.aux and self.lemma == "be"

    @property
    def passive(self) -> bool:
        """Whether a form of be precedes a participle."""
        by_be = any(word.lower() in BE_FORMS for word in self.aux)
        return by_be and not self.verb.endswith("ing")

    @property
    def negated(self) -> bool:
        """Whether the clause denies what it says."""
        return any(
            word.lower() in {"not", "n't", "never", "no"} for word in (*self.aux, self.adverb)
        )

    @property
    def separable(self) -> bool:
        """Whether it can be said without its tail."""
        first = re.search(r"[A-Za-z]+", self.tail)
        return first is None or first.group().lower() not in _NEEDED_TAILS | {
            "of",
            "to",
            "in",
            "for",
            "than",
        }

    def first(self, *kinds: PieceKind) -> Piece | None:
        """Return the first piece of any of these kinds."""
        return next((piece for piece in self.pieces if piece.kind in kinds), None)


@lru_cache(maxsize=8192)
def clauses(sentence: str) -> tuple[Clause, ...]:
    """Return the clauses of a sentence whose structure is certain; the main clause comes first."""
    tokens = _reading_tokens(sentence)
    if not 3 <= len(tokens) <= MAX_TOKENS:
        return ()
    begin, fronted = _skip_fronted(sentence, tokens)
    found: list[Clause] = []
    current = _clause_at(sentence, tokens, begin, fronted)
    while current is not None and len(found) < MAX_CLAUSES:
        clause, aside, rest = current
        found.append(clause)
        if aside is not None:
            found.append(aside)
        current = _continuation(sentence, tokens, clause, rest) or _resumed(sentence, tokens, rest)
    return tuple(found)


def _resumed(sentence: str, tokens: Tokens, rest: int) -> tuple[Clause, Clause | None, int] | None:
    """Past a stretch that can't be read, begin again at `; S V` or `, and S V`."""
    for index in range(rest + 1, len(tokens) - 3):
        again = tokens[index].text == ";" or (
            tokens[index].text == "," and tokens[index + 1].lower in _BEGIN_AGAIN
        )
        if again:
            begin = index + 1 + (tokens[index].text == ",")
            found = _clause_at(sentence, tokens, begin, None)
            if found is not None:
                return found
    return None


def _clause_at(
    sentence: str, tokens: Tokens, begin: int, fronted: Piece | None
) -> tuple[Clause, Clause | None, int] | None:
    """Read a clause from its subject on; also return an aside and where the rest starts."""
    ends = subject_end(tokens, begin)
    if ends <= begin:
        return None
    verb_at = skip_aside(tokens, ends)
    subject = tokens[begin:ends]
    clause = _predicate(sentence, tokens, subject, verb_at)
    if clause is None:
        return None
    start = fronted.start if fronted else subject[0].start
    clause = replace(clause[0], fronted=fronted, start=start), clause[1]
    aside = _apposition(sentence, tokens[ends:verb_at], clause[0])
    return clause[0], aside, clause[1]


def _predicate(
    sentence: str, tokens: Tokens, subject: Tokens, verb_at: int, *, participle: bool = False
) -> tuple[Clause, int] | None:
    group = verb_group(tokens, verb_at, participle=participle)
    if group is None:
        return None
    aux, adverb, verb_index, form = group
    verb = tokens[verb_index]
    finite = next((token for token in tokens[verb_at:verb_index] if token.tag in FINITE), verb)
    if not can_agree(subject, finite, verb):
        return None
    pieces, rest = cut_pieces(sentence, tokens, verb_index + 1)
    tail = sentence[tokens[rest].start :] if rest < len(tokens) else ""
    clause = Clause(
        subject=_text(sentence, subject), subject_tokens=subject,
        plural=is_plural(subject, finite), aux=aux, adverb=adverb, verb=verb.text,
        lemma=verb_lemma(verb.text, verb.tag), form=form, pieces=pieces, fronted=None,
        start=tokens[verb_at].start, end=pieces[-1].end if pieces else verb.end,
        tail=tail.strip().rstrip("."),
    )  # fmt: skip
    return clause, rest


def _continuation(
    sentence: str, tokens: Tokens, clause: Clause, rest: int
) -> tuple[Clause, Clause | None, int] | None:
    """Read what follows a clause: `, and S V`, `and V`, `; S V`, `, which V`."""
    index = rest
    comma = tag_at(tokens, index) in {",", ":", ";"}
    index += comma
    joined = (
        tag_at(tokens, index) == "CC"
        or starts_with(tokens, index, "while")
        or starts_with(tokens, index, "whereas")
        or (comma and starts_with(tokens, index, "so"))
    )
    if joined:
        index += 1
        while tag_at(tokens, index) in {"RB", ","}:
            index += 1
        if _qualifies_next(tokens, index):
            return None  # dial-up connections or dedicated lines: no second verb
        shared = _predicate(
            sentence, tokens, clause.subject_tokens, index, participle=clause.passive
        )
        if shared is not None and _agrees(shared[0], clause):
            return _inheriting(shared[0], clause), None, shared[1]
    elif comma and tag_at(tokens, index) in {"WDT", "WP"} and clause.pieces:
        owner = _owner(sentence, tokens, clause, rest)
        relative = _predicate(sentence, tokens, owner, index + 1) if owner else None
        return None if relative is None else (relative[0], None, relative[1])
    elif not comma or tokens[rest].text == ",":
        return None
    return _clause_at(sentence, tokens, index, None)


def _qualifies_next(tokens: Tokens, index: int) -> bool:
    """Whether a word in -ed stands right before a bare noun, as an adjective does."""
    verb = tag_at(tokens, index) in {"VBD", "VBN"} and tokens[index].lower.endswith("ed")
    return verb and tag_at(tokens, index + 1) in {"NN", "JJ"}


def _inheriting(shared: Clause, clause: Clause) -> Clause:
    """Give a second verb the number of the first, and its auxiliary: was built and shown."""
    if clause.aux and not shared.aux and shared.form in _PARTICIPLES and not shared.copular:
        return replace(shared, plural=clause.plural, aux=clause.aux, form=clause.form)
    return replace(shared, plural=clause.plural)


def _agrees(shared: Clause, clause: Clause) -> bool:
    """Whether a verb after "and" can have the same subject: same tense, same number."""
    if clause.passive and shared.form in _PARTICIPLES and not shared.aux:
        return is_participle(shared.verb, shared.lemma)
    return shared.form == clause.form and not (clause.aux and clause.form == "MD")


def _owner(sentence: str, tokens: Tokens, clause: Clause, comma: int) -> Tokens:
    """Return the noun phrase right before `, which`, if it is a whole piece; else nothing."""
    last = clause.pieces[-1]
    start = next((i for i, token in enumerate(tokens) if token.start == last.start), comma)
    while start < comma and tokens[start].tag in {"IN", "TO"}:
        start += 1
    return tokens[start:comma] if noun_phrase_end(tokens, start) == comma else ()


def _apposition(sentence: str, aside: Tokens, clause: Clause) -> Clause | None:
    """Read `X, a great fief,` as `X was a great fief`."""
    inner = aside[1:-1]
    if len(inner) < 2 or inner[0].lower not in {"a", "an", "the"} or clause.form == "MD":
        return None
    end = long_phrase_end(inner, 0)
    if end < 2:
        return None
    past = clause.form == "VBD"
    verb = ("were" if past else "are") if clause.plural else ("was" if past else "is")
    piece = piece_of(sentence, inner[:end], "object")
    return replace(
        clause, aux=(), adverb="", verb=verb, lemma="be", pieces=(piece,), fronted=None,
        start=clause.subject_tokens[0].start, end=piece.end, tail="",
    )  # fmt: skip


def _reading_tokens(sentence: str) -> Tokens:
    """Tag a sentence, leaving out what stands in brackets and the final stop."""
    kept: list[Token] = []
    depth = 0
    for token in tag(sentence):
        if token.text in "([":
            depth += 1
        elif token.text in ")]":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(token)
    while kept and kept[-1].tag == ".":
        kept.pop()
    return tuple(kept)


def _skip_fronted(sentence: str, tokens: Tokens) -> tuple[int, Piece | None]:
    """Skip a connective or an adverbial before the subject, keeping the adverbial."""
    begin = 0
    connective = CONNECTIVES.match(sentence)
    if connective:
        while begin < len(tokens) and tokens[begin].start < connective.end():
            begin += 1
    if tag_at(tokens, begin) not in {"IN", "TO", "VBG", "VBN", "RB", "WRB"}:
        return begin, None
    short = _short_time(tokens, begin)
    if short:
        return short, piece_of(sentence, tokens[begin:short], "time")
    window = range(begin, min(len(tokens), begin + 18))
    comma = next((i for i in window if tokens[i].text == ","), None)
    if comma is None or comma == begin or tag_at(tokens, comma + 1) not in _STARTS_SUBJECT:
        return begin, None
    front = tokens[begin:comma]
    kind = phrase_kind(front) if front[0].tag != "RB" else "adverb"
    return comma + 1, piece_of(sentence, front, kind)


def _short_time(tokens: Tokens, begin: int) -> int:
    """Return where a fronted time without a comma ends, 0 if none: In 1927 a garden opened."""
    if tag_at(tokens, begin) == "IN" and tag_at(tokens, begin + 1) == "CD":
        return begin + 2 if tag_at(tokens, begin + 2) in _AFTER_TIME else 0
    end = noun_phrase_end(tokens, begin + 1)
    for cut in range(end, begin + 2, -1):
        follows = tag_at(tokens, cut) in _AFTER_TIME
        if follows and tokens[begin].tag == "IN" and phrase_kind(tokens[begin:cut]) == "time":
            return cut
    return 0


def _text(sentence: str, tokens: Tokens) -> str:
    return sentence[tokens[0].start : tokens[-1].end]
