"""Sizes a reader can hold in the head; ruff looks after the rest of the style."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from checkout import sources

LONGEST_FILE = 400
LONGEST_FUNCTION = 60


@pytest.mark.parametrize("place", sources())
def test_files_and_functions_stay_short(place: str) -> None:
    source, path = sources()[place].read_text(), Path(place)
    sizes = {f"{path.name} as a whole": (len(source.splitlines()), LONGEST_FILE)} | {
        f"{path.name}:{node.lineno} {node.name}": (_lines(node), LONGEST_FUNCTION)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = [
        f"{what}: {lines} > {most} lines" for what, (lines, most) in sizes.items() if lines > most
    ]
    assert not long, "\n" + "\n".join(long)


def test_a_class_name_stands_for_one_thing() -> None:
    places = defaultdict[str, list[str]](list)
    for place, path in sources().items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(f"{place}:{node.lineno}")
    twins = {name: lines for name, lines in places.items() if len(lines) > 1}
    told = [f"{name}: {', '.join(lines)}" for name, lines in sorted(twins.items())]
    assert not told, "\n" + "\n".join(told)


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
