"""Near misses: what a reader of the snippet would ask next, and what it nowhere tells.

Each is made from something that the snippet says, by asking for what such a thing has and this
one is given without: who did it, how long it takes, what happens otherwise. Where a sentence on
the same matter might tell that, in whatever words, the question isn't asked.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Span

from colloquia.language.inflection import inflect
from colloquia.language.lexicon import word_set
from colloquia.language.words import FUNCTION_WORDS, stem
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.figures import figures
from colloquia.offline.questions.open_verbs import OPEN, STATES
from colloquia.offline.questions.phrasing import Phrased, ask, sound, subject_of, trimmed
from colloquia.offline.questions.things import kept, made
from colloquia.offline.reading.clauses import DISCOURSE, Clause, Piece, bare
from colloquia.offline.reading.study import POINTING, Statement, Study

MAX_WORDS = 17
_HEDGES = word_set("usually normally typically generally commonly ordinarily")
_PARTLY = word_set(
    "mostly mainly largely partly primarily partially chiefly considerably significantly greatly "
    "substantially heavily widely strongly predominantly extensively"
)
_TIMES = word_set(
    "often frequently sometimes occasionally rarely repeatedly regularly periodically"
)
_SPEED = word_set("rapidly quickly slowly gradually fast")
_ADVERBS = (
    _HEDGES
    | _PARTLY
    | _TIMES
    | _SPEED
    | DISCOURSE
    | word_set("only just already once rather directly")
)
_AFTERTHOUGHTS = re.compile(
    r"(?:preferably|ideally|usually|often|typically|depending|even|at first|initially)\b"
)
_SOME, _MANY = (
    word_set("some several certain various"),
    word_set("many numerous hundreds thousands"),
)
_DUTIES = frozenset({"must", "should", "shall"})
_EMPTY = word_set("be have do make take give get use keep become go come set hold show include")
_VAGUE = word_set(
    "default rate gain limit value figure amount total period result response form quantity "
    "difference address first second third other number range process idea case part term name "
    "word area group type set reason example way one this that question problem exchange"
)
_REASONS = (
    r"because|\bsince\b|, as\b|\bso\b|due to|owing|thanks|therefore|thus|hence|reason|\bcaus|"
    r"in order|, which|otherwise|prevent|avoid|\blets?\b|allow|ensur|protect|purpose|result|enabl|"
    r"\bled to|\bwhy\b|\baim|intend"
)
_OUTCOMES = _REASONS + r"|\bif\b|unless|fail|without|miss|\blate|penal|skip|void|harm|error|when\b"
_LIMITS = r"\bif\b|unless|except|where|when|although|\bbut\b|however|depend|though|while|once"
_CLUMSY = re.compile(
    r" n?or |not today|[a-z] The [a-z]| (?:also|even|notably|particularly|namely|especially|respectively) |\?.|:\d|\.:|"
    r"(?:\bSt|\.[A-Z]|[ ,:]\d+:?\d*)\?$|\btake place\b.*\bhow\b|\bonly\b"
)
_LISTS = r"such as|particular|includ|\blike\b|namely|example|e\.g|: |%|per ?cent|especially|[a-z], [\w ]+, "


def gaps(studied: Study) -> Iterator[Candidate]:
    """Yield the near misses of a snippet, in the order of its statements."""
    for statement in studied.statements:
        for clause in statement.clauses:
            if usable(statement, clause):
                said = _Said(studied=studied, statement=statement, clause=clause)
                for family in _FAMILIES:
                    yield from family(said)


def usable(statement: Statement, clause: Clause) -> bool:
    """Whether a clause is read well enough to make a question of what it doesn't say."""
    verb, last = clause.verb, clause.helpers[-1] if clause.helpers else None
    if statement.loose or not clause.sound or verb.pos_ not in {"VERB", "AUX"}:
        return False
    fitting = {"be": {"VBN", "VBG"}, "have": {"VBN"}}.get(last.lemma_ if last else "", {"VB"})
    if (last is not None and verb.tag_ not in fitting) or sum(
        p.role == "object" for p in clause.pieces
    ) + clause.passive > 1:
        return False
    behind = clause.subject[1] if clause.subject and clause.subject[0] < verb.i else clause.start
    between = {t.lower_ for t in clause.doc[behind : verb.i]}
    if not clause.negated and between & {"not", "n't", "nor", "neither", "never"}:
        return False
    if any(
        p.head.dep_ == "ccomp" or (p.role == "clause" and behind <= p.start < verb.i)
        for p in clause.pieces
    ):
        return False
    if clause.orders:
        before = clause.doc[verb.i - 1].lower_ if verb.i else ""
        first = before in {"", ",", ";", "and", "then", "first", "next", "finally"}
        return first and verb.lower_ not in {"see", "note", "let"}
    return _named(statement, clause)


