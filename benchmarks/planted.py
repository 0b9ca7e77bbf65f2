"""What reviewers catch of planted faults: `python -m benchmarks.planted STORE [RUN]`.

Faults are planted in a run's accepted exchanges (`planting.py`), so many of each kind, and as many
exchanges as all of these are left untouched. Every reviewer of the graph judges them all, through
the same agents as in a run. Printed is the share that each turns down, by kind. A reviewer's share
of the untouched says little where the run was accepted by that same reviewer.

    python -m benchmarks.planted --snippets FILE          # first runs the offline teacher on it
    python -m benchmarks.planted STORE --recipe FILE      # the recipe's models instead of it
    python -m benchmarks.planted STORE --recipe FILE --template critic --model NAME --limit 6
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import colloquia
from benchmarks.planting import PLANTERS, UNTOUCHED, Planted, Settled, plant, settled_exchanges
from colloquia.agents.base import Agent, CallSite, TypedReply
from colloquia.agents.reviewer import Check, Reviewer
from colloquia.core.errors import DialogueFailure
from colloquia.core.recipe import Limits, Recipe, Snippets, load_recipe
from colloquia.core.roles import AnswererReply, QuestionReviewInput, ReviewInput
from colloquia.core.types import ModelCall, Turn, Verdict
from colloquia.models.ledger.ledger import Ledger
from colloquia.runs.prepare import prepare
from colloquia.runs.run_models import RunModels
from colloquia.simulator.graph import ANSWERER, Graph
from colloquia.simulator.policy import Draft, objections

ALL, FREE = "all", "free"
AnyAgent = Agent[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One exchange with what each reviewer thinks of it; None where no usable reply came."""

    planted: Planted
    verdicts: dict[str, Verdict | None]
    against: frozenset[str]
    """The reviewers that turn it down."""


@dataclass(kw_only=True)
class Calls:
    """The calls made, which are kept here and nowhere else."""

    made: list[ModelCall] = field(default_factory=list)

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        """Nothing was asked before."""
        return []

    async def record(self, call: ModelCall) -> None:
        """Keep a call."""
        self.made.append(call)


@dataclass(kw_only=True)
class Panel:
    """The reviewers of one recipe, ready to be asked."""

    recipe: Recipe
    reviewers: dict[str, AnyAgent]
    models: RunModels
    calls: Calls = field(default_factory=Calls)

    @classmethod
    def of(cls, recipe: Recipe, templates: Sequence[str] = ()) -> "Panel":
        """Return the reviewers of the graph; of those that ask a model, only the templates named.

        A template that no agent of the graph has is asked as a reviewer of one's own would be.
        """
        graph = Graph.default()
        known = {agent.prompt for _, agent in graph.agents()}
        for template in templates:
            if template not in known:
                own: type[Reviewer] = type("Own", (Reviewer,), {"prompt": template})
                graph = graph.insert(own(), after=ANSWERER)
        recipe = recipe.model_copy(update={"limits": Limits(concurrency=recipe.limits.concurrency)})
        models = RunModels.of(recipe)
        bound = prepare(recipe, graph=graph, models=models).graph
        reviewers = {
            name: agent
            for name, agent in bound.agents()
            if agent.part in ("reviewer", "question_reviewer")
            and (isinstance(agent, Check) or not templates or agent.prompt in templates)
        }
        return cls(recipe=recipe, reviewers=reviewers, models=models)

    @property
    def free(self) -> frozenset[str]:
        """The names of the reviewers that ask no model."""
        return frozenset(name for name, one in self.reviewers.items() if isinstance(one, Check))

    async def judge(self, planted: Sequence[Planted]) -> list[Judged]:
        """Ask everybody about everything, as many at once as the recipe allows dialogues."""
        gate = asyncio.Semaphore(self.recipe.limits.at_once)

        async def judge_one(number: int, one: Planted) -> Judged:
            async with gate:
                return await self._judge(one, number=number)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(judge_one(*pair)) for pair in enumerate(planted)]
        finally:
            await self.models.aclose()
        return [task.result() for task in tasks]

    async def _judge(self, planted: Planted, *, number: int) -> Judged:
        ledger = Ledger(
            dialogue_id=f"planted.{number}", known=(), store=self.calls, limit=sys.maxsize
        )
        verdicts: dict[str, Verdict | None] = {}
        for name, agent in self.reviewers.items():
            site = CallSite(ledger=ledger, place=name, seed=number)
            try:
                verdicts[name] = await verdict_of(agent, planted, site=site)
            except DialogueFailure:
                verdicts[name] = None
        given = [(name, verdict) for name, verdict in verdicts.items() if verdict is not None]
        against = frozenset(
            name for name, verdict in given if self._turns_down(planted, name, verdict)
        )
        return Judged(planted=planted, verdicts=verdicts, against=against)

    def _turns_down(self, planted: Planted, name: str, verdict: Verdict) -> bool:
        case = planted.case
        turn = Turn.of(parent_id="", speaker="answerer", text=case.answer)
        reply = AnswererReply(answer=case.answer, quotes=case.quotes, declined=case.declined)
        draft = Draft(turn=turn, reply=reply, verdicts=((name, verdict),))
        return bool(objections(draft, self.recipe.accept))


