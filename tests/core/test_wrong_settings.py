"""Every setting of a recipe, given values of every wrong kind: told with its place and the fix."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from colloquia.core.errors import RecipeError
from colloquia.core.recipe import Recipe, load_recipe

WRONG = ("klingon", "-1", "1.5", "null", "[]", "[1, 2, 3]", "{a: 1}", "true", f"1{'0' * 30}")
NOT_OURS = re.compile(
    r"input should|value error|assertion|validation|pydantic|type=|literal|instance of|dict_|int_",
    re.I,
)


def settings(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every section and setting; under a name of the user's own, `mine`."""
    for name, about in model.model_fields.items():
        kind, here = about.annotation, (*path, name)
        yield here
        if get_origin(kind) is dict:
            here, kind = (*here, "mine"), get_args(kind)[1]
            yield here
        for inner in (kind, *get_args(kind)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from settings(inner, here)


def recipe_with(path: tuple[str, ...], value: str) -> str:
    """A recipe in block style in which one setting has a value; each part is on a line."""
    lines = [f"{'  ' * depth}{name}:" for depth, name in enumerate(path)]
    lines[-1] += f" {value}"
    match path:  # what must stand beside it
        case ("models", _, "price", name):
            lines += [f"      {'output' if name == 'input' else 'input'}: 1", "    model: m"]
        case ("models", _, name) if name != "model":
            lines += ["    model: m"]
    return "\n".join(lines) + "\n"


SETTINGS = list(settings(Recipe))


@pytest.mark.parametrize("path", SETTINGS, ids=".".join)
def test_a_wrong_value_is_told_with_its_place_and_the_fix(
    path: tuple[str, ...], tmp_path: Path
) -> None:
    file, name, refused = tmp_path / "recipe.yaml", ".".join(path), 0
    for value in WRONG:
        file.write_text(recipe_with(path, value))
        try:
            load_recipe(file)
        except RecipeError as error:
            message = str(error)
        else:
            continue
        refused += 1
        line, place, what = told(message, file)
        assert NOT_OURS.search(what) is None, message
        assert "; " in what, f"no fix: {message}"
        assert place == name or place.startswith(f"{name}."), message
        assert line == len(path), message
    assert refused >= 3, "each setting refuses something"


def told(message: str, file: Path) -> tuple[int, str, str]:
    """The line, the setting and the rest of a message."""
    found = re.fullmatch(rf"{re.escape(str(file))}:(\d+): ([\w.]+): (.+)", message)
    assert found is not None, message
    return int(found[1]), found[2], found[3]


def test_all_settings_are_tried() -> None:
    assert len(SETTINGS) > 70
    assert ("models", "mine", "price", "input") in SETTINGS
    assert ("agents", "answerer", "samples") in SETTINGS


@pytest.mark.parametrize("value", [True, 10**30, float("nan"), float("inf"), b"x", object(), {1}])
def test_what_only_python_can_give_is_told_too(value: Any) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe.from_content({"seed": value}, folder=Path(), where=Path("recipe"))
    message = str(caught.value)
    assert message.startswith("recipe: seed: ") and "; give " in message
    assert NOT_OURS.search(message) is None
