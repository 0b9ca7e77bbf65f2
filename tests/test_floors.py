"""Imports go down the floors only, and each library is imported by its owners alone."""

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from checkout import ROOT, brought_by, pyproject, rooms, sources
from packaging.utils import canonicalize_name

# Lowest first. What stands on one floor never imports each other.
FLOORS = (
    {"core"},
    {"language"},
    {"prompts", "personas", "snippets", "models", "store", "offline"},
    {"agents"},
    {"simulator"},
    {"corpus"},
    {"finetune"},
    {"colloquia"},  # the roof: app.py, cli/ and the public door
)
HEIGHT = {room: height for height, floor in enumerate(FLOORS) for room in floor}

OWNERS = {
    "accelerate": ["finetune/*"],
    "aiohttp": ["models/transport.py", "benchmarks/*"],
    "autogen_agentchat": ["agents/*", "simulator/graph.py", "simulator/team.py"],
    "autogen_core": [
        "agents/*",
        "models/autogen_client.py",
        "simulator/graph.py",
        "simulator/team.py",
    ],
    "datasets": ["finetune/*", "benchmarks/train*"],
    "jinja2": ["prompts/*"],
    "json_repair": ["agents/*", "models/tools.py"],
    "lemminflect": ["language/*"],
    "litellm": ["models/litellm_door.py"],
    "matplotlib": ["finetune/*"],
    "networkx": ["simulator/graph.py"],
    "nltk": ["language/*"],
    "peft": ["finetune/*", "models/weights.py", "benchmarks/train*"],
    "pydantic": ["*"],
    "pydantic_core": ["*"],
    "rich": ["src/colloquia/cli/*"],
    "safetensors": ["finetune/*"],
    "sqlalchemy": ["store/*"],
    "sqlmodel": ["store/*"],
    "textblob": ["language/*"],
    "tokenizers": ["finetune/*"],
    "torch": ["finetune/*", "models/text_generator.py", "models/weights.py", "benchmarks/train*"],
    "transformers": [
        "finetune/*",
        "models/text_generator.py",
        "models/weights.py",
        "benchmarks/train*",
    ],
    "trl": ["finetune/*", "benchmarks/train*"],
    "typer": ["src/colloquia/cli/*"],
    "yaml": ["core/strict_yaml.py"],
}


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of each import; a leading dot marks a relative one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            # `from colloquia import store` imports a room: its name stands in the alias.
            names = [f"colloquia.{alias.name}" for alias in node.names]
            yield from (
                (node.lineno, name) for name in (names if module == "colloquia" else [module])
            )


def fault(place: str, name: str) -> str | None:
    """Return the rule that `import name` breaks in the file at `place`, if any."""
    top, _, rest = name.partition(".")
    room = place.partition("/")[0]
    home = room if room in HEIGHT else "colloquia"
    if not top:
        return "imports are absolute"
    if top in HEIGHT and top != "colloquia":
        return f"write colloquia.{name}: bare names make a second copy of every class"
    if top == "colloquia":
        target = rest.partition(".")[0]
        target = target if target in HEIGHT else "colloquia"
        if target != home and HEIGHT[target] >= HEIGHT[home]:
            return f"{home} (floor {HEIGHT[home]}) can't import {target} (floor {HEIGHT[target]})"
        return None
    if top in sys.stdlib_module_names:
        return None
    if top not in OWNERS:
        return f"{top} has no owner: give it one in {Path(__file__).name}"
    if not any(fnmatch(place, pattern) for pattern in OWNERS[top]):
        return f"{top} belongs to {', '.join(OWNERS[top])}"
    return None


def faults(place: str, source: str) -> list[str]:
    found = ((line, name, fault(place, name)) for line, name in imports(ast.parse(source)))
    return [f"{place}:{line}: import {name}: {rule}" for line, name, rule in found if rule]


def test_every_room_stands_on_a_floor() -> None:
    assert {room.name for room in rooms()} == HEIGHT.keys() - {"colloquia"}


def test_every_library_with_an_owner_comes_with_the_core_install_or_finetune() -> None:
    project = pyproject()["project"]
    installed = brought_by(
        [*project["dependencies"], *project["optional-dependencies"]["finetune"]]
    )
    assert {"pydantic", "sqlalchemy"} <= installed, "the walk over requirements finds too little"
    made_by = packages_distributions()
    missing = {library for library in OWNERS if not installed & _names(made_by.get(library, []))}
    assert not missing


def _names(distributions: list[str]) -> set[str]:
    return {canonicalize_name(name) for name in distributions}


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_keep_to_floors_and_owners(path: Path) -> None:
    found = faults(path.relative_to(ROOT).as_posix(), path.read_text())
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("place", "line", "rule"),
    [
        ("core/text.py", "from colloquia.language.words import fold", "core (floor 0) can't"),
        ("store/rows.py", "from colloquia import prompts", "store (floor 2) can't"),
        ("agents/base.py", "import colloquia.app", "agents (floor 3) can't"),
        ("agents/base.py", "from agents.reply import read", "write colloquia.agents"),
        ("agents/base.py", "from .reply import read", "absolute"),
        ("agents/base.py", "def f():\n    import jinja2.sandbox", "jinja2 belongs to prompts/*"),
        ("models/ledger.py", "import litellm", "litellm belongs to models/litellm_door"),
    ],
)
def test_a_forbidden_import_is_named_with_its_rule(place: str, line: str, rule: str) -> None:
    (found,) = faults(place, line)
    assert found.startswith(f"{place}:")
    assert rule in found


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("language/words.py", "from colloquia.core.types import Turn"),
        ("src/colloquia/app.py", "from colloquia import __version__, corpus"),
        ("src/colloquia/cli/run.py", "import typer, colloquia.app"),
        ("store/rows.py", "from colloquia.store.tables import TurnRow\nimport json"),
    ],
)
def test_an_import_that_goes_down_is_fine(place: str, line: str) -> None:
    assert faults(place, line) == []
