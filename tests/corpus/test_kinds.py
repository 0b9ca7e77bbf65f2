"""What an answerer did and heard, told apart."""

import json

from made_dialogues import dialogue

from colloquia.core.record import DialogueRecord
from colloquia.core.types import Speaker, Turn
from colloquia.corpus.kinds import told_messages
from colloquia.corpus.row_shape import flaws_in
from colloquia.corpus.rows import Selection, possible_rows


def test_a_turned_down_draft_stands_before_its_successor_with_the_reasons() -> None:
    told = [
        (one["kind"], one["speaker"], one["weight"], one["content"])
        for one in told_messages(dialogue(3))
    ]
    assert told == [
        ("observation", "questioner", 1.0, "What is it?"),
        ("action", "answerer", 1.0, "It is thing number 3."),
        ("observation", "questioner", 1.0, "When was it made?"),
        ("action", "answerer", 0.0, "It was made in 1805."),
        ("observation", "critic", 1.0, "because"),
        ("action", "answerer", 1.0, "It was made in 1905."),
    ]


def test_an_environment_without_weight_only_warns() -> None:
    record = dialogue(3, draft=None)
    tree = [*record.turns]
    said: tuple[tuple[Speaker, str, float], ...] = (
        ("environment", "1905.txt", 1.0),
        ("environment", "(say a command)", 0.0),
        ("answerer", "ls", 1.0),
    )
    for speaker, text, weight in said:
        turn = Turn.of(parent_id=tree[-1].id, speaker=speaker, text=text, train_weight=weight)
        tree.append(turn)
    ended = record.dialogue.model_copy(update={"tip_id": tree[-1].id})
    longer = DialogueRecord(
        dialogue=ended, snippet=record.snippet, persona=record.persona, tree=tuple(tree)
    )
    assert [one["kind"] for one in told_messages(longer)][-3:] == [
        "observation",
        "warning",
        "action",
    ]
    (exchange,) = longer.exchanges[1:]
    assert exchange.answer.text == "ls"
    assert [turn.text for turn in exchange.said][1:] == ["1905.txt", "(say a command)", "ls"]
    (possible,) = possible_rows(
        longer, "echo-jsonl", selection=Selection(context="open"), recipe_hash="x"
    )
    assert possible.line is not None
    row = json.loads(possible.line)
    assert not list(flaws_in(row, "echo-jsonl"))
    assert row["messages"][0]["kind"] == "context"


def test_a_message_of_no_kind_is_a_flaw() -> None:
    (possible,) = possible_rows(dialogue(3), "echo-jsonl", selection=Selection(), recipe_hash="x")
    row = json.loads(possible.line or "")
    for wrong in ({"kind": "thing"}, {"weight": -1}, {"weight": None}, {"content": 3}):
        messages = [row["messages"][0] | wrong, *row["messages"][1:]]
        (flaw,) = flaws_in(row | {"messages": messages}, "echo-jsonl")
        assert flaw.code == "messages"
