"""A request's JSON with two holes, so that a provider's shape is worked out once and not per call.

litellm knows how each provider wants a request; asking it costs 20 to 300 microseconds, nearly all
of it to find out again that the messages go in as they are. So it is asked once per list of roles,
with made-up texts: where these come back untouched, everything around them is a constant.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from colloquia.core.types import Message
from colloquia.models.wire.tools import sent_message

Build = Callable[[list[dict[str, Any]], int | None], dict[str, Any]]
"""Makes a request's body from messages and a seed."""

_HOLE = "colloquia: the messages go here"
SEED = 1_618_033_988  # any number that no body holds by chance
_SEED_BITS = 0x7FFF_FFFF  # 31 bits; some servers read no more


class Frame:
    """One provider's body for one list of roles and one set of sampling settings."""

    def __init__(self, build: Build, *, roles: Sequence[str], seeded: bool) -> None:
        """Ask `build` once, to see what around the messages is constant."""
        self._build = build
        probe = [{"role": role, "content": f"text {n}"} for n, role in enumerate(roles)]
        body = build([dict(message) for message in probe], SEED if seeded else None)
        self._parts = _cut(body, probe)

    def fill(self, messages: Sequence[Message], seed: int | None) -> bytes:
        """Return the request's body for these messages; their roles are the frame's."""
        if self._parts is None:
            return whole_body(self._build, messages, seed)
        plain = [{"role": message.role, "content": message.content} for message in messages]
        before, *after = self._parts
        filled = f"{before}{_dump(plain)}{str(small_seed(seed)).join(after)}"
        return filled.encode("utf-8", "replace")


def whole_body(build: Build, messages: Sequence[Message], seed: int | None) -> bytes:
    """Return a request's body worked out anew, for messages that are more than role and content."""
    body = build([sent_message(message) for message in messages], small_seed(seed))
    return _dump(body).encode("utf-8", "replace")


def small_seed(seed: int | None) -> int | None:
    """Return the seed in as many bits as every provider takes."""
    return None if seed is None else seed & _SEED_BITS


def _cut(body: dict[str, Any], probe: list[dict[str, str]]) -> list[str] | None:
    """Return what stands before the messages, between them and the seed, and after the seed."""
    if body.get("messages") != probe:
        return None
    whole = _dump({"messages": _HOLE, **{k: v for k, v in body.items() if k != "messages"}})
    before, *rest = whole.split(_dump(_HOLE))
    if len(rest) != 1 or rest[0].count(str(SEED)) > 1:
        return None
    return [before, *rest[0].split(str(SEED))]


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
