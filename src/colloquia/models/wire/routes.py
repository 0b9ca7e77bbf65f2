"""Every rule about a provider, in one table: how it is reached, and where it departs from others.

What a single model takes is litellm's to know (its table, `get_supported_openai_params`). Each
direct route is shown by tests/models/test_same_request.py to be sent what litellm's client sends.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from colloquia.models.wire.shapes import anthropic, ollama, openai
from colloquia.models.wire.shapes.shape import PLAIN, ChatShape, Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a provider is reached, and what it wants otherwise."""

    shape: ChatShape | None = openai
    """None: only litellm's own client can reach it."""
    base: str | None = None
    """The API's root, for providers where litellm doesn't name one."""
    key_env: str | None = None
    """Where the key is, for providers where litellm doesn't look for it."""
    dialect: Dialect = PLAIN
    model_prefix: str = ""
    """What stands before a model's name, unless it is there."""
    lacks: frozenset[str] = frozenset()
    """Settings of a `ModelRequest` that it doesn't have although litellm lists them."""
    batches: Literal["files", "messages"] | None = None
    """How it takes batches: as OpenAI, in files, or as Anthropic; None where it takes none."""
    own_server: bool = False
    """Whether it is a server of the user's, at an address that only the user knows."""
    constrains: bool = False
    """Whether it holds any model to a schema while it writes, whatever litellm's table says."""
    schema_beside_tools: bool = False
    """Whether a model held to a schema can still call a tool; elsewhere the schema is left out."""
    forbids_tools: bool = True
    """Whether `tool_choice: none` can be said; elsewhere the tools are left out."""


_OWN_SERVER = Route(own_server=True, constrains=True)

ROUTES: dict[str, Route] = {
    "anthropic": Route(
        shape=anthropic,
        base="https://api.anthropic.com",
        key_env="ANTHROPIC_API_KEY",
        batches="messages",
    ),
    "azure": Route(shape=None, schema_beside_tools=True),
    "cerebras": Route(),
    "deepinfra": Route(lacks=frozenset({"tool_choice"})),
    "deepseek": Route(),
    "fireworks_ai": Route(model_prefix="accounts/fireworks/models/"),
    "groq": Route(),
    "hosted_vllm": replace(_OWN_SERVER, dialect=Dialect(open_tools=True)),
    "llamafile": _OWN_SERVER,
    "lm_studio": replace(_OWN_SERVER, base="http://localhost:1234/v1"),
    "mistral": Route(
        key_env="MISTRAL_API_KEY",
        dialect=Dialect(seed="random_seed", any_tool="any", skips_empty=True),
    ),
    "nvidia_nim": Route(),
    "ollama_chat": Route(
        shape=ollama, base="http://localhost:11434", constrains=True, forbids_tools=False
    ),
    "openai": Route(
        base="https://api.openai.com/v1",
        key_env="OPENAI_API_KEY",
        schema_beside_tools=True,
        batches="files",
    ),
    "openrouter": Route(base="https://openrouter.ai/api/v1", key_env="OPENROUTER_API_KEY"),
    "together_ai": Route(),
    "xai": Route(),
}
OTHERS = Route(shape=None)
DIRECT = frozenset(name for name, route in ROUTES.items() if route.shape is not None)
# Ollama's older API flattens a chat into one prompt and takes no tools; each server has the newer.
SAME = {"ollama": "ollama_chat"}


def dialect_of(provider: str, entry: dict[str, Any], *, samples: bool) -> Dialect:
    """Return how one model departs from the plain form.

    Args:
        provider: whose model it is.
        entry: the model's row in litellm's table; empty where there is none.
        samples: whether it takes sampling settings.
    """
    route = ROUTES.get(provider, OTHERS)
    if provider == "openai" and (entry.get("supports_reasoning") or not samples):
        instructs = samples or entry.get("supports_system_messages")
        system = "system" if instructs else "user"
        return Dialect(max_tokens="max_completion_tokens", system=system)
    if provider == "anthropic":
        return Dialect(
            formats_output=bool(entry.get("supports_native_structured_output")),
            longest_reply=entry.get("max_output_tokens") or PLAIN.longest_reply,
        )
    return route.dialect
