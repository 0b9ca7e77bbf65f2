"""Which snippets are worth teaching from: labels, a classifier learnt from them, a filter, a run.

Half of the snippets here are broken, their words out of order; people have labelled a fifth of all.
Needs the extra `finetune`; no key, no network.
"""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import colloquia
from colloquia.finetune.seeds.embedder import Words
from colloquia.finetune.seeds.filtering import FilterSettings, filter_snippets
from colloquia.finetune.seeds.fitting import FitSettings, fit

here = Path(__file__).parent
draw = Random(0)


def write(place: Path, rows: list[dict[str, object]]) -> Path:
    place.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return place


people = [json.loads(line) for line in (here / "data/invented_people.jsonl").open(encoding="utf-8")]
rows = []
for number, person in enumerate(people):
    words = person["text"].split()
    if number % 2:
        draw.shuffle(words)
    rows.append({"text": " ".join(words), "title": person["title"], "whole": number % 2 == 0})

with TemporaryDirectory() as folder:
    place = Path(folder)
    snippets = write(place / "snippets.jsonl", rows)
    labelled = [{**row, "label": row["whole"]} for row in draw.sample(rows, 24)]
    labels = write(place / "labels.jsonl", labelled)

    settings = FitSettings(words=Words(steps=60))  # of tiny, which learns the snippets' words first
    made = fit(labels, out=place / "classifier", settings=settings, snippets=snippets)
    print(f"AUC on labels left out: {made.measured.auc:.2f} of {made.good + made.bad} labels")

    found = filter_snippets(
        snippets,
        out=place / "good.jsonl",
        settings=FilterSettings(keep=0.5),
        classifier=place / "classifier",
    )
    kept = [json.loads(line) for line in (place / "good.jsonl").open(encoding="utf-8")]
    whole = sum(row["metadata"]["whole"] for row in kept)
    print(f"kept {found.kept} of {found.read} snippets, {whole} of them whole")

    recipe = colloquia.load(here / "recipes/quickstart.yaml")
    run = colloquia.run(
        recipe.override(snippets=str(place / "good.jsonl"), limit=3), store=place / "runs.db"
    )
    print(run.summary())
