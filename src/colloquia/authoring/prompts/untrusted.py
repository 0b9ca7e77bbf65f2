"""Text from outside, made safe to stand in a prompt: marked as data, unable to pose as more.

A wrapped text can't close its wrapper, because every tag of that name inside it is disarmed; it
can't name its wrapper, because the id is a hash of the text itself, so a text that holds its own id
can't be written; and it can't open a turn, because the control tokens of chat formats are disarmed
too. Disarming swaps the outer brackets for look-alikes, so a person still sees what stood there.
"""

import hashlib
import re

ID_CHARS = 16  # 64 bits: finding a text that contains its own id takes about 2^64 tries

_LOOK_ALIKES = str.maketrans("<>[]", "‹›⟦⟧")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ARMED = re.compile(
    r"""
    < \s*+ /?+ \s*+ data \b                 # our own wrapper; possessive, so never quadratic
    | <\|[^<>|\n]{1,64}\|>                  # ChatML, Llama 3, Phi, Cohere, GLM, Harmony
    | <｜[^<>｜\n]{1,64}｜>                  # DeepSeek
    | </?(?:s|bos|eos|pad|unk|mask|sop|eop|think|tool_call|tool_response)>
    | <(?:start|end)_of_turn>               # Gemma
    | <reserved_[0-9]+>                     # Baichuan
    | <</?SYS>>                             # Llama 2
    | \[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|gMASK|sMASK|THINK)\]
    """,
    re.VERBOSE | re.IGNORECASE,
)


def wrap(text: str, *, key: str) -> str:
    """Return `<data id="…">text</data>` with the text disarmed; an empty text stays empty.

    Args:
        text: text whose author is not trusted.
        key: whatever else the id should depend on, such as the identity of the template.
    """
    if not text:
        return ""
    seen = disarm(text)
    mark = hashlib.sha256(f"{key}\n{seen}".encode()).hexdigest()[:ID_CHARS]
    return f'<data id="{mark}">{seen}</data>'


def disarm(text: str) -> str:
    """Return the text without NUL, lone surrogates or anything that could pass for a marker."""
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    # NUL goes first: dropping it later could join two halves of a token.
    return _ARMED.sub(_swap_brackets, text.replace("\0", ""))


def control_tokens(text: str) -> list[str]:
    """Return what `disarm` would have to disarm, in order."""
    return [found[0] for found in _ARMED.finditer(text.replace("\0", ""))]


def _swap_brackets(found: re.Match[str]) -> str:
    return found[0].translate(_LOOK_ALIKES)
