"""The same fault has the same cause and costs the same requests, whoever the provider is."""

import asyncio
import json
from collections.abc import Callable

import pytest

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.core.errors import ColloquiaError
from colloquia.core.ports import ChatModel
from colloquia.models.faults.errors import CallFailed
from colloquia.models.pace.limiter import Limiter
from colloquia.models.retry.breaker import Breaker
from colloquia.models.retry.reliable import ReliableModel, RequestCounts
from colloquia.models.retry.retry import ATTEMPTS
from colloquia.models.wire.providers import READ_ONLY
from colloquia.models.wire.transport import Transport
from tests.models.parts import Hourglass, request
from tests.models.routes import ours, theirs

# pydantic about types inside litellm, met on the first call through its own client
pytestmark = pytest.mark.filterwarnings(f"ignore:{READ_ONLY}")

MODELS = (
    "openai/any",
    "hosted_vllm/any",
    "anthropic/claude-3-5-haiku-20241022",
    "ollama_chat/any",
)


def error(status: int, message: str, **headers: str) -> Answer:
    kinds = {429: "rate_limit_error", 529: "overloaded_error", 500: "api_error"}
    kind = kinds.get(status, "invalid_request_error")
    body = {"type": "error", "error": {"type": kind, "message": message}}
    return Answer(status=status, body=json.dumps(body).encode(), headers=headers)


def inside_200(message: str) -> Answer:
    return Answer(body=json.dumps({"error": {"message": message}}).encode())


HTML = Answer(body=b"<!DOCTYPE html><title>Sign in</title>", type="text/html")
FAULTS: dict[str, tuple[Callable[[Received], Answer], str]] = {
    "429": (lambda _: error(429, "slow down", **{"Retry-After": "7"}), "rate_limit"),
    "529": (lambda _: error(529, "Overloaded"), "rate_limit"),
    "500": (lambda _: error(500, "oops"), "transient"),
    "503": (lambda _: error(503, "try later"), "transient"),
    "timeout": (lambda _: Answer(fault="silence"), "transient"),
    "reset": (lambda _: Answer(fault="reset"), "transient"),
    "truncated": (lambda r: Answer(body=completion(r), fault="cut"), "transient"),
    "html": (lambda _: HTML, "transient"),
    "empty choices": (lambda r: Answer(body=no_choices(r)), "transient"),
    "error in 200": (lambda _: inside_200("Internal server error"), "transient"),
    "400": (lambda _: error(400, "maximum context length is 4096 tokens"), "fatal"),
    "404": (lambda _: error(404, "model not found"), "fatal"),
    "filter": (lambda _: error(400, "blocked by our content policy"), "refused"),
    "null": (lambda r: Answer(body=completion(r, None)), "content"),
}
SENT = {"rate_limit": 2, "transient": ATTEMPTS, "fatal": 1, "refused": 1, "content": 1}
# litellm's reader for Ollama fails on these in ways that can't be told apart; we never use it.
THEIRS_DIFFERS = {"ollama_chat/any": {"empty choices", "error in 200", "null"}}


def no_choices(request: Received) -> bytes:
    body = json.loads(completion(request))
    for key, empty in (("choices", []), ("content", None), ("message", None)):
        if key in body:
            body[key] = empty
    return json.dumps(body).encode()


def cases() -> list[tuple[str, str]]:
    return [(name, which) for name in MODELS for which in FAULTS]


async def cause_of(model: ChatModel) -> str:
    """Ask once; where there is a reply, no text is cause `content`."""
    try:
        reply = await model.complete(request())
    except CallFailed as failed:
        return failed.cause
    return "none" if reply.text else "content"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("name", "which"), cases())
async def test_every_provider_shows_the_same_cause(
    name: str, which: str, stream: bool, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide, cause = FAULTS[which]
    timeout_s = 0.25 if which == "timeout" else 60
    model = ours(name, endpoint.url, transport, timeout_s=timeout_s, stream=stream)
    assert await cause_of(model) == cause
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(("name", "which"), cases())
async def test_litellms_own_client_shows_the_same_cause(
    name: str, which: str, endpoint: Endpoint, canary: str
) -> None:
    if which in THEIRS_DIFFERS.get(name, ()):
        pytest.skip("litellm's own reader makes something else of it")
    endpoint.decide, cause = FAULTS[which]
    timeout_s = 0.25 if which == "timeout" else 60
    # Whole, as it is asked on the routes that only it can reach.
    model = theirs(name, endpoint.url, timeout_s=timeout_s, stream=False)
    assert await cause_of(model) == cause
    sent = len([got for got in endpoint.requests if got.path != "/api/show"])
    assert sent <= 1 + (which == "reset"), "litellm's client answers a reset by sending again"
    await model.close()
    await asyncio.sleep(0.01)


@pytest.mark.parametrize(("name", "which"), cases())
async def test_every_provider_costs_the_same_requests(
    name: str, which: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    decide, cause = FAULTS[which]

    def once_or_always(got: Received) -> Answer:
        over = cause == "rate_limit" and endpoint.seen > 1
        return Answer(body=completion(got)) if over else decide(got)

    endpoint.decide = once_or_always
    clock = Hourglass()
    breaker = Breaker(endpoint=endpoint.url, clock=clock)
    breaker.note(None)
    model = ReliableModel(
        inner=ours(name, endpoint.url, transport, timeout_s=0.05 if which == "timeout" else 60),
        limiter=Limiter(clock=clock),
        breaker=breaker,
        clock=clock,
        counts=RequestCounts(calls=1),  # it has worked: a refusal now is about this call alone
    )
    try:
        await model.complete(request())
    except ColloquiaError as failed:
        assert isinstance(failed, CallFailed)
        assert failed.cause == cause
    assert endpoint.seen == SENT[cause]
