"""How much of the prompts a prefix cache has seen: `python -m benchmarks.prefix STORE [RUN]`.

Servers keep what they computed for the beginning of a prompt. This reads a run's calls in the order
they were committed and counts the prompt tokens that continue an already sent beginning, per agent
and in all, for the same model:

- blocks of 16: vLLM's and SGLang's way; whole blocks from the start count, and nothing is evicted.
- from 1,024 on: OpenAI's way; nothing below 1,024 tokens counts, then whole steps of 128.

Tokens are words and single signs of the messages, plus one per message for its role; a model's own
tokenizer makes about a third more of them, which moves the shares little. With `--snippets FILE` it
first runs the offline teacher on that file in a store of its own.
"""

import argparse
import json
import re
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import colloquia
from colloquia.core.recipe import Snippets

GOAL = 0.7
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(kw_only=True)
class Cache:
    """What one model's server has seen, as hashes of whole beginnings."""

    step: int
    least: int
    """Fewer tokens than this are never served from the cache."""
    seen: set[int] = field(default_factory=set)

    def hit(self, tokens: Sequence[str]) -> int:
        """Return how many tokens of a prompt were sent before as a beginning, and remember it."""
        beginning, hit, unbroken = 0, 0, True
        for end in range(self.step, len(tokens) + 1, self.step):
            beginning = hash((beginning, *tokens[end - self.step : end]))
            unbroken = unbroken and beginning in self.seen
            hit = end if unbroken else hit
            self.seen.add(beginning)
        return hit if hit >= self.least else 0


@dataclass(kw_only=True)
class Share:
    """One agent's prompts."""

    calls: int = 0
    tokens: int = 0
    in_blocks: int = 0
    from_1024: int = 0

    def add(self, tokens: int, *, in_blocks: int, from_1024: int) -> None:
        """Count one prompt."""
        self.calls += 1
        self.tokens += tokens
        self.in_blocks += in_blocks
        self.from_1024 += from_1024


def tokens_of(messages: Sequence[tuple[str, str]]) -> list[str]:
    """Return a prompt's tokens: each message begins with one for its role."""
    tokens: list[str] = []
    for role, content in messages:
        tokens.append(f"<|{role}|>")
        tokens += _TOKEN.findall(content)
    return tokens


def count(calls: Iterator[tuple[str, str, list[tuple[str, str]]]]) -> dict[str, Share]:
    """Return the shares by agent and of all, from (role, model, messages) in order."""
    shares: dict[str, Share] = defaultdict(Share)
    blocks: dict[str, Cache] = defaultdict(lambda: Cache(step=16, least=16))
    steps: dict[str, Cache] = defaultdict(lambda: Cache(step=128, least=1024))
    for role, model, messages in calls:
        tokens = tokens_of(messages)
        hits = {"in_blocks": blocks[model].hit(tokens), "from_1024": steps[model].hit(tokens)}
        for name in (role, "all"):
            shares[name].add(len(tokens), **hits)
    return shares


def calls_of(store: str, run_id: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield a run's calls in the order they were committed."""
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute(
            "SELECT role, model, messages FROM calls WHERE run_id = ? ORDER BY seq", (run_id,)
        )
        for role, model, ids in rows:
            sent = [
                connection.execute("SELECT role, content FROM messages WHERE id = ?", (one,))
                for one in json.loads(ids)
            ]
            yield role, model, [found.fetchone() for found in sent]


def report(store: str, run: colloquia.Run) -> bool:
    """Print the table; return whether the goal is met."""
    shares = count(calls_of(store, run.id))
    print(f"run {run.id}: {run.summary()}")
    print("agent           |  calls | tokens per call | blocks of 16 | from 1,024 on")
    for name, share in sorted(shares.items(), key=lambda pair: pair[0] == "all"):
        print(
            f"{name:<15} | {share.calls:>6} | {share.tokens / share.calls:>15.0f} | "
            f"{share.in_blocks / share.tokens:>12.3f} | {share.from_1024 / share.tokens:>13.3f}"
        )
    reached = shares["all"].in_blocks / shares["all"].tokens
    met = reached >= GOAL
    print(f"goal: blocks of 16 >= {GOAL} over all calls: {'met' if met else 'MISSED'}")
    return met


def main() -> int:
    """Read the arguments, run if asked to, and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("store", nargs="?", default="colloquia.db")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--snippets", help="first run the offline teacher on this file")
    args = parser.parse_args()
    if not args.snippets:
        return 0 if report(args.store, colloquia.find_run(args.store, args.run)) else 1
    with tempfile.TemporaryDirectory() as folder:
        recipe = colloquia.Recipe(snippets=Snippets(path=str(Path(args.snippets).resolve())))
        store = str(Path(folder) / "run.db")
        return 0 if report(store, colloquia.run(recipe, store=store)) else 1


if __name__ == "__main__":
    sys.exit(main())
