"""What one wants to know of a person, a building, a species …, and a short passage seldom says.

The kind of thing is read off the passage; what it does say of it isn't asked for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from colloquia.language.clauses import Clause
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import head_noun
from colloquia.language.tagging import tag
from colloquia.language.words import content_forms
from colloquia.offline.reading.grammar import Phrased
from colloquia.offline.reading.people import is_person_noun
from colloquia.offline.reading.study import Statement, Study
from colloquia.offline.reading.topics import NO_TOPIC, topic_head


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question that {x} stands in, indirectly put, and the words that show it is answered."""

    direct: str
    indirect: str
    said_by: str


def _wanted(direct: str, indirect: str, said_by: str) -> Wanted:
    return Wanted(direct, indirect, said_by)


_PERSON = (
    _wanted("where did {x} go to school", "where {x} went to school",
            "school studied university educated trained pupil student taught college"),
    _wanted("who were the parents of {x}", "who the parents of {x} were",
            "father mother parents son daughter born family"),
    _wanted("did {x} ever marry", "whether {x} ever married", "married wife husband widow spouse"),
    _wanted("where is {x} buried", "where {x} is buried", "buried grave tomb cemetery died"),
    _wanted("which languages did {x} speak", "which languages {x} spoke", "language spoke fluent"),
    _wanted("how did {x} earn a living", "how {x} earned a living",
            "earned living salary paid income profession worked"),
)  # fmt: skip
_PEOPLE = (
    _wanted("what did {x} usually eat", "what {x} usually ate", "ate food diet meal cooking"),
    _wanted("what did {x} do for a living", "what {x} did for a living",
            "trade craft farm work worked merchant weaver living"),
    _wanted("how were the children of {x} brought up", "how the children of {x} were brought up",
            "children child school education raised"),
    _wanted("what kind of clothes did {x} wear", "what kind of clothes {x} wore",
            "clothes dress wore costume"),
)  # fmt: skip
_BUILDING = (
    _wanted("how much did it cost to build {x}", "how much it cost to build {x}",
            "cost price expense budget paid funds million"),
    _wanted("who was the architect of {x}", "who the architect of {x} was",
            "architect designed design designer planned engineer"),
    _wanted("how many visitors does {x} get every year", "how many visitors {x} gets every year",
            "visitors visit tourists visitor"),
    _wanted("how many workers took part in building {x}",
            "how many workers took part in building {x}", "workers labourers workmen crew men"),
    _wanted("how much does a ticket for {x} cost", "how much a ticket for {x} costs",
            "ticket admission entry fee price cost"),
)  # fmt: skip
_ORGANISATION = (
    _wanted("who were the founders of {x}", "who the founders of {x} were",
            "founder founded founders established set"),
    _wanted("how many people are employed at {x}", "how many people are employed at {x}",
            "employs employees staff workers employed faculty"),
    _wanted("how is {x} funded", "how {x} is funded",
            "fund funded endowment budget financed donations money"),
    _wanted("what is the motto of {x}", "what the motto of {x} is", "motto slogan"),
)  # fmt: skip
_EVENT = (
    _wanted("how many people lost their lives in {x}", "how many people lost their lives in {x}",
            "killed dead died deaths casualties victims lives"),
    _wanted("how long did {x} last", "how long {x} lasted",
            "lasted years months days weeks hours until"),
    _wanted("how much did {x} cost", "how much {x} cost", "cost price expense paid funds"),
    _wanted("who took the first pictures of {x}", "who took the first pictures of {x}",
            "photograph picture camera painted"),
)  # fmt: skip
_SPECIES = (
    _wanted("how much does {x} weigh", "how much {x} weighs",
            "weigh weighs weight kilograms grams"),
    _wanted("which animals prey on {x}", "which animals prey on {x}",
            "prey predator predators eaten enemies hunted"),
    _wanted("how many young does {x} have at a time", "how many young {x} has at a time",
            "egg eggs young offspring litter"),
    _wanted("is {x} protected by law", "whether {x} is protected by law",
            "protected endangered threatened law banned"),
)  # fmt: skip
_PLACE = (
    _wanted("what is the weather like in {x}", "what the weather is like in {x}",
            "weather climate temperature rain winter summer cold warm"),
    _wanted("who is the mayor of {x}", "who the mayor of {x} is", "mayor president council"),
    _wanted("what do people in {x} like to eat", "what people in {x} like to eat",
            "food dish cuisine eat restaurant"),
    _wanted("how many tourists come to {x} each year", "how many tourists come to {x} each year",
            "tourists visitors tourism visit"),
    _wanted("how can one get to {x} by train", "how one can get to {x} by train",
            "train railway rail station"),
    _wanted("which languages are spoken in {x}", "which languages are spoken in {x}",
            "language languages spoken speak"),
)  # fmt: skip
_NATURE = (
    _wanted("who first mapped {x}", "who first mapped {x}", "map mapped chart charted survey"),
    _wanted("how many tourists come to {x} each year", "how many tourists come to {x} each year",
            "tourists visitors tourism visit"),
    _wanted("which fish live in {x}", "which fish live in {x}", "fish species live"),
)  # fmt: skip
_SKY = (
    _wanted("what is {x} made of", "what {x} is made of", "made ice rock dust gas composed"),
    _wanted("how heavy is {x}", "how heavy {x} is", "mass weigh weighs heavy tonnes kilograms"),
    _wanted("how fast does {x} move", "how fast {x} moves", "speed fast velocity"),
    _wanted("can {x} be seen with the naked eye", "whether {x} can be seen with the naked eye",
            "naked eye visible seen telescope"),
)  # fmt: skip
_DEVICE = (
    _wanted("who holds the patent for {x}", "who holds the patent for {x}",
            "patent patented inventor invented"),
    _wanted("how much did one have to pay for {x} at first",
            "how much one had to pay for {x} at first", "price cost paid pay expensive cheap"),
    _wanted("how noisy is {x} in use", "how noisy {x} is in use", "noise noisy loud quiet sound"),
    _wanted("how long does it take to learn to use {x}", "how long it takes to learn to use {x}",
            "learn training trained practice"),
    _wanted("how often does {x} have to be serviced", "how often {x} has to be serviced",
            "service maintenance repair maintained"),
)  # fmt: skip
_WORK = (
    _wanted("how many copies of {x} were sold", "how many copies of {x} were sold",
            "copies sold sale bought"),
    _wanted("what did critics think of {x}", "what critics thought of {x}",
            "critics critic praised review reception"),
    _wanted("into which languages was {x} translated", "into which languages {x} was translated",
            "translated translation language"),
    _wanted("how long did it take to finish {x}", "how long it took to finish {x}",
            "took years months finished completed"),
)  # fmt: skip
_IDEA = (
    _wanted("who first used the name for {x}", "who first used the name for {x}",
            "name named coined called term"),
    _wanted("what objections have been raised to {x}", "what objections have been raised to {x}",
            "objection critics criticism criticised problem disputed"),
)  # fmt: skip
_MATTER = (
    _wanted("how much does {x} cost today", "how much {x} costs today",
            "cost price costs expensive cheap paid"),
    _wanted("how is {x} stored safely", "how {x} is stored safely", "store stored storage kept"),
    _wanted("which country exports the most of {x}", "which country exports the most of {x}",
            "export exports exported trade sold"),
    _wanted("what does {x} smell like", "what {x} smells like", "smell scent odour"),
)  # fmt: skip

