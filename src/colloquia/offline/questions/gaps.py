"""Near misses: what a reader of the snippet would ask next, and what it nowhere tells.

Each is made from something that the snippet says, by asking for what such a thing has and this
one is given without: who did it, how long it takes, what happens otherwise. Where a sentence on
the same matter might tell that, in whatever words, the question isn't asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Span

from colloquia.language.inflection import inflect
from colloquia.language.lexicon import word_set
from colloquia.language.words import FUNCTION_WORDS, stem
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.figures import figures
from colloquia.offline.questions.phrasing import (
    Phrased,
    ask,
    kept,
    made,
    sound,
    subject_of,
    tidy,
    trimmed,
)
from colloquia.offline.questions.wanted import STATES, WANTED
from colloquia.offline.reading.clauses import DISCOURSE, Clause, Piece, bare
from colloquia.offline.reading.study import POINTING, Statement, Study, capital

MAX_WORDS = 17
_SHAPES = {
    "usually": word_set("usually normally typically generally commonly ordinarily"),
    "partly": word_set(
        "mostly mainly largely partly primarily partially chiefly considerably widely"
    )
    | word_set("significantly greatly substantially heavily strongly predominantly extensively"),
    "often": word_set("often frequently sometimes occasionally rarely repeatedly regularly"),
    "fast": word_set("rapidly quickly slowly gradually"),
}
_EMPTY = word_set("be have do make take give get use keep become go come set hold show include")
_VAGUE = word_set(
    "default rate gain limit value figure amount total period result response form quantity "
    "difference address first second third other number range process idea case part term name "
    "word area group type set reason example way one this that question problem exchange"
)
_CLUMSY = re.compile(
    r" n?or |not today|[a-z] The [a-z]| (?:also|even|notably|particularly|namely|especially) |\?.|"
    r":\d|\.:|(?:\bSt|\.[A-Z]|[ ,:]\d+:?\d*)\?$|\bonly\b|,.*,"
)
_LISTS = r"such as|particular|includ|\blike\b|namely|example|: |%|per ?cent|[a-z], [\w ]+, "
_QUANTITIES = {
    "which": word_set("some several certain various"),
    "how many": word_set("many numerous hundreds thousands dozens"),
    "what share of": word_set("most much"),
}
_DEALT = word_set(
    "send build erect receive establish produce publish create employ attract manufacture sell "
    "recruit found open operate own kill capture execute train teach host win buy purchase award "
    "issue comprise house contain lose donate write compose deploy admit"
)


def gaps(studied: Study) -> Iterator[Candidate]:
    """Yield the near misses of a snippet, in the order of its statements."""
    for statement in studied.statements:
        for clause in statement.clauses:
            if usable(statement, clause):
                said = _Said(studied=studied, statement=statement, clause=clause)
                for family in (_wanted, _quantities, _compared, _step, _sibling):
                    yield from family(said)


def usable(statement: Statement, clause: Clause) -> bool:
    """Whether a clause is read well enough to make a question of what it doesn't say."""
    verb, last = clause.verb, clause.helpers[-1] if clause.helpers else None
    if statement.loose or not clause.sound or verb.pos_ not in {"VERB", "AUX"}:
        return False
    fitting = {"be": {"VBN", "VBG"}, "have": {"VBN"}}.get(last.lemma_ if last else "", {"VB"})
    objects = sum(p.role == "object" for p in clause.pieces) + clause.passive
    if objects > 1 or (last is not None and verb.tag_ not in fitting):
        return False
    if clause.orders:
        first = verb.i == 0 or verb.nbor(-1).lower_ in {",", ";", "and", "then", "first", "next"}
        return first and verb.lower_ not in {"see", "note", "let"}
    behind = (clause.subject or (0, clause.start))[1]
    denied = {t.lower_ for t in clause.doc[behind : verb.i]} & {"not", "n't", "nor", "never"}
    if (denied and not clause.negated) or any(p.head.dep_ == "ccomp" for p in clause.pieces):
        return False
    between = any(p.role == "clause" and behind <= p.start < verb.i for p in clause.pieces)
    return not between and _named(statement, clause)


def _named(statement: Statement, clause: Clause) -> bool:
    """Whether the subject is a plain noun phrase, whole and by itself understood."""
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    name = subject_of(statement, clause)
    if name is None or len(name.split()) > 8 or re.search(r"[;:/(]|\d{3}", name):
        return False
    if span.root.tag_ == "PRP":
        return "," not in name
    verbs = any(t.pos_ in {"VERB", "AUX"} and t.dep_ not in {"amod", "acl", "relcl"} for t in span)
    if verbs or {span.root.pos_, span[-1].pos_} - {"NOUN", "PROPN"}:
        return False
    least = span[0].lower_ in {"only", "no", "few", "little", "another", "even", "such"}
    return not least and (len(span) > 2 or span.root.lemma_.lower() not in _VAGUE)


