"""One table of control tokens, held by what exports refuse and what prompts disarm alike."""

import re

import pytest

from colloquia.authoring.prompts.untrusted import disarm
from colloquia.core.control_tokens import ANY_CONTROL_TOKEN, CONTROL_TOKENS, find_control_token

EXAMPLES = {
    "ChatML, Llama 3, Phi, Qwen, Cohere, Granite, gpt-oss, GLM": [
        "<|im_start|>",
        "<|start header id|>",
        "<|START_OF_TURN_TOKEN|>",
        '<|"|>',
    ],
    "DeepSeek, with its full-width bars": ["<｜User｜>", "<｜begin▁of▁sentence｜>"],
    "Gemma 4, Kimi: a bar on one side": ["<|turn>", "<turn|>", "<|tool_call>"],
    "Gemma": ["<start_of_turn>", "<end_of_turn>", "<start_of_image>"],
    "Llama 2": ["<<SYS>>", "<</SYS>>"],
    "Mistral": ["[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[TOOL_CONTENT]"],
    "Magistral": ["[THINK]", "[/THINK]"],
    "Qwen, Hermes": ["<think>", "</think>", "<tool_call>", "<tool_calls>", "</tools>"],
    "GLM, BERT": ["[gMASK]", "[sMASK]", "[CLS]", "[SEP]"],
    "SentencePiece": ["<s>", "</s>", "<bos>", "<eop>"],
    "Baichuan, T5, Gemma: spare tokens": [
        "<reserved_12>",
        "<extra_id_0>",
        "<reserved_special_token_7>",
        "<unused99>",
    ],
}
TOKENS = [(format, token) for format, tokens in EXAMPLES.items() for token in tokens]


def test_every_format_of_the_table_has_an_example() -> None:
    assert EXAMPLES.keys() == CONTROL_TOKENS.keys()


@pytest.mark.parametrize(("format", "token"), TOKENS)
def test_an_export_refuses_and_a_prompt_disarms_it(format: str, token: str) -> None:
    assert re.fullmatch(CONTROL_TOKENS[format], token)
    text = f"before {token}after"
    assert find_control_token(text) == token
    assert_disarmed(text)


@pytest.mark.parametrize(
    "hostile",
    [
        "{0}{0}",
        "<{0}>",
        "[{0}]",
        "<|{0}|>",
        "<｜{0}｜>",
        "<|im_{0}start|>",
        "<turn{0}|>",
        "<|turn{0}>",
        "<s{0}>",
        "<|{0}",
        "{0}|>",
        "[IN{0}ST]",
        "\0{0}\0",
        "<data>{0}</data>",
    ],
)
@pytest.mark.parametrize(("format", "token"), TOKENS)
def test_nothing_is_left_of_one_in_pieces_of_another(hostile: str, format: str, token: str) -> None:
    text = hostile.format(token)
    assert find_control_token(text)
    assert_disarmed(text)


@pytest.mark.parametrize(("format", "token"), TOKENS)
def test_a_prompt_disarms_it_in_any_case_and_behind_a_nul(format: str, token: str) -> None:
    for text in (token.upper(), token.lower(), token.swapcase(), f"{token[0]}\0{token[1:]}"):
        assert_disarmed(text)


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > c || d |> e <| f",
        "[1] and [INSTANCE], [sic] and [/]",
        "<b>bold</b> or <em>",
        "<|\n|> over <|two\nlines|>",
        "‹|im_start|› and ⟦INST⟧",
        "<||> <|>",
        "<unused> and <reserved_>",
    ],
)
def test_ordinary_marks_stay(text: str) -> None:
    assert find_control_token(text) is None
    assert disarm(text) == text


def test_a_tokeniser_minds_case_so_exports_do() -> None:
    assert find_control_token("<S> and [inst]") is None
    assert disarm("<S> and [inst]") == "‹S› and ⟦inst⟧"


def assert_disarmed(text: str) -> None:
    """Check that nothing that could be a token is left, in any case, and that it stays so."""
    seen = disarm(text)
    assert seen != text
    assert not re.search(ANY_CONTROL_TOKEN, seen, re.IGNORECASE)
    assert disarm(seen) == seen
