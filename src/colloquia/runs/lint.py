"""What is wrong with recipes, prompt templates and persona cards, before anything runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from colloquia.authoring.personas.lint import lint_card
from colloquia.authoring.problems import Problem
from colloquia.authoring.prompts.library import SUFFIX
from colloquia.authoring.prompts.lint import lint_prompt_file
from colloquia.core.errors import UserError
from colloquia.core.strict_yaml import StrictYamlError, load_yaml
from colloquia.core.types import Value
from colloquia.core.wording import did_you_mean
from colloquia.runs.given import PathLike
from colloquia.runs.recipe_lint import lint_recipe

PROJECT = ("recipe.yaml", "prompts", "personas")
YAML_SUFFIXES = (".yaml", ".yml")


class LintReport(Value):
    """What `lint` found."""

    files: int
    """How many were looked at."""
    problems: tuple[Problem, ...] = ()
    """In the order of files and lines."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def __repr__(self) -> str:
        return "\n  ".join((f"<LintReport: {self}>", *map(str, self.problems)))

    def __str__(self) -> str:
        files, problems = self.files, len(self.problems)
        return f"{files} file{'s' * (files != 1)}, {problems} problem{'s' * (problems != 1)}"


def lint(*paths: PathLike) -> LintReport:
    """Check recipes, prompt templates and persona cards; all faults are told at once.

    Args:
        paths: files and folders; without any, `recipe.yaml`, `prompts` and `personas` here.

    Raises:
        UserError: there is no such file, or nothing in it that lint reads.
    """
    files = _find_files([Path(path) for path in paths])
    problems = tuple(problem for file in files for problem in _lint_file(file))
    return LintReport(files=len(files), problems=problems)


def _find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files to look at, each once, in order."""
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
            raise UserError(f"{path}: no recipe, *{SUFFIX} or persona card in this folder")
        files |= dict.fromkeys(inside)
    return list(files)


def _files_inside(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden and file.name.endswith((SUFFIX, *YAML_SUFFIXES)):
            yield file


def _lint_file(file: Path) -> list[Problem]:
    """Lint a file as what it is: a template by its name, a recipe or a card by its keys."""
    if file.name.endswith(SUFFIX):
        return lint_prompt_file(file)
    if not file.name.endswith(YAML_SUFFIXES):
        raise UserError(f"{file}: lint reads recipes and cards (.yaml) and *{SUFFIX} files")
    return lint_card(file) if is_card(file) else lint_recipe(file)


def is_card(file: Path) -> bool:
    """Tell a persona card from a recipe: a recipe has snippets, and a card who it is."""
    try:
        keys = load_yaml(file).data
    except StrictYamlError:
        keys = None  # then its folder must tell
    if not isinstance(keys, dict):
        return file.parent.name == "personas"
    return len({"background", "extends", "traits", "goals", "knowledge"} & set(keys)) > len(
        {"snippets", "agents", "dialogue", "models", "accept", "limits"} & set(keys)
    )
