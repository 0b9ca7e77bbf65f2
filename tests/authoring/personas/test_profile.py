"""What agents are told of a persona."""

import re

from colloquia.authoring.personas.cards import TRAITS, load_personas
from colloquia.authoring.personas.profile import participant_profile, profile_of
from colloquia.core.roles import Profile
from colloquia.core.types import Persona


def persona(**fields: object) -> Persona:
    given = {"id": "p", "name": "ann", "background": "A sailor of forty. Likes rum.", **fields}
    return Persona.model_validate(given)


def test_a_profile_has_everything_but_id_language_and_weight() -> None:
    for card in load_personas():
        profile = profile_of(card)
        assert set(Persona.model_fields) - set(Profile.model_fields) == {"id", "language", "weight"}
        for name in Profile.model_fields:
            assert getattr(profile, name) == getattr(card, name)


def test_the_participant_profile_says_who_asks_and_how_to_answer() -> None:
    told = participant_profile(
        persona(
            traits=TRAITS | {"formality": 5, "verbosity": 0},
            knowledge={"the sea": "expert", "baking": "novice"},
        )
    )
    assert told == (
        "The question comes from this person: A sailor of forty; at home in the sea; new to "
        "baking. Answer in a formal register and briefly, explaining technical terms outside "
        "their field."
    )


def test_an_even_temper_is_answered_plainly() -> None:
    told = participant_profile(persona(traits=TRAITS, background=""))
    assert told == (
        "Answer in a plain, friendly tone, explaining every technical term in a few plain words."
    )


def test_an_expert_is_spared_explanations() -> None:
    told = participant_profile(persona(traits=TRAITS, knowledge={"the sea": "expert"}))
    assert told.endswith("taking technical terms as known.")


def test_every_packaged_persona_gets_a_profile_of_its_own_in_two_sentences() -> None:
    told = [participant_profile(card) for card in load_personas()]
    assert len(set(told)) == len(told)
    for text in told:
        assert len(re.findall(r"[.!?](?:\s|$)", text)) == 2, text
