"""Your own persona: a card in a file, named in the recipe. Who asks decides how."""

from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia

here = Path(__file__).parent
recipe = colloquia.load(here / "recipes" / "harbour_pilot.yaml")

with TemporaryDirectory() as folder:
    run = colloquia.run(recipe, store=f"{folder}/personas.db")
    print(run.summary())
    for dialogue in run.dialogues(outcome="accepted"):
        assert dialogue.persona.name == "harbour_pilot"
        for exchange in dialogue.exchanges:
            print(f"{exchange.kind:>14}  {exchange.question.text}")
