"""What each shape writes where providers want more than OpenAI's words."""

from typing import Any

import pytest

from colloquia.core.types import Message, ToolCall
from colloquia.models.wire.shapes import anthropic, ollama, openai
from colloquia.models.wire.shapes.shape import Dialect, ModelRequest

CALL = ToolCall(id="c1", name="height_of", arguments='{"name": "Bell Rock"}')


def asked(*said: tuple[str, str], **changes: Any) -> ModelRequest:
    messages = tuple(Message.model_validate({"role": role, "content": text}) for role, text in said)
    return ModelRequest(**{"model": "m", "messages": messages} | changes)


ODD = [2**62, 10**30, -1, float("nan"), float("inf"), 1.5, "7", {}, [3], True]
TEXT = {"message": {"content": "Hi."}}


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_count_of_tokens_that_is_none_is_unknown(odd: Any) -> None:
    said = {"prompt_tokens": odd, "completion_tokens": odd}
    replies = [
        openai.read({"choices": [TEXT], "usage": said}),
        openai.read({"choices": [TEXT], "usage": [odd]}),
        openai.read({"choices": [TEXT], "usage": "much"}),
        ollama.read(TEXT | {"prompt_eval_count": odd, "eval_count": odd}),
        anthropic.read({"content": [], "usage": {"input_tokens": odd, "output_tokens": odd}}),
        anthropic.read({"content": [], "usage": "much"}),
    ]
    assert {(reply.tokens_in, reply.tokens_out) for reply in replies} == {(None, None)}


def test_what_was_read_from_a_cache_counts() -> None:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 5}
    reply = anthropic.read({"content": [], "usage": usage})
    assert (reply.tokens_in, reply.tokens_out) == (7, 5)


def test_anthropic_gets_instructions_apart_and_roles_that_take_turns() -> None:
    body = anthropic.body(
        asked(("system", "S"), ("user", "U"), ("user", "V"), ("system", "T"), ("assistant", "A "))
    )
    assert [block["text"] for block in body["system"]] == ["S", "T"]
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant"]
    assert [block["text"] for block in body["messages"][0]["content"]] == ["U", "V"]
    assert body["messages"][1]["content"][0]["text"] == "A"
    assert body["max_tokens"] == Dialect().longest_reply


def test_anthropic_gets_no_empty_text_and_never_calls_without_tools() -> None:
    messages = (
        Message(role="user", content=" "),
        Message(role="assistant", content="", tool_calls=(CALL,)),
        Message(role="tool", content="35", tool_call_id="c1"),
    )
    body = anthropic.body(ModelRequest(model="m", messages=messages))
    (user, assistant, result) = body["messages"]
    assert user["content"][0]["text"].strip()
    assert [block["type"] for block in assistant["content"]] == ["tool_use"]
    assert [block["type"] for block in result["content"]] == ["tool_result"]
    assert len(body["tools"]) == 1


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"maxItems": 3}, {"description": "Note: maximum number of items: 3."}),
        ({"minItems": 1}, {"minItems": 1}),
        ({"minItems": 2}, {"description": "Note: minimum number of items: 2."}),
        ({"oneOf": [{"maximum": 1}]}, {"anyOf": [{"description": "Note: maximum value: 1."}]}),
        (
            {"description": "D.", "minLength": 1, "maxLength": 2},
            {"description": "D. Note: minimum length: 1, maximum length: 2."},
        ),
        (
            {"$defs": {"X": {"type": "object"}}, "items": {"$ref": "#/$defs/X"}},
            {
                "$defs": {"X": {"type": "object", "additionalProperties": False}},
                "items": {"$ref": "#/$defs/X"},
            },
        ),
    ],
)
def test_anthropic_gets_the_part_of_a_schema_that_it_takes(schema: Any, written: Any) -> None:
    request = asked(("user", "U"), schema=schema, dialect=Dialect(formats_output=True))
    assert anthropic.body(request)["output_format"] == {"type": "json_schema", "schema": written}


def test_anthropics_older_models_answer_by_a_tool_that_must_be_called() -> None:
    body = anthropic.body(asked(("user", "U"), schema={"type": "object"}))
    assert body["tool_choice"]["name"] == body["tools"][0]["name"]
    assert "output_format" not in body


def test_a_message_that_says_nothing_is_left_out_where_it_must_be() -> None:
    said = (("system", ""), ("user", "U"), ("assistant", ""), ("user", "V"))
    for skips, number in ((False, 4), (True, 2)):
        body = openai.body(asked(*said, dialect=Dialect(skips_empty=skips)))
        assert len(body["messages"]) == number
