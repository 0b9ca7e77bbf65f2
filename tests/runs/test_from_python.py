"""What commands do is done from Python too: a value comes back, and nothing is printed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import colloquia
from colloquia import Run, Snippet, UserError
from colloquia.authoring.starter import starter_files
from colloquia.corpus.manifest import ExportManifest

STARTER = starter_files()


@pytest.fixture(autouse=True)
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    for name, text in STARTER.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    yield tmp_path
    assert capsys.readouterr() == ("", "")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("finished")
    for name in ("recipe.yaml", "snippets.jsonl"):
        (folder / name).write_text(STARTER[name], encoding="utf-8")
    recipe = colloquia.load(folder / "recipe.yaml").override(limit=3)
    return colloquia.run(recipe, store=folder / "done.db")


@pytest.fixture(scope="module")
def exported(
    finished: Run, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ExportManifest]:
    folder = tmp_path_factory.mktemp("exported") / "corpus"
    return folder, finished.export(folder)


def test_lint_returns_every_problem() -> None:
    assert (colloquia.lint().ok, colloquia.lint().files) == (True, 3)
    Path("wrong.yaml").write_text("snippets: {path: snippets.jsonl}\nagnets: {}\n")
    report = colloquia.lint("wrong.yaml", Path("recipe.yaml"))
    assert [(p.code, p.line) for p in report.problems] == [("R101", 2)]
    assert repr(report) == (
        "<LintReport: 2 files, 1 problem>\n"
        "  wrong.yaml:2: R101 agnets: unknown setting; did you mean 'agents'?"
    )


def test_check_returns_what_is_wrong_with_an_export(exported: tuple[Path, ExportManifest]) -> None:
    folder, _ = exported
    report = colloquia.check(str(folder), load=False)
    assert report.ok and repr(report) == f"<CheckReport: ok, {report.rows} rows, 0 problems>"
    broken = Path("broken")
    broken.mkdir()
    for file in folder.rglob("*"):
        if file.suffix == ".jsonl" or file.name == "manifest.json":
            target = broken / file.relative_to(folder)
            target.parent.mkdir(exist_ok=True, parents=True)
            target.write_bytes(file.read_bytes().replace(b"the", b"teh"))
    told = repr(colloquia.check(broken, load=False))
    assert told.startswith("<CheckReport: not ok, ") and "its SHA-256 or size isn't" in told


def test_render_returns_the_messages_that_would_be_sent() -> None:
    text = (
        "The Harrow lighthouse stands on a cliff. The keeper rang a bell every two minutes in fog. "
        "In 1923, the council replaced the oil lamp with an electric one."
    )
    made = colloquia.render(
        "answerer",
        persona="shy_beginner",
        snippet=Snippet.of(text),
        exchange=2,
        values={"question": "How tall?", "snippet.title": "Towers"},
    )
    assert (made.role, made.messages[0].role) == ("answerer", "system")
    assert "How tall?" in made.messages[-1].content and "Towers" in str(made)
    assert made.changes is None
    assert repr(made).startswith(f"<Rendering {made.prompt}: {len(made.messages)} messages, ~")
    compared = colloquia.render("answerer", recipe="recipe.yaml", diff=Path("prompts"))
    assert compared.changes == ()
    with pytest.raises(UserError, match="no such value; did you mean 'question'"):
        colloquia.render("answerer", values={"qestion": "x"})


def test_a_dry_run_writes_nothing_and_a_preview_is_the_run_s_beginning() -> None:
    recipe = colloquia.load("recipe.yaml").override(limit=4)
    before = colloquia.dry_run(recipe, store=Path("colloquia.db"))
    assert (before.to_do, before.run) == (4, None) and not Path("colloquia.db").exists()
    assert repr(before).startswith("<DryRun of a new run: 4 dialogues to do, ")
    previewed = colloquia.preview(recipe, number=2, store=Path("p.db"))
    assert (len(previewed.dialogues), previewed.rest.to_do) == (2, 2)
    assert repr(previewed).startswith("<Preview: 2 dialogues, then <DryRun of run1_")
    done = colloquia.run(recipe, store="p.db")
    assert done.id == previewed.run and done.counts().planned == 4
    with pytest.raises(UserError, match="number=0: a preview makes at least 1"):
        colloquia.preview(recipe, number=0)


def test_a_preview_reads_an_iterator_once() -> None:
    texts = (
        f"The lamp of lighthouse number {n} was lit in 185{n} by its keeper." for n in range(3)
    )
    previewed = colloquia.preview({"seed": 1}, number=1, store="i.db", snippets=texts)
    assert (len(previewed.dialogues), previewed.rest.to_do) == (1, 2)


def test_failed_dialogues_are_retried_by_cause() -> None:
    recipe = {"snippets": "snippets.jsonl", "limits": {"calls_per_dialogue": 2}}
    run = colloquia.run(colloquia.Recipe.model_validate(recipe).override(limit=2), store="r.db")
    with pytest.raises(UserError, match="no dialogue has failed of 'lop'; did you mean 'loop'"):
        colloquia.retry(Path("r.db"), causes="lop")
    again = colloquia.retry("r.db", run.id[:9], causes=["loop"])
    assert (again.run, again.pending_again, again.causes) == (run.id, 2, {"loop": 2})
    assert repr(again) == f"<Retried {run.id}: 2 pending again: loop 2>"
    assert run.counts().pending == 2
    assert colloquia.retry("r.db").pending_again == 0


async def test_inside_an_event_loop_all_works_or_says_what_to_await() -> None:
    recipe = colloquia.load("recipe.yaml").override(limit=2)
    assert colloquia.dry_run(recipe).to_do == 2
    assert colloquia.render("critic").messages
    previewed = await colloquia.apreview(recipe, number=1, store="l.db")
    assert len(previewed.dialogues) == 1
    assert colloquia.retry("l.db").pending_again == 0
    with pytest.raises(UserError, match=r"write 'await colloquia.apreview\(…\)' instead"):
        colloquia.preview(recipe)
    await asyncio.sleep(0)


def test_values_are_shown_on_one_line(
    finished: Run, exported: tuple[Path, ExportManifest], project: Path
) -> None:
    record = next(finished.dialogues(outcome="accepted"))
    _, manifest = exported
    shown: list[tuple[Any, str]] = [
        (finished, f"<Run {finished.id} 'first-dialogues': planned 3 = accepted 3>"),
        (finished.manifest.recipe, "<Recipe 'first-dialogues': snippets snippets.jsonl, personas"),
        (record, f"<DialogueRecord {record.dialogue.id} accepted "),
        (record.turns[0], "<Turn questioner: "),
        (record.snippet, f"<Snippet {record.snippet.id} "),
        (record.persona, f"<Persona {record.persona.name}: "),
        (colloquia.Graph.default(), "<Graph foundation > planner > questioner > "),
        (manifest, "<ExportManifest 'first-dialogues', 3 dialogues: canonical 3 rows, trl-sft "),
    ]
    for value, begin in shown:
        told = repr(value)
        assert told == str(value) and told.startswith(begin)
        assert "\n" not in told and len(told) < 320
    declined = colloquia.Turn.of(
        parent_id="x", speaker="answerer", text="No\nword.", declined=True, attempt=1
    )
    assert repr(declined) == "<Turn answerer: 'No word.', declined, attempt 1>"


def test_a_run_whose_store_is_gone_still_has_a_name(finished: Run) -> None:
    moved = Run(manifest=finished.manifest, store_url="gone.db")
    assert repr(moved).startswith(f"<Run {finished.id} 'first-dialogues': there is no store at")
