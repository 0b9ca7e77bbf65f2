"""On a terminal: columns with headings, and a panel that stays in its last state."""

from pathlib import Path

import pytest
from command import Command


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make stdout and stderr pass for a terminal without colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")


def test_lists_have_headings_and_fit_the_window(colloquia: Command, finished_store: Path) -> None:
    for command, heading in ((["ls"], "persona"), (["ls", "--runs"], "planned")):
        lines = colloquia(*command, "--store", finished_store).out.splitlines()
        assert heading in lines[0] and "\t" not in lines[1]
        assert all(len(_plain(line)) <= 100 for line in lines)


def test_the_doctor_prints_columns(colloquia: Command) -> None:
    assert _plain(colloquia("doctor").out).startswith("ok")


def test_a_run_ends_with_the_panel_in_its_last_state(colloquia: Command, project: Path) -> None:
    result = colloquia("run", "recipe.yaml", "--limit", 3)
    assert result.code == 0
    last = _plain(result.err).rpartition("first-dialogues")[2]
    assert "3 of 3" in last and "done" in last and "0 pending" in last
    assert result.out.startswith("planned 3 = ")


def test_no_color_is_respected(colloquia: Command, finished_store: Path) -> None:
    result = colloquia("ls", "--store", finished_store)
    assert "\x1b[32m" not in result.out


def _plain(text: str) -> str:
    from rich.text import Text

    return Text.from_ansi(text).plain
