"""What every shape offers, and what it is given: one request as a certain model takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from colloquia.core.ports import ChatReply, ToolSpec
from colloquia.core.types import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Where a provider or a model departs from the plain form of its shape."""

    max_tokens: str = "max_tokens"
    """OpenAI's shape: the setting's name."""
    seed: str = "seed"
    """OpenAI's shape: the setting's name."""
    any_tool: str = "required"
    """OpenAI's shape: how it is said that some tool must be called."""
    system: str = "system"
    """OpenAI's shape: the role of instructions."""
    open_tools: bool = False
    """OpenAI's shape: whether tools go without `strict` and `additionalProperties`."""
    skips_empty: bool = False
    """OpenAI's shape: whether messages that say nothing are left out."""
    formats_output: bool = False
    """Anthropic's shape: whether a reply's schema has a field of its own; else it is a tool."""
    longest_reply: int = 4096
    """Anthropic's shape: `max_tokens` where nobody says how many; the field is required."""


PLAIN = Dialect()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """A request as a certain model takes it: what the model doesn't have is left out already."""

    model: str
    """The name that the provider knows it by."""
    messages: Sequence[Message]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    schema: dict[str, Any] | None = None
    """JSON Schema of the reply."""
    tools: Sequence[ToolSpec] = ()
    tool_choice: str = "auto"
    """`auto`, `required`, `none`, or a tool's name."""
    stream: bool = False
    """Whether the reply is to come in pieces."""
    stream_usage: bool = False
    """OpenAI's shape: whether the last piece is to tell the usage."""
    dialect: Dialect = PLAIN


class ChatShape(Protocol):
    """A module that writes requests and reads replies."""

    PATH: str
    """What stands behind the API's root."""

    def headers(self, request: ModelRequest, *, key: str | None) -> dict[str, str]:
        """Return what the API wants to be told in headers, the key above all."""
        ...

    def body(self, request: ModelRequest) -> dict[str, Any]:
        """Return the request as JSON."""
        ...

    def whole(self, pieces: Sequence[Any]) -> dict[str, Any]:
        """Return the body that a streamed reply would have been, had it come at once.

        Raises:
            CallFailed: it broke off before its end.
            KeyError, TypeError, AttributeError, IndexError: it isn't of this shape.
        """
        ...

    def read(self, data: dict[str, Any]) -> ChatReply:
        """Return the reply in a parsed 200 body, without a cost.

        Raises:
            CallFailed: there is no answer in it.
            KeyError, TypeError, AttributeError, IndexError: it isn't of this shape.
        """
        ...


def given(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that say something."""
    return {name: value for name, value in settings.items() if value is not None}
