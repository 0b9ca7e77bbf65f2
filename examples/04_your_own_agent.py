"""Your own agent in the graph: a check, which needs no model; example 03 has one that asks one."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia
from colloquia import Check, Graph, ReviewInput, Verdict

METRIC = re.compile(r"\b\d+ (kilometres|metres)\b")


class UnitCheck(Check):
    """Wants every length that an answer gives to stand in the passage with the same unit."""

    def judge(self, case: ReviewInput) -> Verdict:
        for length in METRIC.finditer(case.answer):
            if length.group() not in case.snippet.text:
                return Verdict(
                    decision="revise", rationale=f"{length.group()} is not in the passage"
                )
        return Verdict(decision="accept", scores={"units": 1.0})


graph = Graph.default().insert(UnitCheck(name="units"), after="answerer", before="critic")
print(graph.to_mermaid())

with TemporaryDirectory() as folder:
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "quickstart.yaml")
    run = colloquia.run(recipe, store=f"{folder}/agents.db", graph=graph)
    print(run.summary())
    heard = [r for d in run.dialogues() for r in d.reviews if r.reviewer == "units"]
    print(f"the unit check spoke {len(heard)} times")
