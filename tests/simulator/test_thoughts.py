"""A run in the style of reasoning: every answer has a thought, and nobody is told it."""

from pathlib import Path

import pytest

import colloquia
from colloquia.core.errors import RecipeError
from colloquia.core.recipe import Recipe
from colloquia.store.repository import Store

STARTER = Path(__file__).parents[2] / "src/colloquia/starter/snippets.jsonl"


def recipe(style: str = "reasoning", **changes: object) -> Recipe:
    content = {
        "snippets": {"path": str(STARTER), "limit": 3},
        "agents": {"answerer": {"style": style}},
    }
    return Recipe.model_validate(content | changes)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> colloquia.Run:
    return colloquia.run(recipe(), store=str(tmp_path_factory.mktemp("run") / "run.db"))


def test_every_answer_has_a_thought_and_no_question_has_one(run: colloquia.Run) -> None:
    turns = [turn for record in run.dialogues() for turn in record.tree]
    assert {turn.speaker for turn in turns if turn.thought} == {"answerer"}
    assert all(turn.thought for turn in turns if turn.speaker == "answerer")


def test_nobody_is_told_a_thought(run: colloquia.Run) -> None:
    records = list(run.dialogues())
    thoughts = {turn.thought or "" for record in records for turn in record.tree} - {""}
    with Store.open(run.store_url, create=False) as store:
        told = [
            message.content
            for record in records
            for call in store.calls(run.id, record.dialogue.id)
            for message in call.messages
        ]
    assert len(thoughts) > 10 < len(told)
    assert not [one for one in thoughts if any(one in content for content in told)]


def test_the_dialogues_are_those_of_a_plain_run(run: colloquia.Run, tmp_path: Path) -> None:
    plain = colloquia.run(recipe("plain"), store=str(tmp_path / "plain.db"))

    def said(one: colloquia.Run) -> list[list[str]]:
        return sorted([turn.text for turn in record.turns] for record in one.dialogues())

    assert said(run) == said(plain)


def test_whole_dialogues_have_no_thoughts_to_ask_for() -> None:
    with pytest.raises(RecipeError, match=r"needs dialogue\.draft: turns"):
        colloquia.run(recipe(dialogue={"draft": "whole"}))
