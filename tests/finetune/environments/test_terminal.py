"""Tasks for a shell: each is solved by its solution and not by its wrong one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from colloquia.core.errors import UserError
from colloquia.finetune.environments.terminal.sandbox import LIMITS, CommandLimits, run_command
from colloquia.finetune.environments.terminal.task import archive_of, is_solved
from colloquia.finetune.environments.terminal.tasks import KINDS, shell_task, task_names
from colloquia.finetune.environments.terminal.terminal import (
    TerminalEnvironment,
    TerminalTasks,
    command_in,
)


def _outcomes(name: str) -> tuple[bool, bool, bool]:
    task = shell_task(name)
    archive = archive_of(task)
    solved = archive
    for command in task.solution:
        solved = run_command(command, solved).files
    wrong = run_command(task.wrong, archive).files
    return is_solved(task, archive), is_solved(task, solved), is_solved(task, wrong)


@pytest.mark.usefixtures("sandbox")
def test_every_task_is_solved_by_its_solution_alone() -> None:
    # Each variant of each kind, and all for testing: 65 tasks; what numbers draw is alike.
    names = [f"{kind}-{n}" for kind in KINDS for n in (0, 2, 4)] + task_names("test")
    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(names, pool.map(_outcomes, names), strict=True))
    assert len(outcomes) >= 60
    assert {name: o for name, o in outcomes.items() if o != (False, True, False)} == {}


def test_task_sets_are_apart_and_the_same_each_time() -> None:
    train, test = task_names("train"), task_names("test")
    assert not set(train) & set(test)
    assert {name.partition("-")[0] for name in test} == set(KINDS)
    assert len({shell_task(name).text + str(shell_task(name).files) for name in train + test}) > 240
    assert shell_task("count-17") == shell_task("count-17")


@pytest.mark.parametrize("name", ["cout-17", "count", "count-x", "count--1", "", "count-1e3"])
def test_an_unknown_task_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="no task"):
        shell_task(name)


@pytest.mark.usefixtures("sandbox")
def test_an_episode_ends_with_exit_and_its_reward() -> None:
    shell, task = TerminalEnvironment(), shell_task("count-17")
    assert task.text in shell.reset("count-17").text
    look, deed = task.solution
    assert shell.step(look).kind == "observation"
    assert shell.step(deed).kind == "warning"  # it prints nothing
    end = shell.step("exit")
    assert (end.reward, end.done, end.text) == (1.0, True, "")
    with pytest.raises(UserError, match="no task is under way"):
        shell.step("ls")


@pytest.mark.usefixtures("sandbox")
def test_it_ends_after_the_last_turn_too() -> None:
    shell = TerminalEnvironment(turns=2)
    shell.reset("count-17")
    assert not shell.step(shell_task("count-17").solution[1]).done
    last = shell.step("ls")
    assert (last.done, last.reward) == (True, 1.0)
    assert "answer.txt" in last.text


@pytest.mark.usefixtures("sandbox")
def test_what_the_harness_says_is_a_warning() -> None:
    shell = TerminalEnvironment(turns=9, limits=CommandLimits(seconds=1))
    shell.reset("count-17")
    said = [shell.step(action) for action in ("", "```sh\n```", "false", "sleep 9", "printf '\\0'")]
    assert {one.kind for one in said} == {"warning"}
    assert "exit status 1" in said[2].text
    assert "more than 1 s" in said[3].text
    assert shell.step("ls nowhere").kind == "observation"  # an error is a fact about the world


@pytest.mark.parametrize(
    "reply",
    [
        "ls -l",
        " ls -l \n",
        "I look:\n```bash\nls -l\n```\nand then\n```\nrm *\n```",
        "```\nls -l```",
    ],
)
def test_a_command_is_the_reply_or_its_first_fence(reply: str) -> None:
    assert command_in(reply) == "ls -l"


def test_a_split_that_isnt_there_is_refused() -> None:
    assert TerminalTasks().limits == LIMITS
    with pytest.raises(UserError, match="no split 'dev'"):
        TerminalTasks().tasks("dev")
