"""A list as running text: `The kit holds: a pump; two hoses.`, steps in their order.

Bullets go, numbers stay as `(1)`, for a text may speak of step 3. What lies deeper stands in
brackets behind the item it belongs to.
"""

import re
from collections.abc import Sequence

from colloquia.language.reading.sentences import ends_in_abbreviation
from colloquia.snippets.prose.blocks import ProseBlock

_ENDS = re.compile(r"[.!?…][\"'”’)\]]{0,3}$")
_OPEN = re.compile(r"[,;:–—]$|[,;] (?:and|or)$")


def list_text(lead: str, items: Sequence[ProseBlock]) -> str:
    """Return the items under their lead-in, "" where there is none."""
    said = _joined([_with_deeper(item, deeper) for item, deeper in _levels(items)])
    if lead and not re.search(r"[:.!?,;]$", lead):
        lead += ":"
    return f"{lead} {said}".strip()


def are_fragments(items: Sequence[ProseBlock]) -> bool:
    """Whether no item is a sentence: what they are of stands above them."""
    return not any(_is_sentence(item.text) for item in items)


def _levels(items: Sequence[ProseBlock]) -> list[tuple[str, list[ProseBlock]]]:
    """Return each item of the highest level with those that lie deeper."""
    top = min(item.depth for item in items)
    levels: list[tuple[str, list[ProseBlock]]] = []
    for item in items:
        if levels and item.goes_on and not levels[-1][1]:
            levels[-1] = (_continued(levels[-1][0], item.text), [])
        elif levels and item.depth > top + 1:
            levels[-1][1].append(item)
        else:
            levels.append((f"{item.mark} {item.text}".strip(), []))
    return levels


def _continued(text: str, more: str) -> str:
    return f"{text} {more}" if _ENDS.search(text) or _OPEN.search(text) else f"{text}. {more}"


def _with_deeper(text: str, deeper: Sequence[ProseBlock]) -> str:
    if not deeper:
        return text
    if are_fragments(deeper):
        return f"{text.rstrip(' :')} ({list_text('', deeper).rstrip('.')})"
    return f"{_finished(text)} {list_text('', deeper)}"


def _finished(text: str) -> str:
    return text if _ENDS.search(text) or _OPEN.search(text) else f"{text}."


def _joined(items: Sequence[str]) -> str:
    *before, last = items
    parted = [item if _is_sentence(item) or _OPEN.search(item) else f"{item};" for item in before]
    return " ".join([*parted, last if _ENDS.search(last) else f"{last.rstrip(' ,;:')}."])


def _is_sentence(item: str) -> bool:
    return _ENDS.search(item) is not None and not ends_in_abbreviation(item)
