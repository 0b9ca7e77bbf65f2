"""A process of its own for the tests: `python -m tests.store.worker TASK STORE [NUMBER]`.

It prints one line per thing done, after it is done, and is then killed or waited for.
"""

import asyncio
import itertools
import sys

from colloquia.core.commit import Commit
from colloquia.core.types import Turn
from colloquia.store.repository import Store
from tests.store.samples import manifest

RUN = manifest().id
TASKS_AT_A_TIME = 8


def say(line: str) -> None:
    # One system call per line: what the parent reads was said in full before the kill.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def write_for_ever(store: Store) -> None:
    """Chain turns on claimed dialogues; print a turn's id once it is on disk."""

    async def write(dialogue_id: str, tip: str) -> None:
        for number in itertools.count():
            turn = Turn.of(parent_id=tip, speaker="questioner", text=f"Question {number}?")
            await store.put(RUN, dialogue_id, Commit(turns=(turn,)))
            say(turn.id)
            tip = turn.id

    with store.own(RUN):
        async with asyncio.TaskGroup() as tasks:
            for dialogue, _ in await store.claim(RUN, TASKS_AT_A_TIME):
                held = store.record(dialogue.id).tree
                tasks.create_task(write(dialogue.id, held[-1].id if held else dialogue.id))


async def hold(store: Store) -> None:
    """Own the run and one dialogue until killed."""
    with store.own(RUN):
        await store.claim(RUN, 1)
        say("owned")
        await asyncio.Event().wait()


async def claim_all(store: Store) -> None:
    """Claim a few, wait for the word, then finish and claim until none is left; print their ids."""
    claimed = await store.claim(RUN, 3)
    say("ready")
    sys.stdin.readline()
    while claimed:
        for dialogue, _ in claimed:
            say(dialogue.id)
            finished = dialogue.model_copy(update={"outcome": "accepted"})
            await store.put(RUN, dialogue.id, Commit(dialogue=finished))
        claimed = await store.claim(RUN, 3)


async def visit(store: Store) -> None:
    """Look, and leave again: the last to leave brings the log back into the file."""
    store.runs()


if __name__ == "__main__":
    task = {"write": write_for_ever, "hold": hold, "claim": claim_all, "visit": visit}[sys.argv[1]]
    with Store.open(sys.argv[2]) as opened:
        asyncio.run(task(opened))
