"""Several processes on one store: claims, kills, a second run, and an export meanwhile (P11).

`measure` is told its sizes; the tests call it with small ones. Workers are found in `/proc`: on
Linux only.
"""

import asyncio
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Self

from benchmarks.faults.finding import Finding
from benchmarks.faults.nursery import Child, Nursery
from benchmarks.faults.stage import Teacher, corpus_of, rows, served, workplace, write_recipe
from colloquia.core.commit import Commit
from colloquia.core.errors import ExportError, RunOwned
from colloquia.core.recipe import load_recipe
from colloquia.core.types import Snippet
from colloquia.corpus.check import check
from colloquia.runs.handle import find_run
from colloquia.runs.prepare import manifest_of, prepare
from colloquia.store.repository import Store

ITSELF = (sys.executable, "-m", "benchmarks.faults.workers")
LATENCY_S = 0.05
SETTLE_S = 0.1  # what the dead process had written to its socket reaches the endpoint
PATIENCE_S = 300.0
AT_ONCE_S = 5.0  # on a machine that does other things
TURN_S = 0.005  # between claims, so that a busy machine lets the others have theirs


def measure(
    nursery: Nursery, *, dialogues: int, kills: int, snippets: int, workers: int = 4
) -> list[Finding]:
    """Try to break what is promised of several processes on one store.

    Args:
        nursery: starts who leads them.
        dialogues: how many four processes claim from one another.
        kills: how often a worker, or every third time the process that leads, is killed; a third
            as often a run is begun again that is under way.
        snippets: of the runs that are killed.
        workers: processes that share the work.
    """
    return [
        claimed(dialogues, workers=workers),
        killed(nursery, kills, snippets=snippets, workers=workers),
        disturbed(nursery, ceil(kills / 3), snippets=10 * snippets, workers=workers),
    ]


def claimed(dialogues: int, *, workers: int) -> Finding:
    """Let processes claim all there is, while one more writes to other runs."""
    with workplace() as folder:
        store, recipe = folder / "store.db", folder / "recipe.yaml"
        recipe.write_text("snippets: none.txt\n")
        run_id = asyncio.run(_planned(store, recipe, dialogues=dialogues))
        quiet = subprocess.Popen([*ITSELF, "write", str(store)], stdin=subprocess.PIPE)
        claimers = [_claimer(store, run_id) for _ in range(workers)]
        for claimer in claimers:
            assert claimer.stdout is not None and claimer.stdout.readline() == "ready\n"
        began = time.monotonic()
        for claimer in claimers:
            assert claimer.stdin is not None
            claimer.stdin.write("go\n")
            claimer.stdin.flush()
        taken = [claimer.communicate()[0].split() for claimer in claimers]
        seconds = time.monotonic() - began
        quiet.communicate(timeout=PATIENCE_S)
        wrote = rows(store, "SELECT count(*) FROM runs")[0][0] - 1
        left = rows(store, "SELECT count(*) FROM dialogues WHERE outcome = 'pending'")[0][0]
    times = Counter(name for names in taken for name in names)
    failed = sum(code != 0 for code in (quiet.returncode, *(c.returncode for c in claimers)))
    return Finding(
        promise="no dialogue is claimed twice, and no process meets a lock",
        fault=f"{workers} processes claim and finish, another writes meanwhile",
        n=len(times),
        unit="dialogues",
        broken=sum(times.values()) - len(times) + left,
        figures=f"{failed} processes failed; each claimed {sorted(map(len, taken))}; {wrote} "
        f"other commits meanwhile; {dialogues / seconds:.0f} dialogues/s",
        met=failed == 0 and min(map(len, taken)) > 0,
    )


