"""`status`, `ls` and `show`: what is in a store, for people and for programs."""

from pathlib import Path

import pytest
from command import Command
from made_dialogues import RECIPE_HASH, dialogues
from made_thoughts import with_thoughts
from rich.console import Console

from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.transcript import transcript
from colloquia.cli.view.transcript_markdown import as_markdown
from colloquia.core.record import DialogueRecord
from colloquia.corpus.canonical import dialogue_line
from colloquia.corpus.pairs import preference_pairs


def test_status_shows_the_latest_run(colloquia: Command, finished_store: Path) -> None:
    result = colloquia("status", "--store", finished_store)
    assert result.code == 0
    assert "planned 6 = accepted 6" in result.out


def test_status_has_the_totals_of_run_as_json(colloquia: Command, finished_store: Path) -> None:
    totals = colloquia("status", "--store", finished_store, "--json").document
    assert (totals["planned"], totals["seconds"], totals["cost_usd"]) == (6, None, 0)


def test_the_beginning_of_a_run_s_id_is_enough(colloquia: Command, finished_store: Path) -> None:
    run = colloquia("status", "--store", finished_store, "--json").document["run"]
    short = run.removeprefix("run1_")[:6]
    assert colloquia("status", short, "--store", finished_store, "--json").document["run"] == run


@pytest.mark.parametrize("command", [["status", "nope"], ["ls", "nope"], ["export", "nope"]])
def test_an_unknown_run_is_exit_2(
    colloquia: Command, finished_store: Path, command: list[str]
) -> None:
    result = colloquia(*command, "--store", finished_store)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)


def test_ls_prints_a_line_per_dialogue_for_other_programs(
    colloquia: Command, finished_store: Path
) -> None:
    rows = [
        line.split("\t") for line in colloquia("ls", "--store", finished_store).out.splitlines()
    ]
    assert len(rows) == 6
    identity, outcome, score, exchanges, persona, title = rows[0]
    assert (len(identity), outcome, persona != "", title != "") == (10, "accepted", True, True)
    assert 0 <= float(score) <= 1 and int(exchanges) >= 3


def test_ls_filters_and_says_that_there_is_more(colloquia: Command, finished_store: Path) -> None:
    listed = colloquia("ls", "--store", finished_store, "--json").document["dialogues"]
    persona = listed[0]["persona"]
    mine = colloquia("ls", "--persona", persona, "--store", finished_store, "--json").document
    assert mine["dialogues"] == [row for row in listed if row["persona"] == persona]
    best = max(row["score"] for row in listed)
    top = colloquia(
        "ls", "--min-score", best - 0.0001, "--store", finished_store, "--json"
    ).document
    assert 1 <= len(top["dialogues"]) <= 6
    failed = colloquia("ls", "--outcome", "failed", "--store", finished_store)
    assert (failed.out, failed.err) == ("", "no such dialogue\n")
    cut = colloquia("ls", "--limit", 2, "--store", finished_store)
    assert (cut.out.count("\n"), "--limit 0 lists all" in cut.err) == (2, True)
    assert colloquia("ls", "--limit", 0, "--store", finished_store).err == ""


def test_runs_are_listed(colloquia: Command, finished_store: Path) -> None:
    (run,) = colloquia("ls", "--runs", "--store", finished_store, "--json").document["runs"]
    assert (run["planned"], run["pending"]) == (6, 0)
    assert (
        run["id"].removeprefix("run1_")[:10]
        in colloquia("ls", "--runs", "--store", finished_store).out
    )


def test_an_unknown_dialogue_is_exit_2(colloquia: Command, finished_store: Path) -> None:
    result = colloquia("show", "zzz", "--store", finished_store)
    assert (result.code, result.err.count("\n")) == (2, 1)


def test_show_takes_what_ls_prints(colloquia: Command, finished_store: Path) -> None:
    row = colloquia("ls", "--limit", 1, "--store", finished_store).out.split("\t")
    result = colloquia("show", row[0], "--store", finished_store)
    assert result.code == 0
    assert row[4] in result.out and "answerer" in result.out and "“" in result.out
    assert colloquia("show", "--store", finished_store) == result  # the first is the default


