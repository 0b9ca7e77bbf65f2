"""Which persona asks: a weighted choice that depends on the seed and nothing else."""

import math
from collections.abc import Iterable

from colloquia.core.errors import PersonaError
from colloquia.core.hashing import seed_for
from colloquia.core.types import Persona

_SEEDS = 2**63  # seed_for's range


def choose(personas: Iterable[Persona], *, seed: int) -> Persona:
    """Choose one persona with a probability proportional to its weight.

    Each persona draws its own exponential waiting time at the rate of its weight and the first one
    wins (Efraimidis and Spirakis 2006; also known as weighted rendezvous hashing). So the order of
    `personas` is irrelevant, and adding a card only moves those dialogues that it wins.

    Raises:
        PersonaError: there is none to choose from.
    """
    candidates = list(personas)
    if not candidates:
        raise PersonaError("no persona to choose from; name at least one card")
    return min(candidates, key=lambda persona: (_waiting_time(persona, seed), persona.id))


def _waiting_time(persona: Persona, seed: int) -> float:
    uniform = (seed_for("persona", seed, persona.name) + 1) / (_SEEDS + 1)
    return -math.log(uniform) / persona.weight