_NOUNS: tuple[tuple[tuple[Wanted, ...], frozenset[str]], ...] = (
    (_BUILDING, word_set(
        "lighthouse tower bridge church castle palace building house museum temple theatre theater "
        "stadium cathedral canal dam tunnel station library hospital wall vault statue monument "
        "garden gate mill harbour pier observatory aqueduct fort fortress")),
    (_ORGANISATION, word_set(
        "university company society institute association club agency organisation organization "
        "party team bank committee union council parliament network consortium corporation college "
        "school commission guild order")),
    (_EVENT, word_set(
        "war battle revolution siege earthquake fire flood eruption expedition journey race "
        "marathon massacre conquest crusade uprising invasion voyage festival match strike games "
        "flight landing treaty")),
    (_SPECIES, word_set(
        "bird species animal fish plant tree insect butterfly tern mammal whale bear frog bee ant "
        "snake tortoise spider flower moss fern penguin eel otter wolf")),
    (_PLACE, word_set("city town village country capital district province region state borough")),
    (_NATURE, word_set(
        "island river lake mountain volcano glacier desert valley bay sea ocean trench cave reef "
        "waterfall")),
    (_SKY, word_set("comet planet moon star asteroid galaxy")),
    (_DEVICE, word_set(
        "engine machine device instrument loom computer telescope clock lens lamp mechanism piano "
        "press turbine pump microscope compass vehicle ship locomotive telephone camera radio tool "
        "boiler calculator thermometer wheel")),
    (_WORK, word_set(
        "book novel poem painting play film song opera symphony bible manuscript dictionary "
        "encyclopedia map poster magazine newspaper")),
    (_MATTER, word_set(
        "cloth cheese pigment metal fabric drink food spice mineral stone glass paper dye medicine "
        "drug material alloy wine tea coffee salt colour")),
    (_IDEA, word_set(
        "theory law principle method language theorem rule concept term scale alphabet "
        "doctrine protocol idea hypothesis equation technique table calendar process")),
)  # fmt: skip


