"""What `render` works with: recipe, template, snippet, variables, and how two templates differ.

Imported when the command is called: `colloquia --help` needs none of it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Any

from colloquia.authoring.prompts.library import SUFFIX, PromptLibrary, load_template
from colloquia.authoring.prompts.template import PromptTemplate
from colloquia.cli.commands.authoring.starter import starter_folder
from colloquia.cli.view.printable import one_line, printable
from colloquia.core.errors import SnippetError, UserError
from colloquia.core.recipe import Recipe, load_recipe
from colloquia.core.tokens import approximate_tokens
from colloquia.core.types import Message, Snippet
from colloquia.core.wording import did_you_mean
from colloquia.runs.trial import role_input
from colloquia.snippets.reader import SnippetReport, read_snippets

LINES_OF_CONTEXT = 3
# An id hangs on its template, so every line that has one would differ.
_DATA_ID = re.compile(r'(?<=<data) id="[0-9a-f]+"(?=>)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The messages that a template makes."""

    template: PromptTemplate
    messages: tuple[Message, ...]
    changes: list[str] | None
    """Lines of a diff with what another template makes; None where there is no other."""

    @property
    def tokens(self) -> int:
        """About how many there are."""
        return approximate_tokens(self.messages)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        document = {
            "prompt": self.template.identity,
            "role": self.template.role,
            "messages": [message.model_dump(mode="json") for message in self.messages],
            "approximate_tokens": self.tokens,
        }
        return document | ({"diff": self.changes} if self.changes is not None else {})


def render_prompt(
    prompt: str,
    recipe: Recipe,
    *,
    snippet: str | None,
    exchange: int,
    settings: Sequence[str],
    compared_with: str | None,
) -> Rendering:
    """Render a template as it would be asked in an exchange; the offline teacher plays the rest.

    Args:
        prompt: the template's name or file.
        recipe: brings personas, prompts and, without a `snippet`, the snippet.
        snippet: `FILE`, `FILE:N` or a text.
        exchange: 1-based.
        settings: `path=value`, put into the template's variables.
        compared_with: another template's name, file or folder.
    """
    template = _find_template(prompt, recipe)
    other = None
    if compared_with is not None:
        other = _find_template(compared_with, recipe, of=template.name)
    about = _find_snippet(snippet, recipe)
    variables = role_input(recipe, about, role=template.role, exchange=exchange)
    for setting in settings:
        _set_variable(variables, setting)
    messages = template.render(variables)
    return Rendering(
        template=template,
        messages=messages,
        changes=_compare(template, messages, other, other.render(variables)) if other else None,
    )


def recipe_for(file: Path | None, *, persona: str | None, prompts: Path | None) -> Recipe:
    """Return the recipe to render with: the given one, or the starter's."""
    recipe = load_recipe(file or starter_folder() / "recipe.yaml")
    changes: dict[str, Any] = {}
    if persona is not None:
        is_file = persona.endswith((".yaml", ".yml"))
        changes["personas"] = (str(Path(persona).absolute()) if is_file else persona,)
    if prompts is not None:
        changes["prompts"] = str(prompts.absolute())
    return recipe.model_copy(update=changes)


def _find_template(name: str, recipe: Recipe, *, of: str = "") -> PromptTemplate:
    """Return a template by file, by folder (the one named `of` in it), or by name."""
    if Path(name).is_dir():
        return PromptLibrary.load(Path(name))[of]
    if name.endswith(SUFFIX) or "/" in name:
        return load_template(Path(name))
    return PromptLibrary.load(recipe.folder / recipe.prompts if recipe.prompts else None)[name]


def _find_snippet(given: str | None, recipe: Recipe) -> Snippet:
    """Return the snippet that `FILE`, `FILE:N` or a text means; the recipe's first by default."""
    if given is not None and " " in given.strip() and not Path(given).exists():
        return Snippet.of(given.strip())
    file, _, number = (given or "").rpartition(":")
    if not file or not number.isdecimal():
        file, number = given or str(recipe.folder / recipe.snippets.path), "1"
    wanted = max(1, int(number))
    snippet = next(islice(read_snippets(file, report=SnippetReport()), wanted - 1, None), None)
    if snippet is None:
        raise SnippetError(f"{one_line(file)} has no snippet number {wanted}")
    return snippet


def _set_variable(variables: dict[str, Any], setting: str) -> None:
    """Put one `path=value` in place."""
    path, equals, text = setting.partition("=")
    *parents, last = path.split(".")
    place: Any = variables
    for name in parents:
        place = place.get(name) if isinstance(place, dict) else None
    if not equals or not isinstance(place, dict):
        raise UserError(f"--set {one_line(setting)!r}: write a name, '=' and a value")
    if last not in place:
        raise UserError(f"--set {one_line(path)!r}: no such value{did_you_mean(last, place)}")
    try:
        place[last] = json.loads(text)
    except ValueError:
        place[last] = text  # plain words need no quotes


def _compare(
    template: PromptTemplate,
    messages: tuple[Message, ...],
    other: PromptTemplate,
    other_messages: tuple[Message, ...],
) -> list[str]:
    return list(
        unified_diff(
            _lines(messages),
            _lines(other_messages),
            fromfile=template.identity,
            tofile=other.identity,
            n=LINES_OF_CONTEXT,
            lineterm="",
        )
    )


def _lines(messages: tuple[Message, ...]) -> list[str]:
    text = "\n".join(f"── {message.role} ──\n{message.content}\n" for message in messages)
    return _DATA_ID.sub("", printable(text)).split("\n")
