"""Every setting of a recipe, and every option of `run`, given absurd values."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, get_args

from pydantic import BaseModel
from typer.main import get_command

from benchmarks.hostile.snippets import SAID
from benchmarks.hostile.variant import ENGLISH, ENGLISH_MB, Stage, Variant
from colloquia.cli.application import app
from colloquia.core.recipe import Recipe

VALUES = (
    "",
    "null",
    "true",
    "-1",
    "1e999",
    ".nan",
    "9" * 40,
    "[]",
    "{a: {b: c}}",
    "[[[[",
    "\x1b[31m\u202e\U000e0041",
    "../../outside",
    "a" * 10_000,
    "!!python/name:os.system",
    "&a [*a]",
)


def settings(section: type[BaseModel] = Recipe, path: str = "") -> Iterator[str]:
    """Yield the paths of all settings; entries of mappings are called `one`."""
    for name, field in section.model_fields.items():
        inside = f"{path}{name}"
        yield inside
        for entry, inner in _sections(field.annotation):
            yield from settings(inner, f"{inside}.{entry}")


def _sections(kind: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield "", kind
    for part in get_args(kind):
        named = "one." if getattr(kind, "__origin__", None) is dict else ""
        yield from ((named + entry, section) for entry, section in _sections(part))


def _set(stage: Stage, *, setting: str) -> None:
    for value in VALUES:
        *outer, last = setting.split(".")
        lines = [f"{'  ' * depth}{name}:" for depth, name in enumerate(outer)]
        lines.append(f"{'  ' * len(outer)}{last}: {value}")
        start = "" if setting.startswith("snippets") else "snippets: a.jsonl\n"
        _tried(stage, recipe=start + "\n".join(lines) + "\n", told=value)


def _given(stage: Stage, *, option: str) -> None:
    for value in VALUES:
        _tried(stage, f"{option}={value}", recipe="snippets: a.jsonl\n", told=value)


def _tried(stage: Stage, *options: str, recipe: str, told: str) -> None:
    (stage.folder / "a.jsonl").write_text(json.dumps({"text": SAID}), "utf-8")
    (stage.folder / "recipe.yaml").write_text(recipe, "utf-8")
    end = stage.run("run", "recipe.yaml", "--dry-run", *options)
    usage = end.err.startswith("error: ") and "; see colloquia" in end.err
    if not usage:  # that is how the command line refuses a value
        stage.judge(end, codes=(0, 2))
    errors = [line for line in end.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == bool(end.code), f"{told[:20]!r} says {end.err[-300:]!r}"
    assert len(end.err) < 9_000, f"{told[:20]!r} says {len(end.err):,} characters"
    assert "unexpected" not in end.err, f"{told[:20]!r}: {end.err[-300:]!r}"


def _options() -> Iterator[str]:
    """Yield the options of `run` that take a value."""
    group: Any = get_command(app)
    for parameter in group.commands["run"].params:
        if parameter.param_type_name == "option" and not parameter.is_flag:
            yield parameter.opts[0]


def _variant(name: str, attack: Callable[[Stage], None]) -> Variant:
    return Variant(family="recipes", name=name, attack=attack, peak_mb=ENGLISH_MB, imports=ENGLISH)


SETTINGS = [
    *(
        _variant(f"{setting}, of {len(VALUES)} odd values", partial(_set, setting=setting))
        for setting in dict.fromkeys(settings())
    ),
    *(
        _variant(f"run {option}, of {len(VALUES)} odd values", partial(_given, option=option))
        for option in _options()
    ),
]
