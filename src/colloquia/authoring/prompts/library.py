"""The templates of a run: the packaged ones, with a user's folder laid over them by name."""

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Self

from colloquia.authoring.prompts.reading import parse_template
from colloquia.authoring.prompts.template import PromptTemplate
from colloquia.core.errors import PromptError
from colloquia.core.recipe import Recipe
from colloquia.core.strict_yaml import StrictYamlError, read_text
from colloquia.core.wording import did_you_mean

SUFFIX = ".prompt.j2"


class PromptLibrary:
    """Templates by name, all of them checked."""

    def __init__(self, templates: Mapping[str, PromptTemplate]) -> None:
        self._templates = dict(sorted(templates.items()))

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read the packaged templates, then a folder whose `NAME.prompt.j2` override or add.

        Raises:
            PromptError: the folder has no templates, or one of them is wrong.
        """
        files = _templates_in(packaged_folder())
        if folder is not None:
            own = _templates_in(folder)
            if not own:
                raise PromptError(f"{folder}: no *{SUFFIX} here; name a folder of templates")
            files |= own
        return cls({name: load_template(path) for name, path in files.items()})

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """Read a recipe's templates: the packaged ones, and those of its folder; see `load`."""
        return cls.load(recipe.folder / recipe.prompts if recipe.prompts else None)

    def __getitem__(self, name: str) -> PromptTemplate:
        try:
            return self._templates[name]
        except KeyError:
            hint = did_you_mean(name, self) or f"; there are {', '.join(self)}"
            where = f"; {name}{SUFFIX} belongs in the folder that the recipe's prompts names"
            raise PromptError(f"no prompt template {name!r}{hint}{where}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._templates

    def __iter__(self) -> Iterator[str]:
        return iter(self._templates)

    def __len__(self) -> int:
        return len(self._templates)

    def identities(self) -> dict[str, str]:
        """Return each template's identity by name, as a run's manifest keeps them."""
        return {name: template.identity for name, template in self._templates.items()}


def load_template(path: Path) -> PromptTemplate:
    """Read one template file; its name is the file's, without `.prompt.j2`.

    Raises:
        PromptError: it can't be read, or anything is wrong with it.
    """
    try:
        source = read_text(path)
    except StrictYamlError as error:
        raise PromptError(f"{error.file}:{error.line or 1}: P001 {error.what}") from error
    return parse_template(source, name=template_name(path), file=str(path))


def packaged_folder() -> Path:
    """Return the folder of the packaged templates."""
    return Path(str(resources.files("colloquia.prompts")))


def template_name(path: Path) -> str:
    """Return what a template file is called in a library."""
    return path.name.removesuffix(SUFFIX)


def _templates_in(folder: Path) -> dict[str, Path]:
    return {template_name(path): path for path in sorted(folder.glob(f"*{SUFFIX}"))}