def _named(statement: Statement, clause: Clause) -> bool:
    """Whether the subject is a plain noun phrase, whole and by itself understood."""
    said = (
        statement.subject.lower().split()
        if statement.main and clause.subject == statement.main.subject
        else []
    )
    if clause.subject_head is not None and clause.subject_head.tag_ == "PRP":
        return (
            0 < len(said) < 9
            and not set(said) & POINTING
            and not re.search(r"[;:/(,]", statement.subject)
        )
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    verbs = any(t.pos_ in {"VERB", "AUX"} and t.dep_ not in {"amod", "acl", "relcl"} for t in span)
    if verbs or not 1 <= len(span) <= 8 or {span.root.pos_, span[-1].pos_} - {"NOUN", "PROPN"}:
        return False
    if span[0].lower_ in {"only", "no", "few", "little", "another", "even", "such", "neither"}:
        return False
    vague = span.root.lemma_.lower() in _VAGUE and len(span) <= 2
    return not vague and re.search(r"[;:/(]|\d{3}", span.text) is None


def put(
    statement: Statement,
    clause: Clause,
    wh: str,
    *dropped: Piece,
    tail: str = "",
    negated: bool | None = None,
) -> Phrased | None:
    """Ask it with what the clause says beside, without hedges, if that is short and simple."""
    asides = {"reason", "purpose"}
    rest = [p for p in plain(clause, *dropped) if p.sense not in asides]
    phrased = ask(statement, clause, wh, rest, tail=tail, negated=negated)
    strange = r"\b(?:it|its|he|she|his|her)\b" if clause.plural else r"\b(?:they|them|their)\b"
    if clause.copular and not rest:
        return None
    if phrased is None or not _short(phrased.direct) or re.search(strange, phrased.direct):
        return None
    return phrased


def plain(clause: Clause, *dropped: Piece) -> list[Piece]:
    """Return the parts a question repeats, without hedges and afterthoughts."""
    said = [(p, trimmed(p).lower()) for p in kept(clause, *dropped)]
    return [p for p, text in said if text not in _ADVERBS and not _AFTERTHOUGHTS.match(text)]


