"""Persona cards: what a card says, what it may leave out, and how a wrong one is refused."""

import re
from pathlib import Path

import pytest

from colloquia.authoring.personas.cards import TRAITS, load_card, load_personas, packaged_names
from colloquia.core.errors import PersonaError

CARD = """\
version: 1
name: beekeeper
background: A beekeeper of sixty.
goals: [understand]
knowledge: {bees: expert}
traits: {patience: 5}
opening_styles: ["My bees and I wonder about {topic}."]
"""


def put(folder: Path, text: str = CARD, name: str = "beekeeper") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def test_a_card_becomes_a_persona_with_every_trait_filled_in(tmp_path: Path) -> None:
    persona = load_card(put(tmp_path))
    assert persona.name == "beekeeper"
    assert persona.traits == TRAITS | {"patience": 5}
    assert persona.opening_styles == ("My bees and I wonder about {topic}.",)
    assert (persona.weight, persona.language) == (1.0, "en")


def test_there_are_at_least_fourteen_packaged_personas() -> None:
    personas = load_personas()
    assert len(personas) >= 14
    assert [persona.name for persona in personas] == list(packaged_names())
    assert len({persona.id for persona in personas}) == len(personas)


def test_packaged_personas_are_varied() -> None:
    personas = load_personas()
    for trait in TRAITS:
        values = {persona.traits[trait] for persona in personas}
        assert max(values) - min(values) >= 3, trait
    assert len({opener for persona in personas for opener in persona.opening_styles}) >= 40
    assert all(persona.goals and persona.behaviours and persona.never for persona in personas)
    assert all(len(persona.opening_styles) >= 3 for persona in personas)


def test_packaged_openers_are_sentences_that_come_before_a_question() -> None:
    for persona in load_personas():
        for opener in persona.opening_styles:
            text = opener.format(topic="The Moon")
            assert text[0].isupper() and text[-1] == ".", opener


def test_names_and_files_are_loaded_in_the_order_given(tmp_path: Path) -> None:
    put(tmp_path)
    personas = load_personas(["debater", "beekeeper.yaml", "curious_teen"], base=tmp_path)
    assert [persona.name for persona in personas] == ["debater", "beekeeper", "curious_teen"]


def test_an_unknown_name_suggests_a_close_one() -> None:
    with pytest.raises(PersonaError, match="'curious_ten'; did you mean 'curious_teen'"):
        load_personas(["curious_ten"])


def test_a_missing_file_and_a_repeated_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PersonaError, match=r"none\.yaml:1: C001 no such file"):
        load_personas(["none.yaml"], base=tmp_path)
    with pytest.raises(PersonaError, match="'debater' is listed twice"):
        load_personas(["debater", "debater"])


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("goals", "gaols", "beekeeper.yaml:4: C101 gaols: unknown key; did you mean 'goals'?"),
        ("background: A beekeeper of sixty.\n", "", "C102 background: missing; add it"),
        ("version: 1", "version: 2", "beekeeper.yaml:1: C103 version: "),
        ("beekeeper\n", "Bee Keeper\n", "beekeeper.yaml:2: C103 name: "),
        ("goals: [understand]", "goals: []", "beekeeper.yaml:4: C103 goals: "),
        ("goals: [understand]", "goals: understand", "beekeeper.yaml:4: C103 goals: "),
        ("expert", "master", "beekeeper.yaml:5: C103 knowledge.bees: "),
        ("patience: 5", "patience: 6", "beekeeper.yaml:6: C104 traits.patience: "),
        ("patience: 5", "patience: no", "beekeeper.yaml:6: C104 traits.patience: "),
        ("patience", "pateince", "unknown trait 'pateince'; did you mean 'patience'?"),
        ("{topic}", "{subject}", "beekeeper.yaml:7: C103 opening_styles: "),
        ("{topic}", "{topic.x}", "beekeeper.yaml:7: C103 opening_styles: "),
        ("version: 1", "weight: 0\nversion: 1", "beekeeper.yaml:1: C103 weight: "),
        ("version: 1", "weight: .inf\nversion: 1", "beekeeper.yaml:1: C103 weight: "),
        ("[understand]", "[&a understand]", "beekeeper.yaml:4: C001 anchor &a"),
        (CARD, "- a list", "beekeeper.yaml:1: C001 a card is a mapping"),
    ],
)
def test_a_wrong_card_is_refused_in_one_line(
    before: str, after: str, fault: str, tmp_path: Path
) -> None:
    assert before in CARD
    with pytest.raises(PersonaError, match=re.escape(fault)) as refused:
        load_card(put(tmp_path, CARD.replace(before, after, 1)))
    assert "\n" not in str(refused.value)


def test_a_card_that_extends_another_changes_only_what_it_says(tmp_path: Path) -> None:
    put(tmp_path)
    text = (
        "version: 1\nname: warm\nextends: beekeeper.yaml\n"
        "traits: {warmth: 4}\nknowledge: {baking: novice}\n"
    )
    parent, child = load_card(tmp_path / "beekeeper.yaml"), load_card(put(tmp_path, text, "warm"))
    assert child.background == parent.background
    assert child.traits == TRAITS | {"patience": 5, "warmth": 4}
    assert child.knowledge == {"bees": "expert", "baking": "novice"}
    assert child.id != parent.id


def test_a_card_may_extend_a_packaged_one(tmp_path: Path) -> None:
    text = "version: 1\nname: calm_teen\nextends: curious_teen\ngoals: [rest]\n"
    child = load_card(put(tmp_path, text, "calm_teen"))
    assert child.goals == ("rest",)
    assert child.background == load_personas(["curious_teen"])[0].background


@pytest.mark.parametrize(
    ("extends", "fault"),
    [
        ("curious_ten", "C002 no packaged persona 'curious_ten'; did you mean 'curious_teen'"),
        ("middle.yaml", "C002 extends 'middle.yaml', itself an extension"),
        ("list.yaml", "C002 extends 'list.yaml', which is not a card"),
        ("none.yaml", "none.yaml:1: C001 no such file"),
        ("child.yaml", "C002 extends 'child.yaml', itself an extension"),
    ],
)
def test_a_card_extends_one_level_only(extends: str, fault: str, tmp_path: Path) -> None:
    put(tmp_path, "version: 1\nname: middle\nextends: debater\n", "middle")
    put(tmp_path, "- a\n", "list")
    with pytest.raises(PersonaError, match=re.escape(fault)):
        load_card(put(tmp_path, f"version: 1\nname: child\nextends: {extends}\n", "child"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("of sixty", "of seventy"),
        ("patience: 5", "patience: 4"),
        ("bees: expert", "bees: working"),
        ("version: 1", "version: 1\nweight: 2"),
        ("understand", "understand more"),
    ],
)
def test_identity_changes_with_content(before: str, after: str, tmp_path: Path) -> None:
    first = load_card(put(tmp_path)).id
    assert load_card(put(tmp_path, CARD.replace(before, after))).id != first


def test_identity_does_not_depend_on_layout(tmp_path: Path) -> None:
    first = load_card(put(tmp_path)).id
    lines = CARD.replace("patience: 5", "patience: 5.0").splitlines()
    assert load_card(put(tmp_path, "# a note\n" + "\n".join(reversed(lines)))).id == first
