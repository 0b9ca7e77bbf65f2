"""Are planted pivotal tokens found, and what do pairs of them teach?

A student from nothing is told how many gates 48 places have, and asked for it. It says some words,
takes the north or the south way, says more words, and ends with a number: the right one in 90 % of
the answers that went north, and in 15 % of the others. So the way decides, and then the number.

Found: the first answers to 24 questions are searched, the number included, and held against the
truth from dense rollouts at every place. Taught: pairs of single tokens found for these, the number
left out, and pairs of whole answers, right and wrong; asked are the other 24 questions.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.refusal import place_name, shown
from benchmarks.learning.world import Item, export_world
from colloquia.corpus.derived import Derivation, Rows, write_derived
from colloquia.corpus.formats import Format, row_id
from colloquia.finetune.measure.asking import open_student
from colloquia.finetune.measure.intervals import wilson
from colloquia.finetune.pivotal.rollouts import Rollouts, RolloutSettings
from colloquia.finetune.pivotal.run import PivotalSettings, pivotal
from colloquia.finetune.pivotal.search import SearchSettings, Split
from colloquia.finetune.pivotal.tasks import Task, read_tasks
from colloquia.finetune.pivotal.tokens import TokenSearch, pivotal_tokens
from colloquia.finetune.train.training import train

WAYS = {"north": 0.9, "south": 0.15}
NUMBERS = ("two", "three", "four", "five", "six", "seven")
WORDS = ("slowly", "gladly", "today", "alone", "early", "again", "there", "perhaps")
FORM = re.compile(
    rf"we went(?: \w+){{2}} along the ({'|'.join(WAYS)}) way and(?: \w+){{3}} we counted "
    rf"({'|'.join(NUMBERS)})"
)
TINY = {"hidden_size": 64, "layers": 2, "heads": 4, "intermediate_size": 192, "vocabulary": 600}
GAP = 0.2
#: Of each search: rollouts for a first look and to confirm, and the split.
SEARCHES: tuple[tuple[int, int, Split], ...] = (
    (10, 10, "likelihood"),
    (10, 10, "middle"),
    (32, 256, "likelihood"),
    (32, 256, "middle"),
    (128, 256, "likelihood"),
    (128, 256, "middle"),
)
ARMS = ("before", "token pairs", "token pairs, anchor 1", "whole answers, anchor 1")
GOALS = "recall >= 0.8, precision >= 0.95; success after token pairs >= 0.80, every seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; steps and rates were chosen on seed 100."""

    places: int = 48
    told: int = 40
    """Answers per question that the student is made from."""
    steps: int = 400
    dense: int = 400
    """Rollouts per place for the truth; 0 leaves the first half out."""
    pairs: int = 45
    taught_steps: int = 160
    asked: int = 40
    """Answers per question in the end."""


