"""Exactly the messages that a prompt template makes, and how they differ from another's."""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Any

from colloquia.authoring.prompts.library import SUFFIX, PromptLibrary, load_template
from colloquia.authoring.prompts.template import PromptTemplate
from colloquia.authoring.starter import starter_folder
from colloquia.core.errors import SnippetError, UserError
from colloquia.core.recipe import Recipe
from colloquia.core.text import shown
from colloquia.core.tokens import approximate_tokens
from colloquia.core.types import Message, Snippet, Value
from colloquia.core.wording import did_you_mean
from colloquia.runs.given import PathLike, RecipeLike, recipe_for
from colloquia.runs.trial import role_input
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

LINES_OF_CONTEXT = 3
# An id hangs on its template, so every line that has one would differ.
_DATA_ID = re.compile(r'(?<=<data) id="[0-9a-f]+"(?=>)')


class Rendering(Value):
    """The messages that a template makes; `str()` shows them as they would be sent."""

    prompt: str
    """Identity of the template, `answerer@3f2a9c1b`."""
    role: str
    messages: tuple[Message, ...]
    changes: tuple[str, ...] | None = None
    """Lines of a diff with what another template makes; None where there is no other."""

    @property
    def tokens(self) -> int:
        """About how many there are."""
        return approximate_tokens(self.messages)

    def __repr__(self) -> str:
        return f"<Rendering {self.prompt}: {len(self.messages)} messages, ~{self.tokens:,} tokens>"

    def __str__(self) -> str:
        return _as_text(self.messages)


def render(
    prompt: PathLike,
    *,
    recipe: RecipeLike | None = None,
    persona: PathLike | None = None,
    snippet: str | Snippet | None = None,
    exchange: int | None = None,
    values: Mapping[str, Any] | None = None,
    prompts: PathLike | None = None,
    diff: PathLike | None = None,
) -> Rendering:
    """Render a template as it would be asked; the offline teacher plays what comes before.

    Args:
        prompt: the template's name or file.
        recipe: brings personas, prompts and, without a `snippet`, the snippet; the starter's if
            None.
        persona: who asks, a packaged name or a card, instead of the recipe's.
        snippet: a Snippet, a text with spaces, `FILE`, or `FILE:N` for the N-th of a file.
        exchange: the exchange it is asked in, from 1; by default the first it is asked in.
        values: other values for the template's variables; `snippet.title` goes deeper.
        prompts: a folder of templates, laid over the packaged ones, instead of the recipe's.
        diff: another template's name, file or folder, rendered with the same values.

    Raises:
        UserError: there is no such template, snippet, persona, exchange or variable.
    """
    chosen = _recipe_for(recipe, persona=persona, prompts=prompts)
    template = _find_template(os.fspath(prompt), chosen)
    other = None if diff is None else _find_template(os.fspath(diff), chosen, of=template.name)
    about = snippet if isinstance(snippet, Snippet) else _find_snippet(snippet, chosen)
    variables = role_input(chosen, about, role=template.role, exchange=exchange)
    for path, value in (values or {}).items():
        _set_variable(variables, path, value)
    messages = template.render(variables)
    return Rendering(
        prompt=template.identity,
        role=template.role,
        messages=messages,
        changes=_compare(template, messages, other, other.render(variables)) if other else None,
    )


def _recipe_for(
    given: RecipeLike | None, *, persona: PathLike | None, prompts: PathLike | None
) -> Recipe:
    recipe = recipe_for(starter_folder() / "recipe.yaml" if given is None else given)
    changes: dict[str, Any] = {}
    if persona is not None:
        name = os.fspath(persona)
        is_file = name.endswith((".yaml", ".yml"))
        changes["personas"] = (str(Path(name).absolute()) if is_file else name,)
    if prompts is not None:
        changes["prompts"] = str(Path(prompts).absolute())
    return recipe.model_copy(update=changes)


def _find_template(name: str, recipe: Recipe, *, of: str = "") -> PromptTemplate:
    """Return a template by file, by folder (the one named `of` in it), or by name."""
    if Path(name).is_dir():
        return PromptLibrary.load(Path(name))[of]
    if name.endswith(SUFFIX) or "/" in name:
        return load_template(Path(name))
    return PromptLibrary.of(recipe)[name]


def _find_snippet(given: str | None, recipe: Recipe) -> Snippet:
    """Return the snippet that `FILE`, `FILE:N` or a text means; the recipe's first by default."""
    if given is not None and " " in given.strip() and not Path(given).exists():
        return Snippet.of(given.strip())
    file, _, number = (given or "").rpartition(":")
    if not file or not number.isdecimal():
        file, number = given or str(recipe.source), "1"
    wanted = max(1, int(number))
    before = min(wanted - 1, sys.maxsize)
    snippet = next(islice(read_snippets(file, report=SnippetReport()), before, None), None)
    if snippet is None:
        raise SnippetError(f"{shown(file)} has no snippet number {wanted}")
    return snippet


def _set_variable(variables: dict[str, Any], path: str, value: Any) -> None:
    """Put a value in its place."""
    *parents, last = path.split(".")
    place: Any = variables
    for name in parents:
        place = place.get(name) if isinstance(place, dict) else None
    if not isinstance(place, dict) or last not in place:
        hint = did_you_mean(last, place) if isinstance(place, dict) else ""
        raise UserError(f"`values={shown(path)}`: the template is given no such value{hint}")
    place[last] = value


def _compare(
    template: PromptTemplate,
    messages: tuple[Message, ...],
    other: PromptTemplate,
    other_messages: tuple[Message, ...],
) -> tuple[str, ...]:
    return tuple(
        unified_diff(
            _lines(messages),
            _lines(other_messages),
            fromfile=template.identity,
            tofile=other.identity,
            n=LINES_OF_CONTEXT,
            lineterm="",
        )
    )


def _lines(messages: Iterable[Message]) -> list[str]:
    return _DATA_ID.sub("", _as_text(messages)).split("\n")


def _as_text(messages: Iterable[Message]) -> str:
    return "\n".join(f"── {message.role} ──\n{message.content}\n" for message in messages)
