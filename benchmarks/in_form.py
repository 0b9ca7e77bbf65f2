"""Does a small model answer in form? `python -m benchmarks.in_form hf:FOLDER [--free]`.

The offline teacher talks about the starter's snippets; its requests, with all their prompts, are
put to a local model instead, 8 at once, and each reply is read as an agent reads it. Printed per
role: how many replies can't be read, and so would be asked for again, and the first reason; then
how fast it was, and how much of the prompts wasn't read twice. `--free` leaves the schema to the
prompt. `python -m benchmarks.learning.base FOLDER` makes a folder with a model of 135 million
weights.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import colloquia
from colloquia.agents.reply import parse_reply, text_to_read
from colloquia.authoring.prompts.front_matter import REPLY_TYPES
from colloquia.core.ports import ChatModel, ChatReply, ChatRequest
from colloquia.core.recipe import Recipe, Snippets
from colloquia.core.types import ModelCall
from colloquia.models.catalogue import options_of
from colloquia.models.local.model_folder import ModelFolder
from colloquia.models.local.text_generator import TextGenerator
from colloquia.models.local.transformers_model import TransformersModel
from colloquia.offline.model import OfflineModel

AT_ONCE = 8
GOAL = 0  # replies that can't be read, of 200
_TYPE_OF = {
    "planner": "PlannerReply",
    "questioner": "QuestionerReply",
    "answerer": "AnswererReply",
    "critic": "CriticReply",
    "refusal_checker": "RefusalReply",
}


class Noting(OfflineModel):
    """The offline teacher, with its requests noted."""

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Note the request and play its role."""
        self.requests.append(request)
        return await super().complete(request)


@dataclass(kw_only=True)
class Tally:
    """What one role's replies were like."""

    replies: int = 0
    tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)


def requests_of(snippets: Path, number: int) -> list[ChatRequest]:
    """Return the first requests of a run without a model, dialogue by dialogue."""
    noting = Noting()
    recipe = Recipe(snippets=Snippets(path=str(snippets.absolute())))
    recipe = recipe.override(concurrency=1)
    with tempfile.TemporaryDirectory() as folder:
        colloquia.run(recipe, store=f"{folder}/run.db", models={"offline": noting})
    return noting.requests[:number]


async def ask(
    model: ChatModel, requests: Sequence[ChatRequest], *, max_tokens: int
) -> dict[str, Tally]:
    """Put all requests, and read the replies."""
    tallies: dict[str, Tally] = {}
    room = asyncio.Semaphore(AT_ONCE)

    async def one(request: ChatRequest) -> None:
        async with room:
            asked = request.model_copy(update={"max_tokens": max_tokens})
            reply = await model.complete(asked)
        tally = tallies.setdefault(request.role, Tally())
        tally.replies += 1
        tally.tokens += reply.tokens_out or 0
        if fault := _fault_of(request, reply):
            tally.faults[fault] += 1
        done, unread = _sums(tallies)
        print(f"{done} of {len(requests)}, unreadable {unread}", file=sys.stderr, flush=True)

    async with asyncio.TaskGroup() as group:
        for request in requests:
            group.create_task(one(request))
    return tallies


def _fault_of(request: ChatRequest, reply: ChatReply) -> str | None:
    call = ModelCall(
        id="",
        dialogue_id="",
        place="",
        role=request.role,
        model="",
        prompt=request.prompt,
        request_hash="",
        reply=reply.text,
        thought=reply.thought,
        stop=reply.stop,
    )
    try:
        parse_reply(text_to_read(call), REPLY_TYPES[_TYPE_OF[request.role]])
    except ValueError as error:
        return str(error)
    return None


def table(tallies: dict[str, Tally]) -> str:
    """Return what was found, per role and in all."""
    lines = [
        f"{'role':<16} {'replies':>8} {'tokens each':>12} {'unreadable':>11}  the first reason"
    ]
    for role, tally in sorted(tallies.items()):
        first = next(iter(tally.faults), "")
        lines.append(
            f"{role:<16} {tally.replies:>8,} {tally.tokens / tally.replies:>12.0f} "
            f"{tally.faults.total():>11,}  {first[:70]}".rstrip()
        )
    replies, unread = _sums(tallies)
    lines.append(f"{'all':<16} {replies:>8,} {'':>12} {unread:>11,}")
    lines.append(f"unreadable: goal {GOAL}: {'met' if unread <= GOAL else 'MISSED'}")
    return "\n".join(lines)


def _sums(tallies: dict[str, Tally]) -> tuple[int, int]:
    """Return how many replies there are, and how many of them can't be read."""
    every = tallies.values()
    return sum(one.replies for one in every), sum(one.faults.total() for one in every)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="hf:FOLDER")
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--max-tokens", type=int, default=96, help="of each reply")
    parser.add_argument("--free", action="store_true", help="ask for the form in the prompt alone")
    parser.add_argument("--snippets", type=Path, help="the starter's by default")
    asked = parser.parse_args(arguments)
    snippets = asked.snippets or Path(str(files("colloquia") / "starter" / "snippets.jsonl"))
    requests = requests_of(snippets, asked.replies)
    options = options_of(asked.model, structured=not asked.free, max_batch=AT_ONCE)
    opened: list[TextGenerator] = []

    def load(folder: ModelFolder, *, batch: int | None) -> TextGenerator:
        opened.append(TextGenerator.load(folder, batch=batch, keep_prefixes=True))
        return opened[-1]

    model = TransformersModel(options, base=Path(), load=load)
    started = time.monotonic()
    tallies = asyncio.run(ask(model, requests, max_tokens=asked.max_tokens))
    took = time.monotonic() - started
    print(table(tallies))
    tokens = sum(tally.tokens for tally in tallies.values())
    prefixes = opened[0].prefixes
    assert prefixes is not None
    print(
        f"{took:,.0f} s, {tokens / took:.1f} tokens a second; "
        f"{prefixes.share_reused:.0%} of the prompts' tokens weren't read twice"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
