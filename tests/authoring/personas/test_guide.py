"""The guide lists exactly the codes, traits, keys and inputs that there are."""

import re

from checkout import DOOR, ROOT

from colloquia.authoring.personas.cards import TRAITS, Card, packaged_names

GUIDE = (ROOT / "docs" / "personas-and-prompts.md").read_text()


def codes_in(folder: str) -> set[str]:
    sources = (path.read_text() for path in (DOOR / "authoring" / folder).glob("*.py"))
    return {code for source in sources for code in re.findall(r'"([CP]\d\d\d)"', source)}


def first_cells() -> list[str]:
    return re.findall(r"^\| (.+?) \|", GUIDE, flags=re.MULTILINE)


def test_every_lint_code_is_explained_and_no_other() -> None:
    listed = [cell for cell in first_cells() if re.fullmatch(r"[CP]\d\d\d", cell)]
    assert len(listed) == len(set(listed))
    assert set(listed) == codes_in("personas") | codes_in("prompts")


def test_every_trait_and_key_is_explained() -> None:
    named = {name for cell in first_cells() for name in re.findall(r"`(\w+)`", cell)}
    assert set(TRAITS) | set(Card.model_fields) <= named


def test_the_number_of_packaged_cards_is_right() -> None:
    assert "Sixteen cards are packaged" in GUIDE
    assert len(packaged_names()) == 16
