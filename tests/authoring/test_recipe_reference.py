"""The recipe's page and its schema say what the classes take: every setting, and no other."""

from typing import Any

import pytest
from checkout import ROOT

from colloquia.authoring.recipe_reference import SHORT_FORMS, recipe_page, recipe_schema
from colloquia.authoring.starter import starter_folder
from colloquia.core.model_options import Section
from colloquia.core.recipe import Recipe
from colloquia.core.strict_yaml import load_yaml

jsonschema: Any = pytest.importorskip("jsonschema")  # litellm brings it


def sections(kind: type[Section] = Section) -> list[type[Section]]:
    inside = [deeper for narrower in kind.__subclasses__() for deeper in sections(narrower)]
    return [kind, *inside]


@pytest.mark.parametrize("section", sections()[1:], ids=lambda kind: kind.__name__)
def test_every_setting_says_what_it_is(section: type[Section]) -> None:
    untold = [name for name, field in section.model_fields.items() if not field.description]
    assert not untold, f"write a docstring below {section.__name__}.{untold[0]}"


def test_the_page_is_made_from_the_classes() -> None:
    page = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    assert page == recipe_page(), "make it anew: colloquia recipe > docs/recipe.md"


@pytest.mark.parametrize(
    "row",
    [
        "| `seed` | whole number, at least 0 | `0` | Same seed, ",
        "| `exchanges` | [whole number, whole number] | `[3, 6]` | Fewest and most ",
        '| `concurrency` | whole number or `auto` | `"auto"` | Dialogues in flight at once',
        "| `top_p` | number, above 0 and at most 1 | `null` | Nucleus sampling",
        "| `samples` | whole number, 1 to 8 | `1` | Drafts of each answer. |",
        "| `input` | number, at least 0 | required | Sent. |",
        "| `split` | number by name | ",
        "| `models` | section by name | `{}` | Models by a name of your own",
        "## `agents.planner`, `agents.questioner`, `agents.critic`, `agents.refusal_checker`\n",
    ],
)
def test_a_row_has_value_range_and_default(row: str) -> None:
    assert row in recipe_page()


def test_what_continues_a_run_is_marked() -> None:
    marked = [
        line.split("`")[1]
        for line in recipe_page().splitlines()
        if line.endswith("*A change goes on with the same run.* |")
    ]
    assert {"name", "limit", "api_key_env", "concurrency", "export"} <= set(marked)
    assert not {"seed", "path", "model", "calls_per_dialogue"} & set(marked)


def fits(content: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(recipe_schema()).is_valid(content))


def test_the_schema_takes_what_the_program_takes() -> None:
    assert fits(load_yaml(starter_folder() / "recipe.yaml").data)
    short = {"snippets": "a.txt", "personas": "debater", "dialogue": {"exchanges": 4}}
    assert fits(short) and Recipe.model_validate(short)
    assert len(SHORT_FORMS) == len(short)


@pytest.mark.parametrize(
    "wrong", [{"agnets": {}}, {"seed": "x"}, {"accept": {"grounded": 2}}, {"snippets": 5}]
)
def test_the_schema_refuses_what_the_program_refuses(wrong: dict[str, Any]) -> None:
    assert not fits(wrong)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Recipe.model_validate(wrong)


def test_an_editor_is_told_what_a_setting_is() -> None:
    recipe = recipe_schema()["properties"]
    assert recipe["snippets"]["description"] == "Where they are; a path will do."
    assert recipe["personas"]["default"] == []
