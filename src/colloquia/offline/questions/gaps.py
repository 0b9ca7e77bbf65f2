"""Near misses: what a reader of the snippet would ask next, and what it nowhere tells.

Each is made from something that the snippet says, by asking for what such a thing has and this
one is given without: who did it, how long it takes, what happens otherwise. Where a sentence on
the same matter might tell that, in whatever words, the question isn't asked.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import stem
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.figures import figures
from colloquia.offline.questions.phrasing import Phrased, kept, subject_of, tidy, trimmed
from colloquia.offline.questions.telling import Telling, heard, odd, simply, stems, usable
from colloquia.offline.questions.wanted import STATES, WANTED
from colloquia.offline.reading.clauses import Piece, bare
from colloquia.offline.reading.study import POINTING, Study, capital

_SHAPES = {
    "usually": word_set("usually normally typically generally commonly ordinarily"),
    "often": word_set("often frequently sometimes occasionally rarely repeatedly regularly"),
    "fast": word_set("rapidly quickly slowly gradually"),
    "partly": word_set(
        "mostly mainly largely partly primarily partially chiefly considerably widely strongly "
        "significantly greatly substantially heavily predominantly extensively"
    ),
}
_NUMBER = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b(?!-)")
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
#: A bare plural, which nobody has counted: early missionaries.
_PLURAL = re.compile(r"(?!an? |the |its |their |no |all )(?:[a-z-]+ ){0,2}[a-z]+s")
_BEST = re.compile(
    r"the (?:first |(?=most |\w+est |best ))(?!\w+ (?:of|at|in|to) )((?:[\w'-]+ ){2,8}[\w'-]+)"
)
_SOME_WORDS = r"((?:[\w'-]+ ){0,4}[\w'-]+)"
_TWO = re.compile(rf"(?:with|in|using) {_SOME_WORDS} or {_SOME_WORDS}")
_UNNAMED = re.compile(
    r"(?:no|any|each|every|all|more|this|these|its|their|many|some|several|most)\b|"
    r".*\b(?:same|new|first|other)\b", re.I,
)  # fmt: skip


def gaps(studied: Study) -> Iterator[Candidate]:
    """Yield the near misses of a snippet, in the order of its statements."""
    held = heard(studied)
    for statement in studied.statements:
        for clause in statement.clauses:
            if usable(statement, clause):
                said = Telling(studied=studied, statement=statement, clause=clause, held=held)
                for family in (_wanted, _quantities, _compared, _step, _sibling):
                    yield from family(said)


def _wanted(said: Telling) -> Iterator[Candidate]:
    """How long is it soaked?, why must it be so?: what the table has for such a clause."""
    clause, shape = said.clause, _shape(said)
    for row in WANTED:
        if not row.of(clause.verb.lemma_) or not row.needed <= shape or row.barred & shape:
            continue
        own = row.own and re.search(row.own, clause.doc.text, re.I)
        if own or not said.silent(row.told):
            continue
        if row.asked.startswith("="):
            yield from said.worded(row.family, row.asked[1:].format(**_forms(said)))
            continue
        wh, _, tail = row.asked.partition(" … ")
        dropped = clause.of("means") if wh == "how else" else clause.of("reason", "purpose")
        negated = True if tail == "not" else None
        tail = "" if negated else tail
        phrased = simply(said.statement, clause, wh, *dropped, tail=tail, negated=negated)
        direct = phrased.direct if phrased else ""
        if row.family != "reason of a figure" or _NUMBER.search(direct):
            yield from said.asked(row.family, phrased)


def _shape(said: Telling) -> set[str]:
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
        "aimed": clause.of("reason", "purpose")
        or any(p.head.tag_ == "VB" and p.text.startswith("to ") for p in clause.pieces),
        "detailed": clause.modal or any(p.role == "adjunct" for p in clause.pieces),
        **{name: adverbs & words for name, words in _SHAPES.items()},
    }  # fmt: skip
    return {name for name, so in facts.items() if so}


def _forms(said: Telling) -> dict[str, str]:
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


def _quantities(said: Telling) -> Iterator[Candidate]:
    """Which systems prefer that?, how many, what share?: it says some, many or most."""
    clause, later = said.clause, said.studied.statements[said.statement.index + 1 :]
    listed = r"(?:One|The first|Another|Among|Examples?|These|In|Some|Most)\b"
    follows = bool(later) and re.match(listed, later[0].quote)
    if clause.negated or follows or not said.silent(_LISTS, kin=False):
        return
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    wh = _asking(said, span.text)
    emphatic = any(h.lemma_ == "do" for h in clause.helpers)
    if wh and not emphatic and span.root.tag_ == "NNS" and len(said.statement.said.split()) > 7:
        verb = " ".join([*(h.lower_ for h in clause.helpers), clause.verb.lower_])
        yield from said.worded(_family(wh), f"{wh} {verb} {said.after()}")
    for piece in clause.pieces:
        words, plural = trimmed(piece), piece.head.tag_ == "NNS"
        if piece.role != "object" or piece.start < clause.verb.i:
            continue
        wh = _asking(said, words)
        dealt = clause.verb.lemma_ in _DEALT and _PLURAL.fullmatch(words) and " and " not in words
        if wh and (plural or wh.startswith("what")):
            yield from said.asked(_family(wh), simply(said.statement, clause, wh, piece))
        elif dealt and plural and not any(t.tag_ == "CD" for t in piece.head.subtree):
            asked = simply(said.statement, clause, f"how many {words}", piece)
            yield from said.asked("count", asked)


def _family(wh: str) -> str:
    return next(
        f"{asked.removesuffix(' of')} of them" for asked in _QUANTITIES if wh.startswith(asked)
    )


def _asking(said: Telling, phrase: str) -> str | None:
    """Return what asks for more than `several …` tells."""
    first, _, rest = phrase.partition(" ")
    rest = rest.removeprefix("of ")
    if not rest or len(rest.split()) > 6 or re.match(r"other|more|less|most", rest):
        return None
    wh = next((wh for wh, words in _QUANTITIES.items() if first.lower() in words), None)
    return None if wh is None or (wh != "which" and not said.silent(r"\d")) else f"{wh} {rest}"


def _compared(said: Telling) -> Iterator[Candidate]:
    """How much more does it absorb?; what is the second largest?; which of two is better?"""
    for piece in said.clause.pieces:
        if not said.clause.negated and piece.start > said.clause.verb.i:
            yield from _difference(said, piece)
            yield from _next_best(said, piece)
            yield from _choice(said, piece)


def _difference(said: Telling, piece: Piece) -> Iterator[Candidate]:
    words, than, other = trimmed(piece).partition(" than ")
    grown = piece.head.tag_ == "JJR" or any(t.lower_ == "more" for t in piece.head.children)
    told = r"\d|half|twice|double|times|per ?cent|slight"
    if than and grown and not re.search(r"rather|other|much", words) and said.silent(told):
        wh = f"how {'many' if piece.head.tag_ == 'NNS' else 'much'} {words}"
        asked = simply(said.statement, said.clause, wh, piece, tail=f"than {other}")
        yield from said.asked("difference", asked)


def _next_best(said: Telling, piece: Piece) -> Iterator[Candidate]:
    clause, best = said.clause, _BEST.fullmatch(trimmed(piece))
    if not best or not clause.copular or clause.helpers or piece.head.tag_ != "NN":
        return
    if said.silent(r"second|next|follow|after|third"):
        who = "who" if said.statement.person else "what"
        be = "was" if clause.verb.tag_ == "VBD" else "is"
        yield from said.worded("next best", f"{who} {be} the second {best.group(1)}")


def _choice(said: Telling, piece: Piece) -> Iterator[Candidate]:
    two, object_ = _TWO.fullmatch(trimmed(piece)), said.clause.first("object")
    what = trimmed(object_) if object_ else subject_of(said.statement, said.clause)
    if two and (object_ or said.clause.passive) and said.silent(r"better|prefer|best|rather|\d"):
        doing = inflect(said.clause.verb.lemma_, "VBG")
        words = tidy([f"which is better for {doing} {what}, {two.group(1)} or {two.group(2)}"])
        yield from said.asked("choice", Phrased(direct=f"{capital(words)}?", indirect=words))


def _step(said: Telling) -> Iterator[Candidate]:
    """What comes after the last of the steps?"""
    orders = [c for s in said.studied.statements for c in s.clauses if c.orders]
    if len(orders) < 4 or said.clause is not orders[-1]:
        return
    rest = " ".join(trimmed(p) for p in kept(said.clause) if p.role in {"particle", "object"})
    last = said.statement is said.studied.statements[-1]
    if last and rest and not set(rest.lower().split()) & POINTING:
        doing = inflect(said.clause.verb.lemma_, "VBG")
        yield from said.worded("after the last", f"what should be done after {doing} {rest}")


def _sibling(said: Telling) -> Iterator[Candidate]:
    """How long is a refresh token valid?: that of an access token is given."""
    statement, mine = said.statement, said.statement.subject
    if said.clause is not statement.main or not mine:
        return
    for name in _siblings(said):
        for candidate in figures(statement, said.clause):
            if mine in candidate.question and not odd(candidate.question, said.clause):
                question = candidate.question.replace(mine, name)
                yield replace(
                    candidate, kind="near_miss", family="sibling", followed=None, subject=name,
                    question=question, aim=candidate.aim.replace(mine, name),
                )  # fmt: skip


def _siblings(said: Telling) -> Iterator[str]:
    """Yield what things of the subject's kind are called of which no figure is told."""
    own, mine = said.clause.subject_head, said.statement.subject
    label = re.search(r"\b([A-Z]\w+) (\d+)\b", mine)
    if label:  # a grade between the two that are told of
        told = re.findall(rf"\b{label.group(1)} (\d+)", said.studied.text)
        low, high = min(map(int, told), default=0), max(map(int, told), default=0)
        if len(set(told)) == 2 and high - low > 1:
            yield mine.replace(label.group(2), str((low + high) // 2))
        return
    docs = dict.fromkeys(c.doc for s in said.studied.statements for c in s.clauses)
    for chunk in (chunk for doc in docs for chunk in doc.noun_chunks):
        head, name = chunk.root, bare(chunk.text)
        theirs = stems(chunk.text) - {stem(head.lemma_)}
        alike = own is not None and (head.lemma_, head.tag_) == (own.lemma_, own.tag_)
        if not alike or not theirs or theirs & stems(said.clause.doc.text) or _UNNAMED.match(name):
            continue
        counted = any(re.search(r"\d", text) for text, words in said.held.items() if theirs & words)
        if not counted and 2 <= len(name.split()) <= 4:
            yield name[:1].lower() + name[1:] if chunk.start == 0 else name
