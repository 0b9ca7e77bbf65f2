"""Two corpora in one training, drawn by weight; each is measured for itself.

A few steps show that it runs. Needs the extra `finetune`; no key, no network.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia

here = Path(__file__).parent
recipe = colloquia.load(here / "recipes" / "quickstart.yaml")

with TemporaryDirectory() as folder:
    place = Path(folder)
    for name, snippets in (("people", "invented_people.jsonl"), ("lighthouses", "lighthouses.md")):
        told = recipe.override(snippets=str(here / "data" / snippets), limit=8)
        run = colloquia.run(told, store=place / f"{name}.db")
        run.export(place / name, to=["trl-sft"], split={"train": 0.6, "validation": 0.4})

    # Three rows of ten are about people, however many there are of them.
    (stage,) = colloquia.train(
        [place / "people", place / "lighthouses"],
        weights=[0.3, 0.7],
        output=place / "student",
        max_length=2048,
        sft={"steps": 10, "batch_size": 2},
    ).stages
    for share in stage.shares:
        before, after = stage.validation_losses[share.corpus]
        print(
            f"{share.corpus}: {share.drawn} drawn of {share.rows} rows, {share.epochs:.1f} epochs, "
            f"validation loss {before:.2f} -> {after:.2f}"
        )
