"""A dialogue whose parts don't belong together is refused, with a line that says why."""

from typing import Any

import pytest
from made_dialogues import dialogue
from pydantic import ValidationError

from colloquia.core.record import DialogueRecord
from colloquia.core.types import Turn


def damaged(**changes: Any) -> str:
    record = dialogue()
    with pytest.raises(ValidationError) as error:
        DialogueRecord.model_validate(dict(record) | changes)
    return str(error.value)


def moved(turn: Turn, parent_id: str) -> Turn:
    return turn.model_copy(update={"parent_id": parent_id})


@pytest.mark.parametrize("last", [0, 1, 4])
def test_turns_that_follow_each_other_in_a_ring_are_refused(last: int) -> None:
    first, *others = dialogue().tree
    ring = moved(first, [first, *others][last].id)
    assert "is its own ancestor" in damaged(tree=(ring, *others))


def test_a_turn_after_one_that_is_missing_or_of_another_dialogue_is_refused() -> None:
    first, *others = dialogue().tree
    for parent in ("turn1_none", dialogue(1).tree[0].id, dialogue(1).dialogue.id):
        tree = (moved(first, parent), *others)
        assert f"{parent}, which a turn follows, isn't one of its turns" in damaged(tree=tree)


def test_a_last_turn_of_another_dialogue_is_refused() -> None:
    record = dialogue()
    other = record.dialogue.model_copy(update={"tip_id": dialogue(1).dialogue.tip_id})
    assert "isn't one of its turns" in damaged(dialogue=other)


def test_words_that_an_id_doesnt_name_are_refused_but_for_what_no_store_holds() -> None:
    *others, last = dialogue().tree
    reworded = last.model_copy(update={"text": "Something else."})
    assert f"turn {last.id} doesn't read as its id says" in damaged(tree=(*others, reworded))
    replaced = last.model_copy(update={"text": "Something\ufffd"})
    record = dialogue()
    assert DialogueRecord.model_validate(dict(record) | {"tree": (*others, replaced)}).tree
    snippet = record.snippet.model_copy(update={"text": "Something else."})
    assert "doesn't read as its id says" in damaged(snippet=snippet)
