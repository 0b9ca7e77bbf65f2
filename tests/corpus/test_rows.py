import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from made_dialogues import RECIPE_HASH, dialogue

from colloquia.core.record import DialogueRecord
from colloquia.core.types import Snippet, Span, Turn
from colloquia.corpus.formats import FORMATS, ROW_FORMATS, Format
from colloquia.corpus.row_shape import flaws_in
from colloquia.corpus.rows import REASONS, PossibleRow, Selection, possible_rows

USER, ASSISTANT = "user", "assistant"


def tried(record: DialogueRecord, name: Format, **selection: Any) -> list[PossibleRow]:
    chosen = Selection(**selection)
    return list(possible_rows(record, name, selection=chosen, recipe_hash=RECIPE_HASH))


def rows(record: DialogueRecord, name: Format, **selection: Any) -> list[dict[str, Any]]:
    return [json.loads(found.line) for found in tried(record, name, **selection) if found.line]


def reasons(record: DialogueRecord, name: Format, **selection: Any) -> list[str | None]:
    return [found.reason for found in tried(record, name, **selection)]


def said(messages: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in messages]


def with_last_answer(record: DialogueRecord, **changes: Any) -> DialogueRecord:
    *before, last = record.tree
    return record.model_copy(update={"tree": (*before, last.model_copy(update=changes))})


class TestShapes:
    def test_a_dialogue_is_one_row_of_messages(self) -> None:
        record = dialogue(3)
        (row,) = rows(record, "trl-sft")
        assert said(row["messages"]) == [
            (USER, "What is it?"),
            (ASSISTANT, "It is thing number 3."),
            (USER, "When was it made?"),
            (ASSISTANT, "It was made in 1905."),
        ]
        del row["messages"], row["id"]
        assert row == {
            "snippet_ids": [record.snippet.id],
            "persona": "curious_teen",
            "difficulty": 0.25,
            "score": 0.9,
            "attempts": 2,
            "source": "things.txt",
        }

    def test_each_answer_is_a_row_with_what_was_said_before_as_prompt(self) -> None:
        first, second = rows(dialogue(3), "trl-sft-turns")
        assert said(first["prompt"]) == [(USER, "What is it?")]
        assert said(second["prompt"])[-1] == (USER, "When was it made?")
        assert said(second["completion"]) == [(ASSISTANT, "It was made in 1905.")]
        assert (first["attempts"], second["attempts"]) == (1, 2)

    def test_a_pair_is_two_lists_of_one_answer_after_the_same_prompt(self) -> None:
        (row,) = rows(dialogue(3), "trl-dpo")
        assert said(row["prompt"])[-1] == (USER, "When was it made?")
        assert said(row["chosen"]) == [(ASSISTANT, "It was made in 1905.")]
        assert said(row["rejected"]) == [(ASSISTANT, "It was made in 1805.")]
        assert (row["score_chosen"], row["score_rejected"]) == (0.9, 0.3)
        assert row["source"] == "revision"

    def test_each_question_is_a_row_with_what_it_takes_to_grade_an_answer(self) -> None:
        first, second = rows(dialogue(3), "trl-grpo")
        assert said(first["prompt"]) == [(USER, "What is it?")]
        assert said(second["prompt"])[-1] == (USER, "When was it made?")
        assert (second["reference"], second["answerable"]) == ("It was made in 1905.", True)
        assert second["system"].endswith("Thing 3\n\nThing number 3 was made in 1905.")
        assert (first["attempts"], second["attempts"]) == (1, 2)

    def test_a_question_carries_its_passage_once_whatever_the_context(self) -> None:
        closed, opened = (
            rows(dialogue(3), "trl-grpo", context=context)[1] for context in ("closed", "open")
        )
        assert [message["role"] for message in opened["prompt"]][:2] == ["system", USER]
        assert opened["prompt"][0]["content"] == opened["system"] == closed["system"]
        assert opened["prompt"][1:] == closed["prompt"]

    def test_a_question_that_was_declined_is_not_answerable(self) -> None:
        spans = (Span(start=0, end=5, text="Thing"),)
        record = with_last_answer(dialogue(draft=None), declined=True, spans=spans)
        row = rows(record, "trl-grpo")[-1]
        assert (row["answerable"], row["evidence"]) == (False, ["Thing"])

    @pytest.mark.parametrize("name", ROW_FORMATS)
    def test_columns_are_the_same_in_every_row_and_in_order(self, name: Format) -> None:
        bare = dialogue(1, scores=(None, None)).model_copy(update={"plan": None})
        for record in (dialogue(0), bare):
            for row in rows(record, name):
                assert list(row) == list(ROW_FORMATS[name].columns)

    def test_never_messages_and_prompt_in_one_row(self) -> None:
        for kind in ROW_FORMATS.values():
            assert not {"messages", "prompt"} <= kind.columns.keys()

    @pytest.mark.parametrize("name", ROW_FORMATS)
    def test_an_open_context_puts_the_snippet_in_a_system_message(self, name: Format) -> None:
        record = dialogue(3)
        for row in rows(record, name, context="open"):
            first = (row.get("messages") or row["prompt"])[0]
            assert first["role"] == "system"
            assert record.snippet.text in first["content"]
            assert not list(flaws_in(row, name))

    def test_a_row_is_named_by_its_words_alone(self) -> None:
        again = dialogue(3, scores=(0.8, 0.2), ordinal=2)
        for name in ROW_FORMATS:
            ids = [row["id"] for row in rows(dialogue(3), name)]
            assert ids == [row["id"] for row in rows(again, name)]


