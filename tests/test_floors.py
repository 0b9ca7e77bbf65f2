"""Imports go down the floors only, and each library is imported by its owners alone."""

import ast
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import networkx
import pytest
from checkout import ROOT, brought_by, pyproject, rooms, sources
from packaging.utils import canonicalize_name

# Lowest first. What stands on one floor never imports each other.
FLOORS = (
    {"core"},
    {"language"},
    {"authoring", "models", "offline", "personas", "prompts", "snippets", "store"},
    {"agents"},
    {"simulator"},
    {"corpus"},
    {"finetune", "runs"},
    {"rounds"},
    {"cli", "door"},  # the door: colloquia/__init__.py, and __main__.py
)
# The parts of a room that has parts: its folders, and the files that lie beside them. A file that
# isn't named stands above them all.
INSIDE: dict[str, tuple[set[str], ...]] = {
    "language": ({"lexicon.py"}, {"reading"}, {"figures"}, {"facts"}, {"derivation"}, {"asking"}),
    "authoring": ({"problems.py"}, {"personas", "prompts"}),
    "cli": ({"view"}, {"signals"}, {"commands"}),
    "finetune": (
        {"kept_calls.py", "machine.py", "settings.py", "users_code.py", "work_folder.py"},
        {"data"},
        {"environments", "measure"},
        {"rewards"},
        {"judge", "train"},
        {"seeds"},
        {"pivotal"},
    ),
    "models": ({"faults"}, {"ledger", "pace"}, {"retry"}, {"wire"}, {"local", "batch"}),
    "snippets": ({"markup.py", "report.py"}, {"prose"}, {"formats"}),
    "offline": ({"choice.py", "reading"}, {"questions"}, {"answers", "reviews"}),
}
HEIGHT = {room: height for height, floor in enumerate(FLOORS) for room in floor}

OWNERS = {
    "accelerate": ["finetune/*", "models/local/weights.py"],
    "aiohttp": ["models/wire/transport.py", "benchmarks/*"],
    "alembic": ["store/migrations/*"],
    "autogen_agentchat": ["agents/*", "simulator/graph.py", "simulator/team.py"],
    "autogen_core": [
        "agents/*",
        "models/autogen_client.py",
        "simulator/graph.py",
        "simulator/team.py",
    ],
    "datasets": ["finetune/*", "benchmarks/train/*"],
    "huggingface_hub": ["models/local/hub.py"],
    "jinja2": ["authoring/prompts/*", "models/local/template_box.py"],
    "json_repair": ["models/wire/nearly_json.py"],
    "lemminflect": ["language/*"],
    "litellm": ["models/wire.providers.py"],
    "llguidance": ["models/local/reply_form.py"],
    "matplotlib": ["finetune/*", "rounds/plot.py"],
    "networkx": ["simulator/graph.py"],
    "peft": ["finetune/*", "models/local/weights.py", "benchmarks/train/*"],
    "psutil": ["models/local/weights.py"],
    "py3langid": ["language/*"],
    "pydantic": ["*"],
    "pydantic_core": ["*"],
    "rich": ["cli/*"],
    "safetensors": ["finetune/*"],
    "sklearn": ["finetune/seeds/*"],
    "spacy": ["language/*", "offline/*"],
    "sqlalchemy": ["store/*"],
    "sqlmodel": ["store/*"],
    "tokenizers": ["finetune/*"],
    "torch": ["finetune/*", "models/local/*", "benchmarks/train/*"],
    "transformers": ["finetune/*", "models/local/*", "benchmarks/train/*"],
    "trl": ["finetune/*", "benchmarks/train/*"],
    "typer": ["cli/*"],
    "yaml": ["core/strict_yaml.py"],
}


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of each import; a leading dot marks a relative one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            # `from colloquia.store import tables` imports a file: its name stands in the alias.
            inside = module.split(".")[0] == "colloquia"
            names = [f"{module}.{alias.name}" for alias in node.names] if inside else [module]
            yield from ((node.lineno, name) for name in names)


def place_of(name: str) -> str:
    """Return the place of what `import colloquia.<name>` names: of a file, or of a name in one."""
    parts = name.split(".")[1:]
    while parts and (place := "/".join(parts)):
        for known in (f"{place}.py", f"{place}/__init__.py"):
            if known in sources():
                return known
        parts.pop()
    return "__init__.py"


def room_of(place: str) -> str:
    """Return the room that a file lies in; the door's own files are in the room `door`."""
    return place.partition("/")[0] if "/" in place else "door"


def height_inside(place: str) -> int:
    """Return how high a file stands in its room."""
    room, _, rest = place.partition("/")
    floors = INSIDE.get(room, ())
    part = rest.partition("/")[0]
    return next((h for h, floor in enumerate(floors) if part in floor), len(floors))


def fault(place: str, name: str) -> str | None:
    """Return the rule that `import name` breaks in the file at `place`, if any."""
    top = name.partition(".")[0]
    if not top:
        return "imports are absolute"
    if top in HEIGHT:
        return f"write colloquia.{name}: bare names make a second copy of every class"
    if top == "colloquia":
        return _fault_of_direction(place, place_of(name))
    if top in sys.stdlib_module_names:
        return None
    if top not in OWNERS:
        return f"{top} has no owner: give it one in {Path(__file__).name}"
    if not any(fnmatch(place, pattern) for pattern in OWNERS[top]):
        return f"{top} belongs to {', '.join(OWNERS[top])}"
    return None


