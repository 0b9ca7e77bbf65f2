"""The only file that imports litellm, and what is asked of it before a model is used.

litellm knows providers, their endpoints and keys, which model takes which setting, and prices. It
is imported when a litellm model is made and not before: that takes seconds. Its telemetry, its
price download and its chatter are off.
"""

import gc
import importlib
import logging
import os
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

from colloquia.core.model_options import ModelOptions
from colloquia.core.telemetry import switch_off
from colloquia.core.wording import did_you_mean
from colloquia.models.faults.errors import ModelError
from colloquia.models.faults.redactor import RedactingFilter, redact
from colloquia.models.ledger.prices import PerToken, per_token
from colloquia.models.wire.replies import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a provider is reached without litellm's client."""

    shape: Shape = "openai"
    base: str | None = None
    """Where litellm's client falls back to, for providers whose configuration doesn't say."""
    path: str = ""
    """What litellm's client puts behind the root, where the configuration doesn't."""
    key_env: str | None = None


# Each is shown by tests/models/test_same_request.py to be sent what litellm's client sends.
ROUTES: dict[str, Route] = {
    "anthropic": Route(
        shape="anthropic",
        base="https://api.anthropic.com",
        path="/v1/messages",
        key_env="ANTHROPIC_API_KEY",
    ),
    "cerebras": Route(),
    "deepinfra": Route(),
    "deepseek": Route(),
    "fireworks_ai": Route(),
    "groq": Route(),
    "hosted_vllm": Route(),
    "llamafile": Route(),
    "lm_studio": Route(),
    "mistral": Route(key_env="MISTRAL_API_KEY"),
    "nvidia_nim": Route(),
    "ollama": Route(shape="ollama", base="http://localhost:11434"),
    "ollama_chat": Route(shape="ollama", base="http://localhost:11434"),
    "openai": Route(base="https://api.openai.com/v1", key_env="OPENAI_API_KEY"),
    "together_ai": Route(),
    "xai": Route(),
}
# Servers that hold any model to a schema while it writes, whatever litellm's table says of it.
CONSTRAINED = frozenset({"hosted_vllm", "llamafile", "lm_studio", "ollama", "ollama_chat"})
# litellm reports on these loggers; at DEBUG some print headers.
READ_ONLY = r"Item '\w+' on TypedDict class"  # pydantic about litellm's own types
LOGGERS = ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router", "httpx", "httpcore", "openai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A model's name, taken apart, and what is known about it."""

    options: ModelOptions
    model: str
    """The name that the provider knows it by."""
    provider: str
    key: str | None
    base: str | None
    route: Route | None
    """None: only litellm's own client can reach it."""
    price: PerToken | None
    structured: bool
    """Whether a JSON Schema may be sent along."""

    @property
    def endpoint(self) -> str:
        """What it shares with other models of the same server."""
        return self.base or self.provider


@cache
def import_litellm() -> Any:
    """Return litellm, silenced."""
    switch_off()
    os.environ.setdefault("LITELLM_LOG", "ERROR")
    litellm: Any = importlib.import_module("litellm")
    # It brings a million objects that live as long as the process: without this, each full garbage
    # collection walks them all and holds up every dialogue for a quarter of a second.
    gc.freeze()
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    warnings.filterwarnings("ignore", message=READ_ONLY)
    for name in LOGGERS:
        logging.getLogger(name).addFilter(RedactingFilter(redact))
    return litellm


# Without an address litellm would send these to OpenAI.
_OWN_SERVERS = frozenset({"hosted_vllm", "lm_studio", "llamafile"})


def resolve(options: ModelOptions) -> Resolved:
    """Find a model's provider, endpoint, key and price; nothing is sent.

    Raises:
        ModelError: no such provider, or no key.
    """
    litellm = import_litellm()
    key = _named_key(options)
    try:
        model, provider, found, base = litellm.get_llm_provider(
            options.model, api_base=options.api_base, api_key=key
        )
    except Exception as error:  # litellm has a class of its own for each way of being unknown
        raise ModelError(_unknown(options.model, litellm)) from error
    route = ROUTES.get(provider)
    # `found` is the key in the provider's variable; after an `api_base` it may be a placeholder.
    key = key or (found or "").strip() or (os.environ.get(route.key_env or "") if route else None)
    if not key:
        _require_key(options, litellm)
    redact.learn(key)
    base = options.api_base or base or (route.base if route else None)
    if base is None and provider in _OWN_SERVERS:
        raise ModelError(
            f"model {options.model!r}: which server? Give api_base, e.g. http://localhost:8000/v1"
        )
    entry = _entry(litellm, model=model, provider=provider)
    return Resolved(
        options=options,
        model=model,
        provider=provider,
        key=key,
        base=base,
        route=None if entry.get("mode") == "responses" else route,  # another API altogether
        price=per_token(options.price, entry),
        structured=_takes_schema(options, entry, provider=provider),
    )


def _named_key(options: ModelOptions) -> str | None:
    if options.api_key_env is None:
        return None
    if key := os.environ.get(options.api_key_env, "").strip():
        return key
    raise ModelError(
        f"model {options.model!r}: {options.api_key_env} is not set; "
        f"export {options.api_key_env}=… or correct api_key_env"
    )


def _require_key(options: ModelOptions, litellm: Any) -> None:
    """Complain of a provider's missing key; a server of one's own may need none."""
    if options.api_base is not None:
        return
    blank = [name for name, value in os.environ.items() if not value.strip()]
    for name in blank:  # litellm takes a variable that is set to nothing for a key
        del os.environ[name]
    names = litellm.validate_environment(options.model)["missing_keys"]
    os.environ.update(dict.fromkeys(blank, ""))
    missing = [name for name in names if "KEY" in name or "TOKEN" in name]
    if missing:
        raise ModelError(
            f"model {options.model!r}: {missing[0]} is not set; export {missing[0]}=…, "
            "or name another variable with api_key_env"
        )


_SOME = (
    "some are openai, anthropic, gemini, mistral, openrouter, ollama_chat, and hosted_vllm for any "
    "server that speaks as OpenAI does"
)


def _unknown(name: str, litellm: Any) -> str:
    provider, slash, rest = name.partition("/")
    known = sorted(str(getattr(entry, "value", entry)) for entry in litellm.provider_list)
    if slash and rest:
        hint = did_you_mean(provider, known) or f"; {_SOME}"
        return f"model {name!r}: no provider {provider!r}{hint}"
    return (
        f"no model {name!r}; write provider/model, for instance 'ollama_chat/llama3.2' or "
        "'openai/gpt-4o-mini', or 'offline'"
    )


def _entry(litellm: Any, *, model: str, provider: str) -> dict[str, Any]:
    """Return litellm's table row; looked up here, since litellm's own look-up may ask a server."""
    for key in (f"{provider}/{model}", f"{provider.removesuffix('_chat')}/{model}", model):
        entry = litellm.model_cost.get(key)
        if entry and (key != model or entry.get("litellm_provider") == provider):
            return dict(entry)
    return {}


def _takes_schema(options: ModelOptions, entry: dict[str, Any], *, provider: str) -> bool:
    if options.structured is not None:
        return options.structured
    return provider in CONSTRAINED or bool(entry.get("supports_response_schema"))