def test_show_prints_the_record_as_json(colloquia: Command, finished_store: Path) -> None:
    document = colloquia("show", "--calls", "--store", finished_store, "--json").document
    score, path, calls = (document.pop(name) for name in ("score", "path", "calls"))
    record = DialogueRecord.model_validate(document)
    assert (record.score, [turn.id for turn in record.turns]) == (score, path)
    assert calls[0]["place"] == "foundation" and calls[0]["messages"]


def test_show_lists_the_calls_and_with_v_their_messages(
    colloquia: Command, finished_store: Path
) -> None:
    brief = colloquia("show", "--calls", "--store", finished_store).out
    full = colloquia("show", "--calls", "-v", "--store", finished_store).out
    assert "2.answerer.0" in brief and "── system ──" not in brief
    assert "── system ──" in full and "── reply ──" in full


def test_show_prints_markdown(colloquia: Command, finished_store: Path) -> None:
    page = colloquia("show", "--markdown", "--store", finished_store).out
    assert page.startswith("# ") and "\n## 1. overview\n" in page and "\n> " in page


def test_drafts_come_with_the_reason_they_were_turned_down() -> None:
    record = next(record for record in dialogues(40) if preference_pairs(record))
    turned_down = preference_pairs(record)[0].rejected
    for review in record.reviews_of(turned_down):
        assert review.rationale in _shown(record, drafts=True)
    assert turned_down.text in _shown(record, drafts=True)
    assert "✗ draft" in _shown(record, drafts=True)
    assert "✗ draft" not in _shown(record, drafts=False)
    assert "~~" in as_markdown(record, drafts=True)


def test_a_thought_stands_before_its_answer() -> None:
    record = with_thoughts(next(dialogues(1)))
    for page in (_shown(record, drafts=False), as_markdown(record, drafts=False)):
        flat = " ".join(page.split())
        assert flat.index("I recall it: It was made in 1905.") < flat.rindex("It was made in 1905.")


def test_what_the_evidence_check_worked_out_is_shown_and_exported() -> None:
    record, follows = next(dialogues(1)), "8 hours follows: 18:00 - 10:00"
    answer = record.exchanges[-1].answer.id
    worked_out = record.model_copy(
        update={
            "reviews": tuple(
                review.model_copy(update={"rationale": follows})
                if review.subject_id == answer
                else review
                for review in record.reviews
            )
        }
    )
    assert follows in _shown(worked_out, drafts=True)
    assert follows in dialogue_line(worked_out, recipe_hash=RECIPE_HASH)


@pytest.mark.parametrize("drafts", [True, False])
def test_no_text_of_a_dialogue_commands_the_terminal(
    drafts: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b[31m\x1b]0;pwned\x07[bold]\u202eword\u202c \x9b2J"
    record = next(record for record in dialogues(40) if preference_pairs(record))
    update = {"text": evil}
    hostile = record.model_copy(
        update={
            "tree": tuple(turn.model_copy(update=update) for turn in record.tree),
            "reviews": tuple(r.model_copy(update={"rationale": evil}) for r in record.reviews),
            "snippet": record.snippet.model_copy(update={"title": evil, "source": evil}),
            "persona": record.persona.model_copy(update={"name": evil}),
        }
    )
    for page in (transcript(hostile, drafts=drafts), [as_markdown(hostile, drafts=drafts)]):
        Terminal(store="x", as_json=False, quiet=False, verbose=0).say(*page)
        told = capsys.readouterr().out
        assert "[bold]" in told
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(told)


def _shown(record: DialogueRecord, *, drafts: bool) -> str:
    console = Console(width=100, color_system=None, markup=False)
    with console.capture() as capture:
        console.print(*transcript(record, drafts=drafts), sep="\n")
    return capture.get()
