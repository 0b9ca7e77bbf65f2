"""A student that learns from its own accepted answers: the teacher's round, and one of its own.

    python examples/18_improve.py            # about a minute of a laptop's CPU
    python examples/18_improve.py --quick    # a few steps: it runs, and teaches nothing

Needs the extra `finetune`; no key, no network, no model from elsewhere.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import colloquia

PEOPLE = Path(__file__).parent / "data" / "invented_people.jsonl"

parser = argparse.ArgumentParser()
parser.add_argument("--quick", action="store_true", help="few snippets, a few steps")
quick = parser.parse_args().quick

recipe = {
    "seed": 7,
    "snippets": {"path": str(PEOPLE), "limit": 8 if quick else 40},
    "personas": ["curious_teen"],
    "dialogue": {"exchanges": [1, 2]},
    "export": {"split": {"train": 0.6, "test": 0.4}},
}
training: dict[str, Any] = {"checkpoints": 1, "sft": {"steps": 4 if quick else 120}}

with TemporaryDirectory() as folder:
    found = colloquia.improve(
        recipe,
        output=Path(folder) / "improved",
        rounds=1,
        samples=2,
        limit=4 if quick else 40,
        max_tokens=8 if quick else 40,
        **training,
    )
    for one in found.rounds:
        right = f"{one.right.value:.0%} of {one.right.n} held-out questions" if one.right else "-"
        own = one.rows.own if one.rows else 0
        print(
            f"round {one.number}: {one.accepted} of {one.planned} accepted, {own} own rows, {right}"
        )
    print(f"ended: {found.stopped or 'all rounds were made'}")
