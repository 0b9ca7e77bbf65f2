"""`colloquia lint`: what is wrong with recipes, prompts and persona cards, before anything runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.errors import BAD_INPUT
from colloquia.cli.view.printable import counted, one_line
from colloquia.cli.view.terminal import Terminal
from colloquia.core.errors import UserError

if TYPE_CHECKING:
    from colloquia.authoring.problems import Problem

PROJECT = ("recipe.yaml", "prompts", "personas")
PROMPT_SUFFIX = ".prompt.j2"
YAML_SUFFIXES = (".yaml", ".yml")


@with_terminal
def lint(
    terminal: Terminal,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]…", help="Files and folders; this project by default."),
    ] = None,
) -> None:
    """Check recipes, prompt templates and persona cards; exit 2 if anything is wrong.

    Without a PATH it looks at ./recipe.yaml, ./prompts and ./personas.
    """
    files = _find_files(paths)
    problems = [problem for file in files for problem in _lint_file(file)]
    if terminal.as_json:
        listed = [problem.model_dump(mode="json") for problem in problems]
        terminal.print_json({"ok": not problems, "files": len(files), "problems": listed})
    else:
        for problem in problems:
            terminal.say(one_line(str(problem)))
        terminal.note(f"{counted(len(files), 'file')}, {counted(len(problems), 'problem')}")
    if problems:
        raise typer.Exit(BAD_INPUT)


def _find_files(paths: Sequence[Path] | None) -> list[Path]:
    """Return the files to look at, each once, in order."""
    from colloquia.core.wording import did_you_mean

    asked = list(paths or (path for name in PROJECT if (path := Path(name)).exists()))
    if not asked:
        raise UserError(f"no {', '.join(PROJECT)} here; name files, or start with colloquia init")
    files: dict[Path, None] = {}
    for path in asked:
        if not path.exists():
            near = did_you_mean(path.name, (p.name for p in path.parent.glob("*")))
            raise UserError(f"{path}: no such file or folder{near}")
        inside = list(_files_inside(path)) if path.is_dir() else [path]
        if not inside:
            raise UserError(f"{path}: no recipe, *{PROMPT_SUFFIX} or persona card in this folder")
        files |= dict.fromkeys(inside)
    return list(files)


def _files_inside(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden and file.name.endswith((PROMPT_SUFFIX, *YAML_SUFFIXES)):
            yield file


def _lint_file(file: Path) -> "list[Problem]":
    """Lint a file as what it is: a template by its name, a recipe or a card by its keys."""
    from colloquia.authoring.personas.lint import lint_card
    from colloquia.authoring.prompts.lint import lint_prompt_file
    from colloquia.runs.recipe_lint import lint_recipe

    if file.name.endswith(PROMPT_SUFFIX):
        return lint_prompt_file(file)
    if not file.name.endswith(YAML_SUFFIXES):
        raise UserError(f"{file}: lint reads recipes and cards (.yaml) and *{PROMPT_SUFFIX} files")
    return lint_card(file) if is_card(file) else lint_recipe(file)


def is_card(file: Path) -> bool:
    """Tell a persona card from a recipe: a recipe has snippets, and a card who it is."""
    from colloquia.core.strict_yaml import StrictYamlError, load_yaml

    try:
        keys = load_yaml(file).data
    except StrictYamlError:
        keys = None  # then its folder must tell
    if not isinstance(keys, dict):
        return file.parent.name == "personas"
    return len({"background", "extends", "traits", "goals", "knowledge"} & set(keys)) > len(
        {"snippets", "agents", "dialogue", "models", "accept", "limits"} & set(keys)
    )
