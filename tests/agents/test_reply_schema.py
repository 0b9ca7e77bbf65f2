"""What a schema asks for is said in the words of JSON, or not at all."""

from typing import Any

import pytest

from colloquia.agents.reply_schema import expected, fitted, part_at

ROOT: dict[str, Any] = {
    "type": "object",
    "properties": {"kinds": {"type": "array", "items": {"$ref": "#/$defs/Kind"}}},
    "$defs": {"Kind": {"enum": ["when", "how_many"], "type": "string"}},
}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "a string"),
        ({"const": "yes"}, '"yes"'),
        ({"type": "integer", "minimum": 1}, "a whole number of at least 1"),
        ({"type": "number", "maximum": 0.5}, "a number of at most 0.5"),
        (
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "a number above 0 and below 1",
        ),
        ({"type": "array", "items": {"type": "number"}}, "a list of numbers"),
        ({"type": "array"}, "a list"),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "true or false or null"),
        ({"$ref": "#/$defs/Kind"}, '"when" or "how_many"'),
        ({"type": "string", "format": "date"}, None),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, None),
        ({}, None),
    ],
)
def test_what_is_asked_for_is_told(schema: dict[str, Any], words: str | None) -> None:
    assert expected(schema, root=ROOT) == words


def test_a_part_is_found_where_the_path_leads() -> None:
    assert part_at(ROOT, ("kinds", 1), root=ROOT) == ROOT["$defs"]["Kind"]
    assert part_at(ROOT, ("kinds", "x"), root=ROOT) is None
    assert part_at(ROOT, ("others",), root=ROOT) is None


def test_definitions_are_followed_and_what_may_be_several_things_is_left_alone() -> None:
    assert fitted({"Kinds": "How many"}, ROOT, root=ROOT) == {"kinds": ["how_many"]}
    either = {"anyOf": [{"type": "array"}, {"type": "string"}]}
    assert fitted("x", either, root=ROOT) == "x"
