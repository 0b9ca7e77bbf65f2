"""Does a model answer? One request with a reply of one token, sent once and by no detour."""

import os
from dataclasses import dataclass, replace

from colloquia.core.errors import WorldError
from colloquia.core.model_options import ModelOptions
from colloquia.core.ports import ChatModel, ChatRequest
from colloquia.core.types import Message
from colloquia.models.catalogue import Catalogue
from colloquia.models.faults.errors import CallFailed, Fault, ModelError
from colloquia.models.ledger.prices import PerToken
from colloquia.models.local.transformers_model import TransformersModel
from colloquia.models.pace.clock import Clock
from colloquia.models.wire.providers import resolve
from colloquia.models.wire.resolved import ResolvedModel
from colloquia.models.wire.structured import Structured

_SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """What came of asking a model; no key is in it, only where one was found."""

    model: str
    unusable: str | None = None
    """Why nothing was sent, with the fix; None where something was."""
    beyond_setup: bool = False
    """Whether that is the machine's doing, such as too little memory, and not the recipe's."""
    address: str | None = None
    key_env: str | None = None
    """The variable that holds the key."""
    has_key: bool = False
    """Whether one is sent, be it a placeholder, or none is needed."""
    price: PerToken | None = None
    takes_schema: bool = False
    """Whether a reply's schema is sent along; found out by sending one, where it was meant to."""
    seconds: float = 0.0
    fault: Fault | None = None
    """Why there was no answer; None where there was one."""


async def ping(options: ModelOptions, catalogue: Catalogue) -> Ping:
    """Ask a model for one token; a local one is loaded for that.

    Args:
        options: the model; `offline` isn't one to ask.
        catalogue: makes it, and is closed by the caller.
    """
    try:
        model = catalogue.make(options).inner
        known = (
            _known_of_local(model)
            if isinstance(model, TransformersModel)
            else _known_of_hosted(options)
        )
        known = replace(known, price=catalogue.price(options))
        return await _ask_model(model, known, clock=catalogue.clock)
    except (ModelError, WorldError) as error:
        beyond_setup = isinstance(error, WorldError)
        return Ping(model=options.model, unusable=str(error), beyond_setup=beyond_setup)


def _known_of_local(model: TransformersModel) -> Ping:
    return Ping(model=model.name, address=str(model.folder.path), has_key=True)


def _known_of_hosted(options: ModelOptions) -> Ping:
    resolved = resolve(options)
    return Ping(
        model=options.model,
        address=resolved.base,
        key_env=_key_env(resolved),
        has_key=resolved.key is not None,
        takes_schema=resolved.structured,
    )


async def _ask_model(model: ChatModel, known: Ping, *, clock: Clock) -> Ping:
    request = ChatRequest(
        role="doctor",
        prompt="doctor",
        messages=(Message(role="user", content='Reply with the JSON {"ok": true}.'),),
        reply_schema=_SCHEMA,
        max_tokens=1,
    )
    began = clock.now()
    try:
        await model.complete(request)
    except CallFailed as error:
        return replace(known, fault=error.fault, seconds=clock.now() - began)
    takes_schema = isinstance(model, Structured) and model.sends_schema
    return replace(known, takes_schema=takes_schema, seconds=clock.now() - began)


def _key_env(resolved: ResolvedModel) -> str | None:
    """Return the variable that the key came from; None where it has no key or nobody can say."""
    usual = f"{resolved.provider.upper()}_API_KEY"
    for name in (resolved.options.api_key_env, resolved.route.key_env, usual):
        if name and resolved.key and os.environ.get(name, "").strip() == resolved.key:
            return name
    return None