def _fault_of_direction(place: str, target: str) -> str | None:
    home, other = room_of(place), room_of(target)
    if home != other:
        if HEIGHT[other] < HEIGHT[home] or (home, other) == ("door", "cli"):
            return None
        return f"{home} (floor {HEIGHT[home]}) can't import {other} (floor {HEIGHT[other]})"
    mine, its = height_inside(place), height_inside(target)
    same_part = place.split("/")[1:2] == target.split("/")[1:2] or mine == len(INSIDE.get(home, ()))
    if its < mine or (its == mine and same_part):
        return None
    return f"{place} stands below {target}, or beside it"


def faults(place: str, source: str) -> list[str]:
    named = ((line, name, fault(place, name)) for line, name in imports(ast.parse(source)))
    return [f"{place}:{line}: import {name}: {rule}" for line, name, rule in named if rule]


def test_every_room_stands_on_a_floor() -> None:
    assert rooms().keys() == HEIGHT.keys() - {"door"}


@pytest.mark.parametrize("room", INSIDE)
def test_every_folder_of_a_room_stands_on_a_floor_of_it(room: str) -> None:
    folders = {init.parent.name for init in rooms()[room].glob("*/__init__.py")}
    named = {part for floor in INSIDE[room] for part in floor}
    assert folders == {part for part in named if not part.endswith(".py")}


def test_the_page_draws_the_same_floors() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    drawn = re.search(r"^## Floors$.*?^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert drawn, "docs/architecture.md has no picture of the floors"
    floors: dict[int, set[str]] = {}
    floor = -1
    for line in drawn[1].splitlines():
        if starts := re.match(r"floor (\d)  ", line):
            floor = int(starts[1])
        if names := re.match(r"(?:floor \d| {7})  (\w+)/?  ", line):
            floors.setdefault(floor, set()).add(names[1])
    assert floors == dict(enumerate(FLOORS))


def test_no_file_imports_itself_by_a_detour() -> None:
    house = networkx.DiGraph(
        (place, target)
        for place, path in sources().items()
        for _, name in imports(ast.parse(path.read_text()))
        if name.split(".")[0] == "colloquia" and (target := place_of(name)) != place
    )
    assert house.number_of_edges() > 500, "the walk over imports finds too little"
    circles = [sorted(part) for part in networkx.strongly_connected_components(house)]
    assert not [circle for circle in circles if len(circle) > 1]


def test_no_folder_is_a_long_list() -> None:
    sizes: dict[str, int] = {}
    for place in sources():
        folder = place.rpartition("/")[0]
        sizes[folder] = sizes.get(folder, 0) + (not place.endswith("__init__.py"))
    assert {folder: size for folder, size in sizes.items() if size > LONGEST_FOLDER} == {}


LONGEST_FOLDER = 20


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


@pytest.mark.parametrize("place", sources())
def test_imports_keep_to_floors_and_owners(place: str) -> None:
    broken = faults(place, sources()[place].read_text())
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize(
    ("place", "line", "rule"),
    [
        (
            "core/text.py",
            "from colloquia.language.reading.words import fold",
            "core (floor 0) can't",
        ),
        ("store/rows.py", "from colloquia import prompts", "store (floor 2) can't"),
        ("agents/base.py", "import colloquia.runs.start", "agents (floor 3) can't"),
        ("runs/start.py", "from colloquia import run", "runs (floor 6) can't import door"),
        ("agents/base.py", "from agents.reply import read", "write colloquia.agents"),
        ("agents/base.py", "from .reply import read", "absolute"),
        ("agents/base.py", "def f():\n    import jinja2.sandbox", "belongs to authoring/prompts/*"),
        ("models/ping.py", "import litellm", "litellm belongs to models/wire.providers"),
        ("cli/view/panel.py", "from colloquia.cli.commands import run", "stands below"),
        ("models/pace/limiter.py", "import colloquia.models.ledger.prices", "or beside it"),
        ("finetune/machine.py", "import colloquia.finetune.train.methods.sft", "stands below"),
    ],
)
def test_a_forbidden_import_is_named_with_its_rule(place: str, line: str, rule: str) -> None:
    (broken,) = faults(place, line)
    assert broken.startswith(f"{place}:")
    assert rule in broken


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("language/reading/words.py", "from colloquia.core.types import Turn"),
        ("__main__.py", "from colloquia.cli import main"),
        ("cli/commands/run.py", "import typer, colloquia.runs.start"),
        ("cli/application.py", "from colloquia.cli.commands import run"),
        ("models/wire/replies.py", "from colloquia.models.faults import causes"),
        ("store/rows.py", "from colloquia.store.tables import TurnRow\nimport json"),
    ],
)
def test_an_import_that_goes_down_is_fine(place: str, line: str) -> None:
    assert faults(place, line) == []
