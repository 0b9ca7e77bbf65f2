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
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import colloquia
from benchmarks.planted.panel import Judged, Panel
from benchmarks.planted.planting import (
    PLANTERS,
    UNTOUCHED,
    Planted,
    Settled,
    plant,
    settled_exchanges,
)
from colloquia.core.recipe import Recipe, Snippets, load_recipe

ALL, FREE = "all", "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of one kind a reviewer turns down."""

    fault: str
    reviewer: str
    turned_down: int
    n: int
    """Exchanges it had an opinion on."""
    unusable: int = 0
    """Exchanges that it was asked about in vain."""

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 where there is nothing to share."""
        return self.turned_down / self.n if self.n else 0.0


def shares(judged: Sequence[Judged], *, free: frozenset[str]) -> list[Share]:
    """Return the table, a row for each kind of fault and reviewer, for `free` ones and `all`."""
    everybody = list(dict.fromkeys(name for one in judged for name in one.verdicts))
    groups = {name: frozenset({name}) for name in everybody}
    groups |= {FREE: free, ALL: frozenset(everybody)}
    by_fault: dict[str, list[Judged]] = {}
    for one in judged:
        by_fault.setdefault(one.planted.fault, []).append(one)
    return [
        _share_of(ones, group, fault=fault, reviewer=reviewer)
        for fault, ones in by_fault.items()
        for reviewer, group in groups.items()
    ]


def _share_of(ones: Sequence[Judged], group: frozenset[str], *, fault: str, reviewer: str) -> Share:
    given = [[one.verdicts[name] for name in group & one.verdicts.keys()] for one in ones]
    heard = [one for one, verdicts in zip(ones, given, strict=True) if any(verdicts)]
    return Share(
        fault=fault,
        reviewer=reviewer,
        turned_down=sum(bool(one.against & group) for one in heard),
        n=len(heard),
        unusable=sum(None in verdicts for verdicts in given),
    )


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
            f"  {row.reviewer}: no usable reply to {row.unusable} of these"
            for row in own.values()
            if row.unusable and row.reviewer != ALL
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
    models = panel.asked
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
    parser.add_argument(
        "--reviewers",
        choices=["panel", "joint", "together"],
        help="together: jointly, and on the whole dialogue in one call; the recipe's by default",
    )
    parser.add_argument("--model", help="who is asked: a name of the recipe's, or a model's own")
    parser.add_argument("--limit", type=int, default=40, help="faults of each kind")
    parser.add_argument("--untouched", type=int, help="as many as faults by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    recipe = load_recipe(args.recipe) if args.recipe else Recipe(snippets=Snippets(path=""))
    panel = Panel.of(recipe.override(model=args.model), args.template, reviewers=args.reviewers)
    with tempfile.TemporaryDirectory() as folder:
        runs = runs_of(args, Path(folder))
        settled = settled_exchanges(record for run in runs for record in run.dialogues())
    judged = measure(settled, panel, limit=args.limit, untouched=args.untouched, seed=args.seed)
    names = ", ".join(run.id for run in runs)
    where = f"planted in {len(settled)} exchanges of {names}, seed {args.seed}"
    report(judged, panel, where=where, as_json=args.json)


if __name__ == "__main__":
    main()
