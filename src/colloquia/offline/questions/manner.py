"""How a persona says a question: plainly, politely, doubtfully, briefly; never less grammatically.

Traits run from 0 to 5; 2.5 is neither. Most questions stay plain: a manner is heard now and then.
"""

import re
from collections.abc import Sequence

from colloquia.core.roles import Line, Profile
from colloquia.offline.choice import chance, pick
from colloquia.offline.questions.candidate import Candidate

_MIDDLE = 2.5
_STRONG, _WEAK = 3.5, 1.5

_OPENINGS = (
    "What should I know about {topic}?",
    "Can you give me an overview of {topic}?",
    "What are the main facts about {topic} here?",
    "Where should I start with {topic}?",
    "Could you sum up {topic} for me?",
)
_FORMAL_OPENINGS = (
    "Could you please give me an overview of {topic}?",
    "Would you summarise the main points about {topic} for me?",
    "May I ask for a short introduction to {topic}?",
)
_CASUAL_OPENINGS = (
    "So what's the gist on {topic}?",
    "Can you give me the basics on {topic}?",
    "Okay, what's the big picture on {topic}?",
)
# After an opening line that has named the topic.
_ASKS = (
    "What are the main points?",
    "Can you give me an overview?",
    "What should I know first?",
    "Could you give me the basics?",
)
_FORMAL_ASKS = (
    "Could you please give me an overview?",
    "Would you summarise the main points for me?",
)
_CASUAL_ASKS = ("What's the gist?", "Can you give me the basics?", "What's the big picture?")

_POLITE = ("Could you tell me {aim}?", "Would you mind telling me {aim}?", "May I ask {aim}?")
_CASUAL = ("Do you know {aim}?", "Any idea {aim}?", "Can you tell me {aim}?")
_CURIOUS = ("I'm curious: {question}", "I'd love to know {aim}.", "Now I wonder {aim}.")
_SKEPTICAL = (
    "{Question} I'd like to see where it says so.",
    "{Question} Please stick to what is known.",
    "I want to be sure of this: {question}",
)
_WARM = (
    "Thanks, that helps. {Question}",
    "That's interesting. {Question}",
    "Good to know! {Question}",
)
_IMPATIENT = ("Briefly: {question}", "Next: {question}", "In short, {question}")
_WORDY = (
    "There is one more thing I have been turning over. {Question}",
    "Let me go into another point. {Question}",
    "That brings me to something else. {Question}",
)
_UNSURE = (
    "Sorry if this is obvious: {question}",
    "I may have missed it, but {question}",
    "I hope this isn't a silly question: {question}",
)
_PLAIN = "{Question}"
_MANNERS = (
    ("formality", True, _POLITE), ("formality", False, _CASUAL), ("curiosity", True, _CURIOUS),
    ("warmth", True, _WARM), ("patience", False, _IMPATIENT), ("verbosity", True, _WORDY),
    ("skepticism", True, _SKEPTICAL), ("confidence", False, _UNSURE),
)  # fmt: skip
# Thanking for a refusal would sound like mockery.
_REFUSED = re.compile(
    r"\b(?:doesn't|don't|isn't|aren't|can't|beyond what I know|takes? .* for granted|"
    r"[Nn]o (?:date|time|place|reason|figure|number|name|word)|[Nn]othing|silent|left open|"
    r"a slip|[Aa]ll (?:I have|we learn)|what I have is|, but not)\b"
)


def opening(topic: "Topic", persona: Profile, *, seed: int) -> str:
    """Say the opening question, which the foundation answers."""
    formality = persona.traits.get("formality", _MIDDLE)
    styles = tuple(style for style in persona.opening_styles if style.strip())
    if styles and chance(0.7, seed=seed, about="style"):
        style = pick(styles, seed=seed, about="opening")
        if "{topic}" in style:
            said = style.replace("{topic}", topic.name)
            asks = _by_formality(_ASKS, _FORMAL_ASKS, _CASUAL_ASKS, formality)
            return f"{said[:1].upper()}{said[1:]} {pick(asks, seed=seed, about='ask')}"
    forms = _by_formality(_OPENINGS, _FORMAL_OPENINGS, _CASUAL_OPENINGS, formality)
    return pick(forms, seed=seed, about=topic.name).format(topic=topic.name)


def spoken(
    candidate: Candidate, question: str, persona: Profile, *, seed: int, transcript: Sequence[Line]
) -> str:
    """Say a question in the persona's manner."""
    turn = len(transcript)
    ways = _ways(persona, transcript)
    form = pick(ways, seed=seed, about=f"{turn} {candidate.aim}")
    if question != candidate.question:
        # A follow-up keeps its pronoun; the aim would name its subject.
        form = pick(("And {question}", _PLAIN, "{Question}"), seed=seed, about=f"and {turn}")
    said = form.format(Question=question, question=_inside(question), aim=candidate.aim)
    if persona.traits.get("typos", 0) >= 3 and chance(0.5, seed=seed, about=f"typos {turn}"):
        said = _carelessly(said)
    return said


def _by_formality(
    plain: tuple[str, ...], formal: tuple[str, ...], casual: tuple[str, ...], formality: float
) -> tuple[str, ...]:
    if formality >= _STRONG:
        return plain[:2] + formal
    return plain[:2] + casual if formality <= _WEAK else plain


def _ways(persona: Profile, transcript: Sequence[Line]) -> tuple[str, ...]:
    """Return the ways to choose from: mostly plain, and those of the persona's strong traits."""
    said = " ".join(line.text for line in transcript if line.speaker == "questioner")
    refused = bool(transcript) and _REFUSED.search(transcript[-1].text) is not None
    manners: list[str] = []
    for name, high, forms in _MANNERS:
        value = persona.traits.get(name, _MIDDLE)
        if (value >= _STRONG) if high else (value <= _WEAK):
            fresh = [form for form in forms if _marker(form) not in said]
            manners.extend(() if refused and forms is _WARM else fresh)
    return (*[_PLAIN] * max(3, len(manners)), *manners)


def _marker(form: str) -> str:
    """Return the part of a form that a listener would notice on hearing it twice."""
    return max(re.split(r"\{\w+\}", form), key=len).strip() or form


def _inside(question: str) -> str:
    """Lower the first letter; every question begins with a word that allows it."""
    return question[:1].lower() + question[1:]


def _carelessly(said: str) -> str:
    """Leave out a capital or an apostrophe, as in a hurried message."""
    said = said[:1].lower() + said[1:]
    return re.sub(r"\b(I|what|that|don|can)'(m|s|d|t)\b", r"\1\2", said)