async def verdict_of(reviewer: Any, planted: Planted, *, site: CallSite) -> Verdict:
    """Ask one reviewer about one exchange, or about its question."""
    case = planted.case
    given: ReviewInput | QuestionReviewInput = case
    if reviewer.part == "question_reviewer":
        given = QuestionReviewInput(
            snippet=case.snippet,
            question=case.question,
            kind=planted.settled.kind,
            transcript=case.transcript,
            foundation=None if case.transcript else case.answer,
            asked=tuple(line.text for line in case.transcript if line.speaker == "questioner"),
        )
    asked: TypedReply[Verdict] = await reviewer.review(given, site=site)
    return asked.reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of one kind a reviewer turns down."""

    fault: str
    reviewer: str
    turned_down: int
    n: int
    """Exchanges it had a usable opinion on."""

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 where there is nothing to share."""
        return self.turned_down / self.n if self.n else 0.0


def shares(judged: Iterable[Judged], *, free: frozenset[str]) -> list[Share]:
    """Return the table, a row for each kind of fault and reviewer, for `free` ones and `all`."""
    rows: list[Share] = []
    by_fault: dict[str, list[Judged]] = {}
    for one in judged:
        by_fault.setdefault(one.planted.fault, []).append(one)
    for fault, ones in by_fault.items():
        groups = {name: frozenset({name}) for name in ones[0].verdicts}
        groups |= {FREE: free, ALL: frozenset(ones[0].verdicts)}
        for reviewer, group in groups.items():
            heard = [one for one in ones if any(one.verdicts[name] for name in group)]
            against = sum(bool(one.against & group) for one in heard)
            rows.append(Share(fault=fault, reviewer=reviewer, turned_down=against, n=len(heard)))
    return rows


def table(rows: Sequence[Share]) -> list[str]:
    """Return the table as lines, kinds below each other and reviewers side by side."""
    reviewers = list(dict.fromkeys(row.reviewer for row in rows))
    lines = [f"{'':<17} {'n':>4}  " + "  ".join(reviewers)]
    for fault in dict.fromkeys(row.fault for row in rows):
        own = {row.reviewer: row for row in rows if row.fault == fault}
        cells = (
            f"{own[name].share:.2f}".rjust(len(name)) if own[name].n else "-".rjust(len(name))
            for name in reviewers
        )
        lines.append(f"{fault:<17} {own[ALL].n:>4}  " + "  ".join(cells))
        lines += [
            f"  {row.reviewer}: no usable reply to {own[ALL].n - row.n} of these"
            for row in own.values()
            if row.n < own[ALL].n
        ]
    return lines


def planted_in(
    settled: Sequence[Settled], *, limit: int, untouched: int | None, seed: int
) -> list[Planted]:
    """Return exchanges with up to `limit` faults of each kind, then untouched ones."""
    planted = [one for fault in PLANTERS for one in plant(settled, fault, number=limit, seed=seed)]
    rest = len(planted) if untouched is None else untouched
    return planted + plant(settled, UNTOUCHED, number=rest, seed=seed)