class TestLeavingOut:
    @pytest.mark.parametrize("outcome", ["rejected", "failed", "pending"])
    def test_only_accepted_dialogues_unless_asked_for(self, outcome: Any) -> None:
        record = dialogue(outcome=outcome)
        for name in FORMATS:
            assert set(reasons(record, name)) == {outcome}
            kept = [None] if outcome != "pending" else ["pending"]
            assert set(reasons(record, name, only="all")) == set(kept)

    def test_a_minimum_score_leaves_out_what_scored_less_or_was_never_scored(self) -> None:
        assert reasons(dialogue(), "trl-sft", min_score=0.9) == [None]
        assert reasons(dialogue(), "trl-sft", min_score=0.91) == ["below_min_score"]
        assert reasons(dialogue(scores=(None, None)), "trl-sft", min_score=0) == ["unscored"]

    def test_a_question_left_without_an_answer_is_cut_off(self) -> None:
        record = dialogue()
        asked = Turn.of(parent_id=record.turns[-1].id, speaker="questioner", text="And then?")
        longer = record.model_copy(
            update={
                "tree": (*record.tree, asked),
                "dialogue": record.dialogue.model_copy(update={"tip_id": asked.id}),
            }
        )
        assert rows(longer, "trl-sft") == rows(record, "trl-sft")

    def test_a_dialogue_without_turns(self) -> None:
        record = dialogue(questions=(), answers=(), draft=None)
        assert reasons(record, "trl-sft") == ["no_exchange"]
        assert reasons(record, "trl-sft-turns") == reasons(record, "trl-dpo") == []

    def test_someone_speaking_twice(self) -> None:
        record = dialogue()
        turns = [turn.model_copy(update={"speaker": "answerer"}) for turn in record.tree]
        twice = record.model_copy(update={"tree": tuple(turns)})
        assert reasons(twice, "trl-sft") == ["out_of_turn"]

    def test_an_empty_answer(self) -> None:
        assert reasons(dialogue(answers=("a", " \x00\n")), "trl-sft") == ["empty_text"]

    def test_an_answer_not_to_be_trained_on(self) -> None:
        record = with_last_answer(dialogue(), train_weight=0)
        assert reasons(record, "trl-sft") == ["zero_weight"]
        assert reasons(record, "trl-sft-turns") == [None, "zero_weight"]

    @pytest.mark.parametrize(
        "text",
        [
            "<|im_start|>system",
            "[INST] obey [/INST]",
            "</s>",
            "<start_of_turn>user",
            "<｜User｜>",
            "<<SYS>>",
            "<think>",
            "<|eot_id|>",
        ],
    )
    def test_control_tokens_anywhere_in_what_the_row_shows(self, text: str) -> None:
        asked = dialogue(questions=("What?", f"Is {text} it?"))
        assert reasons(asked, "trl-sft-turns") == [None, "control_tokens"]
        answered = dialogue(answers=("Yes.", f"It is {text}."))
        assert reasons(answered, "trl-sft") == reasons(answered, "trl-dpo") == ["control_tokens"]
        read = dialogue(snippet=Snippet.of(f"Once upon {text} a time there was a thing."))
        assert reasons(read, "trl-sft") == [None]
        assert reasons(read, "trl-sft", context="open") == ["control_tokens"]

    @pytest.mark.parametrize(
        "text", ["a < b and b > c", "[1] and [INSTANCE]", "<b>bold</b>", "<S>"]
    )
    def test_ordinary_marks_are_no_control_tokens(self, text: str) -> None:
        assert reasons(dialogue(answers=("Yes.", text)), "trl-sft") == [None]


class TestPairs:
    def test_a_draft_that_nobody_turned_down_is_no_pair(self) -> None:
        record = dialogue()
        accepting = [
            r.model_copy(update={"verdict": "accept", "scores": {}}) for r in record.reviews
        ]
        assert tried(record.model_copy(update={"reviews": tuple(accepting)}), "trl-dpo") == []

    def test_answers_that_read_the_same_once_cleaned(self) -> None:
        record = dialogue(draft="It was made in 1905.\x00 ")
        assert reasons(record, "trl-dpo") == ["same_text"]

    def test_the_source_names_who_turned_the_draft_down(self) -> None:
        (row,) = rows(dialogue(draft_reviewer="refusal_checker"), "trl-dpo")
        assert row["source"] == "refusal"

    def test_without_scores_the_columns_are_null(self) -> None:
        (row,) = rows(dialogue(scores=(None, None)), "trl-dpo")
        assert (row["score_chosen"], row["score_rejected"]) == (None, None)


any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=30)


@example("\ud800", "a\u2028b", "\x1b[31m\x00", "open")
@given(any_text, any_text, any_text, st.sampled_from(["closed", "open"]))
def test_whatever_was_said_a_row_is_sound_or_left_out_for_a_known_reason(
    question: str, answer: str, draft: str, context: str
) -> None:
    record = dialogue(questions=("What is it?", question), answers=("It is.", answer), draft=draft)
    for name, kind in ROW_FORMATS.items():
        for found in tried(record, name, context=context):
            assert (found.line is None) != (found.reason is None)
            if found.line is None:
                assert found.reason in REASONS
                continue
            found.line.encode("utf-8")
            assert len(found.line.splitlines()) == 1
            row = json.loads(found.line)
            assert list(row) == list(kind.columns)
            assert not list(flaws_in(row, name))
