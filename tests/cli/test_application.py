"""The command as a whole: what it offers, and that offering it costs nothing."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from command import Command

HEAVY = {"autogen_agentchat", "jinja2", "networkx", "pydantic", "sqlalchemy", "sqlmodel"}
HEAVY |= {"lemminflect", "numpy", "spacy", "thinc", "torch", "yaml"}
COMMANDS = (
    *("init", "lint", "render", "run", "status", "ls", "show", "export", "check", "doctor"),
    *("personas", "personas list", "personas show", "prompts", "prompts list", "prompts show"),
)


def test_help_names_every_command(colloquia: Command) -> None:
    result = colloquia("--help")
    assert result.code == 0
    assert all(command in result.out for command in COMMANDS if " " not in command)


def test_without_a_command_it_shows_its_help(colloquia: Command) -> None:
    assert colloquia() == colloquia("--help")


def test_version_is_the_package_s(colloquia: Command) -> None:
    assert colloquia("--version").out == f"colloquia {metadata.version('colloquia')}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_shared_options(colloquia: Command, command: str) -> None:
    result = colloquia(*command.split(), "--help")
    assert result.code == 0
    for option in ("--store", "--json", "--quiet", "-q", "--verbose", "-v"):
        assert option in result.out


def test_help_imports_nothing_heavy() -> None:
    assert not HEAVY & _modules_after("main(['--help'])")


@pytest.mark.parametrize("arguments", [["run", "--help"], ["--version"]])
def test_a_command_s_help_imports_nothing_heavy_but_what_typer_itself_does(
    arguments: list[str],
) -> None:
    assert HEAVY & _modules_after(f"main({arguments!r})") <= {"pydantic"}


def test_looking_into_a_store_loads_no_agents() -> None:
    loaded = _modules_after("main(['status', '--store', 'none.db'])")
    assert not {"autogen_agentchat", "networkx", "spacy", "jinja2"} & loaded


def test_exporting_reads_no_english(finished_store: Path, tmp_path: Path) -> None:
    export = ["export", "-o", str(tmp_path / "corpus"), "--store", str(finished_store)]
    loaded = _modules_after(f"main({export!r})")
    assert not {"lemminflect", "spacy", "thinc", "torch"} & loaded
    assert (tmp_path / "corpus" / "manifest.json").is_file()


def test_importing_the_package_and_its_teacher_loads_no_pipeline() -> None:
    imported = (
        "import colloquia, colloquia.language.reading.parsing, colloquia.language.facts.support"
    )
    assert not {"lemminflect", "spacy", "thinc"} & _modules_after(imported)


def _modules_after(call: str) -> set[str]:
    program = (
        f"import sys; from colloquia.cli import main; {call}; "
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())
