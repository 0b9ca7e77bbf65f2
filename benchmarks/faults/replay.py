"""The same recipe comes to the same corpus however it is walked; another recipe shares nothing."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from benchmarks.faults.finding import Finding
from benchmarks.faults.nursery import Nursery
from benchmarks.faults.stage import Teacher, corpus_of, rows, served, workplace, write_recipe

OFFLINE = """
import sys
from importlib import resources
from pathlib import Path
import colloquia
run = colloquia.run("recipe.yaml", store="replay.db")
print(run.counts().calls)
"""
FACTS = "The {0} mill was built in {1} by {2}. It stands on the river Tay. It has {3} floors."
NAMES = (
    "Arden",
    "Brill",
    "Corley",
    "Denby",
    "Elmley",
    "Fenwick",
    "Garth",
    "Holme",
    "Ilk",
    "Jarrow",
)


def replayed(*, runs: int, snippets: int) -> list[Finding]:
    """Run the offline teacher: as usual, then forgetting after each call, in other orders."""
    found = [_run(None, snippets=snippets)]
    found += [_run(number, snippets=snippets) for number in range(runs)]
    return [
        Finding(
            promise="a run is the same to the byte however often it forgets, in whatever order",
            fault="made again from its rows after every call, snippets shuffled, 1 to 16 dialogues "
            f"at once, PYTHONHASHSEED 0 to {runs - 1}",
            n=runs,
            unit="runs",
            broken=sum(one != found[0] for one in found),
            figures=f"{len({corpus for corpus, _ in found})} distinct corpus, "
            f"{len({calls for _, calls in found})} distinct number of calls ({found[0][1]})",
        )
    ]


def _run(number: int | None, *, snippets: int) -> tuple[str, int]:
    """Return a run's corpus hash and its calls; `number` None is an ordinary run."""
    lines = [
        json.dumps(
            {"text": FACTS.format(NAMES[n % 10], 1700 + n, f"Ann Hart{'en' * (n // 10)}", n)}
        )
        for n in range(snippets)
    ]
    environment = os.environ | {"COLLOQUIA_ALWAYS_REPLAY": "0"}
    if number is not None:
        random.Random(number).shuffle(lines)
        environment |= {"COLLOQUIA_ALWAYS_REPLAY": "1", "PYTHONHASHSEED": str(number)}
    with workplace() as folder:
        (folder / "snippets.jsonl").write_text("\n".join(lines), "utf-8")
        concurrency = 8 if number is None else 1 + number * 5 % 16
        (folder / "recipe.yaml").write_text(
            f"snippets: snippets.jsonl\nlimits: {{concurrency: {concurrency}}}\n", "utf-8"
        )
        command = [sys.executable, "-c", OFFLINE]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return corpus_of(folder / "replay.db"), int(done.stdout)


Change = Callable[[dict[str, Any], Path], None]


def _prompt(recipe: dict[str, Any], folder: Path) -> None:
    own = folder / "prompts"
    own.mkdir(exist_ok=True)
    text = (resources.files("colloquia.prompts") / "critic.prompt.j2").read_text("utf-8")
    (own / "critic.prompt.j2").write_text(f"{text}\nBe fair.\n", "utf-8")
    recipe["prompts"] = "prompts"


def _model(recipe: dict[str, Any], folder: Path) -> None:
    recipe["models"]["teacher"]["model"] = "openai/another"


def _temperature(recipe: dict[str, Any], folder: Path) -> None:
    recipe["models"]["teacher"]["temperature"] = 0.25


CHANGES: dict[str, Change] = {"prompt": _prompt, "model": _model, "temperature": _temperature}


def edited(nursery: Nursery, *, rounds: int, snippets: int) -> list[Finding]:
    """Stop half-way, change the recipe, run that; change it back and go on."""
    broken = 0
    calls = 0
    for number in range(rounds):
        for change in CHANGES.values():
            trouble, made = _edit(nursery, change, seed=number, snippets=snippets)
            broken += trouble
            calls += made
    return [
        Finding(
            promise="a changed recipe is another run and reuses nothing; changed back, the first "
            "goes on",
            fault=f"{', '.join(CHANGES)} changed half-way",
            n=rounds * len(CHANGES),
            unit="changes",
            broken=broken,
            figures=f"{calls} calls of the new runs, each sent for it",
        )
    ]


def _edit(nursery: Nursery, change: Change, *, seed: int, snippets: int) -> tuple[int, int]:
    """Return what went wrong and the calls that the changed recipe made."""
    teacher = Teacher(latency_s=0.02)
    with workplace() as folder, served(teacher) as endpoint:
        file = write_recipe(folder, endpoint.url, snippets=snippets)
        first = json.loads(file.read_text("utf-8"))
        store = folder / "edited.db"
        about = ("run", file, "--quiet", "--store")
        child = nursery.start(*about, store, folder=folder)
        half = 5 * snippets + seed
        while len(teacher.asked) < half:
            time.sleep(0.005)
        child.signal(signal.SIGINT)
        stopped = child.ended().code
        changed = json.loads(json.dumps(first))
        change(changed, folder)
        file.write_text(json.dumps(changed), "utf-8")
        before = len(teacher.asked)
        code = nursery.run(*about, store, folder=folder).code
        sent = len(teacher.asked) - before
        query = "SELECT r.id, count(c.id) FROM runs r JOIN calls c ON c.run_id = r.id GROUP BY r.id"
        by_run = sorted(count for _, count in rows(store, query))
        file.write_text(json.dumps(first), "utf-8")
        back = nursery.run(*about, store, folder=folder).code
        whole = folder / "whole.db"
        nursery.run(*about, whole, folder=folder)
        same = corpus_of(whole) == _corpus_of_first(store)
    wrong = (stopped != 130) + (code != 0) + (back != 0) + (not same)
    return wrong + (sorted([before, sent]) != by_run), sent


def _corpus_of_first(store: Path) -> str:
    """Return the corpus of the run that was begun first."""
    return corpus_of(store, run=rows(store, "SELECT id FROM runs ORDER BY seq")[0][0])
