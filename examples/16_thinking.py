"""A student that thinks first: thoughts from the teacher, marks as tokens, the answer graded alone.

A few steps of training show that it runs. Needs the extra `finetune`; no key, no network.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.measure.evaluation import evaluate

with TemporaryDirectory() as folder:
    place = Path(folder)
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "thinking.yaml")
    run = colloquia.run(recipe, store=f"{folder}/thinking.db")
    turns = [turn for record in run.dialogues() for turn in record.turns if turn.thought]
    print(f"{run.summary()}; {len(turns)} answers with a thought. One of them:\n")
    print(f"  thought: {turns[1].thought}\n  answer:  {turns[1].text}\n")

    split = {"train": 0.7, "test": 0.3}
    run.export(place / "corpus", to=["trl-sft-turns", "trl-grpo"], split=split, context="open")
    (row, *_) = open_corpus(place / "corpus").rows("trl-sft-turns", "train")
    print(f"as a row for training:\n{row['completion'][0]['content']}\n")

    colloquia.train(place / "corpus", output=place / "student", max_length=512, sft={"steps": 24})
    found = evaluate(place / "student", place / "corpus", limit=4, max_tokens=16, thought_tokens=32)
    thoughts = found.after.cell("test", "open").thoughts
    assert thoughts is not None
    print(f"held-out, passage shown: a thought before {thoughts.thought.value:.0%} of the answers,")
    print(
        f"{thoughts.tokens.value} tokens long on average, {thoughts.unended.value} without an end"
    )
