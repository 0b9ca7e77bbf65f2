"""A litellm provider's model, sent the fast way.

litellm's own client costs many times the CPU that the network needs. So litellm is asked for the
shape of a request (endpoint, headers, how settings are called) once per kind of request, and each
call only fills in its messages and its seed; the reply is read by `replies`.
"""

import copy
import json
from dataclasses import dataclass, replace
from typing import Any

from colloquia.core.clock import Clock, RealClock
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, ModelError
from colloquia.models.faults.redactor import redact
from colloquia.models.ledger.prices import cost_usd
from colloquia.models.wire.frame import SEED, Build, Frame, whole_body
from colloquia.models.wire.litellm_door import Resolved, Route, import_litellm
from colloquia.models.wire.replies import read_reply
from colloquia.models.wire.structured import Structured
from colloquia.models.wire.tools import sent_choice, sent_tools
from colloquia.models.wire.transport import HttpReply, Transport, read_timeout

_KEY_HEADERS = frozenset({"authorization", "x-api-key", "api-key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What decides a request's frame besides the roles of its messages."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    seeded: bool = False
    schema: str | None = None
    """JSON, so that it can be a key."""
    tools: str | None = None
    """JSON, as OpenAI's API writes them."""
    tool_choice: str | None = None
    """JSON."""

    def arguments(self, *, seed: int | None) -> dict[str, Any]:
        """Return the settings under OpenAI's names, as litellm takes them."""
        given = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "top_p": self.top_p,
            "seed": seed if self.seeded else None,
            "response_format": _response_format(self.schema),
            "tools": json.loads(self.tools) if self.tools else None,
            "tool_choice": json.loads(self.tool_choice) if self.tool_choice else None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """What is constant for one sampling."""

    url: str
    headers: dict[str, str]
    params: dict[str, Any]


class LitellmModel(Structured):
    """One model at one endpoint; a raw backend, which tries once."""

    def __init__(
        self,
        resolved: Resolved,
        *,
        route: Route,
        transport: Transport,
        clock: Clock | None = None,
    ) -> None:
        """Work out endpoint and headers; nothing is sent.

        Raises:
            ModelError: the provider's configuration lacks something.
        """
        self.name = resolved.options.model
        self._resolved = resolved
        self._route = route
        self._transport = transport
        self._clock = clock or RealClock()
        self._structured = resolved.structured
        self._config = _config_of(resolved)
        self._prepared: dict[Sampling, _Prepared] = {}
        self._frames: dict[tuple[Sampling, tuple[str, ...]], Frame] = {}
        self._prepare(Sampling())

    async def close(self) -> None:
        """Nothing of its own; the transport is closed by who made it."""

    async def _ask(self, request: ChatRequest, *, schema: bool) -> ChatReply:
        sampling = sampling_of(request, resolved=self._resolved, schema=schema)
        prepared = self._prepare(sampling)
        try:
            http = await self._transport.post(
                prepared.url,
                headers=prepared.headers,
                body=self._body(sampling, request),
                timeout_s=self._resolved.options.timeout_s or read_timeout(request.max_tokens),
            )
            reply = self._read(http)
        except CallFailed as error:
            clean = replace(error.fault, detail=redact(error.fault.detail))
            raise CallFailed(clean) from None
        cost = cost_usd(self._resolved.price, reply)
        return reply if cost is None else reply.model_copy(update={"cost_usd": cost})

    def _read(self, http: HttpReply) -> ChatReply:
        date = self._clock.date()
        if http.status != 200:
            body = http.json_or_text()
            fault = causes.of_status(http.status, body, headers=http.headers, date=date)
            raise CallFailed(fault)
        return read_reply(self._route.shape, http.json(), headers=http.headers, date=date)

    def _body(self, sampling: Sampling, request: ChatRequest) -> bytes:
        if not all(message.is_plain for message in request.messages):
            return whole_body(self._builder(sampling), request.messages, request.seed)
        roles = tuple(message.role for message in request.messages)
        frame = self._frames.get((sampling, roles))
        if frame is None:
            frame = Frame(self._builder(sampling), roles=roles, seeded=sampling.seeded)
            self._frames[sampling, roles] = frame
        return frame.fill(request.messages, request.seed)

    def _builder(self, sampling: Sampling) -> Build:
        prepared = self._prepare(sampling)

        def build(messages: list[dict[str, Any]], seed: int | None) -> dict[str, Any]:
            params = _with_seed(copy.deepcopy(prepared.params), seed)
            extra = params.pop("extra_body", None) or {}
            body: dict[str, Any] = self._config.transform_request(
                model=self._resolved.model,
                messages=messages,
                optional_params=params,
                litellm_params={"custom_llm_provider": self._resolved.provider},
                headers=prepared.headers,  # some shapes add a header of their own here
            )
            late = body.pop("extra_body", None) or {}
            if self._route.shape == "openai":
                body.pop("stream", None)  # false is the default everywhere but at Ollama
            return {**body, **extra, **late}

        return build

    def _prepare(self, sampling: Sampling) -> _Prepared:
        if sampling in self._prepared:
            return self._prepared[sampling]
        resolved = self._resolved
        params = import_litellm().utils.get_optional_params(
            model=resolved.model,
            custom_llm_provider=resolved.provider,
            drop_params=True,  # a setting that the model doesn't have is left out
            **sampling.arguments(seed=SEED),
        )
        params.pop("json_mode", None)  # a word to litellm's own reader
        about: dict[str, Any] = {
            "api_key": resolved.key,
            "api_base": resolved.base,
            "model": resolved.model,
            "optional_params": params,
            "litellm_params": {},
        }
        try:
            said = self._config.validate_environment(headers={}, messages=[], **about)
            url = self._config.get_complete_url(**about)
        except Exception as error:  # each configuration has its own class for what it lacks
            raise ModelError(f"model {self.name!r}: {redact(str(error))}") from None
        if not url.endswith(self._route.path):
            url = url.rstrip("/") + self._route.path
        headers = {str(name): str(value) for name, value in said.items()}
        if resolved.key and not any(name.lower() in _KEY_HEADERS for name in headers):
            headers["Authorization"] = f"Bearer {resolved.key}"
        self._prepared[sampling] = _Prepared(url=url, headers=headers, params=params)
        return self._prepared[sampling]


# Elsewhere a model that is held to a schema can't call a tool, or the two are refused together.
_SCHEMA_BESIDE_TOOLS = frozenset({"azure", "openai"})


def sampling_of(request: ChatRequest, *, resolved: Resolved, schema: bool) -> Sampling:
    """Return a request's settings.

    Raises:
        ModelError: tools for a call that has none.
    """
    barred = request.tool_choice == "none" and resolved.provider == "ollama_chat"
    if not request.tools or barred:  # Ollama has no word for it
        tools = choice = None
    elif resolved.provider == "ollama":
        better = f"ollama_chat/{resolved.model}"
        raise ModelError(f"model {resolved.options.model!r} takes no tools; write {better!r}")
    else:
        tools, choice = json.dumps(sent_tools(request.tools)), sent_choice(request)
        schema = schema and resolved.provider in _SCHEMA_BESIDE_TOOLS
    return Sampling(
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        top_p=resolved.options.top_p,
        seeded=request.seed is not None,
        schema=json.dumps(request.reply_schema) if schema else None,
        tools=tools,
        tool_choice=json.dumps(choice) if choice else None,
    )


def _response_format(schema: str | None) -> dict[str, Any] | None:
    if schema is None:
        return None
    # Not strict: OpenAI's strict mode takes only a part of JSON Schema, and agents check anyway.
    named = {"name": "reply", "schema": json.loads(schema), "strict": False}
    return {"type": "json_schema", "json_schema": named}


def _config_of(resolved: Resolved) -> Any:
    litellm = import_litellm()
    manager = litellm.utils.ProviderConfigManager
    provider = litellm.LlmProviders(resolved.provider)
    return manager.get_provider_chat_config(resolved.model, provider)


def _with_seed(value: Any, seed: int | None) -> Any:
    """Return the value with the placeholder seed replaced, wherever the provider keeps it."""
    match value:
        case bool():
            return value
        case int() if value == SEED:
            return seed
        case dict():
            return {key: _with_seed(item, seed) for key, item in value.items()}
        case _:
            return value
