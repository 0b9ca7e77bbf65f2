"""On a terminal: columns with headings, and a panel that stays in its last state."""

from pathlib import Path
from typing import Any

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


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("narrow")
def test_calls_are_readable_in_80_columns(colloquia: Command, finished_store: Path) -> None:
    out = _plain(colloquia("show", "--calls", "--store", finished_store).out)
    table = out[out.index("all calls to offline") :].splitlines()
    assert table[2].split() == ["place", "prompt", "in", "out", "ms"]
    rows = [line.split() for line in table[3:] if line.strip()]
    assert rows[0][0] == "foundation" and all(len(row) == 5 for row in rows)
    assert any(row[0] == "2.refusal_checker.0" for row in rows)
    assert "…" not in "".join(table) and max(map(len, table)) <= 80


@pytest.mark.usefixtures("narrow")
def test_the_head_of_a_dialogue_breaks_between_its_parts(
    colloquia: Command, finished_store: Path
) -> None:
    ids = [row["id"] for row in _dialogues(colloquia, finished_store)]
    for identity in ids:
        shown = _plain(colloquia("show", identity, "--store", finished_store).out)
        (line,) = [line for line in shown.splitlines() if "difficulty" in line]
        assert line.strip().rpartition("difficulty ")[2].replace(".", "").isdecimal()
        assert len(line.rstrip()) <= 80


@pytest.mark.usefixtures("narrow")
def test_the_counters_of_runs_are_whole_in_80_columns(
    colloquia: Command, project: Path, finished_store: Path
) -> None:
    out = _plain(colloquia("ls", "--runs", "--store", finished_store).out)
    heading, row = out.splitlines()
    assert heading.split()[3:] == ["planned", "accepted", "rejected", "failed", "pending"]
    assert len(row.split()[-5:]) == 5 and row.split()[-5] == "6"
    assert "first-dia" in row and max(len(heading), len(row)) <= 80


def test_an_answer_that_corrects_what_was_assumed_is_no_refusal(
    colloquia: Command, project: Path
) -> None:
    colloquia("run", "recipe.yaml", "-q")
    marks = set()
    for row in colloquia("ls", "--json").document["dialogues"]:
        document = colloquia("show", row["id"], "--json").document
        turns = {turn["id"]: turn for turn in document["tree"]}
        answers = [turns[i] for i in document["path"] if turns[i]["speaker"] == "answerer"]
        kinds = [planned["kind"] for planned in document["plan"]["exchanges"]]
        declined = [kind for kind, turn in zip(kinds, answers, strict=False) if turn["declined"]]
        out = _plain(colloquia("show", row["id"]).out)
        assert out.count("corrected: ") == declined.count("false_premise")
        assert out.count("declined: ") == len(declined) - declined.count("false_premise")
        text = colloquia("show", row["id"], "--markdown").out
        assert text.count("answerer (corrected)") == declined.count("false_premise")
        marks |= {kind == "false_premise" for kind in declined}
    assert marks == {True, False}


def _dialogues(colloquia: Command, store: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = colloquia("ls", "--json", "--store", store).document["dialogues"]
    return listed


def test_no_color_is_respected(colloquia: Command, finished_store: Path) -> None:
    result = colloquia("ls", "--store", finished_store)
    assert "\x1b[32m" not in result.out


def _plain(text: str) -> str:
    from rich.text import Text

    return Text.from_ansi(text).plain
