"""A reply held against its JSON Schema: what is only a matter of form is put right, no meaning is.

Also the words for what a schema asks for: a model, and whoever reads why a dialogue failed, is told
in the words of JSON.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_UNSPOKEN = ("format", "pattern", "maxLength", "maxItems", "multipleOf", "prefixItems")
"""What a schema may ask for beyond what is put in words here."""


def fitted(value: Any, schema: Schema, *, root: Schema) -> Any:
    """Return a value with its form put right, as far as the schema tells what is meant.

    A single value stands for a list of one, and such a list for an object; names may be written in
    other case; null stands for a default, and for nothing in a list; keys that an object doesn't
    have are left out. Whatever else doesn't fit is returned as it is: that "0.9" is a number and
    "yes" a boolean is pydantic's to say.

    Args:
        value: plain JSON.
        schema: what it should fit.
        root: the whole schema, where definitions are looked up.
    """
    schema = _resolved(schema, root)
    if value is None and _takes_null(schema):
        return None
    schema = _without_null(schema, root)
    if (choices := _choices(schema)) and isinstance(value, str):
        return value if value in choices else _by_plain_name(choices).get(_plain(value), value)
    match schema.get("type"), value:
        case "array", str() if not value:
            return []
        case "array", _ if value is not None:
            items = schema.get("items", {})
            values = value if isinstance(value, list) else [value]
            some = [item for item in values if item is not None or _takes_null(items)]
            return [fitted(item, items, root=root) for item in some]
        case "object", [dict() as only]:
            return _fitted_object(only, schema, root=root)
        case "object", dict():
            return _fitted_object(value, schema, root=root)
        case (("number" | "integer"), bool()):
            return json.dumps(value)  # pydantic would take it for a number
    return value


def listed(value: Any, schema: Schema) -> Any:
    """Return a reply that is all one list with its name, where only the list, or an item, was said.

    `[{…}]`, or `{…}` with an item's keys, is `{"reviews": [{…}]}` where nothing else is asked for.
    """
    properties = schema.get("properties", {})
    if len(properties) != 1:
        return value
    ((name, of),) = properties.items()
    item = _resolved(_resolved(of, schema).get("items", {}), schema)
    if _resolved(of, schema).get("type") != "array" or item.get("type") != "object":
        return value
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return {name: value}
    named = isinstance(value, dict) and {_plain(key) for key in value}
    if named and _plain(name) not in named and named & set(map(_plain, item["properties"])):
        return {name: [value]}
    return value


def _fitted_object(value: dict[str, Any], schema: Schema, *, root: Schema) -> dict[str, Any]:
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    if properties is None:
        each = others if isinstance(others, Mapping) else {}
        return {key: fitted(item, each, root=root) for key, item in value.items()}
    as_named = properties.keys() >= value.keys()  # as nearly always
    names, kept = {} if as_named else _by_plain_name(properties), dict[str, Any]()
    for key, item in value.items():
        name = key if key in properties else names.get(_plain(key))
        if name is None:
            if others is not False:
                kept[key] = item
        elif key == name or name not in value:
            own = _resolved(properties[name], root)
            if item is not None or name in schema.get("required", ()) or _takes_null(own):
                kept[name] = fitted(item, own, root=root)
    return kept


def part_at(schema: Schema, path: Sequence[str | int], *, root: Schema) -> Schema | None:
    """Return the schema of a value inside a value; None where the path doesn't lead to one."""
    for step in path:
        schema = _without_null(_resolved(schema, root), root)
        inner = schema.get("items") if isinstance(step, int) else None
        if isinstance(step, str):
            others = schema.get("additionalProperties")
            inner = schema.get("properties", {}).get(step, others)
        if not isinstance(inner, Mapping):
            return None
        schema = inner
    return _resolved(schema, root)


def expected(schema: Schema, *, root: Schema) -> str | None:
    """Return what a schema asks for, in the words of JSON; None where there are none for it."""
    schema = _resolved(schema, root)
    if variants := schema.get("anyOf"):
        each = [expected(variant, root=root) for variant in variants]
        return " or ".join(filter(None, each)) if all(each) else None
    if choices := _choices(schema):
        *others, last = (json.dumps(choice, ensure_ascii=False) for choice in choices)
        return f"{', '.join(others)} or {last}" if others else last
    if any(key in schema for key in _UNSPOKEN):
        return None
    match schema.get("type"):
        case "array":
            items = _resolved(schema.get("items", {}), root)
            some = {"string": " of strings", "number": " of numbers", "object": " of objects"}
            empty = " that isn't empty" if schema.get("minItems") else ""
            return f"a list{some.get(items.get('type', ''), '')}{empty}"
        case "string":
            return "a string that isn't empty" if schema.get("minLength") else "a string"
        case "number" | "integer" as kind:
            return {"number": "a number", "integer": "a whole number"}[kind] + _range(schema)
        case "boolean":
            return "true or false"
        case "object":
            return "a JSON object"
        case "null":
            return "null"
    return None


def _range(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    bounds = {
        "of at least": least,
        "of at most": most,
        "above": schema.get("exclusiveMinimum"),
        "below": schema.get("exclusiveMaximum"),
    }
    told = [f"{words} {bound:g}" for words, bound in bounds.items() if bound is not None]
    return f" {' and '.join(told)}" if told else ""


def _resolved(schema: Schema, root: Schema) -> Schema:
    while (where := schema.get("$ref")) and where.startswith("#/$defs/"):
        schema = root["$defs"][where.removeprefix("#/$defs/")]
    return schema


def _takes_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or any(map(_takes_null, schema.get("anyOf", ())))


def _without_null(schema: Schema, root: Schema) -> Schema:
    """Return the one thing that an optional value may be; of several, none is preferred."""
    others = [variant for variant in schema.get("anyOf", ()) if variant.get("type") != "null"]
    return _resolved(others[0], root) if len(others) == 1 else schema


def _choices(schema: Schema) -> Sequence[Any]:
    return schema.get("enum") or ([schema["const"]] if "const" in schema else [])


def _by_plain_name(names: Any) -> dict[str, str]:
    return {_plain(name): name for name in names if isinstance(name, str)}


def _plain(name: str) -> str:
    """Return a name as it counts where case and separators don't: `Snippet Answers`."""
    return re.sub(r"[\W_]+", "", name).casefold()