def _short(question: str) -> bool:
    few = len(question.split()) <= MAX_WORDS and question.count(",") <= 1
    return few and _CLUMSY.search(question) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A clause in its place, as the families below look at it."""

    studied: Study
    statement: Statement
    clause: Clause

    @property
    def past(self) -> bool:
        """Whether it tells of something done."""
        finite = (*self.clause.helpers, self.clause.verb)[0]
        if finite.lower_ == "had" and finite is not self.clause.verb:
            return False
        return finite.tag_ == "VBD" and (finite.lower_ != finite.lemma_ or not self.clause.plural)

    @property
    def agent(self) -> bool:
        """Whether somebody does it, who may have had a reason and a way."""
        head = self.clause.subject_head
        if head is None or self.statement.person:
            return True
        named = head.pos_ == "PROPN" and head.ent_type_ != "EVENT"
        return (
            named
            or head.ent_type_ in {"PERSON", "ORG", "NORP"}
            or (self.clause.plural and head.tag_ != "NNS")
        )

    def silent(self, told: str, *, kin: bool = True) -> bool:
        """Whether no sentence on the same matter tells it: its own, the next, and its kin."""
        clause = self.clause
        docs = list(dict.fromkeys(c.doc for s in self.studied.statements for c in s.clauses))
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
            tied = number == at + 1 and (doc[0].lower_ in POINTING | DISCOURSE or shared)
            akin = kin and (shared & verb or len(shared) > 1)
            if (number == at or tied or akin) and re.search(told, doc.text, re.I):
                return False
        return True

    def asked(self, family: str, phrased: Phrased | None) -> Iterator[Candidate]:
        """Yield the near miss, if it could be put."""
        yield from made("near_miss", phrased, self.statement, family=family)

    def worded(self, family: str, words: str, who: str) -> Iterator[Candidate]:
        """Yield the near miss of these words, which are the same put directly and indirectly."""
        words = re.sub(r"\s+", " ", words).strip(" ,")
        if not self.clause.plural and re.search(r"\b(?:they|them|their)\b", words):
            return
        if sound(words, who) and (_short(words) or family == "choice") and len(words.split()) > 4:
            direct = f"{words[:1].upper()}{words[1:]}?"
            yield from self.asked(family, Phrased(direct=direct, indirect=words))

    def after(self) -> str:
        """Return what the question repeats of what follows the verb."""
        clause = self.clause
        return " ".join(trimmed(p) for p in plain(clause) if p.start > clause.verb.i)


def _stems(tokens: Doc | Span) -> frozenset[str]:
    return frozenset(
        stem(t.lemma_) for t in tokens if t.is_alpha and t.lower_ not in FUNCTION_WORDS
    )


def _open(said: _Said) -> Iterator[Candidate]:
    """How long is it soaked?, to whom is it sent?: what one asks of such verbs."""
    clause = said.clause
    for gap in OPEN:
        done = "*" in gap.verbs and clause.verb.lemma_ not in STATES
        if (
            not (done or clause.verb.lemma_ in gap.verbs)
            or clause.negated
            or gap.past not in (None, said.past)
        ):
            continue
        if gap.voice and gap.voice != (
            "orders" if clause.orders else "passive" if clause.passive else "active"
        ):
            continue
        if gap.family == "way" and not said.agent:
            continue
        if gap.past and (
            clause.of("condition")
            or (clause.first("object") is not None
            and trimmed(clause.first("object")) == "place")
        ):
            continue
        if gap.voice == "active" and clause.first("object") is None:
            continue
        if said.silent(gap.told) and (not gap.own or not re.search(gap.own, clause.doc.text, re.I)):
            yield from said.asked(gap.family, put(said.statement, clause, gap.wh, tail=gap.tail))


def _reason(said: _Said) -> Iterator[Candidate]:
    """Why must it be so?, why just that figure?, why did they?"""
    clause = said.clause
    aimed = any(p.head.tag_ == "VB" and p.text.startswith("to ") for p in clause.pieces)
    numbers = [t for p in clause.pieces for t in clause.doc[p.start : p.end] if t.tag_ == "CD"]
    numbers = [
        t
        for t in numbers
        if t.ent_type_ != "DATE" and t.lower_ != "one" and "-" not in t.doc[t.i : t.i + 2].text
    ]
    figure = bool(numbers) and not said.past and clause.verb.lemma_ not in _SIZED
    conditional = re.search(r"\b(?:if|when|where|once)\b", clause.doc.text, re.I)
    if clause.negated and clause.verb.lemma_ != "know":
        family = "reason of a ban"
    elif figure and not clause.orders:
        family = "reason of a figure"
    elif conditional:
        return
    elif clause.modal in _DUTIES or (
        clause.orders and any(p.role == "adjunct" for p in clause.pieces)
    ):
        family = "reason of a duty"
    elif said.past and (clause.passive or said.agent) and clause.verb.lemma_ not in STATES:
        family = "reason of an act"
    else:
        return
    phrased = put(said.statement, clause, "why")
    told = phrased is None or (
        family == "reason of a figure" and not any(t.text in phrased.direct for t in numbers)
    )
    if not told and not aimed and not clause.of("reason", "purpose") and said.silent(_REASONS):
        yield from said.asked(family, phrased)


_SIZED = word_set("cover include consist comprise contain reach measure span total have divide")


def _consequence(said: _Said) -> Iterator[Candidate]:
    """What happens if the bag isn't sealed?: a duty, and no word of what follows."""
    clause, who = said.clause, subject_of(said.statement, said.clause)
    if not (clause.orders or clause.modal in _DUTIES) or who is None or clause.copular:
        return
    many = clause.plural or clause.orders
    no = "" if clause.negated else "n't" if clause.orders else " not"
    if clause.passive:
        verb = f"{'are' if many else 'is'}{no} {clause.verb.lower_}"
    elif no:
        verb = f"{'do' if many else 'does'}{no} {clause.verb.lemma_}"
    else:
        verb = clause.verb.lemma_ if many else inflect(clause.verb.lemma_, "VBZ")
    if said.silent(_OUTCOMES):
        yield from said.worded("consequence", f"what happens if {who} {verb} {said.after()}", who)