SHORT = Sizes(places=4, told=4, steps=4, dense=4, pairs=4, taught_steps=2, asked=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One search held against the truth, or one student asked."""

    arm: str
    seed: int
    counts: dict[str, tuple[int, int]]
    """Share -> how many, of how many."""
    costs: dict[str, float]


def answers(seed: int, sizes: Sizes) -> tuple[list[Item], dict[str, str]]:
    """Return what the student is made from, and each question's number."""
    draw = Random(seed)
    items, numbers = [], {}
    for place in range(sizes.places):
        number = draw.choice(NUMBERS)
        question = f"Before {place_name(place)} are {number} gates. How many did you count?"
        numbers[question] = number
        for _ in range(sizes.told):
            way = draw.choice(list(WAYS))
            others = [one for one in NUMBERS if one != number]
            said = number if draw.random() < WAYS[way] else draw.choice(others)
            some, more = draw.choices(WORDS, k=2), draw.choices(WORDS, k=3)
            text = f"we went {' '.join(some)} along the {way} way and {' '.join(more)} "
            items.append(Item(question=question, answer=f"{text}we counted {said}"))
    return list(dict.fromkeys(items)), numbers


def measure(seed: int, folder: Path, sizes: Sizes = Sizes()) -> list[Result]:
    """Make a student, search it, and teach it.

    Args:
        seed: of everything.
        folder: an empty one.
        sizes: how much of everything.
    """
    items, numbers = answers(seed, sizes)
    corpus = export_world(items, folder / "world", to=("trl-sft-turns",), seed=seed)
    shared: dict[str, Any] = {"seed": seed, "max_length": 64, "checkpoints": 1}
    train(
        corpus,
        output=folder / "student",
        method="sft",
        tiny=TINY,
        sft={"steps": sizes.steps, "learning_rate": 3e-3, "batch_size": 32},
        **shared,
    )
    rows = [{"prompt": question, "reference": number} for question, number in numbers.items()]
    half = len(rows) // 2
    for name, some in (("searched", rows[:half]), ("held-out", rows[half:])):
        lines = "".join(json.dumps(row) + "\n" for row in some)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    results = list(_searched(seed, folder, sizes)) if sizes.dense else []
    return results + list(_taught(seed, folder, corpus, sizes, shared))


def _searched(seed: int, folder: Path, sizes: Sizes) -> Iterator[Result]:
    student = open_student(folder / "student", batch=256)
    tasks = read_tasks(folder / "searched.jsonl")
    rollouts = Rollouts(student=student, settings=RolloutSettings(seed=seed, max_tokens=24))
    truth, places = _truth(tasks, rollouts, sizes.dense)
    for samples, confirm, split in SEARCHES:
        search = SearchSettings(gap=GAP, samples=samples, confirm=confirm, split=split)
        settings = TokenSearch(search=search, answer_span=True)
        own = Rollouts(student=student, settings=RolloutSettings(seed=seed + 1000, max_tokens=24))
        started, found = time.process_time(), set()
        for task in tasks:
            # The response searched is that whose places are known.
            own.known[task.id, ()] = list(rollouts.after(task, (), samples)[:samples])
            found |= {
                (one.task, *one.prefix, one.token) for one in pivotal_tokens(task, own, settings)
            }
        yield Result(
            arm=f"{split}, {samples} then {confirm}",
            seed=seed,
            counts={
                "precision": (len(found & truth), len(found)),
                "recall": (len(found & truth), len(truth)),
            },
            costs={
                "places": len(own.known) / len(tasks),
                "of places": places / len(tasks),
                "rollouts": own.made / len(tasks),
                "CPU s": time.process_time() - started,
            },
        )


def _truth(tasks: Sequence[Task], rollouts: Rollouts, dense: int) -> tuple[set[Any], int]:
    """Return the pivotal tokens of each task's first answer, and how many tokens these have."""
    truth, places = set(), 0
    for task in tasks:
        response = rollouts.after(task, (), dense)[0].ids
        right = task.succeeds(rollouts.student.text_of(response))
        rates = [rollouts.rate(task, response[:n], dense) for n in range(len(response))]
        rates.append(float(right))
        places += len(response)
        for n in range(len(response)):
            if abs(rates[n + 1] - rates[n]) >= GAP:
                truth.add((task.id, *response[: n + 1]))
    return truth, places


def _taught(
    seed: int, folder: Path, corpus: Path, sizes: Sizes, shared: dict[str, Any]
) -> Iterator[Result]:
    settings = PivotalSettings(
        rollouts=RolloutSettings(seed=seed, max_tokens=24),
        tokens=TokenSearch(responses=3),
        low=0.0 if sizes == SHORT else 0.2,
    )
    student, tokens, whole = folder / "student", folder / "tokens", folder / "whole"
    if sizes != SHORT:
        pivotal(student, folder / "searched.jsonl", out=tokens, settings=settings, batch=256)
    _whole_answers(seed, folder, corpus, whole, sizes)
    yield _asked("before", seed, folder, student, sizes)
    for arm, pairs, anchor in (
        (ARMS[1], tokens, 0.0),
        (ARMS[2], tokens, 1.0),
        (ARMS[3], whole, 1.0),
    ):
        if not pairs.exists():
            continue
        place = folder / arm
        dpo = {"steps": sizes.taught_steps, "learning_rate": 5e-5, "nll_weight": anchor}
        train(pairs, output=place, method="dpo", base=str(student), dpo=dpo, **shared)
        yield _asked(arm, seed, folder, place, sizes)


def _whole_answers(seed: int, folder: Path, corpus: Path, out: Path, sizes: Sizes) -> None:
    """Write pairs of a right and a wrong answer of the student's to the same question."""
    student = open_student(folder / "student", batch=256)
    made = Rollouts(student=student, settings=RolloutSettings(seed=seed, max_tokens=24))
    rows = []
    tasks = read_tasks(folder / "searched.jsonl")
    for task in tasks:
        said = {one.ids: one.right for one in made.after(task, (), 32)}
        texts = {student.text_of(ids): right for ids, right in said.items()}
        right = [text for text, is_right in texts.items() if is_right]
        wrong = [text for text, is_right in texts.items() if not is_right]
        for chosen, rejected in list(zip(right, wrong, strict=False))[
            : -(-sizes.pairs // len(tasks))
        ]:
            row: dict[str, Any] = {
                "prompt": [message.model_dump() for message in task.messages],
                "chosen": [{"role": "assistant", "content": chosen.strip()}],
                "rejected": [{"role": "assistant", "content": rejected.strip()}],
            }
            row |= {"score_chosen": 1.0, "score_rejected": 0.0, "source": "judge"}
            rows.append({"id": row_id(row, "trl-dpo"), **row})
    if rows:
        how = Derivation(command="pivotal", summary="", settings={}, context="closed")
        kept = rows[: sizes.pairs]
        given: dict[Format, Rows] = {"trl-dpo": Rows(rows=kept, candidates=len(kept))}
        write_derived(out, corpus, rows=given, notes={}, how=how)


def _asked(arm: str, seed: int, folder: Path, model: Path, sizes: Sizes) -> Result:
    student = open_student(model, batch=256)
    made = Rollouts(student=student, settings=RolloutSettings(seed=seed + 2000, max_tokens=24))
    right = north = formed = n = 0
    for task in read_tasks(folder / "held-out.jsonl"):
        for one in made.after(task, (), sizes.asked):
            form = FORM.fullmatch(student.text_of(one.ids).strip())
            n, right, formed = n + 1, right + one.right, formed + bool(form)
            north += bool(form and form[1] == "north")
    counts = {"right": (right, n), "north": (north, n), "malformed": (n - formed, n)}
    return Result(arm=arm, seed=seed, counts=counts, costs={})


def table(results: Sequence[Result]) -> str:
    """Return shares and costs over all seeds, with what each seed gave."""
    lines = []
    for arm in dict.fromkeys(one.arm for one in results):
        own = [one for one in results if one.arm == arm]
        cells = []
        for name in own[0].counts:
            counts = [one.counts[name] for one in own]
            share = wilson(sum(hit for hit, _ in counts), sum(n for _, n in counts))
            each = " ".join(f"{hit / n:.2f}" if n else "-" for hit, n in counts)
            cells.append(f"{name} {shown(share)} n={share.n} ({each})")
        for name in own[0].costs:
            cells.append(f"{name} {sum(one.costs[name] for one in own) / len(own):.1f}")
        lines.append(f"{arm:<24}{', '.join(cells)}")
    return "\n".join([*lines, f"goals: {GOALS}: {'met' if _met(results) else 'MISSED'}"])


def _met(results: Sequence[Result]) -> bool:
    shares = {
        (one.arm, one.seed, name): hit / n if n else 0.0
        for one in results
        for name, (hit, n) in one.counts.items()
    }
    least = {"recall": 0.8, "precision": 0.95}
    searched = f"{SEARCHES[2][2]}, {SEARCHES[2][0]} then {SEARCHES[2][1]}"
    return all(
        share >= least.get(name, 0.8)
        for (arm, _, name), share in shares.items()
        if (arm == searched and name in least) or (arm == ARMS[1] and name == "right")
    )