def simply(
    statement: Statement, clause: Clause, wh: str, *dropped: Piece, tail: str = "",
    negated: bool | None = None,
) -> Phrased | None:  # fmt: skip
    """Ask it with what the clause says beside, if that is short and points at nothing else."""
    rest = kept(clause, *dropped)
    phrased = ask(statement, clause, wh, rest, tail=tail, negated=negated)
    if phrased is None or (clause.copular and not rest) or _odd(phrased.direct, clause):
        return None
    return phrased


def _odd(question: str, clause: Clause) -> bool:
    strange = r"\b(?:it|its|he|she|his|her)\b" if clause.plural else r"\b(?:they|them|their)\b"
    clumsy = len(question.split()) > MAX_WORDS or _CLUMSY.search(question)
    return bool(clumsy or re.search(strange, question))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A clause in its place."""

    studied: Study
    statement: Statement
    clause: Clause

    def silent(self, told: str, *, kin: bool = True) -> bool:
        """Whether no sentence on the same matter tells it: its own, the next, and its kin."""
        clause, docs = self.clause, self.docs()
        held = [_stems(doc) for doc in docs]
        common = {
            s for stems in held for s in stems if sum(s in h for h in held) * 2 > len(held) > 2
        }
        span = clause.doc[slice(*(clause.subject or (0, 0)))]
        own = (_stems(clause.doc[clause.start : clause.end]) | _stems(span)) - common
        verb = {stem(clause.verb.lemma_)} if clause.verb.lemma_ not in _EMPTY else set()
        at = docs.index(clause.doc)
        for number, doc in enumerate(docs):
            shared = own & held[number]
            near = number == at + 1 and (shared or doc[0].lower_ in POINTING | DISCOURSE)
            akin = kin and (shared & verb or len(shared) > 1)
            if (number == at or near or akin) and re.search(told, doc.text, re.I):
                return False
        return True

    def docs(self) -> list[Doc]:
        """Return the sentences."""
        return list(dict.fromkeys(c.doc for s in self.studied.statements for c in s.clauses))

    def asked(self, family: str, phrased: Phrased | None) -> Iterator[Candidate]:
        """Yield the near miss, if it could be put."""
        yield from made("near_miss", phrased, self.statement, family=family)

    def worded(self, family: str, words: str) -> Iterator[Candidate]:
        """Yield the near miss of these words, which are the same put directly and indirectly."""
        words = tidy([words])
        if sound(words, "") and len(words.split()) > 4 and not _odd(words, self.clause):
            yield from self.asked(family, Phrased(direct=f"{capital(words)}?", indirect=words))

    def after(self) -> str:
        """Return what a question repeats of what follows the verb."""
        verb = self.clause.verb.i
        return " ".join(trimmed(p) for p in kept(self.clause) if p.start > verb)


def _stems(tokens: Doc | Span) -> frozenset[str]:
    return frozenset(
        stem(t.lemma_) for t in tokens if t.is_alpha and t.lower_ not in FUNCTION_WORDS
    )


def _wanted(said: _Said) -> Iterator[Candidate]:
    """How long is it soaked?, why must it be so?: what the table has for such a clause."""
    clause, shape = said.clause, _shape(said)
    for row in WANTED:
        if not row.of(clause.verb.lemma_) or not row.needed <= shape or row.barred & shape:
            continue
        if row.own and re.search(row.own, clause.doc.text, re.I) or not said.silent(row.told):
            continue
        if row.asked.startswith("="):
            yield from said.worded(row.family, row.asked[1:].format(**_forms(said)))
            continue
        wh, _, tail = row.asked.partition(" … ")
        dropped = clause.of("means") if wh == "how else" else clause.of("reason", "purpose")
        negated = True if tail == "not" else None
        tail = "" if negated else tail
        phrased = simply(said.statement, clause, wh, *dropped, tail=tail, negated=negated)
        if phrased is not None and (
            row.family != "reason of a figure"
            or re.search(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b", phrased.direct)
        ):
            yield from said.asked(row.family, phrased)


def _shape(said: _Said) -> set[str]:
    """Return what a clause is, in the words of the table."""
    clause, head = said.clause, said.clause.subject_head
    finite = (*clause.helpers, clause.verb)[0]
    past = finite.tag_ == "VBD" and (finite.lower_ != finite.lemma_ or not clause.plural)
    object_ = clause.first("object")
    named = head is not None and head.pos_ == "PROPN" and head.ent_type_ != "EVENT"
    agent = said.statement.person or named
    numbers = (t for p in clause.pieces for t in clause.doc[p.start : p.end] if t.tag_ == "CD")
    duty = clause.orders or clause.modal in {"must", "should", "shall"}
    adverbs = {trimmed(p).lower() for p in clause.pieces if p.role == "adverb"}
    perfect = any(h.lemma_ == "have" for h in clause.helpers)
    facts = {
        "past": past and not perfect, "present": not past and not perfect, "perfect": perfect,
        "orders": clause.orders, "passive": clause.passive, "negated": clause.negated,
        "active": not clause.orders and not clause.passive, "copular": clause.copular,
        "person": said.statement.person, "plural": clause.plural, "agent": agent,
        "object": object_ is not None, "means": clause.of("means"), "duty": duty,
        "place": object_ is not None and trimmed(object_) == "place",
        "done": agent or clause.passive, "maybe": clause.modal in {"may", "might", "could"},
        "can": clause.modal in {"can", "may", "could"},
        "figure": any(t.ent_type_ != "DATE" and t.lower_ != "one" for t in numbers)
        and clause.verb.lemma_ not in STATES - {"be", "take", "offer", "last"},
        "conditional": re.search(r"\b(?:if|when|where|once)\b", clause.doc.text, re.I),
        "aimed": any(p.head.tag_ == "VB" and p.text.startswith("to ") for p in clause.pieces),
        "detailed": clause.modal or any(p.role == "adjunct" for p in clause.pieces),
        **{name: adverbs & words for name, words in _SHAPES.items()},
    }  # fmt: skip
    return {name for name, so in facts.items() if so}


def _forms(said: _Said) -> dict[str, str]:
    """Return what a whole question is made up of."""
    clause = said.clause
    lemma, many = clause.verb.lemma_, clause.plural or clause.orders
    no = "" if clause.negated else "n't" if clause.orders else " not"
    if clause.passive:
        undone = f"{'are' if many else 'is'}{no} {clause.verb.lower_}"
    elif no:
        undone = f"{'do' if many else 'does'}{no} {lemma}"
    else:
        undone = lemma if many else inflect(lemma, "VBZ")
    past = any(h.tag_ == "VBD" for h in clause.helpers)
    did = f"{clause.modal} {lemma}" if clause.modal else inflect(lemma, "VBD" if past else "VBZ")
    return {
        "who": subject_of(said.statement, clause) or "", "after": said.after(), "undone": undone,
        "did": did, "base": lemma, "are": "are" if many else "is",
    }  # fmt: skip


def _quantities(said: _Said) -> Iterator[Candidate]:
    """Which systems prefer that?, how many, what share?: it says some, many or most."""
    clause, later = said.clause, said.studied.statements[said.statement.index + 1 :]
    listed = r"(?:One|The first|Another|Among|Examples?|These|In|Some|Most)\b"
    if (
        clause.negated
        or (later and re.match(listed, later[0].quote))
        or not said.silent(_LISTS, kin=False)
    ):
        return
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    wh = _asking(span.text)
    if wh and span.root.tag_ == "NNS" and len(said.statement.said.split()) > 7:
        verb = " ".join([*(h.lower_ for h in clause.helpers), clause.verb.lower_])
        yield from said.worded(f"{wh.split()[0]} of them", f"{wh} {verb} {said.after()}")
    for piece in clause.pieces:
        if piece.role != "object" or piece.start < clause.verb.i:
            continue
        words = trimmed(piece)
        wh = _asking(words)
        if wh and (piece.head.tag_ == "NNS" or wh.startswith("what")):
            yield from said.asked(
                f"{wh.split()[0]} of them", simply(said.statement, clause, wh, piece)
            )
        plain = re.fullmatch(r"(?!an? |the |its |their |no |all )(?:[a-z-]+ ){0,2}[a-z]+s", words)
        counted = (
            any(t.tag_ == "CD" for t in clause.doc[piece.start : piece.end]) or " and " in words
        )
        if plain and not wh and not counted and clause.verb.lemma_ in _DEALT:
            if piece.head.tag_ == "NNS" and piece.start == clause.verb.i + 1:
                yield from said.asked(
                    "count", simply(said.statement, clause, f"how many {words}", piece)
                )


def _asking(phrase: str) -> str | None:
    """Return what asks for more than `several …` tells."""
    first, _, rest = phrase.partition(" ")
    rest = rest.removeprefix("of ")
    if not rest or len(rest.split()) > 6 or re.match(r"other|more|less|most", rest):
        return None
    return next(
        (f"{wh} {rest}" for wh, words in _QUANTITIES.items() if first.lower() in words), None
    )


def _compared(said: _Said) -> Iterator[Candidate]:
    """How much more does it absorb?; what is the second largest?; which of two is better?"""
    clause, who = said.clause, subject_of(said.statement, said.clause)
    object_ = clause.first("object")
    what = who if clause.passive else trimmed(object_) if object_ else None
    for piece in clause.pieces:
        words, than, other = trimmed(piece).partition(" than ")
        if clause.negated or piece.start < clause.verb.i:
            continue
        grown = piece.head.tag_ == "JJR" or any(t.lower_ == "more" for t in piece.head.children)
        if than and grown and not re.search(r"\d|rather|other|much", words):
            wh = f"how {'many' if piece.head.tag_ == 'NNS' else 'much'} {words}"
            if said.silent(r"\d|half|twice|double|times|per ?cent|slight"):
                yield from said.asked(
                    "difference", simply(said.statement, clause, wh, piece, tail=f"than {other}")
                )
        best = re.fullmatch(
            r"the (?:first |(?=most |\w+est |best ))(?!of |at |in |to )((?:[\w'-]+ ){2,8}[\w'-]+)",
            words,
        )
        if (
            best
            and clause.copular
            and not clause.helpers
            and not than
            and said.silent(r"second|next|follow|after|third")
        ):
            be = "was" if clause.verb.tag_ == "VBD" else "is"
            yield from said.worded(
                "next best",
                f"{'who' if said.statement.person else 'what'} {be} the second {best.group(1)}",
            )
        two = re.fullmatch(
            r"(?:with|in|using) ((?:[\w'-]+ ){0,4}[\w'-]+) or ((?:[\w'-]+ ){0,4}[\w'-]+)", words
        )
        if two and what and said.silent(r"better|prefer|best|rather|ideal|\d"):
            doing = inflect(clause.verb.lemma_, "VBG")
            question = tidy(
                [f"which is better for {doing} {what}, {two.group(1)} or {two.group(2)}"]
            )
            yield from said.asked(
                "choice", Phrased(direct=f"{capital(question)}?", indirect=question)
            )


def _step(said: _Said) -> Iterator[Candidate]:
    """What comes after the last of the steps?"""
    orders = [c for s in said.studied.statements for c in s.clauses if c.orders]
    rest = " ".join(trimmed(p) for p in kept(said.clause) if p.role in {"particle", "object"})
    ends = (
        said.statement is said.studied.statements[-1] and said.clause is orders[-1:][0]
        if orders
        else False
    )
    if ends and len(orders) > 3 and rest and not set(rest.lower().split()) & POINTING:
        doing = inflect(said.clause.verb.lemma_, "VBG")
        yield from said.worded("step", f"what should be done after {doing} {rest}")


def _sibling(said: _Said) -> Iterator[Candidate]:
    """How long is a refresh token valid?: that of an access token is given."""
    statement, mine = said.statement, said.statement.subject
    if said.clause is not statement.main or not mine:
        return
    for name in _siblings(said):
        for candidate in figures(statement, said.clause):
            if mine in candidate.question and not _odd(candidate.question, said.clause):
                yield replace(
                    candidate, kind="near_miss", followed=None, subject=name, family="sibling",
                    question=candidate.question.replace(mine, name), aim=candidate.aim.replace(mine, name),
                )  # fmt: skip


def _siblings(said: _Said) -> Iterator[str]:
    """Yield what things of the subject's kind are called of which no figure is told."""
    own, mine = said.clause.subject_head, said.statement.subject
    label = re.search(r"\b([A-Z]\w+) (\d+)\b", mine)
    if label:  # a grade between the two that are told of
        grades = sorted(
            {int(n) for n in re.findall(rf"\b{label.group(1)} (\d+)", said.studied.text)}
        )
        if len(grades) == 2 and grades[1] - grades[0] > 1:
            yield mine.replace(label.group(2), str(sum(grades) // 2))
        return
    for chunk in (chunk for doc in said.docs() for chunk in doc.noun_chunks):
        head, name = chunk.root, bare(chunk.text)
        if own is None or (head.lemma_, head.tag_) != (own.lemma_, own.tag_):
            continue
        theirs = _stems(chunk) - {stem(head.lemma_)}
        if not theirs or theirs & _stems(said.clause.doc) or not 2 <= len(name.split()) <= 4:
            continue
        counted = any(re.search(r"\d", doc.text) for doc in said.docs() if theirs & _stems(doc))
        if not counted and re.match(
            r"(?:an?|the|[a-z-]+(?<!er)) (?!same|new|first|other|more)", name.lower()
        ):
            if not re.match(
                r"(?:no|any|each|every|all|more|this|these|its|their|many|some)\b", name.lower()
            ):
                yield name[:1].lower() + name[1:] if chunk.start == 0 else name
