"""Endpoints that answer badly: every dialogue must end, with a cause where it failed."""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults.finding import Finding
from benchmarks.faults.nursery import Hung, Nursery
from benchmarks.faults.stage import Teacher, role_of, rows, served, workplace, write_recipe
from benchmarks.servers.endpoint import Answer, Received, completion

SHARE = 0.3
TIMEOUT_S = 0.4


def error(status: int, message: str) -> Answer:
    """Return an error as OpenAI's API words it."""
    return Answer(status=status, body=json.dumps({"error": {"message": message}}).encode())


def _no_choices(request: Received) -> Answer:
    return Answer(body=json.dumps(json.loads(completion(request)) | {"choices": []}).encode())


MIX: dict[str, Callable[[Received], Answer]] = {
    "429": lambda _: error(429, "slow down"),
    "500": lambda _: error(500, "oops"),
    "timeout": lambda _: Answer(fault="silence"),
    "reset": lambda _: Answer(fault="reset"),
    "truncated JSON": lambda request: Answer(body=completion(request)[:-40]),
    "HTML": lambda _: Answer(body=b"<!DOCTYPE html><title>Sign in</title>", type="text/html"),
    "empty choices": _no_choices,
    "null": lambda request: Answer(body=completion(request, None)),
}
#: Snippets for which an endpoint never has anything else, and the cause that must be told.
CURSED: dict[bytes, tuple[Callable[[Received], Answer], str]] = {
    b"Mill 0 was": (MIX["null"], "content"),
    b"Mill 1 was": (lambda _: error(400, "maximum context length is 4096 tokens"), "fatal"),
    b"Mill 2 was": (lambda _: error(400, "blocked by our content policy"), "refused"),
    b"Mill 3 was": (lambda _: error(503, "try later"), "transient"),
}


class Mix:
    """Draws a fault for a share of the requests; counts them."""

    def __init__(self, *, seed: int, spoil: Callable[[Received, Answer], Answer]) -> None:
        """Draw by `seed`; `spoil` may change the bad answer."""
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._spoil = spoil

    def __call__(self, request: Received) -> Answer | None:
        """Return a bad answer, or none."""
        for snippet, (bad, _) in CURSED.items():
            if snippet in request.body and role_of(request) != "planner":
                return self._spoil(request, bad(request))
        if self._chance.random() > SHARE:
            return None
        which = self._chance.choice(list(MIX))
        self.counts[which] += 1
        return self._spoil(request, MIX[which](request))


def mixed(nursery: Nursery, *, snippets: int) -> list[Finding]:
    """Run against an endpoint of which 30 % of the answers are bad, and four snippets' always."""
    mix = Mix(seed=snippets, spoil=lambda _, answer: answer)
    teacher = Teacher(latency_s=0.005, fault=mix)
    hangs = 0
    with workplace() as folder, served(teacher) as endpoint:
        recipe = write_recipe(
            folder,
            endpoint.url,
            snippets=snippets,
            teacher={"timeout_s": TIMEOUT_S},
            limits={"concurrency": 32},
        )
        store = folder / "mixed.db"
        try:
            nursery.run("run", recipe, "--store", store, "--quiet", folder=folder)
        except Hung:
            hangs = 1
        ends = Counter(rows(store, "SELECT outcome, reason FROM dialogues"))
        unsaid = _unsaid(store)
    failed = {reason: count for (outcome, reason), count in ends.items() if outcome == "failed"}
    least = Counter(cause for _, cause in CURSED.values())
    named = all(failed.get(cause, 0) >= count for cause, count in least.items())
    told = ", ".join(
        f"{count} {outcome}" + (f" ({reason})" if reason else "")
        for (outcome, reason), count in sorted(ends.items(), key=str)
    )
    return [
        Finding(
            promise="every dialogue ends accepted, rejected or failed with its cause",
            fault=f"{SHARE:.0%} bad answers: {', '.join(MIX)}; always for 4 snippets",
            n=sum(ends.values()),
            unit="dialogues",
            broken=unsaid + hangs + (snippets - sum(ends.values())),
            figures=f"{told}; {mix.counts.total()} faults among {len(teacher.asked)} requests",
            met=named and mix.counts.total() > 0,
        )
    ]


def _unsaid(store: Path) -> int:
    """Count dialogues that are pending, or ended badly without a word why."""
    query = """SELECT count(*) FROM dialogues
        WHERE outcome NOT IN ('accepted', 'rejected', 'failed')
        OR (outcome <> 'accepted' AND (reason IS NULL OR stop_reason IS NULL))"""
    return int(rows(store, query)[0][0])


def looped(nursery: Nursery, *, snippets: int) -> list[Finding]:
    """Run with a critic that is never content: up to the most calls, and the most revisions."""
    teacher = Teacher(revise=lambda _: True)
    broken, most_calls = 0, 12
    with workplace() as folder, served(teacher) as endpoint:
        for name, changes, end in (
            ("calls", {"limits": {"calls_per_dialogue": most_calls}}, ("failed", "loop")),
            ("revisions", {"limits": {"calls_per_dialogue": 120}}, ("rejected", "critic")),
        ):
            revisions = {"revisions": 8 if name == "calls" else 2}
            recipe = write_recipe(
                folder, endpoint.url, snippets=snippets, dialogue=revisions, **changes
            )
            store = folder / f"{name}.db"
            nursery.run("run", recipe, "--store", store, "--quiet", folder=folder)
            ends = rows(store, "SELECT outcome, reason FROM dialogues")
            broken += sum(row != end for row in ends) + snippets - len(ends)
            if name == "calls":
                made = rows(store, "SELECT count(*) FROM calls GROUP BY dialogue_id")
                broken += sum(count > most_calls for (count,) in made)
    return [
        Finding(
            promise="a dialogue that goes in circles stops at its cap: calls (failed, `loop`), "
            "revisions (rejected, `critic`)",
            fault="a critic that always says revise",
            n=2 * snippets,
            unit="dialogues",
            broken=broken,
            figures=f"at most {most_calls} calls in a dialogue that may make {most_calls}",
        )
    ]