def _doer(said: _Said) -> Iterator[Candidate]:
    """Who founded the church?: a passive that names nobody."""
    clause, who = said.clause, subject_of(said.statement, said.clause)
    if not clause.passive or clause.negated or clause.verb.lemma_ not in _DONE or who is None:
        return
    modal = [h.lower_ for h in clause.helpers if h.tag_ == "MD"]
    if (
        said.statement.person
        or any(h.lemma_ == "have" for h in clause.helpers)
        or not said.silent(r"\bby\b")
    ):
        return
    verb = (
        clause.verb.lemma_ if modal else inflect(clause.verb.lemma_, "VBD" if said.past else "VBZ")
    )
    yield from said.worded("doer", f"who {' '.join(modal)} {verb} {who} {said.after()}", who)


_DONE = word_set(
    "found establish build design invent discover introduce publish write name develop create erect "
    "appoint elect adopt propose order commission award inspect approve check issue notify destroy "
    "decide assess record measure formulate coin prove conquer organise organize charge collect pay "
    "finance translate paint compose demonstrate patent demolish promote explain reward initiate"
)


def _hedged(said: _Said) -> Iterator[Candidate]:
    """In which cases …?, to what extent …?: it says usually or largely, and no more."""
    clause = said.clause
    words = {trimmed(p).lower() for p in clause.pieces if p.role == "adverb"}
    if clause.negated or clause.orders:
        return
    if words & _HEDGES and not said.past and said.silent(_LIMITS):
        phrased = put(said.statement, clause, "in which cases", negated=True)
        yield from said.asked("exceptions", phrased)
    if words & _PARTLY and said.silent(r"\d|per ?cent|half|third|quarter|%|\bbut\b|although"):
        yield from said.asked("extent", put(said.statement, clause, "to what extent"))
    if words & _TIMES and said.silent(
        r"\d|every|each|once|twice|per\b|times|year|month|week|daily"
    ):
        yield from said.asked("times", put(said.statement, clause, "how often"))
    if words & _SPEED and said.silent(r"\d|hour|minute|second|year|month|week|\bday"):
        yield from said.asked("speed", put(said.statement, clause, "how quickly"))


def _numbers(said: _Said) -> Iterator[Candidate]:
    """Which systems prefer that?, how many, what share?: it says some, many or most."""
    clause, later = said.clause, said.studied.statements[said.statement.index + 1 :]
    follows = re.match(
        r"(?:One|The first|Another|Among|Examples?|These|In|Some|Most)\b",
        later[0].quote if later else "",
    )
    if clause.negated or follows or not said.silent(_LISTS, kin=False):
        return
    span = clause.doc[slice(*(clause.subject or (0, 0)))]
    wh = _counting(span.text)
    if wh and span.root.tag_ == "NNS" and len(said.statement.said.split()) > 7:
        verb = clause.doc[span.end : clause.verb.i + 1].text if span.end <= clause.verb.i else ""
        verb = " ".join(w for w in verb.split() if w.lower() not in _ADVERBS)
        yield from said.worded(wh[1], f"{wh[0]} {verb} {said.after()}", wh[0])
    for piece in clause.pieces:
        wh = _counting(trimmed(piece))
        if (
            wh
            and piece.role == "object"
            and piece.start > clause.verb.i
            and (piece.head.tag_ == "NNS" or wh[1] == "share")
        ):
            yield from said.asked(wh[1], put(said.statement, clause, wh[0], piece))
        bare_plural = re.fullmatch(
            r"(?!an? |the |its |their |no |all )(?:[a-z-]+ ){0,2}[a-z]+s", trimmed(piece)
        )
        if (
            bare_plural
            and piece.role == "object"
            and clause.verb.lemma_ in _DEALT
            and piece.head.tag_ == "NNS"
        ):
            if (
                piece.start == clause.verb.i + 1
                and not wh
                and not any(t.tag_ == "CD" for t in clause.doc[piece.start : piece.end])
                and not re.search(r" and ", clause.doc[clause.start : clause.end].text)
            ):
                yield from said.asked(
                    "amount", put(said.statement, clause, f"how many {trimmed(piece)}", piece)
                )


