"""E5: a grid and a terminal, in which students are compared by what they foresee."""

from pathlib import Path
from random import Random

import pytest

from benchmarks.learning import echo
from benchmarks.learning.grid import Grid, GridWorld, wander
from colloquia.finetune.environments.episode import OpenEpisode
from colloquia.finetune.environments.terminal.sandbox import has_sandbox


def test_a_grid_has_walls_and_a_goal() -> None:
    world = GridWorld()
    assert world.reset("0-0-1-1").text == "from 0 0 to 1 1"
    assert world.step("up").text == "wall 0 0"
    assert world.step("fly").kind == "warning"
    assert world.step("down").text == "1 0"
    last = world.step("right")
    assert (last.text, last.reward, last.done) == ("1 1", 1.0, True)


def test_a_grid_ends_after_eight_moves_and_its_tasks_are_apart() -> None:
    train, test = Grid().tasks("train"), Grid().tasks("test")
    assert not set(train) & set(test)
    for task in test[:20]:
        episode = OpenEpisode(environment=GridWorld(), task=task)
        wander(episode, Random(0))
        assert episode.episode().actions <= 8


def test_it_runs_to_its_table(tmp_path: Path) -> None:
    if not has_sandbox():
        pytest.skip("no sandbox here")
    results = echo.measure(0, tmp_path, echo.QUICK)
    assert [(one.world, one.arm) for one in results] == [
        (world, arm) for world in echo.WORLDS for arm in echo.ARMS
    ]
    assert all(one.nats > 0 and one.tried == 2 for one in results)
    assert echo.table(results).endswith("MISSED")  # nobody learns in a step
