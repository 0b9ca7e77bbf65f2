"""Exporting a corpus: chat rows for SFT, sibling pairs for DPO, a card, and a manifest."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia

with TemporaryDirectory() as folder:
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "quickstart.yaml")
    run = colloquia.run(recipe, store=f"{folder}/export.db")
    out = Path(folder) / "corpus"
    run.export(out, to=["canonical", "trl-sft", "trl-dpo"])
    for file in sorted(out.rglob("*")):
        if file.is_file():
            print(f"{file.stat().st_size:>8} bytes  {file.relative_to(out)}")
    first = json.loads((out / "sft" / "train.jsonl").read_text("utf-8").splitlines()[0])
    print(json.dumps(first, indent=1, ensure_ascii=False)[:700])
