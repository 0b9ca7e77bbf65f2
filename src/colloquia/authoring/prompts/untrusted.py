"""Text from outside, made safe to stand in a prompt: marked as data, unable to pose as more.

A wrapped text can't close its wrapper, because every tag of that name inside it is disarmed; it
can't name its wrapper, because the id is a hash of the text itself, so a text that holds its own id
can't be written; and it can't open a turn, because the control tokens of chat formats are disarmed
too. Disarming swaps the outer brackets for look-alikes, so a person still sees what stood there.
"""

import hashlib
import re

from colloquia.core.control_tokens import ANY_CONTROL_TOKEN
from colloquia.core.text import without_surrogates

ID_CHARS = 16  # 64 bits: finding a text that contains its own id takes about 2^64 tries

_LOOK_ALIKES = str.maketrans("<>[]", "‹›⟦⟧")
# In any case, since a model may read `[inst]` or `</DATA>` as a tokeniser doesn't. Our own wrapper
# takes no step back, so hostile white space is never quadratic.
_ARMED = re.compile(rf"<\s*+/?+\s*+data\b|{ANY_CONTROL_TOKEN}", re.IGNORECASE)


def wrap(text: str, *, key: str) -> str:
    """Return `<data id="…">text</data>` with the text disarmed; an empty text stays empty.

    Args:
        text: text whose author is not trusted.
        key: whatever else the id should depend on, such as the identity of the template.
    """
    if not text:
        return ""
    disarmed = disarm(text)
    mark = hashlib.sha256(f"{key}\n{disarmed}".encode()).hexdigest()[:ID_CHARS]
    return f'<data id="{mark}">{disarmed}</data>'


def disarm(text: str) -> str:
    """Return the text without NUL, lone surrogates or anything that could pass for a marker."""
    text = without_surrogates(text)
    # NUL goes first: dropping it later could join two halves of a token.
    return _ARMED.sub(_swap_brackets, text.replace("\0", ""))


def _swap_brackets(armed: re.Match[str]) -> str:
    return armed[0].translate(_LOOK_ALIKES)
