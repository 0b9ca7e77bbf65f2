"""`colloquia.__all__` is the door: lazy, complete, and described."""

import ast
import importlib
import inspect
import re
import sys
from typing import Any

import pytest
import typer
from checkout import DOOR, ROOT, output_of

import colloquia
from colloquia.cli.application import app


def test_importing_colloquia_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import colloquia; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    loaded = set(output_of([sys.executable, "-c", code], cwd=ROOT.parent).split())
    assert loaded - sys.stdlib_module_names == {"colloquia"}


@pytest.mark.parametrize("name", colloquia.__all__)
def test_a_public_name_resolves_and_is_described(name: str) -> None:
    value = getattr(colloquia, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__module__.startswith("colloquia.")
        # A dataclass without a docstring gets its signature for one.
        told = value.__doc__ or ""
        assert told and not told.startswith(f"{value.__name__}("), f"{name} has no docstring"


def test_every_public_name_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    code = " ".join(re.findall(r"`+[^`]+`+", page))
    missing = sorted(set(colloquia.__all__) - set(re.findall(r"\w+", code)))
    assert not missing, f"docs/python.md lacks {', '.join(missing)}"


def test_the_docs_say_of_every_command_what_does_it_from_python() -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    section = page.partition("\n## What commands do\n")[2].partition("\n## ")[0]
    commands: Any = typer.main.get_command(app)
    missing = [name for name in commands.commands if f"`{name}`" not in section]
    assert not missing


def test_type_checkers_see_the_same_door() -> None:
    tree = ast.parse((DOOR / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(imported) == sorted(colloquia.__all__) == dir(colloquia)
    for name, (module, attribute) in imported.items():
        assert getattr(colloquia, name) is getattr(importlib.import_module(str(module)), attribute)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'colloquia' has no attribute 'runn'"):
        _ = colloquia.runn
