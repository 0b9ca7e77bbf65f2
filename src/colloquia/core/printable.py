r"""Text that anyone may have written, made safe to show.

A terminal obeys what it is sent: escape sequences move the cursor, rename the window or write the
clipboard; bidirectional overrides show words in another order than they are in, and whole sentences
can be written in characters that nobody sees. Each of these characters is shown as its escape, as
`\x1b` or `\u202e`.
"""

import re

# Controls; what Unicode lets programs leave undrawn (Default_Ignorable_Code_Point); separators of
# lines, surrogates, private use and annotations.
_UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    r"\U000f0000-\U0010ffff"
)
_WRITES_WITH_JOINERS = r"[\u0600-\u109f\u1700-\u17ff\u1a20-\u1aaf]"  # Arabic, Indic, Khmer, …
_PICTURE = r"[\u2190-\u2bff\U0001f000-\U0001faff]"
_MEANT = (
    rf"(?<={_WRITES_WITH_JOINERS})[\u200c\u200d](?={_WRITES_WITH_JOINERS})"
    rf"|(?:(?<={_PICTURE})|(?<=\ufe0f))\u200d(?={_PICTURE})"  # a woman and a rocket: an astronaut
    rf"|(?<=[^{_UNSEEN}\s])[\ufe00-\ufe0f]"  # one selector of a variant
    r"|(?<=[\u3400-\u9fff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"  # of a name's character
)
#: What commands or isn't seen; group 1 where it is meant so: joiners inside words of scripts that
#: need them and inside emoji, a letter's or picture's variant.
HIDDEN = re.compile(f"({_MEANT})|[{_UNSEEN}]")


def printable(text: str) -> str:
    """Return the text with what commands a terminal, or isn't seen, as its escape."""
    if text.isascii() and text.isprintable():
        return text
    return HIDDEN.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(hidden: re.Match[str]) -> str:
    return hidden[1] or ascii(hidden[0])[1:-1]
