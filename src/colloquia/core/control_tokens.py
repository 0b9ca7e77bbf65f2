"""Control tokens of chat formats in ordinary text: what would forge a turn.

Written out in a message, `<|im_start|>` or `[INST]` becomes a real turn when a tokeniser reads it.
Exports leave such rows out; prompts show such text with other brackets. Both go by this one table.
"""

import re

#: Formats, and the pattern of their tokens. No pattern matches across lines, so that two texts
#: joined by a line end never make a token; nor one with look-alike brackets inside, so that what
#: was disarmed stays so.
CONTROL_TOKENS = {
    "ChatML, Llama 3, Phi, Qwen, Cohere, Granite, gpt-oss, GLM": r"<\|[^<>‹›|\n]{1,64}\|>",
    "DeepSeek, with its full-width bars": r"<｜[^<>‹›｜\n]{1,64}｜>",
    "Gemma 4, Kimi: a bar on one side": r"<\|[a-z_]{1,40}>|<[a-z_]{1,40}\|>",
    "Gemma": r"</?(?:start|end)_of_(?:turn|image)>",
    "Llama 2": r"<</?SYS>>",
    "Mistral": r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_(?:CALLS|RESULTS|CONTENT))\]",
    "Magistral": r"\[/?THINK\]",
    "Qwen, Hermes": r"</?(?:think|tool_calls?|tool_response|tools)>",
    "GLM, BERT": r"\[/?(?:gMASK|sMASK|CLS|SEP|PAD|MASK|UNK)\]",
    "SentencePiece": r"</?(?:s|bos|eos|pad|unk|mask|sop|eop)>",
    "Baichuan, T5, Gemma: spare tokens": (
        r"<(?:reserved_|extra_id_|reserved_special_token_|unused)[0-9]{1,9}>"
    ),
}

#: One pattern for all of them.
ANY_CONTROL_TOKEN = "|".join(CONTROL_TOKENS.values())

# Case matters: tokenisers match these exactly, and `<S>` or `[inst]` are harmless to them.
_EXACT = re.compile(ANY_CONTROL_TOKEN)


def find_control_token(text: str) -> str | None:
    """Return the first control token in a text, as a tokeniser would find it, or None."""
    if "<" not in text and "[" not in text:
        return None
    token = _EXACT.search(text)
    return token[0] if token else None
