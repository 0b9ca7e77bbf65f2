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
from dataclasses import replace
from functools import cache
from typing import Any

from colloquia.core.model_options import ModelOptions
from colloquia.core.telemetry import switch_off
from colloquia.core.wording import did_you_mean
from colloquia.models.faults.errors import ModelError
from colloquia.models.faults.redactor import RedactingFilter, redact
from colloquia.models.ledger.prices import per_token, per_token_in_batches
from colloquia.models.wire.resolved import SETTINGS, ResolvedModel
from colloquia.models.wire.routes import OTHERS, ROUTES, SAME, Route, dialect_of
from colloquia.models.wire.shapes import openai

# pydantic about litellm's own types
READ_ONLY = r"Items? '[\w', ]+' on TypedDict class|Accessing the 'model_\w+' attribute"
# litellm reports on these loggers; at DEBUG some print headers.
LOGGERS = ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router", "httpx", "httpcore", "openai")


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


def resolve(options: ModelOptions) -> ResolvedModel:
    """Return a model's provider, endpoint, key, price and what it takes; nothing is sent.

    Raises:
        ModelError: no such provider, or no key.
    """
    litellm = import_litellm()
    named_key = _named_key(options)
    try:
        model, provider, usual_key, base = litellm.get_llm_provider(
            options.model, api_base=options.api_base, api_key=named_key
        )
    except Exception as error:  # litellm has a class of its own for each way of being unknown
        raise ModelError(_unknown(options.model, litellm)) from error
    provider = SAME.get(provider, provider)
    route = ROUTES.get(provider, OTHERS)
    # The usual key is in the provider's variable; for an `api_base` it may be a placeholder.
    key = named_key or (usual_key or "").strip() or os.environ.get(route.key_env or "")
    if not key:
        _require_key(options, litellm)
    redact.learn(key)
    base = options.api_base or base or route.base
    if base is None and route.own_server:
        raise ModelError(
            f"model {options.model!r}: which server? Give api_base, e.g. http://localhost:8000/v1"
        )
    entry = _entry(litellm, model=model, provider=provider)
    if entry.get("mode") == "responses":  # another API altogether
        route = replace(route, shape=None)
    lacks = route.lacks
    if route.shape is not None:
        lacks |= _unlisted_settings(litellm, model=model, provider=provider)
    samples = "top_p" not in lacks and entry.get("supports_sampling_params") is not False
    prefix = "" if model.startswith(route.model_prefix) else route.model_prefix
    return ResolvedModel(
        options=options,
        model=prefix + model,
        provider=provider,
        key=key,
        base=base,
        route=route,
        price=per_token(options.price, entry),
        batch_price=per_token_in_batches(options.price, entry),
        structured=_takes_schema(options, entry, route=route),
        streams=_streams(options, route=route, lacks=lacks),
        samples=samples,
        lacks=lacks,
        dialect=dialect_of(provider, entry, samples=samples),
    )


def _unlisted_settings(litellm: Any, *, model: str, provider: str) -> frozenset[str]:
    listed = litellm.get_supported_openai_params(model=model, custom_llm_provider=provider)
    if listed is None:  # litellm doesn't know
        return frozenset()
    return frozenset(ours for theirs, ours in SETTINGS.items() if theirs not in listed)


def _streams(options: ModelOptions, *, route: Route, lacks: frozenset[str]) -> bool:
    """Return whether replies are asked for in pieces: where that costs neither usage nor much CPU.

    OpenAI's shape has to be asked for usage in a stream, which not every provider can be; litellm's
    own client takes about a millisecond for each piece.
    """
    if options.stream is not None or route.shape is None:
        return bool(options.stream)
    return route.shape is not openai or "stream_usage" not in lacks


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


def _takes_schema(options: ModelOptions, entry: dict[str, Any], *, route: Route) -> bool:
    if options.structured is not None:
        return options.structured
    return route.constrains or bool(entry.get("supports_response_schema"))