def measure(
    settled: Sequence[Settled],
    panel: Panel,
    *,
    limit: int,
    untouched: int | None = None,
    seed: int = 0,
) -> list[Judged]:
    """Plant, and let everybody judge."""
    planted = planted_in(settled, limit=limit, untouched=untouched, seed=seed)
    return asyncio.run(panel.judge(planted))


def report(judged: Sequence[Judged], panel: Panel, *, where: str, as_json: bool) -> None:
    """Print the table with its conditions; as JSON with every exchange and verdict."""
    rows = shares(judged, free=panel.free)
    made = panel.calls.made
    models = {name: one.model.name for name, one in panel.reviewers.items() if one.model}
    calls = {
        "calls": len(made),
        "tokens_in": sum(call.tokens_in or 0 for call in made),
        "tokens_out": sum(call.tokens_out or 0 for call in made),
    }
    if as_json:
        content = {
            "where": where,
            "models": models,
            **calls,
            "shares": [
                {"fault": r.fault, "reviewer": r.reviewer, "share": round(r.share, 4), "n": r.n}
                for r in rows
            ],
            "cases": [_as_json(one) for one in judged],
        }
        print(json.dumps(content, indent=1, ensure_ascii=False))
        return
    print(where)
    print("models: " + (", ".join(f"{name} {model}" for name, model in models.items()) or "none"))
    print(", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in calls.items()))
    print("share turned down; of untouched ones, too many")
    print("\n".join(table(rows)))


def _as_json(judged: Judged) -> dict[str, Any]:
    planted = judged.planted
    was = planted.settled.case.model_dump(mode="json")
    now = planted.case.model_dump(mode="json")
    return {
        "fault": planted.fault,
        "dialogue": planted.settled.dialogue,
        "was": {key: value for key, value in was.items() if value != now[key]},
        "case": now,
        "against": sorted(judged.against),
        "verdicts": {
            name: verdict.model_dump(mode="json") if verdict else None
            for name, verdict in judged.verdicts.items()
        },
    }


def runs_of(args: argparse.Namespace, folder: Path) -> list[colloquia.Run]:
    """Return the run that was named, or those that the offline teacher makes of the snippets."""
    if not args.snippets:
        return [colloquia.find_run(args.store, args.run)]
    return [
        colloquia.run(
            Recipe(snippets=Snippets(path=str(Path(file).resolve())), seed=args.seed),
            store=str(folder / "run.db"),
        )
        for file in args.snippets
    ]


def main() -> None:
    """Read the arguments, run if asked to, plant, ask and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("store", nargs="?", default="colloquia.db")
    parser.add_argument("run", nargs="?")
    parser.add_argument(
        "--snippets", action="append", help="first run the offline teacher on it; may be repeated"
    )
    parser.add_argument("--recipe", help="whose models and prompts the reviewers have")
    parser.add_argument("--template", action="append", default=[], help="ask this one; repeatable")
    parser.add_argument("--model", help="who is asked: a name of the recipe's, or a model's own")
    parser.add_argument("--limit", type=int, default=40, help="faults of each kind")
    parser.add_argument("--untouched", type=int, help="as many as faults by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    recipe = load_recipe(args.recipe) if args.recipe else Recipe(snippets=Snippets(path=""))
    panel = Panel.of(recipe.override(model=args.model), args.template)
    with tempfile.TemporaryDirectory() as folder:
        runs = runs_of(args, Path(folder))
        settled = settled_exchanges(record for run in runs for record in run.dialogues())
    judged = measure(settled, panel, limit=args.limit, untouched=args.untouched, seed=args.seed)
    names = ", ".join(run.id for run in runs)
    where = f"planted in {len(settled)} exchanges of {names}, seed {args.seed}"
    report(judged, panel, where=where, as_json=args.json)


if __name__ == "__main__":
    main()