def killed(nursery: Nursery, kills: int, *, snippets: int, workers: int) -> Finding:
    """Kill workers, and every third time who leads them; then let the run come to its end."""
    chance = random.Random(kills)
    teacher = Teacher(latency_s=LATENCY_S)
    deaths: list[Death] = []
    resent = different = again = orphans = 0
    with workplace() as folder, served(teacher) as endpoint:
        recipe = write_recipe(folder, endpoint.url, snippets=snippets)
        assert _led(nursery, recipe, folder / "unharmed.db").ended().code == 0
        expected = corpus_of(folder / "unharmed.db")
        for life in itertools.count():
            store, begun = folder / f"{life}.db", len(teacher.asked)
            while len(deaths) < kills and (leader := _led(nursery, recipe, store, workers=workers)):
                while len(deaths) < kills and _got_on(leader, store):
                    time.sleep(chance.uniform(0, 0.3))
                    victims = workers_of(leader.pid)
                    lead = (len(deaths) + 1) % 3 == 0
                    os.kill(leader.pid if lead else chance.choice(victims), signal.SIGKILL)
                    if lead:
                        leader.ended()
                        orphans += _still_there(victims)
                    deaths.append(Death.now(store, teacher))
                if leader.ended().code == 0:
                    break
            assert _led(nursery, recipe, store).ended().code == 0
            different += corpus_of(store) != expected
            asked = Counter(teacher.asked[begun:])
            again += sum(asked.values()) - len(asked)
            resent += sum(death.resent(teacher) for death in deaths if death.store == store)
            if len(deaths) >= kills:
                break
        lost = sum(death.lost() for death in deaths)
    return Finding(
        promise="nothing committed is lost or asked for again, and the corpus is the same",
        fault=f"kill -9 of one of {workers} workers, or of who leads them, at random moments",
        n=len(deaths),
        unit="kills",
        broken=lost + resent + different + orphans,
        figures=f"{again} calls in flight were sent again, {life + 1} runs, {orphans} workers "
        "outlived who led them",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """What was on disk when a process was killed."""

    store: Path
    committed: frozenset[str]
    asked: int
    """Requests that the endpoint had seen by then."""

    @classmethod
    def now(cls, store: Path, teacher: Teacher) -> Self:
        """Look, when what the dead process had written to its socket has arrived."""
        time.sleep(SETTLE_S)
        committed = _committed(store)  # first: what is asked for from here on isn't among it
        return cls(store=store, committed=committed, asked=len(teacher.asked))

    def resent(self, teacher: Teacher) -> int:
        """Count calls that were asked for again although they were on disk."""
        return len(self.committed.intersection(teacher.asked[self.asked :]))

    def lost(self) -> int:
        """Count calls that are gone."""
        return len(self.committed - _committed(self.store))


def disturbed(nursery: Nursery, tries: int, *, snippets: int, workers: int) -> Finding:
    """Start a run again, and export it, while workers are at it; after so many tries, stop it."""
    asked = refused = exported = whole = 0
    with workplace() as folder, served(Teacher(latency_s=4 * LATENCY_S)) as endpoint:
        recipe, store = write_recipe(folder, endpoint.url, snippets=snippets), folder / "s.db"
        leader = _led(nursery, recipe, store, workers=workers)
        while asked < tries and _got_on(leader, store):
            second = _run(recipe, store, workers=1 + asked % 2)
            while second.poll() is None:
                with suppress(ExportError):  # nothing has been accepted yet
                    out = folder / f"out{exported}"
                    find_run(str(store)).export(out, to=["canonical"], split={"train": 1.0})
                    exported += 1
                    whole += check(out, load=False).ok
                time.sleep(0.1)
            if leader.poll() is None:  # else there was nobody to refuse it
                asked += 1
                refused += second.returncode == RunOwned.exit_code
        leader.signal(signal.SIGINT)
        assert leader.ended().code in (0, 130)
    return Finding(
        promise="a second run is refused, and an export is one moment's",
        fault="the same command, and an export, while workers are at it",
        n=asked + exported,
        unit="tries",
        broken=asked - refused + exported - whole,
        figures=f"{refused} of {asked} refused with exit code {RunOwned.exit_code}, {whole} of "
        f"{exported} exports are valid",
    )


def _led(nursery: Nursery, recipe: Path, store: Path, *, workers: int = 1) -> Child:
    more = ("--quiet", "--workers", str(workers))
    return nursery.start("run", recipe, "--store", store, *more, folder=recipe.parent)


def _run(recipe: Path, store: Path, *, workers: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "colloquia", "run", str(recipe), "--store", str(store)]
    return subprocess.Popen(
        [*command, "--quiet", "--workers", str(workers)],
        cwd=recipe.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _claimer(store: Path, run_id: str) -> "subprocess.Popen[str]":
    command = [*ITSELF, "claim", str(store), run_id]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)


def _got_on(leader: Child, store: Path) -> bool:
    """Wait until another dialogue is finished; False if the run ended before."""
    query = "SELECT count(*) FROM dialogues WHERE outcome <> 'pending'"
    before = None
    while leader.poll() is None:
        (done,) = (rows(store, query) or [(0,)])[0]
        before = done if before is None else before
        if done > before and workers_of(leader.pid):
            return True
        time.sleep(0.01)
    return False


def _committed(store: Path) -> frozenset[str]:
    return frozenset(key for (key,) in rows(store, "SELECT thought FROM calls"))


def workers_of(leader: int) -> list[int]:
    """Return the workers that this process started and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            is_worker = b"colloquia.runs.worker" in stat.with_name("cmdline").read_bytes()
            if int(parent) == leader and is_worker and state != "Z":
                found.append(int(stat.parent.name))
    return found


def _still_there(processes: list[int]) -> int:
    """Count those that live on for more than a few seconds."""
    until = time.monotonic() + AT_ONCE_S
    while time.monotonic() < until and any(map(_lives, processes)):
        time.sleep(0.01)
    return sum(map(_lives, processes))


def _lives(process: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


async def _planned(store: Path, recipe: Path, *, dialogues: int) -> str:
    """Begin a run with so many dialogues about nothing much; returns its id."""
    setup = prepare(load_recipe(recipe))
    with Store.open(store, create=True) as opened:
        manifest = manifest_of(setup, store=opened, fresh=False)
        await opened.begin_run(manifest, setup.personas)
        for start in range(0, dialogues, 500):
            texts = [f"Tower {n} was built by Ann Hart." for n in range(start, start + 500)]
            planned = [setup.planned(Snippet.of(text), run_id=manifest.id) for text in texts]
            await opened.add_dialogues(manifest.id, planned[: dialogues - start])
    return manifest.id


async def _claim(store: str, run_id: str) -> None:
    """Wait for the word, then claim and finish dialogues until none is left; print their ids."""
    with Store.open(store) as opened:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        while claimed := await opened.claim(run_id, 3):
            for dialogue, _ in claimed:
                print(dialogue.id)
                finished = dialogue.model_copy(update={"outcome": "accepted"})
                await opened.put(run_id, dialogue.id, Commit(dialogue=finished))
            await asyncio.sleep(TURN_S)


async def _write(store: str) -> None:
    """Commit one plan after the other to a dialogue of the run until standard input closes."""
    over = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    with Store.open(store) as opened:
        for number in itertools.count():
            manifest = opened.runs()[0].model_copy(
                update={"id": f"run1_other{number}", "ordinal": number + 2}
            )
            await opened.begin_run(manifest, ())
            if over.done():
                return
            await asyncio.sleep(0.005)


if __name__ == "__main__":
    if sys.argv[1] == "claim":
        asyncio.run(_claim(*sys.argv[2:]))
    else:
        asyncio.run(_write(*sys.argv[2:]))
