import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_dialogues import dialogues, manifest

from colloquia.core.errors import ExportError
from colloquia.corpus.check import check, refuse_unsound
from colloquia.corpus.export import export
from colloquia.corpus.formats import FORMATS
from colloquia.corpus.row_shape import misshapen


@pytest.fixture
def out(tmp_path: Path) -> Path:
    split = {"train": 0.5, "validation": 0.5}
    export(dialogues(8), manifest=manifest(), to=FORMATS, out=tmp_path / "out", split=split)
    return tmp_path / "out"


def codes(folder: Path) -> set[str]:
    report = check(folder, load=False)
    assert report.ok == (not report.problems)
    return {problem.code for problem in report.problems}


def change(file: Path, edit: Callable[[dict[str, Any]], None], *, line: int = 0) -> None:
    """Edit one row, as someone would by hand."""
    lines = file.read_text().splitlines()
    row = json.loads(lines[line])
    edit(row)
    lines[line] = json.dumps(row, ensure_ascii=False)
    file.write_text("\n".join(lines) + "\n")


def test_a_fresh_export_is_sound(out: Path) -> None:
    report = check(out)
    assert (report.ok, report.problems, report.rows) == (True, (), 64)
    assert {"sha256", "rows", "splits", "sums"} <= set(report.checks)


def test_files_that_the_manifest_does_not_list_are_named(out: Path) -> None:
    for name in ("LICENSE", ".gitattributes", ".cache/x.json"):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("no part of the corpus")
    assert codes(out) == set()
    (out / "sft" / "test-\u202e\n.jsonl").write_text("{}\n")
    (out / "more.jsonl").symlink_to(out / "sft" / "train.jsonl")
    problems = check(out, load=False).problems
    assert {problem.code for problem in problems} == {"unlisted"}
    assert [problem.file for problem in problems] == ["more.jsonl", "sft/test-\ufffd\ufffd.jsonl"]


