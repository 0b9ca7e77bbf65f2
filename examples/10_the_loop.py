"""The whole loop: snippets, dialogues, corpus, a student, what it knows, refusals, the figures.

    python examples/10_the_loop.py              # three to four minutes on a laptop's CPU
    python examples/10_the_loop.py --out loop   # keeps every folder, answer and picture
    python examples/10_the_loop.py --quick      # a few steps of each: it runs, and teaches nothing

Needs the extra `finetune`; no key, no network, no model from elsewhere.
"""

import argparse
import resource
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import colloquia
from colloquia.core.atomic_folder import require_room
from colloquia.finetune.measure.asking import AskSettings
from colloquia.finetune.measure.evaluation import evaluate
from colloquia.finetune.measure.refusal_data import RefusalSettings
from colloquia.finetune.measure.results import Evaluation
from colloquia.finetune.measure.selection import Attempts, probe, rate
from colloquia.finetune.measure.solve_rate import Band

RECIPE = Path(__file__).parent / "recipes" / "the_loop.yaml"
FORMATS = ["trl-sft", "trl-dpo", "trl-grpo"]
LONGEST = 32  # tokens of an answer

# Half of the people are taught. A quarter the student meets only when it is asked what it knows;
# a quarter it never meets. A person's place is a hash, so the last quarter is the same in both.
TAUGHT = {"train": 0.5, "later": 0.25, "test": 0.25}
ASKED = {"train": 0.75, "test": 0.25}

CELLS = {
    ("train", "closed"): "taught people, from memory: has it learned the facts?",
    ("train", "open"): "taught people, passage shown",
    ("test", "closed"): "people it never met, from memory: does it admit that?",
    ("test", "open"): "people it never met, passage shown: has it learned to read?",
}


@dataclass(frozen=True)
class Size:
    """How many steps each stage trains, and how many questions are asked at most per split."""

    dialogues: int = 60
    questions: int = 120
    refusals: int = 160
    preferences: int = 15
    probed: int | None = None
    evaluated: int = 120


QUICK = Size(dialogues=4, questions=4, refusals=2, preferences=2, probed=10, evaluated=10)


def the_loop(work: Path, size: Size) -> Evaluation:
    """Go once around; every folder is left in `work`."""
    run = colloquia.run(colloquia.load(RECIPE), store=str(work / "store.db"))
    run.export(work / "taught", to=FORMATS, split=TAUGHT)
    run.export(work / "asked", to=FORMATS, split=ASKED)
    said(f"dialogues: {run.summary()}")

    # 1. It learns the dialogues. In these an answer often stands in what was said just before, so
    # 2. the questions that it can't answer by themselves are what it studies next, beside the
    # dialogues: by these alone it would forget what it knows.
    train(work, ["taught"], "beginner", sft={"steps": size.dialogues})
    once = Attempts(ask=AskSettings(max_tokens=LONGEST), limit=size.probed, batch=64)
    asked = rate(
        work / "beginner", work / "taught", out=work / "study", attempts=once, band=Band(low=0)
    )
    said(f"questions to study: {asked.kept} of {asked.tally.questions}")
    study: dict[str, Any] = {"steps": size.questions, "learning_rate": 0.003, "batch_size": 16}
    train(work, ["study", "taught"], "student", base=str(work / "beginner"), sft=study)

    # 3. What does it know? A third of the people it is asked about it has never heard of.
    often = Attempts(
        ask=AskSettings(samples=4, temperature=1.0, max_tokens=LONGEST),
        limit=size.probed,
        batch=64,
    )
    known = probe(
        work / "student",
        work / "asked",
        out=work / "refusals",
        attempts=often,
        refusals=RefusalSettings(),
    )
    said(
        f"probe: {known.tally.usually_right} of {known.tally.answerable} answers known; "
        f"rows: {known.answers} answer, {known.refusals} decline, "
        f"{known.correct_over_refusal + known.refusal_over_wrong} pairs"
    )

    # 4. Answer what you know, decline the rest; then the same as preferences.
    train(
        work,
        ["refusals"],
        "humble",
        base=str(work / "student"),
        method="sft,dpo",
        sft={"steps": size.refusals, "learning_rate": 0.001, "batch_size": 16},
        dpo={"steps": size.preferences, "learning_rate": 0.0001, "prefix_tokens": 5},
    )
    return evaluate(
        work / "humble",
        work / "taught",
        against=work / "student",
        max_tokens=LONGEST,
        batch=64,
        limit=size.evaluated,
        out=work / "evaluation",
    )


def train(work: Path, corpora: list[str], output: str, **settings: Any) -> None:
    rows = [work / corpus for corpus in corpora]
    result = colloquia.train(rows, output=work / output, checkpoints=1, **settings)
    for stage in result.stages:
        first, last = stage.loss or (0, 0)
        said(
            f"{output}: {stage.method}, {stage.steps} steps on {stage.rows.used} rows, "
            f"loss {first:.2f} -> {last:.2f}"
        )


def show(found: Evaluation) -> None:
    """Print correct, declined, wrong and invalid answers in percent, before and after."""
    assert found.before is not None
    heads = "right decl. wrong  inv."
    print(f"\n{'':64}{'before refusals':>26}{'after':>26}")
    print(f"{'answerable questions, %':60}   n{heads:>26}{heads:>26}")
    for (split, book), meaning in CELLS.items():
        before, after = (
            measured.cell(split, "open" if book == "open" else "closed").answerable
            for measured in (found.before, found.after)
        )
        shares = "".join(
            "  "
            + "".join(
                f"{100 * (share.value or 0):6.0f}"
                for share in (one.correct, one.not_attempted, one.incorrect, one.invalid)
            )
            for one in (before, after)
        )
        print(f"{meaning:60}{after.n:4}{shares}")


def said(what: str) -> None:
    print(f"{time.process_time():5.0f} CPU s  {what}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Snippets to a student that admits ignorance.")
    parser.add_argument("--out", type=Path, help="a new folder to keep everything in")
    parser.add_argument("--quick", action="store_true", help="a few steps of each stage")
    asked = parser.parse_args()
    started = time.monotonic()
    with ExitStack() as stack:
        work = asked.out or Path(stack.enter_context(TemporaryDirectory()), "loop")
        require_room(work)
        work.mkdir(parents=True)
        found = the_loop(work, QUICK if asked.quick else Size())
    show(found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
    print(
        f"\n{time.monotonic() - started:.0f} s, of these {time.process_time():.0f} CPU s; "
        f"peak memory {peak / 1e9:.2f} GB"
    )
    if asked.out:
        print(f"the picture: {asked.out / 'evaluation' / 'evaluation.png'}")


if __name__ == "__main__":
    try:
        main()
    except colloquia.ColloquiaError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("interrupted; the next run starts anew, in another --out", file=sys.stderr)
        sys.exit(130)
