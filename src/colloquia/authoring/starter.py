"""The project that `init` makes: the packaged starter, its schema, a persona and a prompt."""

import json
from importlib import resources
from pathlib import Path

from colloquia.authoring.prompts.library import packaged_folder
from colloquia.authoring.recipe_reference import recipe_schema

PERSONA = "personas/my_persona.yaml"
SCHEMA = "recipe.schema.json"
PROMPT = "prompts/answerer.prompt.j2"
PROMPT_HINT = "# Yours to change. To use it, add this line to recipe.yaml:  prompts: prompts\n"


def starter_folder() -> Path:
    """Return the folder of the packaged starter."""
    return Path(str(resources.files("colloquia"))) / "starter"


def starter_files() -> dict[str, str]:
    """Return the text of each file of a new project by its path."""
    packaged = (packaged_folder() / Path(PROMPT).name).read_text(encoding="utf-8")
    fence, rest = packaged.split("\n", 1)
    return {
        **{
            file.name: file.read_text(encoding="utf-8")
            for file in sorted(starter_folder().iterdir())
            if file.is_file()
        },
        SCHEMA: json.dumps(recipe_schema(), indent=2) + "\n",
        PERSONA: _PERSONA,
        PROMPT: f"{fence}\n{PROMPT_HINT}{rest}",
    }


_PERSONA = """\
# Who asks. To use this card, list it in recipe.yaml:  personas: [personas/my_persona.yaml]
version: 1
name: my_persona
extends: curious_teen # what isn't said here is taken from that card; `colloquia personas` lists all
background: >-
  A volunteer at a small museum who prepares a tour for school classes and wants stories that
  twelve-year-olds remember.
knowledge: # topic: novice, working or expert
  local history: working
goals:
  - find one vivid detail for every room of the tour
traits: {verbosity: 3, curiosity: 4, warmth: 4} # from 0, not at all, to 5, very
behaviours:
  - asks what a visitor would have seen or heard
opening_styles: # {topic} is filled in
  - "I want to tell a school class about {topic}."
never:
  - asks for a list of dates
"""