_DEALT = word_set(
    "send build erect receive establish produce publish create employ attract manufacture sell enroll "
    "recruit found open operate own kill capture execute train teach host win buy purchase offer award "
    "issue field comprise house contain lose donate found write compose deploy train admit"
)


def _counting(phrase: str) -> tuple[str, str] | None:
    """Return what asks for more than `several …` tells, and its family."""
    first, _, rest = phrase.partition(" ")
    rest = rest.removeprefix("of ")
    if (
        first.lower() not in _SOME | _MANY | {"most", "much"}
        or not rest
        or rest.startswith("other")
        or len(rest.split()) > 6
    ):
        return None
    if rest.startswith(("more", "less", "most")):
        return None
    if first.lower() in {"most", "much"}:
        return f"what share of {rest}", "share"
    return (f"which {rest}", "members") if first.lower() in _SOME else (f"how many {rest}", "count")


def _likelihood(said: _Said) -> Iterator[Candidate]:
    """How likely is the coil to freeze?: it may, we are told."""
    clause, who = said.clause, subject_of(said.statement, said.clause)
    if (
        clause.modal not in {"may", "might", "could"}
        or clause.negated
        or clause.passive
        or who is None
    ):
        return
    if said.statement.person or clause.first("object") or len(clause.helpers) > 1:
        return
    if said.silent(r"likel|probab|chance|\brisk|rare|often|always|%|usual|common|unless"):
        be = "are" if clause.plural else "is"
        yield from said.worded(
            "likelihood", f"how likely {be} {who} to {clause.verb.lemma_} {said.after()}", who
        )


def _next_best(said: _Said) -> Iterator[Candidate]:
    """What is the second largest?: the largest is named."""
    clause, piece = said.clause, said.clause.first("attribute")
    if (
        piece is None
        or not clause.copular
        or clause.helpers
        or clause.negated
        or piece.start < clause.verb.i
    ):
        return
    words = trimmed(piece)
    found = re.match(
        r"the ((?:most|largest|biggest|oldest|highest|tallest|longest|deepest|busiest|richest|smallest|greatest|best|first)\b(?! (?:of|at|in|to)\b).*)",
        words,
    )
    if (
        found
        and len(words.split()) > 3
        and not re.search(r"[,%\d]| and | to ", words)
        and said.silent(r"second|next|follow|after|third")
    ):
        rest = re.sub(r"^first ", "", found.group(1))
        who = "who" if said.statement.person else "what"
        be = "was" if said.past else "is"
        yield from said.worded("next best", f"{who} {be} the second {rest}", rest)


def _difference(said: _Said) -> Iterator[Candidate]:
    """How much more water does one absorb than the other?"""
    for piece in said.clause.pieces:
        words, than, other = trimmed(piece).partition(" than ")
        grown = piece.head.tag_ == "JJR" or any(t.lower_ == "more" for t in piece.head.children)
        if (
            not than
            or not grown
            or said.clause.negated
            or re.search(r"\d|rather|other|much", words)
        ):
            continue
        if piece.start > said.clause.verb.i and said.silent(
            r"\d|half|twice|double|times|per ?cent|slight"
        ):
            wh = f"how {'many' if piece.head.tag_ == 'NNS' else 'much'} {words}"
            phrased = put(said.statement, said.clause, wh, piece, tail=f"than {other}")
            yield from said.asked("difference", phrased)


def _choice(said: _Said) -> Iterator[Candidate]:
    """Which is better for cleaning the sensor, steel wool or an abrasive pad?; how else?"""
    clause, object_ = said.clause, said.clause.first("object")
    what = (
        subject_of(said.statement, clause)
        if clause.passive
        else trimmed(object_)
        if object_
        else ""
    )
    verb = inflect(clause.verb.lemma_, "VBG")
    for piece in clause.pieces:
        two = re.fullmatch(
            r"(?:with|in|using) ((?:[\w'-]+ ){0,4}[\w'-]+) or ((?:[\w'-]+ ){0,4}[\w'-]+)",
            trimmed(piece),
        )
        if (
            two
            and what
            and not clause.negated
            and piece.start > clause.verb.i
            and said.silent(r"better|prefer|best|rather|ideal|\d")
        ):
            yield from said.worded(
                "choice",
                f"which is better for {verb} {what}, {two.group(1)} or {two.group(2)}",
                what,
            )
        if (
            piece.sense == "means"
            and clause.verb.lemma_ != "see"
            and clause.modal in {"can", "may", "could"}
            and not clause.negated
        ):
            if said.silent(r"\bor\b|other|alternat|\belse|instead|\balso\b"):
                yield from said.asked("alternative", put(said.statement, clause, "how else", piece))


