"""`init`, `export`, `check`, `personas`, `prompts` and `doctor`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command import Command


def test_a_new_project_runs_as_it_is(colloquia: Command) -> None:
    result = colloquia("init", "demo")
    assert result.code == 0
    assert {path.name for path in Path("demo").rglob("*") if path.is_file()} >= {
        *("recipe.yaml", "snippets.jsonl", "my_persona.yaml", "answerer.prompt.j2"),
    }
    assert "next: cd demo && colloquia run recipe.yaml" in result.err
    assert colloquia("run", "demo/recipe.yaml", "--limit", 1).code == 0


def test_its_persona_and_prompt_can_be_used(colloquia: Command, project: Path) -> None:
    recipe = project / "recipe.yaml"
    own = "name: own\nsnippets: {path: snippets.jsonl}\nprompts: prompts\n"
    recipe.write_text(own + "personas: [personas/my_persona.yaml]\n")
    assert colloquia("lint").code == 0
    assert colloquia("run", recipe, "--limit", 1).code == 0
    assert "my_persona" in colloquia("ls").out


def test_what_is_there_stays_as_it_is(colloquia: Command, workplace: Path) -> None:
    (workplace / "recipe.yaml").write_text("mine")
    document = colloquia("init", "--json").document
    assert document["kept"] == ["recipe.yaml"]
    assert (workplace / "recipe.yaml").read_text() == "mine"
    assert "kept" in colloquia("init").out


def test_a_file_in_the_way_is_exit_2(colloquia: Command, workplace: Path) -> None:
    (workplace / "taken").write_text("")
    result = colloquia("init", "taken")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert colloquia("init", "taken/deeper").code == 2


def test_an_export_tells_its_sums_and_passes_its_check(
    colloquia: Command, finished_store: Path
) -> None:
    result = colloquia("export", "-o", "corpus", "--to", "trl-sft", "--store", finished_store)
    assert result.code == 0
    assert "in " in result.out and " = out " in result.out
    checked = colloquia("check", "corpus")
    assert (checked.code, "corpus: ok, 6 rows" in checked.out) == (0, True)
    document = colloquia("check", "corpus", "--json").document
    assert (document["ok"], document["rows"], document["problems"]) == (True, 6, [])


def test_export_takes_splits_scores_and_context(colloquia: Command, finished_store: Path) -> None:
    manifest = colloquia(
        *("export", "-o", "open", "--to", "trl-sft,canonical", "--split", "train=.5,test=.5"),
        *("--context", "open", "--only", "all", "--min-score", "0.1"),
        *("--store", finished_store, "--json"),
    ).document
    assert manifest["settings"]["split"] == {"train": 0.5, "test": 0.5}
    assert manifest["settings"]["context"] == "open"
    for count in manifest["counts"]:
        assert count["in"] == count["out"] + sum(count["excluded"].values())


@pytest.mark.parametrize(
    "flags",
    [
        ["--to", "trl-stf"],
        ["--to", ""],
        ["--split", "train"],
        ["--split", "train=.9,train=.1"],
        ["--split", "train=2"],
        ["--min-score", "2"],
        ["--only", "some"],
        ["--context", "half"],
        ["-o", "taken"],
    ],
)
def test_an_export_that_cannot_be_is_exit_2(
    colloquia: Command, finished_store: Path, workplace: Path, flags: list[str]
) -> None:
    (workplace / "taken").mkdir()
    result = colloquia("export", *flags, "--store", finished_store)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert not (workplace / "corpus").exists()


def test_a_damaged_corpus_is_exit_2_with_its_place(
    colloquia: Command, finished_store: Path
) -> None:
    colloquia("export", "-o", "corpus", "--to", "trl-sft", "--store", finished_store)
    file = Path("corpus/sft/train.jsonl")
    file.write_text(file.read_text().replace('"assistant"', '"asistant"', 1))
    result = colloquia("check", "corpus")
    assert (result.code, "sft/train.jsonl" in result.out) == (2, True)
    document = colloquia("check", "corpus", "--json").document
    assert {"file", "line", "code", "message"} == set(document["problems"][0])


def test_what_is_no_corpus_is_exit_2(colloquia: Command) -> None:
    result = colloquia("check", "none")
    assert (result.code, result.err.count("\n")) == (2, 1)


def test_personas_are_listed_and_shown(colloquia: Command) -> None:
    assert colloquia("personas") == colloquia("personas", "list")
    listed = colloquia("personas", "--json").document["personas"]
    assert len(listed) >= 12
    shown = colloquia("personas", "show", "curious_teen").out
    assert "curiosity 5" in shown and "the answerer is told:" in shown
    assert (
        colloquia("personas", "show", "curious_teen", "--json").document["name"] == "curious_teen"
    )
    assert colloquia("personas", "show", "nobody").code == 2


def test_prompts_are_listed_and_shown(colloquia: Command, project: Path) -> None:
    assert colloquia("prompts") == colloquia("prompts", "list")
    listed = colloquia("prompts", "--json").document["prompts"]
    assert {row["role"] for row in listed} >= {"planner", "questioner", "answerer", "critic"}
    source = colloquia("prompts", "show", "critic", "--json").document["source"]
    assert "<<system>>" in source and source.strip() in colloquia("prompts", "show", "critic").out
    assert colloquia("prompts", "show", "critc").code == 2
    mine = colloquia("prompts", "show", "answerer", "--prompts", "prompts", "--json").document
    assert mine["source"] == (project / "prompts" / "answerer.prompt.j2").read_text()


def test_a_sound_machine_passes_the_doctor(colloquia: Command, finished_store: Path) -> None:
    result = colloquia("doctor", "--store", finished_store, "--json")
    assert result.code == 0
    assert result.document["ok"]
    assert {check["state"] for check in result.document["checks"]} <= {"ok", "warn"}
    assert "none at colloquia.db yet" in colloquia("doctor").out
    assert not Path("colloquia.db").exists()


def test_the_doctor_fails_a_wrong_store(
    colloquia: Command, workplace: Path, finished_store: Path
) -> None:
    (workplace / "bytes.db").write_bytes(b"no database")
    newer = workplace / "newer.db"
    newer.write_bytes(finished_store.read_bytes())
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("INSERT INTO schema_version (version_num) VALUES ('999')")
    codes = {"bytes.db": 2, "newer.db": 4, "mysql://h/d": 2, "none/a.db": 4}
    for store, code in codes.items():
        result = colloquia("doctor", "--store", store)
        assert (result.code, "fail\tstore" in result.out) == (code, True), store


def test_export_says_which_split_no_snippet_fell_into(colloquia: Command, project: Path) -> None:
    assert colloquia("run", "recipe.yaml", "--limit", "1", "-q").code == 0
    asked = ("export", "--to", "trl-sft", "--split", "train=.9,test=.1", "-o")
    result = colloquia(*asked, "corpus")
    assert result.code == 0
    assert "trl-sft train: in 1 dialogue = out 1\n" in result.out
    assert "warning: no snippet fell into test; give it a larger share" in result.err
    assert colloquia(*asked, "recipe.yaml/new").code == 2


def test_export_leaves_out_what_was_mended_and_says_how_to_take_it(
    colloquia: Command, project: Path
) -> None:
    assert colloquia("run", "recipe.yaml", "--limit", "3", "-q").code == 0
    snippets = project / "snippets.jsonl"
    snippets.write_text(snippets.read_text().replace('"text": "', '"text": "Mended. ', 1))
    result = colloquia("export", "-o", "corpus", "--to", "canonical")
    assert "  canonical: in 3 dialogues = out 2 + excluded stale 1\n" in result.out
    assert "--with-stale takes it too" in result.err
    assert "1 dialogue about snippets that the source no longer has" in colloquia("status").out
    assert colloquia("status", "--json").document["stale"] == 1
    everything = colloquia("export", "-o", "all", "--to", "canonical", "--with-stale")
    assert "  canonical: in 3 dialogues = out 3\n" in everything.out
    assert "stale" not in everything.err


def test_export_says_where_the_source_can_not_be_asked(
    colloquia: Command, finished_store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    result = colloquia("export", "-o", "corpus", "--to", "canonical", "--store", finished_store)
    assert (result.code, "stale" in result.out) == (0, False)
    assert caplog.messages == [
        "not known which snippets the source still has: snippets.jsonl: no such file or folder"
    ]
