"""`docs/store.md` shows the schema as it is, and every recipe in it finds the right rows."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from colloquia.core.commit import Commit
from colloquia.core.types import Review
from colloquia.corpus.pairs import preference_pairs
from colloquia.store.repository import Store
from colloquia.store.tables import Row
from tests.store.samples import begin, commit, pending, talk

PAGE = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"\*\*([^*\n]+)\*\*[^\n]*\n\n```sql\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
async def small(path: Path) -> Path:
    """A store with two runs of one recipe, whose rows have the same ids.

    The latest has one accepted, one rejected, one failed and one pending dialogue, a question that
    was reviewed, and two reviewers against a draft; all of the earlier one were accepted.
    """
    with Store.open(path, create=True) as store:
        earlier = await begin(store, dialogues=range(4))
        for number in range(4):
            await commit(store, talk(number, earlier.id))
        run = await begin(store, dialogues=range(4), ordinal=2)
        made = talk(0, run.id)
        await commit(store, made)
        await commit(store, talk(1, run.id, outcome="rejected"))
        await commit(store, talk(2, run.id, outcome="failed"))
        question, draft, *_ = made.turns
        more = (
            Review.of(subject_id=question.id, reviewer="form", verdict="accept"),
            Review.of(
                subject_id=draft.id, reviewer="evidence", verdict="revise", rationale="No quote."
            ),
        )
        await store.put(run.id, made.dialogue.id, Commit(reviews=more))
    return path


WHO, MOTHER = "Who led them?", "And his mother?"
DRAFT, ANSWER, DECLINED = "A king.", "Rollo did.", "The text doesn't say; it covers Rollo."
AGAINST = "critic: Names nobody."
SYSTEM = ("answerer", "system", "Answer from the snippet alone.")

#: What each recipe finds in that store.
ROWS: dict[str, list[tuple[object, ...]]] = {
    "Where the run stands": [
        ("accepted", "", 1),
        ("failed", "content", 1),
        ("pending", "", 1),
        ("rejected", "ungrounded", 1),
    ],
    "Acceptance by persona": [("curious_teen", 3, 0.333)],
    "Drafts that did not pass, and why": [
        *[("critic", "vague", DRAFT, "Names nobody.")] * 3,
        ("evidence", None, DRAFT, "No quote."),
    ],
    "How many answers pass at which attempt": [(0, 6, 0.5), (1, 3, 1.0)],
    "Calls, tokens and cost by role": [("answerer", "offline", 6, 720, 72, 0.006, 0, 0.25)],
    "Mean score by prompt version": [
        ("answerer@3f2a9c1b", "grounded", 0.2, 7),
        ("answerer@3f2a9c1b", "helpful", 0.4, 7),
    ],
    "Questions that were declined": [(MOTHER, DECLINED)] * 3,
    "A transcript in order": [
        ("questioner", WHO),
        ("answerer", ANSWER),
        ("questioner", MOTHER),
        ("answerer", DECLINED),
    ],
    "Preference pairs": [
        (WHO, ANSWER, DRAFT, f"{AGAINST}; evidence: No quote."),
        *[(WHO, ANSWER, DRAFT, AGAINST)] * 2,
    ],
    "Which quotes an answer rests on": [(ANSWER, "Fact", "Fact")] * 3,
    "What kinds of questions were planned": [("near_miss", 3), ("who", 3)],
    "Exactly what a model was sent": [
        (f"1.answerer.{place}", *message)
        for number in range(3)
        for place in range(2)
        for message in (SYSTEM, ("answerer", "user", f"Who led them? ({number})"))
    ],
}


def ask(path: Path, recipe: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(RECIPES[recipe]).fetchall()


def test_no_recipe_is_overlooked() -> None:
    assert ROWS.keys() == RECIPES.keys()
    assert len(RECIPES) == PAGE.count("```sql")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_finds_exactly_these_rows(small: Path, recipe: str) -> None:
    assert ask(small, recipe) == ROWS[recipe]


def test_a_transcript_is_the_path_and_pairs_are_the_records_pairs(small: Path) -> None:
    with Store.open(small) as store:
        record = store.record(pending(0, "").id)
        (pair,) = preference_pairs(record)
    assert ask(small, "A transcript in order") == [(t.speaker, t.text) for t in record.turns]
    found = ask(small, "Preference pairs")[0]
    assert found[1:] == (pair.chosen.text, pair.rejected.text, pair.reason)


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