def _before(said: _Said) -> Iterator[Candidate]:
    """What was Warsaw before becoming the capital?"""
    clause, who = said.clause, subject_of(said.statement, said.clause)
    opening = {"become": "what was", "move": "where was", "relocate": "where was"}.get(
        clause.verb.lemma_
    )
    if (
        who
        and opening
        and clause.verb.tag_ == "VBD"
        and not clause.plural
        and said.silent(r"from|previous|former|origin|before|used to|\bold|until|first|\bwas\b")
    ):
        yield from said.worded(
            "before",
            f"{opening} {who} before {inflect(clause.verb.lemma_, 'VBG')} {said.after()}",
            who,
        )


def _step(said: _Said) -> Iterator[Candidate]:
    """What comes after the last of the steps?"""
    clause = said.clause
    orders = [c for s in said.studied.statements for c in s.clauses if c.orders]
    rest = " ".join(trimmed(p) for p in plain(clause) if p.role in {"particle", "object"})
    last = (
        len(orders) > 3 and clause is orders[-1] and said.statement is said.studied.statements[-1]
    )
    if last and rest and not set(rest.lower().split()) & POINTING:
        yield from said.worded(
            "step", f"what should you do after {inflect(clause.verb.lemma_, 'VBG')} {rest}", "you"
        )


def _sibling(said: _Said) -> Iterator[Candidate]:
    """How long is a refresh token valid?: that of an access token is given."""
    clause, statement = said.clause, said.statement
    if clause is not statement.main or clause.negated or not statement.subject:
        return
    for name in _siblings(said.studied, clause):
        for candidate in (c for k in statement.clauses if k.sound for c in figures(statement, k)):
            if statement.subject in candidate.question and candidate.family != "figure":
                words = candidate.question.replace(statement.subject, name).rstrip("?")
                told = candidate.aim.replace(statement.subject, name)
                if _short(words):
                    yield replace(
                        candidate,
                        kind="near_miss",
                        question=f"{words}?",
                        aim=told,
                        followed=None,
                        subject=name,
                        family="sibling",
                    )


def _siblings(studied: Study, clause: Clause) -> Iterator[str]:
    """Yield what things of the subject's kind are called of which no figure is told."""
    own, mine = clause.subject_head, bare(clause.subject_text)
    label = re.search(r"\b([A-Z]\w+) (\d+)\b", mine)
    if label:
        numbers = sorted({int(n) for n in re.findall(rf"\b{label.group(1)} (\d+)", studied.text)})
        if len(numbers) == 2 and numbers[1] - numbers[0] > 1:
            mine = mine.replace(label.group(2), str(sum(numbers) // 2))
            yield mine[:1].lower() + mine[1:]
        return
    for doc in dict.fromkeys(c.doc for s in studied.statements for c in s.clauses):
        for chunk in doc.noun_chunks:
            name, head = bare(chunk.text), chunk.root
            theirs = _stems(chunk) - {stem(head.lemma_)}
            if (
                own is None
                or (head.lemma_, head.tag_) != (own.lemma_, own.tag_)
                or not 2 <= len(name.split()) <= 4
            ):
                continue
            if (
                theirs
                and not theirs & _stems(clause.doc)
                and set(name.lower().split()).isdisjoint(
                    POINTING
                    | word_set("no any each every all more first second new old same many some")
                )
            ):
                if not any(
                    re.search(r"\d", d.text)
                    for d in {c.doc for s in studied.statements for c in s.clauses}
                    if theirs & _stems(d)
                ):
                    yield name[:1].lower() + name[1:] if chunk.start == 0 else name


_Family = Callable[[_Said], Iterator[Candidate]]
_FAMILIES: tuple[_Family, ...] = (
    _open, _reason, _consequence, _doer, _hedged, _numbers, _likelihood, _next_best, _difference,
    _choice, _before, _step, _sibling,
)  # fmt: skip
