"""How a persona says a question: mostly plainly, and now and then as only this one would.

What is asked stands verbatim in what is said, as the question or as its aim. Traits run from 0 to
5; 2.5 is neither. No manner is heard twice in a dialogue, and none that a card rules out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from colloquia.core.roles import Line, Profile
from colloquia.core.types import QuestionKind
from colloquia.language.asking.declining import declines
from colloquia.language.reading.words import capital, lowered, words
from colloquia.offline.choice import chance, pick
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.reading.topics import Topic

_MIDDLE = 2.5
_STRONG, _WEAK = 3.5, 1.5
_OFTEN = 0.4  # the share of questions that are said in a manner, if one fits
_LONG_WORDS = 16  # more than that stay plain
Place = Literal["anywhere", "after an answer", "after a refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """Ways to say a question, of which a dialogue hears one, and who says them."""

    forms: tuple[str, ...]
    high: str = ""
    """The trait that is strong in those who do this."""
    low: str = ""
    """The trait that is weak in them."""
    does: str = ""
    """What their cards' behaviours say."""
    place: Place = "anywhere"
    kinds: frozenset[QuestionKind] | None = None
    """The kinds of question it goes with; None for all."""

    def suits(self, persona: Profile) -> bool:
        """Whether the persona has the trait, or does it by its card."""
        return (
            persona.traits.get(self.high, _MIDDLE) >= _STRONG
            or persona.traits.get(self.low, _MIDDLE) <= _WEAK
            or (bool(self.does) and any(re.search(self.does, it) for it in persona.behaviours))
        )


_MANNERS = (
    _Manner(high="formality", forms=("Could you tell me {aim}?", "May I ask {aim}?")),
    _Manner(low="formality", forms=("Do you know {aim}?", "Can you tell me {aim}?")),
    _Manner(high="curiosity", forms=("I wonder {aim}.", "I'd like to know {aim}.")),
    _Manner(
        high="skepticism",
        kinds=frozenset({"how_many", "when", "where", "who"}),
        forms=("Can you say for certain {aim}?", "{Question} Please be exact."),
    ),
    _Manner(
        high="warmth", does=r"\bthanks for an answer", place="after an answer",
        forms=("Thank you, that helps. {Question}", "Good to know. {Question}"),
    ),
    _Manner(
        low="patience", place="after an answer",
        forms=("Right. {Question}", "Got it. {Question}"),
    ),
    _Manner(
        does=r"\bconcedes", place="after an answer",
        forms=("Fair enough. {Question}", "I accept that. {Question}"),
    ),
    _Manner(
        does=r"\bmoves on at once", place="after an answer",
        forms=("Next question: {question}", "Moving on: {question}"),
    ),
    _Manner(
        does=r"not recorded|does not cover|did not address", place="after a refusal",
        forms=("Then I will note that as open. {Question}", "Then that stays open. {Question}"),
    ),
    _Manner(
        does=r"\bhedges|\bapologises",
        forms=("This may sound simple, but {question}", "I hope this isn't too basic: {question}"),
    ),
    _Manner(
        does=r"\bchild's own questions",
        forms=("My kid wants to know: {question}", "A question from my kid: {question}"),
    ),
    _Manner(
        does=r"\bquestions that visitors",
        forms=("A visitor once asked me: {question}", "Visitors ask me this: {question}"),
    ),
    _Manner(
        does=r"\binterrupted|\bwanders off", place="after an answer",
        forms=("Sorry, I was called away for a moment. {Question}",),
    ),
    _Manner(does=r"in one sentence", forms=("{Question} One sentence is enough.",)),
    _Manner(does=r"short sentences|too many terms", forms=("{Question} In simple words, please.",)),
)  # fmt: skip

# What a card's `never` says, and what then isn't said.
_NEVER = (
    (r"\bcontractions", r"\w['’]\w"),
    (r"\bslang|\bidioms", r"\bgist|\bbasics|\bkid\b|\bGot it|\bRight\."),
    (r"\bsmall talk|\bflatter", r"\bThank|Good to know"),
    (r"\bhurries", r"\bNext question|\bMoving on|One sentence|\bRight\."),
    (r"\bformal greeting", r"\bMay I\b|\bWould you\b|\bGood (?:morning|afternoon|evening)"),
    (r"\bpretends to have understood", r"\bhelps\b|\bGot it|\bRight\.|Good to know"),
    (r"\bgives way", r"^\s*I accept that"),
)  # fmt: skip

_ASKS = ("What are the main points?", "Can you give me an overview?", "What should I know?")
_FORMAL_ASKS = ("Could you please give me an overview?", "Would you sum up the main points for me?")
_CASUAL_ASKS = ("What's the gist?", "Can you give me the basics?", "What should I know?")
_OPENINGS = ("What should I know about {topic}?", "Can you give me an overview of {topic}?")
_FORMAL_OPENINGS = (
    "Could you please give me an overview of {topic}?",
    "Would you sum up the main points about {topic} for me?",
)
_CASUAL_OPENINGS = (
    "So what's the gist on {topic}?",
    "Can you give me the basics on {topic}?",
    "What should I know about {topic}?",
)
# What asks for less, where the answer is a single sentence or leaves out most.
_BRIEF_ASKS = ("What should I know first?", "What can you tell me?")
_BRIEF_OPENINGS = (
    "What can you tell me about {topic}?",
    "What should I know first about {topic}?",
)
# What a title is too broad for: its paragraph tells one thing of it.
_ONE_ASKS = ("Tell me something worth knowing.", "What is one thing to know?")
_ONE_OPENINGS = ("What is one thing to know about {topic}?", "Tell me something about {topic}.")
_PART_OPENINGS = ("What can you tell me about {topic}?", "What should I know about {topic}?")
# An indirect question isn't something to know about, and what one does has no overview.
_ASKING_OPENINGS = ("Can you explain {topic}?", "Can you explain to me {topic}?")
_FORMAL_ASKING = ("Could you please explain {topic}?", "Would you explain to me {topic}?")
# Behind these words any topic stands well, even one that is a question or something one does.
_OPEN_TO_ALL = re.compile(r"\b(?:about|on) \{topic\}", re.I)


