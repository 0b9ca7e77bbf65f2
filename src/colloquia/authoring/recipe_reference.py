"""Every setting of a recipe, read off the classes of `core/recipe.py`: as a page, and as a schema.

The page is `docs/recipe.md`; `colloquia recipe` prints it, and a test compares both.
"""

import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from colloquia.core.model_options import Section
from colloquia.core.recipe import NOT_HASHED, Recipe

#: Shorter forms that the classes take before they validate.
SHORT_FORMS: dict[tuple[str, str], dict[str, str]] = {
    ("Recipe", "snippets"): {"type": "string"},
    ("Recipe", "personas"): {"type": "string"},
    ("DialogueShape", "exchanges"): {"type": "integer"},
}


def recipe_schema() -> dict[str, Any]:
    """Return the JSON Schema of a recipe, for editors."""
    schema = Recipe.model_json_schema()
    for (section, name), short in SHORT_FORMS.items():
        properties = (schema if section == "Recipe" else schema["$defs"][section])["properties"]
        told = {
            key: properties[name].pop(key)
            for key in ("default", "description", "title")
            if key in properties[name]
        }
        properties[name] = {"anyOf": [short, properties[name]], **told}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def recipe_page() -> str:
    """Return the reference as Markdown: a table of settings per section."""
    paths: dict[type[Section], list[str]] = {}
    for path, section in _sections("", Recipe):
        paths.setdefault(section, []).append(path)
    parts = [_INTRODUCTION]
    for section, places in paths.items():
        heading = ", ".join(f"`{path}`" for path in places if path) or "Top level"
        about = " ".join((section.__doc__ or "").split())
        parts.append(f"## {heading}\n\n{about}\n\n{_table(places, section)}")
    return "\n".join(parts)


def _sections(path: str, section: type[Section]) -> Iterator[tuple[str, type[Section]]]:
    """Yield a section with its path, then those in it."""
    yield path, section
    for name, field in section.model_fields.items():
        for kind in _kinds(field.annotation):
            inside = f"{path}.{name}".lstrip(".")
            if get_origin(kind) is dict and _is_section(get_args(kind)[1]):
                yield from _sections(f"{inside}.NAME", get_args(kind)[1])
            elif _is_section(kind):
                yield from _sections(inside, kind)


def _table(places: list[str], section: type[Section]) -> str:
    rows = ["| setting | value | default | |", "|---|---|---|---|"]
    for name, field in section.model_fields.items():
        about = " ".join((field.description or "").split())
        if any(f"{path}.{name}".lstrip(".").replace("NAME", "*") in NOT_HASHED for path in places):
            about += " *A change goes on with the same run.*"
        cells = (f"`{name}`", _value(field), _default(field), about)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows) + "\n"


def _value(field: FieldInfo) -> str:
    """Return what may stand there, with its range."""
    kinds = [_word(kind) for kind in _kinds(field.annotation) if kind is not NoneType]
    bounds = {
        name: f"{getattr(bound, name):g}"
        for bound in field.metadata
        for name in _BOUNDS
        if getattr(bound, name, _STORED) < _STORED
    }
    if bounds.keys() == {"ge", "le"}:
        return f"{' or '.join(kinds)}, {bounds['ge']} to {bounds['le']}"
    limits = " and ".join(f"{_BOUNDS[name]} {end}" for name, end in bounds.items())
    return " or ".join(kinds) + (f", {limits}" if limits else "")


_STORED = 2**63  # whole numbers are below that anyway, or no store could hold them
_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """Return the alternatives of a union, or the one type."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _word(kind: Any) -> str:
    """Return what a type is called in YAML."""
    plain = {str: "text", bool: "true or false", int: "whole number", float: "number"}
    inner = get_args(kind)
    match get_origin(kind):
        case None:
            return plain.get(kind) or "section"
        case origin if origin is Literal:
            return " or ".join(f"`{choice}`" for choice in inner)
        case origin if origin is dict:
            return f"{_word(inner[1])} by name"
        case _ if inner[-1] is Ellipsis:
            return f"list of {_word(inner[0])}"
        case _:
            return f"[{', '.join(map(_word, inner))}]"


def _default(field: FieldInfo) -> str:
    if any(_is_section(kind) for kind in _kinds(field.annotation)) and field.default is not None:
        return ""
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    return f"`{json.dumps(to_jsonable_python(value))}`"


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


_INTRODUCTION = """\
# The recipe

A recipe is a YAML file that says what to make, from what, and how. Every setting has a default; the
snippets alone have to be named. `colloquia lint recipe.yaml` tells what is wrong with one, and
`colloquia recipe` prints this page, which is made from the program's own classes.

```yaml file=recipe.yaml
# yaml-language-server: $schema=recipe.schema.json
snippets: {path: snippets.jsonl}
personas: [curious_teen, shy_beginner]
models:
  teacher: {model: ollama/qwen3:8b, temperature: 0.7}
agents:
  answerer: {model: teacher, samples: 2}
  critic: {model: teacher, temperature: 0}
dialogue: {exchanges: [3, 5]}
limits: {wall: 8h}
```

With the schema beside it, an editor completes, explains and checks settings as you type: VS Code
with its YAML extension, or any other with `yaml-language-server`. `colloquia init` puts it there.

```console
$ colloquia recipe --schema > recipe.schema.json
```

A run is known by its recipe: after any change it is another run, but for the settings marked below.
Relative paths start at the recipe's folder.
"""
