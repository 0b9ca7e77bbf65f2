"""What was rendered for a dialogue before: its prompts begin alike, with passage and persona.

It is kept as long as the dialogue is under way, so it serves however many are. The same words are
the same message, whose id is hashed once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from colloquia.authoring.prompts.sandbox import Compiled
from colloquia.core.types import Message

ChatRole = Literal["system", "user", "assistant"]


@dataclass(slots=True)
class RenderedBefore:
    """Instructions and messages of one dialogue."""

    _texts: dict[Compiled, tuple[Mapping[str, Any], str]] = field(default_factory=dict)
    _messages: dict[tuple[ChatRole, str], Message] = field(default_factory=dict)

    def instructions(
        self, block: Compiled, values: Mapping[str, Any], *, room: int, work: int
    ) -> str:
        """Return a block's text, rendered anew for other values, within what `render` allows.

        Raises:
            RenderFault: a value is missing or unfit, or a budget is used up.
        """
        used = {name: value for name, value in values.items() if name in block.used}
        before = self._texts.get(block)
        if before is None or before[0] != used or len(before[1]) > room:
            before = self._texts[block] = used, block.render(values, room=room, work=work).strip()
        return before[1]

    def message(self, role: ChatRole, content: str) -> Message:
        """Return the message of these words."""
        known = self._messages.get((role, content))
        if known is None:
            known = self._messages[role, content] = Message(role=role, content=content)
        return known
