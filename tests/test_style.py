"""Sizes a reader can hold in the head; ruff looks after the rest of the style."""

import ast
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


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
