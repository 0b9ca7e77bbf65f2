"""`colloquia render`: exactly the messages that a prompt template makes, without sending them."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from colloquia.cli.view.common import Common, with_common
from colloquia.cli.view.printable import counted, one_line

if TYPE_CHECKING:
    from colloquia.authoring.prompts.template import PromptTemplate
    from colloquia.core.recipe import Recipe
    from colloquia.core.types import Message, Snippet

LINES_OF_CONTEXT = 3
_DATA_ID = re.compile(
    r'(?<=<data) id="[0-9a-f]+"(?=>)'
)  # hangs on the template, so all would differ


@with_common
def render(
    common: Common,
    prompt: Annotated[
        str, typer.Argument(help="A template's name (answerer) or file.", show_default=False)
    ],
    recipe: Annotated[
        Path | None, typer.Option(help="Take snippets, personas and prompts from a recipe.")
    ] = None,
    persona: Annotated[
        str | None, typer.Option(help="Who asks: a packaged name or a card.")
    ] = None,
    snippet: Annotated[
        str | None,
        typer.Option(metavar="FILE[:N]|TEXT", help="The N-th snippet of a file, or its text."),
    ] = None,
    exchange: Annotated[int, typer.Option(min=1, help="The exchange it is asked in.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="K=V", help="Another value; JSON or text, dots go deeper."),
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of templates of your own.")
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(metavar="OTHER", help="Compare with another template, file or folder."),
    ] = None,
) -> None:
    """Show exactly the messages that would be sent, with about how many tokens they have.

    What comes before in the dialogue is played by the offline teacher; nothing goes out.
    """
    from colloquia.cli.view.messages import spoken
    from colloquia.core.tokens import approximate_tokens
    from colloquia.runs.trial import role_input

    chosen = _recipe(recipe, persona=persona, prompts=prompts)
    template = _template(prompt, chosen)
    other = _template(diff, chosen, of=template.name) if diff is not None else None
    variables = role_input(chosen, _snippet(snippet, chosen), role=template.role, exchange=exchange)
    for setting in settings or ():
        _set(variables, setting)
    messages = template.render(variables)
    tokens = approximate_tokens(messages)
    changes = _diff(template, messages, other, other.render(variables)) if other else None
    if common.as_json:
        document = {
            "prompt": template.identity,
            "role": template.role,
            "messages": [message.model_dump(mode="json") for message in messages],
            "approximate_tokens": tokens,
        }
        common.document(document | ({"diff": changes} if changes is not None else {}))
    elif changes is not None:
        common.say(*(changes or ["no difference"]))
    else:
        common.say(*spoken(messages))
        common.note(
            f"{template.identity}: {counted(len(messages), 'message')}, about {tokens:,} tokens"
        )


def _recipe(file: Path | None, *, persona: str | None, prompts: Path | None) -> "Recipe":
    """Return the recipe to role_input with: the given one, or the starter's."""
    from colloquia.cli.commands.starter import starter_folder
    from colloquia.core.recipe import load_recipe

    recipe = load_recipe(file or starter_folder() / "recipe.yaml")
    changes: dict[str, Any] = {}
    if persona is not None:
        is_file = persona.endswith((".yaml", ".yml"))
        changes["personas"] = (str(Path(persona).absolute()) if is_file else persona,)
    if prompts is not None:
        changes["prompts"] = str(prompts.absolute())
    return recipe.model_copy(update=changes)


def _template(name: str, recipe: "Recipe", *, of: str = "") -> "PromptTemplate":
    """Return a template by file, by folder (the one named `of` in it), or by name."""
    from colloquia.authoring.prompts.library import SUFFIX, PromptLibrary, load_template

    if Path(name).is_dir():
        return PromptLibrary.load(Path(name))[of]
    if name.endswith(SUFFIX) or "/" in name:
        return load_template(Path(name))
    return PromptLibrary.load(recipe.folder / recipe.prompts if recipe.prompts else None)[name]


def _snippet(given: str | None, recipe: "Recipe") -> "Snippet":
    """Return the snippet that `FILE`, `FILE:N` or a text means; the recipe's first by default."""
    from itertools import islice

    from colloquia.core.errors import SnippetError
    from colloquia.core.types import Snippet
    from colloquia.snippets.reader import SnippetReport, read_snippets

    if given is not None and " " in given.strip() and not Path(given).exists():
        return Snippet.of(given.strip())
    file, _, number = (given or "").rpartition(":")
    if not file or not number.isdecimal():
        file, number = given or str(recipe.folder / recipe.snippets.path), "1"
    wanted = max(1, int(number))
    found = next(islice(read_snippets(file, report=SnippetReport()), wanted - 1, None), None)
    if found is None:
        raise SnippetError(f"{one_line(file)} has no snippet number {wanted}")
    return found


def _set(variables: dict[str, Any], setting: str) -> None:
    """Put one `path=value` in place."""
    from colloquia.core.errors import UserError
    from colloquia.core.wording import did_you_mean

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


def _diff(
    template: "PromptTemplate",
    messages: "tuple[Message, ...]",
    other: "PromptTemplate",
    other_messages: "tuple[Message, ...]",
) -> list[str]:
    from difflib import unified_diff

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


def _lines(messages: "tuple[Message, ...]") -> list[str]:
    from colloquia.cli.view.printable import printable

    text = "\n".join(f"── {message.role} ──\n{message.content}\n" for message in messages)
    return _DATA_ID.sub("", printable(text)).split("\n")
