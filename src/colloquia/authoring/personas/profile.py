"""What agents learn of a persona: its profile, and a line for the answerer on whom it speaks to."""

import re

from colloquia.core.roles import Profile
from colloquia.core.types import Persona

LOW, HIGH = 1.5, 3.5  # traits between them are not worth a word

#: How to answer someone whose trait is low, and high; None where the tone needn't change.
_TONE: dict[str, tuple[str | None, str | None]] = {
    "formality": ("informally", "in a formal register"),
    "warmth": (None, "warmly"),
    "patience": ("without preamble", "at an easy pace"),
    "verbosity": ("briefly", "in full"),
    "skepticism": (None, "with the evidence up front"),
    "precision": (None, "with exact figures and dates"),
    "confidence": ("encouragingly", None),
}
MOST_TONES = 4  # more words than that pull in too many directions


def profile_of(persona: Persona) -> Profile:
    """Return the part of a persona that agents see: no id, language or weight."""
    shared = {name: getattr(persona, name) for name in Profile.model_fields}
    return Profile(**shared)


def participant_profile(persona: Persona) -> str:
    """Say in two sentences who asks and in what tone to answer (Phi-4's optional first step)."""
    first = re.split(r"(?<=[.!?])\s+(?=[A-Z])", persona.background.strip(), maxsplit=1)[0]
    about = "; ".join(part for part in (first.rstrip(".!?"), _knowledge(persona)) if part)
    who = f"The question comes from this person: {about}." if about else ""
    return f"{who} Answer {_manner(persona)}.".strip()


def _knowledge(persona: Persona) -> str:
    known = ", ".join(topic for topic, level in persona.knowledge.items() if level == "expert")
    new = ", ".join(topic for topic, level in persona.knowledge.items() if level == "novice")
    parts = (f"at home in {known}" if known else "", f"new to {new}" if new else "")
    return "; ".join(part for part in parts if part)


def _manner(persona: Persona) -> str:
    tones = [tone for trait in _by_strength(persona) if (tone := _tone(persona, trait))]
    words = _enumerate(tones[:MOST_TONES]) or "in a plain, friendly tone"
    return f"{words}, {_depth(persona)}"


def _by_strength(persona: Persona) -> list[str]:
    """Return traits from most to least pronounced; equal ones in the order of the table."""
    return sorted(_TONE, key=lambda trait: -abs(persona.traits.get(trait, 2.5) - 2.5))


def _tone(persona: Persona, trait: str) -> str | None:
    value = persona.traits.get(trait, 2.5)
    low, high = _TONE[trait]
    if value <= LOW:
        return low
    return high if value >= HIGH else None


def _depth(persona: Persona) -> str:
    levels = set(persona.knowledge.values())
    if levels <= {"novice"}:
        return "explaining every technical term in a few plain words"
    if "novice" not in levels:
        return "taking technical terms as known"
    return "explaining technical terms outside their field"


def _enumerate(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
