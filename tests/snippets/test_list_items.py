"""Items of a list stay apart, whatever full stop they end in."""

import pytest

from colloquia.snippets.prose.blocks import ProseBlock
from colloquia.snippets.prose.lists import list_text


def _said(*items: str) -> str:
    return list_text("The keeper has these duties:", [_item(text) for text in items])


def _item(text: str) -> ProseBlock:
    return ProseBlock(kind="item", line=1, text=text)


@pytest.mark.parametrize("ending", ["8 a.m.", "Hansen & Co.", "lamps, etc.", "4 p.m."])
def test_an_abbreviation_ends_no_item(ending: str) -> None:
    assert _said(f"see to {ending}", "not to leave the rock") == (
        f"The keeper has these duties: see to {ending}; not to leave the rock."
    )


def test_a_sentence_ends_its_item() -> None:
    assert _said("Light the lamp.", "Keep the log.").endswith("Light the lamp. Keep the log.")
