"""`docs/store.md` shows the schema as it is, and every recipe in it runs and finds something."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from colloquia.corpus.pairs import preference_pairs
from colloquia.store.repository import Store
from colloquia.store.tables import Row
from tests.store.samples import begin, commit, pending, talk

PAGE = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"\*\*([^*\n]+)\*\*[^\n]*\n\n```sql\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
async def small(path: Path) -> Path:
    """A store with one accepted, one rejected, one failed and one pending dialogue."""
    with Store.open(path, create=True) as store:
        run = await begin(store, dialogues=range(4))
        await commit(store, talk(0, run.id))
        await commit(store, talk(1, run.id, outcome="rejected"))
        await commit(store, talk(2, run.id, outcome="failed"))
    return path


def ask(path: Path, recipe: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(RECIPES[recipe]).fetchall()


def test_no_recipe_is_overlooked() -> None:
    assert len(RECIPES) == PAGE.count("```sql") >= 8


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_runs_and_finds_something(small: Path, recipe: str) -> None:
    assert ask(small, recipe)


def test_a_transcript_is_the_path_and_pairs_are_the_records_pairs(small: Path) -> None:
    with Store.open(small) as store:
        record = store.record(pending(0, "").id)
        (pair,) = preference_pairs(record)
    assert ask(small, "A transcript in order") == [(t.speaker, t.text) for t in record.turns]
    found = ask(small, "Preference pairs")[0]
    assert found[1:3] == (pair.chosen.text, pair.rejected.text)


def test_quotes_are_found_at_their_offsets(small: Path) -> None:
    for _, quote, in_snippet in ask(small, "Which quotes an answer rests on"):
        assert quote == in_snippet


def test_the_diagram_shows_every_table_and_column() -> None:
    shown = {
        table: re.findall(r"^ {8}\w+ (\w+)", columns, re.MULTILINE)
        for table, columns in re.findall(
            r"^ {4}(\w+) \{\n(.*?)^ {4}\}", PAGE, re.DOTALL | re.MULTILINE
        )
    }
    assert shown == {
        name: [column.name for column in table.columns]
        for name, table in Row.metadata.tables.items()
    }


async def test_the_python_example_runs(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.parent)
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, {})
