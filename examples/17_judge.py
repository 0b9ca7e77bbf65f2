"""Judge-guided DPO: a student's own answers, compared by a judge in both orders.

The judge here is a few lines of Python, so that the example runs without a key; `colloquia judge
--judge MODEL` asks a real one, and without it the grader's rule judges. A few steps of training
show that it runs. Needs the extra `finetune`.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia
from colloquia import ChatReply, ChatRequest
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.recipe import ModelSettings
from colloquia.finetune.judge.judging import judge
from colloquia.finetune.judge.made_pairs import JudgeSettings
from colloquia.finetune.judge.panel import Panel, bound_judge
from colloquia.finetune.measure.asking import AskSettings


class Brevity:
    """A judge that finds fault with every word above three, wherever an answer stands."""

    name = "brevity"

    async def complete(self, request: ChatRequest) -> ChatReply:
        extra = [max(0, len(text.split()) - 3) for text in request.variables["replies"]]
        grades = [max(1, 5 - words) for words in extra]
        faults = [[{"kind": "style", "what": "wordy"}] if words else [] for words in extra]
        reply = {"faults": faults, "discussion": "shorter is better", "accuracy": grades}
        return ChatReply(text=json.dumps(reply | {"style": grades, "detail": grades}))

    async def close(self) -> None:
        return None


with TemporaryDirectory() as folder:
    place = Path(folder)
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "quickstart.yaml")
    run = colloquia.run(recipe, store=f"{folder}/judge.db")
    run.export(place / "corpus", to=["trl-sft", "trl-grpo"], split={"train": 1.0})
    colloquia.train(place / "corpus", output=place / "student", sft={"steps": 8})

    brief = bound_judge(Brevity(), ModelSettings(model="brevity"), PromptLibrary.load())
    found = judge(
        place / "student",
        place / "corpus",
        out=place / "pairs",
        panel=Panel(judges=(brief,)),
        settings=JudgeSettings(ask=AskSettings(samples=4, temperature=1.0, max_tokens=12)),
    )
    print(f"{found.questions} questions: {found.pairs} pairs; dropped: {found.dropped}")
    print(f"the longer answer won in {found.longer_won.value:.0%} of {found.longer_won.n} pairs")

    dpo = {"steps": 2, "batch_size": 4}
    colloquia.train(
        place / "pairs", output=place / "better", base=str(place / "student"), method="dpo", dpo=dpo
    )
    card = (place / "better" / "README.md").read_text("utf-8")
    print(next(line for line in card.splitlines() if line.startswith("Pairs of")))
