"""Nobody trains on text that was mended or taken out since: an export asks the source."""

import json
from pathlib import Path

import pytest

import colloquia
from colloquia.runs.stale import AT_A_GLANCE, StaleSnippets, stale_snippets
from colloquia.store.repository import Store
from tests.simulator.test_runner import TEXTS

ALL = len(TEXTS)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a finished run of all mills."""
    monkeypatch.chdir(tmp_path)
    write(TEXTS)
    Path("recipe.yaml").write_text("snippets: mills.jsonl\n")
    assert colloquia.run("recipe.yaml").counts().planned == ALL
    return tmp_path


def write(texts: list[str]) -> None:
    lines = (json.dumps({"text": text}) + "\n" for text in texts)
    Path("mills.jsonl").write_text("".join(lines))


def exported(run: colloquia.Run, out: str, *, with_stale: bool = False) -> tuple[int, int]:
    """Return how many dialogues are in an export, and how many were left out as stale."""
    made = run.export(out, to=["canonical"], only="all", with_stale=with_stale)
    (count,) = made.counts
    return count.rows, count.excluded.get("stale", 0)


def test_a_mended_and_a_removed_snippet_are_left_out_before_and_after_the_next_run(
    project: Path,
) -> None:
    write([TEXTS[0].replace("1702", "1703"), *TEXTS[2:]])
    assert exported(colloquia.find_run("colloquia.db"), "a") == (ALL - 2, 2)
    text = Path("a/dialogues.jsonl").read_text()
    assert "in 1702" not in text and "Mary Lowe" not in text
    run = colloquia.run("recipe.yaml")
    assert run.counts().planned == ALL + 1, "the mended one is talked about anew"
    assert exported(run, "b") == (ALL - 1, 2)
    assert exported(colloquia.find_run("colloquia.db"), "c") == (ALL - 1, 2)
    assert exported(run, "d", with_stale=True) == (ALL + 1, 0)


def test_a_limit_makes_nothing_stale(project: Path) -> None:
    recipe = colloquia.load("recipe.yaml").override(limit=2)
    assert exported(colloquia.run(recipe), "a") == (ALL, 0)


def test_a_title_may_change(project: Path) -> None:
    lines = (json.dumps({"text": text, "title": "Mill"}) + "\n" for text in TEXTS)
    Path("mills.jsonl").write_text("".join(lines))
    assert exported(colloquia.find_run("colloquia.db"), "a") == (ALL, 0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "mills.jsonl: no such file or folder"),
        ("", "mills.jsonl is empty"),
        ('{"text": "Of another project, whose file has the same name."}', "holds none of them"),
    ],
    ids=["gone", "empty", "another's"],
)
def test_a_source_that_can_not_tell_leaves_nothing_out_and_says_so(
    project: Path, content: str | None, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    Path("mills.jsonl").unlink()
    if content is not None:
        Path("mills.jsonl").write_text(content)
    assert exported(colloquia.find_run("colloquia.db"), "a") == (ALL, 0)
    (message,) = caplog.messages
    assert message.startswith("not known which snippets the source still has: ")
    assert says in message


def test_a_large_source_is_not_read_for_a_glance(project: Path) -> None:
    run = colloquia.find_run("colloquia.db")
    with Store.open("colloquia.db") as store:
        write(TEXTS[1:])
        seen = stale_snippets(run.manifest, store, most_bytes=AT_A_GLANCE)
        assert len(seen.ids) == 1
        large = stale_snippets(run.manifest, store, most_bytes=10)
        assert large == StaleSnippets(unknown="mills.jsonl is no small file")
