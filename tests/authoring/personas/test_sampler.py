"""The choice of a persona: by weight, by seed, and by nothing else."""

import random
from collections import Counter

import pytest

from colloquia.authoring.personas.cards import load_personas
from colloquia.authoring.personas.sampler import choose
from colloquia.core.errors import PersonaError
from colloquia.core.types import Persona


def persona(name: str, weight: float = 1.0) -> Persona:
    return Persona(id=name, name=name, weight=weight)


def test_the_same_seed_chooses_the_same_persona_in_any_order() -> None:
    personas = list(load_personas())
    chosen = [choose(personas, seed=seed).name for seed in range(50)]
    for _ in range(5):
        random.Random(7).shuffle(personas)
        assert [choose(personas, seed=seed).name for seed in range(50)] == chosen


def test_every_packaged_persona_gets_its_turn() -> None:
    personas = load_personas()
    assert {choose(personas, seed=seed).name for seed in range(300)} == {p.name for p in personas}


def test_choices_follow_the_weights() -> None:
    personas = [persona("rare", 1), persona("common", 3)]
    share = Counter(choose(personas, seed=seed).name for seed in range(4000))["common"] / 4000
    assert 0.72 < share < 0.78  # 0.75 give or take four standard deviations


def test_a_new_card_only_takes_the_dialogues_it_wins() -> None:
    before = [persona("a"), persona("b", 2)]
    after = [*before, persona("c")]
    for seed in range(300):
        assert choose(after, seed=seed).name in (choose(before, seed=seed).name, "c")


def test_an_edited_card_keeps_its_dialogues() -> None:
    before = [persona("a"), persona("b")]
    after = [persona("a"), persona("b").model_copy(update={"id": "edited"})]
    for seed in range(100):
        assert choose(after, seed=seed).name == choose(before, seed=seed).name


def test_none_to_choose_from_is_an_error() -> None:
    with pytest.raises(PersonaError, match="no persona to choose from"):
        choose([], seed=1)
