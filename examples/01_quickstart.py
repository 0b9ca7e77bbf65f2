"""Quickstart: snippets in, reviewed dialogues out. No key, no network."""

from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia

here = Path(__file__).parent
recipe = colloquia.load(here / "recipes" / "quickstart.yaml")

with TemporaryDirectory() as folder:
    run = colloquia.run(recipe, store=f"{folder}/quickstart.db")
    print(run.summary())
    for dialogue in run.dialogues(outcome="accepted"):
        print(f"\n{dialogue.snippet.title}, asked by {dialogue.persona.name}")
        for turn in dialogue.turns:
            print(f"  {turn.speaker}: {turn.text}")
