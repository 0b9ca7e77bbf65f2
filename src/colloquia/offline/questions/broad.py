"""What one asks of a thing when nothing in particular is told of it, and what a name stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.language.reading.words import content_words, overlap
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import put, subject_of, trimmed
from colloquia.offline.questions.things import QUANTIFIED, VAGUE
from colloquia.offline.reading.senses import dated
from colloquia.offline.reading.study import Statement, Study

if TYPE_CHECKING:
    from spacy.tokens import Token

#: They say how something is and not what it does.
STATES = word_set(
    "be have do can remain stay mean equal "
    "contain include depend know exist consist belong lie cost "
    "weigh measure last own hold resemble differ exceed seem appear become want need owe lack "
    "comprise constitute represent matter tend receive get make see feature involve vary keep "
    "reflect reach extend date share number total suit begin start"
)
#: What one asks after: what happened to it?
_BEFALLING = word_set(
    "die fall collapse merge disappear decline burn shrink sink vanish destroy damage demolish "
    "rebuild restore replace abolish dissolve close move transfer sell kill capture defeat execute "
    "arrest expel exile convert expand reduce absorb conquer occupy abandon ban delete discard "
    "retry reject vacuum deport massacre suppress wreck besiege bomb loot banish imprison release "
    "raze divide annex incorporate secularize eliminate revoke renovate transform liberate tax "
    "persecute disband drain flood split break unite attack wound shoot injure raid rename"
)


def otherwise(studied: Study, statement: Statement) -> Iterator[Candidate]:
    """Yield what one asks of a thing when nothing in particular is told of it."""
    clause = statement.main
    head = clause.subject_head if clause else None
    who = subject_of(statement, clause) if clause else None
    if clause is None or clause.orders or who is None or head is None or len(who.split()) > 8:
        return
    named = (
        head.pos_ in {"NOUN", "PROPN"} or head.tag_ == "VBG"
    ) and head.lemma_.lower() not in VAGUE | {"reason"}
    if not named or re.search(r",|\b(?:that|and)\b", who):
        return
    times = [p for p in clause.of("time") if p.role == "adjunct" and len(p.text.split()) < 12]
    told = next((p for p in times if dated(p.head)), next(iter(times), None))
    when = trimmed(told) if told else ""
    when = when if when[:4].isdigit() else when[:1].lower() + when[1:]
    past = clause.past
    does = "did" if past else "do" if clause.plural else "does"
    dull = {"estimate", "consider", "regard", "rank", "rate", "say", "count", "record"}
    events = clause.verb.lemma_ not in STATES | dull and not clause.negated and not clause.modal
    simple = clause.sound and not (clause.negated or clause.modal or QUANTIFIED.match(who))
    still = {"be", "have", "come"} if statement.person else STATES
    does_much = clause.verb.lemma_ not in still and not clause.helpers and clause.first("object")
    known = re.match(r"the \S+$", who)  # the employee: which?
    if past and when and events and re.match(r"(?:in|on|between|from) .*(?:\d{4}|centur)", when):
        yield from put(statement, "what", "happened then", f"what happened {when}")
    elif simple and does_much and not known and _acts(head, statement, past):
        asked = f"what {does} {who} do {when}"
        yield from put(statement, "what", "what does it do", asked, f"what {who} {does} {when}")
    elif overlap(content_words(who), studied.topic.name) < 0.6 and _of_note(who, head):
        earlier = {s.subject for s in studied.statements[: statement.index]}
        if not any(overlap(content_words(who), subject) > 0.6 for subject in earlier if subject):
            aim = f"what there is to know about {who}"
            yield from put(statement, "what", "what about", f"what about {who}", aim)


def _acts(head: Token, statement: Statement, past: bool) -> bool:
    """Whether a subject is of a kind that does things."""
    made = re.search(r"(?:ion|ity|ment|ness|ism|ance|ence|cycle|rate|level|amount)s?$", head.lower_)
    place = head.ent_type_ in {"GPE", "LOC", "FAC"} or head.lemma_ in {"city", "country", "town"}
    if past:
        people = re.search(r"(?:ist|er|or|ian)s$", head.lower_)
        return statement.person or people is not None or (head.pos_ == "PROPN" and not place)
    return not made and not place and head.tag_ != "VBG"


def _of_note(who: str, head: Token) -> bool:
    """Whether a thing is named, or told so closely that one can ask after it."""
    named = re.search(r"[a-z’'] [A-Z]|^[A-Z]", who) is not None
    close = any(c.dep_ == "compound" or c.lower_ == "of" for c in head.children)
    some = re.match(r"(?:another|an?|other|certain|later|earlier) ", who)
    return (named or close) and not some and not QUANTIFIED.match(who)
