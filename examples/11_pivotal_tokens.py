"""The tokens that decide whether an answer is right, and a student that learns to prefer them.

A student that has hardly learnt anything, and an oracle that likes an even number of words: enough
to see a search, its pairs and a training on them. Needs the extra `finetune`; no key, no network.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.pivotal.rollouts import RolloutSettings
from colloquia.finetune.pivotal.run import PivotalSettings, pivotal
from colloquia.finetune.pivotal.search import SearchSettings
from colloquia.finetune.pivotal.tasks import Task
from colloquia.finetune.pivotal.tokens import TokenSearch


def is_even(task: Task, text: str) -> bool:
    """Whether a response is right; in earnest this runs tests or compares with a reference."""
    return len(text.split()) % 2 == 0


with TemporaryDirectory() as folder:
    place = Path(folder)
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "quickstart.yaml")
    run = colloquia.run(recipe, store=f"{folder}/run.db")
    run.export(place / "corpus", to=["trl-sft-turns"], split={"train": 1.0})
    colloquia.train(place / "corpus", output=place / "student", max_length=256, sft={"steps": 40})

    asked = ["Who kept the lamp?", "When was it lit?", "How high is the tower?", "What is it?"]
    lines = [json.dumps({"prompt": question, "reference": "unused"}) for question in asked]
    (place / "asked.jsonl").write_text("\n".join(lines))
    settings = PivotalSettings(
        rollouts=RolloutSettings(max_tokens=12),
        tokens=TokenSearch(
            search=SearchSettings(gap=0.15, samples=32, confirm=64), responses=2, answer_span=True
        ),
        low=0.05,
        high=0.95,
        oracle="__main__:is_even",
    )
    found = pivotal(
        place / "student", place / "asked.jsonl", out=place / "pairs", settings=settings
    )
    print(
        f"{found.pivots} pivotal tokens in {found.searched} questions, {found.pairs} pairs, ",
        end="",
    )
    print(f"{found.rollouts:,} rollouts. One of them:\n")
    (row, *_) = open_corpus(place / "pairs").rows("token-pairs", "train")
    print(f"  after:    {row['prompt_text']!r}")
    for side in ("chosen", "rejected"):
        print(
            f"  {side + ':':<9} {row[f'{side}_text']!r}, then right in {row[f'success_{side}']:.0%}"
        )

    made = colloquia.train(
        place / "pairs",
        output=place / "better",
        method="dpo",
        base=str(place / "student"),
        max_length=256,
        dpo={"steps": 10, "nll_weight": 0},
    )
    print(f"\ntrained on these very tokens: loss {made.stages[0].loss}")
