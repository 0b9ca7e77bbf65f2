"""`run --batch`: what is told while a batch is waited for, and how the run goes on afterwards."""

import json
import signal
import threading
from pathlib import Path

import pytest

from benchmarks.faults.batches import KEYS, QUICK
from benchmarks.faults.nursery import Child, Ended, Nursery
from benchmarks.faults.stage import Teacher, corpus_of, key_of, served, write_recipe
from benchmarks.servers.batches import BatchDesk, Step


class Project:
    """A folder with a recipe whose teacher takes batches."""

    def __init__(self, nursery: Nursery, folder: Path) -> None:
        self._nursery = nursery
        self.folder = folder

    def start(self, *arguments: str) -> Child:
        return self._nursery.start(*arguments, folder=self.folder, env=KEYS, constants=QUICK)

    def run(self, *arguments: str) -> Ended:
        return self.start(*arguments).ended()


@pytest.fixture
def project(nursery: Nursery, tmp_path: Path) -> Project:
    return Project(nursery, tmp_path)


def test_a_run_that_waits_is_stopped_at_once_and_taken_up_again(project: Project) -> None:
    looked_at = threading.Event()

    def look(step: Step, before: int) -> None:
        if step == "look":
            looked_at.set()

    desk = BatchDesk(Teacher(), takes_s=3600, key=key_of, trouble=look)
    with served(desk) as endpoint:
        write_recipe(project.folder, endpoint.url, snippets=2, limits={"concurrency": "auto"})
        waiting = project.start("run", "recipe.yaml", "--batch")
        assert looked_at.wait(60)
        waiting.signal(signal.SIGINT)
        stopped = waiting.ended()
        assert stopped.code == 130
        told = "stopping: batches go on at the provider, the same command takes them up"
        assert told in stopped.err and "interrupted: all finished work is kept" in stopped.err

        status = project.run("status")
        assert "requests in batches: 2 at openai/any at http" in status.out
        assert "the same 'colloquia run --batch' as before takes the batches up" in status.err

        refused = project.run("run", "recipe.yaml")
        assert refused.code == 2
        assert "2 at openai/any at http" in refused.err
        assert "go on with --batch, or they would be paid twice" in refused.err

        desk._takes_s = 0
        done = project.run("run", "recipe.yaml", "--batch", "--json")
        assert done.code == 0 and json.loads(done.out)["pending"] == 0
        assert set(desk.paid.values()) == {1}
        again = project.run("run", "recipe.yaml", "--batch", "--store", "other.db", "--quiet")
        assert again.code == 0
    stores = (project.folder / name for name in ("colloquia.db", "other.db"))
    assert len({corpus_of(store) for store in stores}) == 1


def test_where_no_model_takes_batches_or_several_processes_share_it_is_refused(
    project: Project,
) -> None:
    write_recipe(project.folder, None, snippets=1, agents={}, teacher={})
    recipe = project.folder / "recipe.yaml"
    recipe.write_text(json.dumps({"snippets": "snippets.jsonl"}))
    for options, why in (
        (["--batch"], "no model of this recipe takes batches; openai/… and anthropic/… do"),
        (["--batch", "--workers", "2"], "a wave is gathered by one process"),
    ):
        refused = project.run("run", "recipe.yaml", *options)
        assert refused.code == 2 and why in refused.err


def test_a_dry_run_takes_the_price_in_batches(project: Project) -> None:
    teacher = {"model": "openai/gpt-4o-mini"}
    write_recipe(project.folder, "http://127.0.0.1:9", snippets=1, teacher=teacher)
    costs = []
    for options in ([], ["--batch"]):
        done = project.run("run", "recipe.yaml", "--dry-run", "--json", *options)
        assert done.code == 0, done.err
        costs.append(json.loads(done.out)["expected"]["most_cost_usd"])
    assert costs[1] == pytest.approx(costs[0] / 2)
