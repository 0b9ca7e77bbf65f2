"""What an opening asks about: the topic, or where the overview doesn't reach it, its own subject.

An article on the immune system has a paragraph on B cells; its overview says nothing of the whole.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from colloquia.language.asking.given_away import told_sentence
from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import content_words, held
from colloquia.offline.reading.antecedents import POINTING
from colloquia.offline.reading.overview import central, overview_text
from colloquia.offline.reading.senses import PLACES
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import Study
from colloquia.offline.reading.topics import Topic

_BROAD = 2  # words; a longer title is about one thing
_HALF = 0.5
_LONGEST = 7  # words of a name
_SOME = word_set("no few several some individual various certain early other thanks around about")
_GROUPS = word_set("group case number series pair set tradition part member form kind type way")
_PROPER = re.compile(r"(?:the )?[A-Z]\S*(?: (?:(?:of|the|and) )*[A-Z]\S*)*")
_NAMED = frozenset({"PERSON", "ORG", "EVENT", *PLACES})
_LYING = frozenset({"lie", "locate", "situate"})  # where, and not with what
_WITHIN = frozenset({"compound", "poss", "amod", "nmod"})  # the Ireland of a council's name
_LOOSE = re.compile(r"(?!the )[a-z-]+(?: [a-z-]+)?|[A-Z][a-z]+s")  # B cells, of what?
# The employee, the simplest approach: which?
_WHICH = re.compile(
    r"the [a-z]+|the \w+est \w+|the (?:next|further|resulting|main|major|combined) .*"
)
_BEFORE_THE_THING = re.compile(
    r"^(?:even|only|the (?:bulk|majority|rest|number|first|last) of"
    r"|(?:hundreds|thousands|dozens|scores) of"
    r"|(?:(?:virtually|nearly|almost|approximately|about|around|roughly|some) )?"
    r"(?:\d[\d,]*|one(?= (?:hundred|thousand|million))|two|three|four|five|many|most|all"
    r"|several(?= (?:hundred|thousand)))"
    r"(?: (?:hundred|thousand|million|(?:kinds|types) of|of(?: the)?))?) ",
    re.I,
)
_AFTER_THE_THING = re.compile(
    r",| ?\(| [–—]| (?:that|which|who|whose|where)\b| (?:and|or)$| for the \w+ time"
)
_PREPOSITION = r" (?:to|for|in|on|at|by|from|with|between|under) "


def opening_topic(studied: Study) -> Topic:
    """Name what the opening asks about: the topic, a half of it, or the overview's own subject."""
    topic, chosen = studied.topic, central(studied)
    if topic.name == "this":
        return topic
    said = overview_text(studied)
    told = [name for name, own in _halves(topic) if _reached(own, said) > _HALF]
    if len(told) == 1:
        return replace(topic, name=told[0])
    title = content_words(_apart(topic.name))
    if told or (len(title) > _BROAD and _reached(topic.name, said) >= _HALF):
        return topic
    subject = None if _done_to(chosen[0], title) else subject_name(chosen[0])
    new = subject is not None and _reached(subject, topic.name) < 1
    if subject is None or not new or told_sentence(subject, said, topic.name):
        other = _beside(studied) if is_broad(studied) else None  # else it gives its answer away
        return Topic(name=f"{other} and {topic.name}") if other else topic
    if not _LOOSE.fullmatch(subject):
        return Topic(name=subject)
    if re.fullmatch(r"[a-z]+(?<!s)", subject):
        return topic  # production, of what?
    if len(title) <= _BROAD and not held(title, subject):
        return Topic(name=f"{subject} {'in' if topic.place else 'and'} {topic.name}")
    return Topic(name=subject) if " " in subject else topic


def is_broad(studied: Study) -> bool:
    """Whether a short title names more than the overview tells of: steam engines, the gauge."""
    title, subject = content_words(_apart(studied.topic.name)), central(studied)[0].subject
    own = content_words(_apart(_AFTER_THE_THING.split(subject)[0]))
    plain = not (studied.topic.asking or studied.topic.doing) and studied.topic.name != "this"
    main = central(studied)[0].main
    told = main is not None and main.copular and len(held(own, studied.topic.name)) == len(own)
    return plain and len(title) <= _BROAD and not told


def _beside(studied: Study) -> str | None:
    """Return whom or what else the overview names, the one that the text names most."""
    first = central(studied)[0]
    if first.main is None or first.main.verb.lemma_ in _LYING:
        return None
    names = [*names_in(first, studied.topic.name, labels=_NAMED)]
    return max(names, key=lambda name: studied.text.count(name.split()[-1]), default=None)


