"""`colloquia run`: its totals add up, it continues, and bad input is told in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import Command, Result

from colloquia.authoring.starter import starter_files
from colloquia.store.repository import Store

LAMP = "The lamp of the Harrow lighthouse was lit in 1851 and is seen for 18 miles."
SNIPPETS = starter_files()["snippets.jsonl"].splitlines()[:4]


@pytest.fixture
def recipe(workplace: Path) -> Path:
    """A recipe of four snippets."""
    (workplace / "snippets.jsonl").write_text("\n".join(SNIPPETS))
    return _written(workplace / "recipe.yaml", "snippets: {path: snippets.jsonl}\n")


def test_a_run_ends_with_totals_that_add_up(colloquia: Command, recipe: Path) -> None:
    result = colloquia("run", recipe)
    assert result.code == 0
    assert result.out.startswith("planned 4 = accepted 4\n")
    assert "store colloquia.db, run run1_" in result.out
    assert "next: colloquia show" in result.err


def test_its_json_is_the_documented_shape(colloquia: Command, recipe: Path) -> None:
    totals = colloquia("run", recipe, "--json").document
    shared = {"run", "planned", "accepted", "rejected", "failed", "pending", "calls", "cost_usd"}
    assert shared | {"seconds", "bad_snippets", "duplicates_merged"} <= set(totals)
    assert totals["planned"] == totals["accepted"] + totals["pending"] + sum(
        [*totals["rejected"].values(), *totals["failed"].values()]
    )


def test_a_finished_run_has_nothing_to_do(colloquia: Command, recipe: Path) -> None:
    first = colloquia("run", recipe, "--json").document
    assert "nothing to do" in colloquia("run", recipe).out
    again = colloquia("run", recipe, "--json").document
    assert (again["run"], again["calls"], again["worked_on"]) == (first["run"], first["calls"], 0)


def test_a_higher_limit_adds_to_the_same_run(colloquia: Command, recipe: Path) -> None:
    two = colloquia("run", recipe, "--limit", 2, "--json").document
    four = colloquia("run", recipe, "--json").document
    assert (two["planned"], four["planned"], four["worked_on"]) == (2, 4, 2)
    assert two["run"] == four["run"]


@pytest.mark.parametrize("flag", [["--fresh"], ["--seed", "9"]])
def test_fresh_or_another_seed_is_another_run(
    colloquia: Command, recipe: Path, flag: list[str]
) -> None:
    first = colloquia("run", recipe, "--limit", 1, "--json").document
    second = colloquia("run", recipe, "--limit", 1, *flag, "--json").document
    assert first["run"] != second["run"]
    assert len(colloquia("ls", "--runs", "--json").document["runs"]) == 2


def test_snippets_from_the_command_line_start_at_the_working_folder(
    colloquia: Command, recipe: Path, workplace: Path
) -> None:
    (workplace / "else").mkdir()
    recipe.rename(workplace / "else" / "recipe.yaml")
    result = colloquia("run", "else/recipe.yaml", "--snippets", "snippets.jsonl")
    assert result.out.startswith("planned 4 = ")


def test_bad_lines_are_listed_with_their_place_and_never_fatal(
    colloquia: Command, recipe: Path
) -> None:
    bad = ["not json", '{"txet": "…"}', '{"text": 7}', '{"text": "short"}', "[]", "{}"]
    _written(recipe.with_name("snippets.jsonl"), "\n".join([*bad, SNIPPETS[0], *SNIPPETS[:2]]))
    result = colloquia("run", recipe)
    assert result.code == 0
    lines = result.err[result.err.index("6 bad snippet lines left out:\n") :].splitlines()
    assert "snippets.jsonl:1: not" in lines[1]
    assert "did you mean 'txet'?" in lines[2]
    assert lines[6] == "  … and 1 more; -v tells all"
    assert "planned 2 = accepted 2\n" in result.out
    forecast = colloquia("run", recipe, "--dry-run")
    assert forecast.err.splitlines()[:7] == lines[:7]
    assert "1 duplicate snippet merged" in result.out


def test_all_bad_lines_are_told_with_v_and_one_with_q(
    colloquia: Command, recipe: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = recipe.with_name("snippets.jsonl")
    _written(source, "\n".join([*['{"text": "short"}'] * 30, *SNIPPETS[:1]]))
    for command in (["run", recipe, "--dry-run"], ["run", recipe], ["status"]):
        caplog.clear()
        listed = colloquia(*command, "-v").err
        assert f"{source.name}:2: too short" not in listed
        assert [f"{source.name}:{n}: too short" in caplog.text for n in (1, 30)] == [True, True]
    what = "30 bad snippet lines left out; the first:"
    for command in (["run", recipe, "--dry-run"], ["run", recipe]):
        result = colloquia(*command, "-q")
        assert result.err.startswith(f"warning: {what} {source}:1: too short to ask about")
        assert result.err.count("\n") == 1
    assert f"{what} {source.name}:1: too short" in colloquia("status", "-q").out


def test_a_copy_is_no_dialogue_of_its_own_in_a_dry_run(colloquia: Command, recipe: Path) -> None:
    german = '{"text": "Der Leuchtturm wurde im Jahr 1811 gebaut und steht auf einem Riff."}'
    source = _written(
        recipe.with_name("snippets.jsonl"),
        "\n".join([*SNIPPETS[:2], *SNIPPETS[:2], german, german]),
    )
    what = "3 duplicate snippets merged; the first:"
    told = f"{what} {source}:3: the text of {source}:1\n"
    forecast = colloquia("run", recipe, "--dry-run").out
    assert told in forecast and "snippets 6, bad lines 0\n" in forecast
    assert "dialogues 2 to do, 0 finished before\n" in forecast
    assert "1 snippet not in English" in forecast
    document = colloquia("run", recipe, "--dry-run", "--json").document
    assert (document["to_do"], document["duplicates_merged"]) == (2, 3)
    assert told in colloquia("run", recipe).out
    again = colloquia("run", recipe, "--dry-run", "--json").document
    assert (again["to_do"], again["finished"]) == (0, 3)
    assert f"{what} {source.name}:3: the text of {source.name}:1\n" in colloquia("status").out


def test_what_is_odd_about_snippets_and_dialogues_is_counted(
    colloquia: Command, recipe: Path
) -> None:
    source = recipe.with_name("snippets.jsonl")
    _written(recipe, recipe.read_text() + "dialogue: {exchanges: 6}\n")
    thin = '{"text": "The Harrow lighthouse was built in 1851."}'
    german = '{"text": "Der Leuchtturm wurde im Jahr 1811 gebaut und steht auf einem Riff."}'
    _written(source, "\n".join([*SNIPPETS[:2], thin, thin, german]))
    assert "1 snippet not in English" in colloquia("run", recipe, "--dry-run").out
    result = colloquia("run", recipe)
    assert f"1 duplicate snippet merged; the first: {source}:4: the text of" in result.out
    assert "  rejected: language 1\n    1 snippet not in English" in result.out
    short = " shorter than 6 exchanges: their snippets give no more to ask about\n"
    assert short in result.out and short in colloquia("status").out
    first = colloquia("run", recipe, "--json").document
    assert (first["duplicates_merged"], first["stale"]) == (1, 0)
    assert first["shorter_than_asked"] >= 1
    told = colloquia("status", "--json").document
    assert told["shorter_than_asked"] == first["shorter_than_asked"]
    _written(source, "\n".join(SNIPPETS[1:3]))
    result = colloquia("run", recipe)
    stale = "3 dialogues about snippets that the source no longer has; an export leaves them out\n"
    assert stale in result.out and stale in colloquia("status").out
    assert "duplicate" not in result.out
    limited = colloquia("run", recipe, "--limit", 1, "--json").document
    assert limited["stale"] is None, "nobody has seen the rest of the file"


def test_what_was_passed_over_and_ids_with_two_texts_are_told_everywhere(
    colloquia: Command, recipe: Path
) -> None:
    folder = recipe.with_name("texts")
    folder.mkdir()
    _written(folder / "a.md", f"```\nx = 1\n```\n\n{LAMP}\n\n![A lamp](l.png)\n\n```\ny\n```\n")
    _written(folder / "b.csv", f"id,text\n7,{LAMP} It is old.\n7,{LAMP} It is new.\n")
    _written(folder / "c.txt", "")
    passed_over = {"code": 2, "images": 1, "files without text": 1}
    lines = (
        "passed over, as no text: code 2, files without text 1, images 1\n"
        f"1 snippet id with two texts; the first: {folder / 'b.csv'}:3: the id of "
        f"{folder / 'b.csv'}:2, with another text\n"
    )
    given = (recipe, "--snippets", folder)
    forecast = colloquia("run", *given, "--dry-run")
    assert lines in forecast.out
    told = [
        colloquia("run", *given, "--dry-run", "--json").document,
        colloquia("run", *given, "--json").document,
        colloquia("status", "--json").document,
    ]
    assert [(one["passed_over"], len(one["id_clashes"])) for one in told] == [(passed_over, 1)] * 3
    assert lines in colloquia("run", *given).out
    assert lines in colloquia("status").out


@pytest.mark.parametrize("odd", [2**62, -1, 1.5, "'many'"])
def test_odd_counts_in_a_store_are_unknown(
    colloquia: Command, finished_store: Path, tmp_path: Path, odd: int
) -> None:
    store = tmp_path / "odd.db"
    store.write_bytes(finished_store.read_bytes())
    _sql(store, f"UPDATE calls SET tokens_in = {odd}, tokens_out = {odd}, cost_usd = {odd}")
    totals = colloquia("status", "--store", store, "--json").document
    known = 1.5 if odd == 1.5 else None  # as many dollars may well be
    assert (totals["tokens_in"], totals["tokens_out"]) == (0, 0)
    assert (totals["cost_usd"] is None) is (known is None)
    shown = colloquia("show", "--calls", "--store", store, "--json").document
    assert {call["tokens_in"] for call in shown["calls"]} == {None}
    assert {call["cost_usd"] for call in shown["calls"]} == {known}


def test_quiet_prints_results_only(colloquia: Command, recipe: Path) -> None:
    result = colloquia("run", recipe, "-q")
    assert (result.err, result.code) == ("", 0)
    assert result.out.startswith("planned 4")


def test_too_many_failures_exit_1_and_say_so(colloquia: Command, recipe: Path) -> None:
    _written(recipe, recipe.read_text() + "limits: {calls_per_dialogue: 2}\n")
    result = colloquia("run", recipe)
    assert result.code == 1
    assert "planned 4 = accepted 0 + failed 4\n  failed: loop 4\n" in result.out
    assert "error: 4 of 4 dialogues failed, more than --fail-on-error 0.1\n" in result.err


def test_a_run_that_accepts_nothing_exits_1(colloquia: Command, recipe: Path) -> None:
    _written(recipe, recipe.read_text() + "limits: {calls_per_dialogue: 2}\n")
    result = colloquia("run", recipe, "--fail-on-error", "1")
    assert (result.code, "no dialogue was accepted" in result.err) == (1, True)


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    colloquia: Command, recipe: Path, workplace: Path
) -> None:
    before = sorted(workplace.iterdir())
    plan = colloquia("run", recipe, "--dry-run", "--json").document
    assert (plan["new"], plan["snippets"], plan["to_do"], plan["finished"]) == (True, 4, 4, 0)
    fewest, most = plan["expected"]["calls"]
    assert colloquia("run", recipe, "--dry-run").code == 0
    assert sorted(workplace.iterdir()) == before
    done = colloquia("run", recipe, "--json").document
    assert fewest <= done["calls"] <= most
    plan = colloquia("run", recipe, "--dry-run", "--json").document
    assert (plan["run"], plan["to_do"], plan["finished"]) == (done["run"], 0, 4)
    assert "nothing to do" in colloquia("run", recipe, "--dry-run").out
    assert colloquia("run", recipe, "--dry-run", "--fresh", "--json").document["new"]


def test_the_store_comes_from_flag_or_environment(
    colloquia: Command, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLOQUIA_STORE", "env.db")
    colloquia("run", recipe, "--limit", 1)
    result = colloquia("run", recipe, "--limit", 1, "--store", "sqlite:///flag.db")
    assert Path("env.db").exists() and Path("flag.db").exists()
    assert "colloquia show --store sqlite:///flag.db" in result.err


BAD_RECIPES = {
    "a missing recipe": (None, "no such file"),
    "an empty recipe": ("", "recipe.yaml"),
    "a list": ("- a\n", "a recipe is a mapping"),
    "broken YAML": ("snippets: {path: x\n", "recipe.yaml:"),
    "an unknown setting": ("snippets: {path: x.txt}\nagnets: {}\n", "did you mean 'agents'?"),
    "a setting of a section": (
        "snippets: {path: x.txt}\nunanswerable_share: 0.2\n",
        "did you mean 'dialogue.unanswerable_share'?",
    ),
    "a setting of another section": (
        "snippets: {path: x.txt}\naccept: {samples: 2}\n",
        "did you mean 'agents.answerer.samples'?",
    ),
    "a missing setting": ("seed: 1\n", "snippets: missing"),
    "a duplicate key": ("seed: 1\nseed: 2\nsnippets: {path: x}\n", "recipe.yaml:2"),
    "a number out of range": ("snippets: {path: x}\nseed: -1\n", "recipe.yaml:2: seed"),
    "an unknown persona": (
        "snippets: {path: snippets.jsonl}\npersonas: [curious_ten]\n",
        "did you mean 'curious_teen'?",
    ),
    "a missing prompt folder": ("snippets: {path: snippets.jsonl}\nprompts: none\n", "none"),
    "an unknown model": (
        "snippets: {path: snippets.jsonl}\nagents: {critic: {model: gpt}}\n",
        "no model 'gpt'",
    ),
    "an API key": (
        "snippets: {path: x}\nmodels: {a: {model: b, api_key: sk-12345678}}\n",
        "models.a.api_key",
    ),
}


@pytest.mark.parametrize("case", BAD_RECIPES)
def test_a_bad_recipe_is_one_line_and_exit_2(colloquia: Command, recipe: Path, case: str) -> None:
    content, said = BAD_RECIPES[case]
    recipe.unlink() if content is None else _written(recipe, content)
    result = colloquia("run", recipe)
    _assert_refused(result, said)
    assert "sk-12345678" not in result.err
    assert not Path("colloquia.db").exists()


BAD_SNIPPETS: dict[str, tuple[str, bytes | None, str]] = {
    "a missing file": ("none.jsonl", None, "no such file"),
    "an empty file": ("empty.jsonl", b"", "is empty"),
    "an unknown kind": ("a.docx", b"x", "unknown kind '.docx'"),
    "a folder without snippets": ("folder", None, "no .jsonl, .csv, .md or .txt file"),
    "another encoding": ("latin.txt", "Zoë lived in Malmö.".encode("latin-1"), "not UTF-8"),
    "UTF-16": ("wide.txt", "A passage of text.".encode("utf-16"), "UTF-16"),
    "a line without end": (
        "long.jsonl",
        b"x" * (16 * 1024 * 1024 + 1),
        "more than 16 million characters",
    ),
    "only bad lines": ("bad.jsonl", b"no\nno\n", "none of 2 can be used"),
    "a table without a text column": ("a.csv", b"a,b\n1,2\n", "no column named 'text'"),
}


@pytest.mark.parametrize("case", BAD_SNIPPETS)
def test_bad_snippets_are_one_line_and_exit_2(
    colloquia: Command, recipe: Path, workplace: Path, case: str
) -> None:
    name, content, said = BAD_SNIPPETS[case]
    (workplace / "folder").mkdir()
    if content is not None:
        (workplace / name).write_bytes(content)
    _assert_refused(colloquia("run", recipe, "--snippets", name), said)
    _assert_refused(colloquia("run", recipe, "--snippets", name, "--dry-run"), said)


@pytest.mark.parametrize(
    "flags",
    [
        ["--limit", "0"],
        ["--limit", "many"],
        ["--concurrency", "0"],
        ["--concurrency", "fast"],
        ["--seed", "-1"],
        ["--fail-on-error", "2"],
        ["--model", "gpt-9"],
    ],
)
def test_a_flag_that_does_not_fit_is_exit_2(
    colloquia: Command, recipe: Path, flags: list[str]
) -> None:
    _assert_refused(colloquia("run", recipe, *flags), "")


BAD_STORES = {
    "a folder": "is a folder",
    "random bytes": "is no SQLite file",
    "another program's": "belongs to another program",
    "a missing folder": "doesn't exist",
    "another database": "can't be on 'mysql'",
}


@pytest.mark.parametrize("case", BAD_STORES)
def test_a_wrong_store_is_one_line_and_exit_2_and_stays_as_it_was(
    colloquia: Command, recipe: Path, workplace: Path, case: str
) -> None:
    store = workplace / "wrong.db"
    match case:
        case "a folder":
            store.mkdir()
        case "random bytes":
            store.write_bytes(bytes(range(256)))
        case "another program's":
            _sql(store, "CREATE TABLE tracks (id)")
        case "a missing folder":
            store = workplace / "none" / "wrong.db"
    where = "mysql://u:p@h/d" if case == "another database" else str(store)
    before = store.read_bytes() if store.is_file() else None
    for command in (["run", str(recipe)], ["status"], ["ls"], ["show"], ["export"]):
        result = colloquia(*command, "--store", where)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), command
    assert (store.read_bytes() if store.is_file() else None) == before


def test_a_store_of_a_newer_version_is_refused(
    colloquia: Command, recipe: Path, finished_store: Path, workplace: Path
) -> None:
    copy = workplace / "newer.db"
    copy.write_bytes(finished_store.read_bytes())
    _sql(copy, "INSERT INTO schema_version (version_num) VALUES ('999')")
    result = colloquia("run", recipe, "--store", copy)
    assert result.code == 4
    assert "newer colloquia" in result.err and result.err.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_is_refused(colloquia: Command, recipe: Path) -> None:
    colloquia("run", recipe, "--limit", 1)
    Path("colloquia.db").chmod(0o400)
    result = colloquia("run", recipe)
    assert (result.code, "read-only" in result.err) == (4, True)


def test_a_run_that_another_process_works_on_is_exit_75(colloquia: Command, recipe: Path) -> None:
    run = colloquia("run", recipe, "--limit", 1, "--json").document["run"]
    with Store.open("colloquia.db") as store, store.own(run):
        other = subprocess.run(
            [sys.executable, "-m", "colloquia", "run", str(recipe)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (other.returncode, other.stdout, other.stderr.count("\n")) == (75, "", 1)


def _assert_refused(result: Result, said: str) -> None:
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), result
    assert result.err.startswith("error: ") and said in result.err


def _written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def _sql(store: Path, statement: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(statement)
