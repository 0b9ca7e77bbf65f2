"""JSON as models write it: with fences, prose around it, trailing commas, its end missing."""

from typing import Any

MOST_CHARS = 100_000  # ten times a whole dialogue
MOST_WORK = 5_000_000
"""Of marks times characters: the repair looks ahead from a mark, at worst to the text's end, at
40 to 100 ns a character, and nothing else goes on meanwhile. A dialogue in 10,000 holds 400.
"""


def mended(text: str) -> Any:
    """Return what a text that is nearly JSON most likely means; "" where it is nothing of the kind.

    Raises:
        ValueError: it is too long, too tangled or nested too deeply for that.
    """
    marks = sum(not (char.isalnum() or char.isspace()) for char in text[:MOST_CHARS])
    if len(text) > MOST_CHARS or marks * len(text) > MOST_WORK:
        raise ValueError(_CANT)
    from json_repair import repair_json  # only for replies that need it

    try:
        return repair_json(text, return_objects=True)
    except Exception as error:  # its own limit as two kinds of them, and assertions of its parser
        raise ValueError(_CANT) from error


_CANT = "the reply isn't JSON: too long or too tangled to be mended, or nested too deeply"
