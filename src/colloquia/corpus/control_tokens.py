"""Control tokens of chat formats in ordinary text.

Written out in a message, `<|im_start|>` or `[INST]` becomes a real turn when a trainer tokenises
the row: text forges a role. Rows with such text are counted and left out.
"""

import re

# Case matters: tokenisers match these exactly, and `<S>` or `[inst]` are harmless.
_TOKENS = re.compile(
    r"<\|[A-Za-z0-9_./ -]{1,60}\|>"  # ChatML, Llama 3, Phi, Qwen, Cohere, Granite, gpt-oss, GLM
    r"|<｜[^｜<>]{1,60}｜>"  # DeepSeek, with its full-width bars
    r"|<\|[a-z_]{1,40}>|<[a-z_]{1,40}\|>"  # Gemma 4, Kimi: one-sided bars
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|THINK)\]"
    r"|<</?SYS>>"
    r"|</?s>|<(?:bos|eos|pad|unk|mask|sop|eop)>|\[(?:gMASK|CLS|SEP|PAD|MASK|UNK)\]"
    r"|</?(?:start|end)_of_(?:turn|image)>"  # Gemma
    r"|</?(?:think|tool_call|tool_response|tool_calls|tools)>"  # Qwen, Hermes
    r"|<(?:extra_id_|reserved_special_token_|unused)\d{1,4}>"
)


def find_control_token(text: str) -> str | None:
    """Return the first control token in a text, or None."""
    if "<" not in text and "[" not in text:
        return None
    found = _TOKENS.search(text)
    return found[0] if found else None
