"""Chat messages under headings of their roles."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from colloquia.core.types import Message, ModelCall


def spoken(
    messages: "Sequence[Message]", *, thought: str | None = None, reply: str | None = None
) -> Iterator[Text | str]:
    """Yield each message under its role, then thought and reply, if any; no line is broken."""
    said = [(str(message.role), with_calls(message.content, message)) for message in messages]
    said += [("thought", thought)] if thought else []
    for role, text in said + ([("reply", reply)] if reply is not None else []):
        yield Text(f"── {role} ──", style="cyan")
        yield f"{text}\n"


def with_calls(text: str, said: "Message | ModelCall") -> str:
    """Return a text, and below it each tool that was called along with it."""
    calls = [f"{call.name}({call.arguments})" for call in said.tool_calls]
    return "\n".join(([text] if text or not calls else []) + calls)