def wanted_of(studied: Study) -> Iterator[tuple[Phrased, Statement]]:
    """Yield what one may want to know of the topic and doesn't learn, where its kind is plain."""
    if studied.topic == NO_TOPIC:
        return
    said = content_forms(studied.text)
    for name, statement, asked in _things(studied):
        for wanted in asked:
            if not said & content_forms(wanted.said_by):
                yield (
                    Phrased(
                        direct=wanted.direct.format(x=name), indirect=wanted.indirect.format(x=name)
                    ),
                    statement,
                )


def _things(studied: Study) -> Iterator[tuple[str, Statement, tuple[Wanted, ...]]]:
    """Yield the topic, and up to two other subjects, each with what one wants to know of it."""
    first = studied.statements[0]
    asked = _kind_of(studied.topic, studied)
    if asked:
        yield studied.topic, first, asked
    seen = {studied.topic.lower()}
    for claim in studied.claims:
        subject, clause = claim.subject, claim.clause
        if subject is None or clause is None or claim.resolved or subject.lower() in seen:
            continue
        seen.add(subject.lower())
        if len(seen) > _MOST_THINGS:
            return
        if claim.person and _is_name(subject) and not clause.plural:
            yield subject, claim, _PERSON
        elif (named := _named_thing(subject)) is not None:
            yield subject, claim, named


_MOST_THINGS = 5


def _named_thing(subject: str) -> tuple[Wanted, ...] | None:
    """What is wanted of a subject that is a name with its kind in it: the Ancona lighthouse."""
    tokens = tag(subject)
    if not re.search(r"[A-Z]", subject[1:]) or len(tokens) > 5 or tokens[-1].tag.endswith("S"):
        return None
    last = tokens[-1].lower
    return next((wanted for wanted, nouns in _NOUNS if last in nouns), None)


def _is_name(subject: str) -> bool:
    return re.fullmatch(r"(?:[A-Z][\w'’.-]+ ){1,2}[A-Z][\w'’-]+", subject) is not None


def _kind_of(topic: str, studied: Study) -> tuple[Wanted, ...]:
    """Return what is wanted of a topic, by its own noun or by what the passage says it is."""
    if " and " in topic:
        return ()
    last = topic_head(topic)
    for claim in studied.claims:
        clause = claim.clause
        if (
            clause is None
            or not clause.copular
            or clause.plural
            or (claim.subject or "").lower() != topic.lower()
        ):
            continue
        named = _defined(clause)
        if named:
            return named
    if last.tag in {"NNPS"} or (last.tag == "NNS" and is_person_noun(last.lower)):
        return _PEOPLE if topic[:1] != topic[:1].lower() or topic.startswith("the ") else ()
    by_noun = next((wanted for wanted, nouns in _NOUNS if last.lower in nouns), ())
    return by_noun if not (by_noun and last.tag == "NNS") else ()


def _defined(clause: Clause) -> tuple[Wanted, ...]:
    said = clause.first("object")
    if said is None:
        return ()
    head = head_noun(tag(re.split(r"\b(?:of|in|from|that|which)\b", said.text)[0] or said.text))
    if is_person_noun(head.lower):
        return _PERSON
    return next((wanted for wanted, nouns in _NOUNS if head.lower in nouns), ())