def opening(
    topic: Topic,
    persona: Profile,
    *,
    seed: int,
    brief: bool = False,
    broad: bool = False,
    within: Topic | None = None,
) -> str:
    """Say the opening question, which the foundation answers.

    Args:
        topic: what is asked about.
        persona: who asks.
        seed: which way of several.
        brief: whether to ask for no overview.
        broad: whether the topic is wider than what can be told of it.
        within: what the whole is about, where the topic is only a part of it.
    """
    whole = within or topic
    styles = [style for style in persona.opening_styles if style.strip() and _fits(style, whole)]
    forms = _by_formality(persona, _OPENINGS, _FORMAL_OPENINGS, _CASUAL_OPENINGS)
    if topic.asking:
        forms = _by_formality(persona, _ASKING_OPENINGS, _FORMAL_ASKING, _ASKING_OPENINGS)
    elif topic.doing:
        forms = tuple(form for form in forms if "overview" not in form)
    asks = _by_formality(persona, _ASKS, _FORMAL_ASKS, _CASUAL_ASKS)
    if brief:
        forms, asks = forms if topic.asking else _BRIEF_OPENINGS, _BRIEF_ASKS
    if broad:
        forms, asks = _ONE_OPENINGS, _ONE_ASKS
    if whole != topic and not topic.asking:
        forms = _PART_OPENINGS
    plain = pick(forms, seed=seed, about="opening")
    if styles and chance(0.7, seed=seed, about="style"):
        style = pick(styles, seed=seed, about="style of opening")
        named = "{topic}" in style and whole == topic
        plain = pick(asks, seed=seed, about="ask") if named else plain
        plain = f"{style.replace('{topic}', whole.name)} {plain}"
    return capital(plain.replace("{topic}", topic.name))


def spoken(
    candidate: Candidate, question: str, persona: Profile, *, seed: int, transcript: Sequence[Line]
) -> str:
    """Say a question in the persona's manner."""
    turn = len(transcript)
    form = "{Question}"
    plainly = candidate.denies or not transcript or candidate.aim.startswith(("whether ", "more "))
    plainly = plainly or len(words(question)) > _LONG_WORDS
    forms = [] if plainly else list(_fresh(candidate.kind, persona, transcript))
    if question != candidate.question:  # a pronoun stands in it, for which the aim has the name
        forms = [form for form in forms if "{aim}" not in form]
    if forms and chance(_OFTEN, seed=seed, about=f"manner {turn}"):
        form = pick(forms, seed=seed, about=f"{turn} {candidate.aim}")
    said = form.format(Question=question, question=lowered(question), aim=candidate.aim)
    if persona.traits.get("typos", 0) >= 3 and chance(0.5, seed=seed, about=f"typos {turn}"):
        said = said if said.startswith("I ") else lowered(said)
    return said


def _fits(style: str, topic: Topic) -> bool:
    if not (topic.doing or topic.asking or topic.name == "this"):
        return True
    return "{topic}" not in style or _OPEN_TO_ALL.search(style) is not None


def _by_formality(
    persona: Profile, plain: Sequence[str], formal: Sequence[str], casual: Sequence[str]
) -> tuple[str, ...]:
    formality = persona.traits.get("formality", _MIDDLE)
    forms = formal if formality >= _STRONG else casual if formality <= _WEAK else plain
    allowed = tuple(form for form in forms if _allowed(form, persona))
    return allowed or tuple(form for form in plain if _allowed(form, persona)) or tuple(plain)


def _fresh(kind: QuestionKind, persona: Profile, transcript: Sequence[Line]) -> Iterator[str]:
    """Yield the ways in which this persona might ask here, none of a manner heard before."""
    heard = [line.text.lower() for line in transcript if line.speaker == "questioner"]
    refused = declines(transcript[-1].text)
    here = ("anywhere", "after a refusal" if refused else "after an answer")
    for manner in _MANNERS:
        goes = manner.place in here and (manner.kinds is None or kind in manner.kinds)
        again = any(_marker(form) in said for form in manner.forms for said in heard)
        if goes and not again and manner.suits(persona):
            yield from (form for form in manner.forms if _allowed(form, persona))


def _allowed(form: str, persona: Profile) -> bool:
    return not any(
        re.search(told, never, re.I) and re.search(barred, form)
        for never in persona.never
        for told, barred in _NEVER
    )


def _marker(form: str) -> str:
    """Return the part of a form that a listener would notice on hearing it twice."""
    return max(re.split(r"\{\w+\}", form), key=len).strip().lower()