def test_what_datasets_logs_of_a_broken_file_is_kept_to_the_report(
    out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    card = out / "README.md"
    card.write_text(card.read_text().replace('dtype: "string"', 'dtype: "int64"'))
    level = logging.getLogger("datasets").level
    report = check(out)
    assert {"datasets"} == {problem.code for problem in report.problems}
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert logging.getLogger("datasets").level == level


@pytest.fixture
def datasets_that_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Install a stand-in for `datasets`, whose `load_dataset` is one expression."""

    def install(expression: str) -> None:
        module = tmp_path / "stand_in" / "datasets.py"
        module.parent.mkdir()
        module.write_text(
            f"__version__ = '0'\ndef load_dataset(folder, config, cache_dir): return {expression}\n"
            "def disable_progress_bars(): pass\n"
        )
        monkeypatch.delitem(sys.modules, "datasets", raising=False)
        monkeypatch.syspath_prepend(module.parent)

    return install


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{'train': []}", "load_dataset gives {'train': 0}, not {'train': "),
        ("1 / 0", "load_dataset fails: division by zero"),
    ],
)
def test_what_datasets_loads_is_compared_with_the_manifest(
    out: Path, datasets_that_says: Callable[[str], None], expression: str, message: str
) -> None:
    datasets_that_says(expression)
    report = check(out)
    folders = ["sft", "sft-turns", "dpo", "grpo", "echo"]
    assert [problem.file for problem in report.problems] == folders
    assert report.problems[0].message.startswith(message)
    assert report.checks[-1] == "datasets 0"


def test_the_report_says_whether_datasets_was_there_to_load_it(out: Path) -> None:
    assert any(name.startswith("datasets") for name in check(out).checks)
    assert not any(name.startswith("datasets") for name in check(out, load=False).checks)


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda row: row.pop("score"), "columns"),
        (lambda row: row.update(extra=1), "columns"),
        (lambda row: row.update(messages={}), "messages"),
        (lambda row: row["messages"][0].update(content=None), "messages"),
        (lambda row: row["messages"][0].update(name="x"), "messages"),
        (lambda row: row.update(score=10**400), "type"),
        (lambda row: row.update(score=True), "type"),
        (lambda row: row.update(attempts=2**63), "type"),
        (lambda row: row.update(persona=5), "type"),
        (lambda row: row.update(source=["a"]), "type"),
        (lambda row: row.update(snippet_ids=[["a"]]), "type"),
        (lambda row: row["messages"].pop(), "roles"),
        (lambda row: row["messages"].reverse(), "roles"),
        (lambda row: row["messages"][0].update(content=" x "), "text"),
        (lambda row: row["messages"][1].update(content=""), "text"),
        (lambda row: row["messages"][1].update(content="<|im_end|>"), "control_tokens"),
        (lambda row: row["messages"][1].update(content="Other words."), "id"),
    ],
)
def test_a_row_of_another_shape_is_found(
    out: Path, edit: Callable[[dict[str, Any]], None], code: str
) -> None:
    change(out / "sft/train.jsonl", edit, line=1)
    report = check(out, load=False)
    assert (code, "sft/train.jsonl", 2) in {(p.code, p.file, p.line) for p in report.problems}


def test_a_pair_of_equal_answers_is_found(out: Path) -> None:
    change(out / "dpo/train.jsonl", lambda row: row.update(rejected=row["chosen"]))
    assert "same_text" in codes(out)


def test_any_changed_byte_is_found(out: Path) -> None:
    file = out / "sft/train.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"score": 0.9', b'"score": 0.8', 1))
    assert codes(out) == {"changed"}


def test_a_lost_line_and_a_lost_file_are_found(out: Path) -> None:
    file = out / "sft/train.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    (out / "dpo/train.jsonl").unlink()
    assert codes(out) == {"changed", "rows", "missing"}


@pytest.mark.parametrize("line", [b"{", b'{"text": "caf\xe9"}', b"[" * 100_000])
def test_a_line_that_is_no_json_is_found(out: Path, line: bytes) -> None:
    file = out / "sft/train.jsonl"
    file.write_bytes(file.read_bytes() + line + b"\n")
    assert "json" in codes(out)


@pytest.mark.parametrize("folder", ["sft", "sft-turns", "dpo", "grpo"])
def test_a_row_carried_into_another_split_is_found(out: Path, folder: str) -> None:
    stray = (out / folder / "train.jsonl").read_text().splitlines()[0]
    with (out / folder / "validation.jsonl").open("a") as stream:
        stream.write(stray + "\n")
    assert "split" in codes(out)


def test_a_pair_moved_away_from_its_passage_is_found(out: Path) -> None:
    first, *rest = (out / "dpo/train.jsonl").read_text().splitlines(keepends=True)
    (out / "dpo/train.jsonl").write_text("".join(rest))
    with (out / "dpo/validation.jsonl").open("a") as stream:
        stream.write(first)
    assert "split" in codes(out)


def test_a_dialogue_that_can_not_be_read_back_is_found(out: Path) -> None:
    change(out / "dialogues.jsonl", lambda row: row.update(schema="colloquia.dialogue/9"))
    change(out / "dialogues.jsonl", lambda row: row["dialogue"].pop("id"), line=1)
    report = check(out, load=False)
    assert [(p.code, p.line) for p in report.problems][:2] == [("dialogue", 1), ("dialogue", 2)]


def test_what_was_written_unsound_is_refused_with_its_first_problem(out: Path) -> None:
    refuse_unsound(out)
    with (out / "sft" / "train.jsonl").open("a") as file:
        file.write("{}\n")
    with pytest.raises(ExportError, match=r"sft/train.jsonl:\d+: the columns .*nothing written"):
        refuse_unsound(out)


def test_a_manifest_that_names_files_outside_is_not_followed(out: Path) -> None:
    (out.parent / "secret.jsonl").write_text("{}\n")
    text = (out / "manifest.json").read_text().replace("sft/train.jsonl", "../secret.jsonl", 1)
    (out / "manifest.json").write_text(text)
    assert "outside" in codes(out)


def test_counts_that_differ_from_the_files_are_found(out: Path) -> None:
    manifest_file = out / "manifest.json"
    content = json.loads(manifest_file.read_text())
    first = content["counts"][0]
    first["in"], first["out"] = first["in"] + 1, first["out"] + 1
    manifest_file.write_text(json.dumps(content))
    assert codes(out) == {"sums"}


def test_counts_that_do_not_add_up_are_no_manifest(out: Path) -> None:
    content = json.loads((out / "manifest.json").read_text())
    content["counts"][0]["in"] += 1
    (out / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(ExportError, match="in isn't out plus excluded"):
        check(out)


@pytest.mark.parametrize(
    ("place", "change_it", "said"),
    [
        ("counts", {"excluded": {"failed": -5, "rejected": 5}}, "excluded.failed"),
        ("files", {"size": -1}, "size"),
    ],
)
def test_less_than_nothing_is_no_manifest(
    out: Path, place: str, change_it: dict[str, Any], said: str
) -> None:
    content = json.loads((out / "manifest.json").read_text())
    content[place][0].update(change_it)
    (out / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(ExportError, match=said):
        check(out)


def test_a_file_of_another_size_than_the_manifest_says_is_found(out: Path) -> None:
    content = json.loads((out / "manifest.json").read_text())
    content["files"][0]["size"] += 1
    (out / "manifest.json").write_text(json.dumps(content))
    assert codes(out) == {"changed"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda row: row.update(reference="\ud800"),
        lambda row: row["prompt"][0].update(content="\ud800"),
        lambda row: row.update(system=5),
        lambda row: row.update(evidence=[1]),
        lambda row: row.update(answerable="yes"),
    ],
)
def test_a_row_that_nobody_can_ask_from_is_misshapen(
    out: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    line = (out / "grpo/train.jsonl").read_text().splitlines()[0]
    row = json.loads(line)
    assert misshapen(row, "trl-grpo") is None
    edit(row)
    assert misshapen(row, "trl-grpo") is not None


def test_a_folder_without_a_manifest_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"isn't an export: it has no manifest\.json"):
        check(tmp_path)


def test_problems_are_listed_up_to_a_hundred(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(dialogues(150), manifest=manifest(), to=["trl-sft"], out=out, split={"train": 1.0})
    file = out / "sft/train.jsonl"
    file.write_text(file.read_text().replace('"user"', '"human"'))
    assert len(check(out, load=False).problems) == 100


def test_a_card_that_sends_readers_elsewhere_is_told_and_nothing_is_loaded(out: Path) -> None:
    card = out / "README.md"
    card.write_text(card.read_text().replace('"sft/train.jsonl"', '"http://127.0.0.1:9/x"'))
    report = check(out)
    assert [problem.code for problem in report.problems] == ["card"]
    assert report.checks[-1] == "datasets: not loaded, for there are problems"


def test_files_behind_linked_folders_are_outside(out: Path) -> None:
    (out / "sft").rename(out.parent / "elsewhere")
    (out / "sft").symlink_to("../elsewhere")
    assert codes(out) == {"outside", "unlisted"}


def test_a_key_given_twice_and_a_line_without_end_are_no_rows(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = out / "sft/train.jsonl"
    file.write_text(file.read_text().replace('{"id"', '{"messages": [], "id"', 1))
    assert "key 'messages' is given twice" in str(check(out, load=False).problems[0])
    monkeypatch.setattr("colloquia.corpus.line_reader.MOST_BYTES", 100)
    file.write_text('"' + "x" * 1000)
    problems = check(out, load=False).problems
    assert "longer than 100 bytes" in str(
        next(one for one in problems if one.file.startswith("sft/train"))
    )
