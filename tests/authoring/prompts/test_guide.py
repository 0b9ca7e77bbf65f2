"""The guide to prompts says what the sandbox allows and what each role is told."""

import re
from pathlib import Path

from colloquia.authoring.prompts.checker import FILTERS
from colloquia.authoring.prompts.contract import ROLE_INPUTS
from colloquia.authoring.prompts.front_matter import REPLY_TYPES

GUIDE = (Path(__file__).parents[3] / "docs" / "personas-and-prompts.md").read_text()


def test_the_filters_are_listed() -> None:
    (listed,) = re.findall(r"Filters: `([^`]+)`", GUIDE)
    assert {*listed.split(), "d"} == FILTERS  # d is Jinja's short name for default


def test_what_a_role_is_told_is_listed() -> None:
    for role, model in ROLE_INPUTS.items():
        (row,) = re.findall(rf"^\| .*`{role}`.* \|$", GUIDE, flags=re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row)) - set(ROLE_INPUTS) == set(model.model_fields)


def test_the_reply_types_are_listed() -> None:
    assert all(f"`{name}`" in GUIDE for name in REPLY_TYPES)