def names_in(statement: Statement, told: str, *, labels: Collection[str]) -> Iterator[str]:
    """Yield the whole names of these kinds in a statement, none that was told of."""
    heard = content_words(told)
    for span in statement.main.doc.ents if statement.main else ():
        doc, root = span.doc, span.root
        first = span.start - (span.start > 0 and doc[span.start - 1].lower_ == "the")
        after = doc.text[span.end_char :]
        home = re.match(r" of (?:the )?[A-Z][\w-]+\b(?! [A-Z])", after)  # Bohemond of Taranto
        name = re.sub("^The ", "the ", doc[first : span.end].text + (home[0] if home else ""))
        listed = root.dep_ == "conj" or any(root.conjuncts)
        cut = re.match(r"(?:[-–]| the | of | [A-Z])", after[len(home[0]) if home else 0 :])
        within = first > 0 and doc[first - 1].tag_ in {"NNP", "POS", "HYPH"}
        whole = root.dep_ not in _WITHIN and span.label_ in labels and _PROPER.fullmatch(name)
        if whole and not (cut or within or listed or held(heard, name)) and name in statement.said:
            yield name


def _done_to(statement: Statement, title: Sequence[str]) -> bool:
    """Whether a sentence tells what somebody does to the topic: a magazine ranked Warsaw."""
    done = statement.main.first("object") if statement.main else None
    return bool(done and title and len(held(title, done.head.text)) == len(title))


def _halves(topic: Topic) -> list[tuple[str, str]]:
    """Return what a title joins by `and`, each as a title and in its own words only."""
    found = re.fullmatch(rf"([^,]+?) and ([^,]+?)((?:{_PREPOSITION}.*| of .*)?)", topic.name)
    if found is None:
        return []
    one, other, tail = found.groups()
    left = one if re.search(rf"{_PREPOSITION}| of ", one) else one + tail
    halves = [(left, one), (other + tail, other)]
    return halves[:1] if topic.asking or topic.doing else halves


def subject_name(statement: Statement) -> str | None:
    """Return a statement's subject as one asks about it, or None where it can't be named so."""
    main = statement.main
    there = main.first("attribute") if main and main.subject_text.lower() == "there" else None
    head = there.head if there else main.subject_head if main else None
    resolved = head is not None and head.pos_ == "PRON" and not statement.loose
    if main is None or head is None or not (resolved or head.pos_ in {"NOUN", "PROPN"}):
        return None
    before = main.doc[main.subject[0] - 1].lower_ if main.subject and main.subject[0] else ""
    lone = main.subject and main.doc[main.subject[1] - 1].tag_ == "VBN"  # protocols used
    if lone or before in {"and", "or"} or head.ent_type_ in {"DATE", "TIME"}:
        return None  # the end of a list was taken for a subject, or a time
    name = _BEFORE_THE_THING.sub("", there.text if there else statement.subject, count=1)
    name = _AFTER_THE_THING.split(name)[0]
    if len(name.split()) > _LONGEST:
        name, *left = re.split(rf"(?: \w+(?:ed|ing))?({_PREPOSITION})", name)
        lost = {" to ", " for ", *POINTING} & {*left[:1], *"".join(left).split()}  # which response?
        told = " of " in name and not lost
        if len(name.split()) > _LONGEST or (name.startswith("the ") and not told):
            return None
    first, _, rest = name.partition(" ")
    if first.lower() in {"a", "an"} and head.tag_ == "NN":  # as such: a B cell identifies
        several = rf"\b{re.escape(head.text)}\b", inflect(head.lemma_, "NNS")
        once = main.past or any(h.lemma_ == "have" for h in main.helpers)
        many = once or head.lemma_ in _GROUPS or re.search(r" (?:of|or) ", rest)
        return None if many else re.sub(*several, rest, count=1)
    joined = any(c.dep_ == "conj" for c in head.children)
    half = re.search(r"\bbetween (?!.* and )", name)
    cut = half or (joined and " and " not in name) or first.lower() in {"a", "an"}
    own = resolved or there or re.search(rf"\b{re.escape(head.text)}\b", name, re.I)
    whole = own or _PROPER.fullmatch(name)
    vague = first.lower() in _SOME | POINTING or _WHICH.fullmatch(name)
    return name if whole and not vague and not cut else None


def _apart(name: str) -> str:
    return name.replace("-", " ")


def _reached(name: str, said: str) -> float:
    """Return the share (0..1) of a name's words that are spoken of."""
    wanted = content_words(_apart(name))
    return len(held(wanted, _apart(said))) / (len(wanted) or 1)
