"""Replies in pieces: put together as if they had come at once, and never cut for being slow."""

import asyncio
import json

import pytest

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from benchmarks.servers.streaming import pieces_of
from colloquia.core.ports import ChatReply
from colloquia.models.catalogue import Catalogue, options_of
from colloquia.models.faults.errors import CallFailed
from colloquia.models.pace.permit import Permit
from colloquia.models.wire.http_model import QUICK_REPLIES
from colloquia.models.wire.pieces import DONE, pieces_in
from colloquia.models.wire.transport import Transport
from tests.models.parts import request
from tests.models.routes import ours

SHAPES = ["openai/any", "anthropic/claude-sonnet-4-5", "ollama_chat/any"]


def refuse_streams(got: Received) -> Answer:
    if got.json().get("stream"):
        told = "Your organization must be verified to stream this model."
        return Answer(status=400, body=json.dumps({"error": {"message": told}}).encode())
    return Answer(body=completion(got))


@pytest.mark.parametrize("name", SHAPES)
async def test_a_slow_reply_is_not_cut_as_long_as_something_comes(
    name: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    text = "Built in 1851, and thirty metres high."
    endpoint.decide = lambda got: Answer(body=completion(got, text), delay_s=1.2)
    reply = await ours(name, endpoint.url, transport, timeout_s=0.6).complete(request())
    assert (reply.text, reply.tokens_in, reply.tokens_out) == (text, 11, 7)


@pytest.mark.parametrize(
    ("stream", "seen"), [(True, r"silent for 0.2 s before any reply"), (False, r"before any reply")]
)
async def test_silence_is_told_with_its_setting(
    stream: bool, seen: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = lambda got: Answer(fault="silence")
    model = ours("openai/any", endpoint.url, transport, timeout_s=0.2, stream=stream)
    with pytest.raises(CallFailed, match=rf"{seen}; if it is only slow, raise timeout_s") as failed:
        await model.complete(request())
    assert failed.value.fault.silent


async def test_silence_in_the_middle_says_how_far_it_came(
    endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = lambda got: Answer(body=completion(got), delay_s=60, begins_after=0.001)
    model = ours("openai/any", endpoint.url, transport, timeout_s=0.3)
    with pytest.raises(CallFailed, match=r"silent for 0.3 s after \d+ bytes of a reply"):
        await model.complete(request())


@pytest.mark.parametrize("stream", [True, False])
async def test_who_waits_in_a_servers_queue_is_not_given_up_while_others_are_answered(
    stream: bool, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    loop, free_at = asyncio.get_running_loop(), [0.0]

    def in_order(got: Received) -> Answer:
        begins = max(free_at[0], loop.time())
        free_at[0] = begins + 0.25
        delay = free_at[0] - loop.time()
        return Answer(body=completion(got), delay_s=delay, begins_after=1 - 0.2 / delay)

    endpoint.decide = in_order
    model = ours("openai/any", endpoint.url, transport, timeout_s=0.7, stream=stream)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(model.complete(request(str(n)))) for n in range(8)]
    assert [task.result().text for task in asked] == ["Yes."] * 8
    assert endpoint.seen == 8


async def test_who_hangs_while_only_later_ones_are_answered_is_given_up(
    endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    hangs = Answer(fault="silence")
    endpoint.decide = lambda got: hangs if endpoint.seen == 1 else Answer(body=completion(got))
    model = ours("openai/any", endpoint.url, transport, timeout_s=0.3)

    async def ask_on() -> None:
        while True:
            await model.complete(request("Where?"))
            await asyncio.sleep(0.05)

    first = asyncio.create_task(model.complete(request()))
    others = asyncio.create_task(ask_on())
    with pytest.raises(CallFailed, match="silent"):
        async with asyncio.timeout(20):
            await first
    others.cancel()


@pytest.mark.parametrize("odd", ["7", '{"choices": ["x"]}', '{"choices": [{"delta": [[]]}]}'])
async def test_pieces_of_another_shape_are_a_transient_fault(
    odd: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    body = f"data: {odd}\n\ndata: [DONE]\n\n".encode()
    endpoint.decide = lambda got: Answer(body=body, type="text/event-stream", status=200)
    with pytest.raises(CallFailed, match="no answer of the expected shape") as failed:
        await ours("openai/any", endpoint.url, transport, stream=False).complete(request())
    assert failed.value.cause == "transient"


@pytest.mark.parametrize("name", SHAPES)
async def test_the_limiter_hears_when_a_reply_begins(
    name: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    loop = asyncio.get_running_loop()
    endpoint.decide = lambda got: Answer(body=completion(got), delay_s=0.4)
    with Permit(now=loop.time, sent_s=loop.time()) as permit:
        await ours(name, endpoint.url, transport).complete(request())
        assert permit.heard_s is not None
        assert permit.heard_s < loop.time()
    with Permit(now=loop.time, sent_s=loop.time()) as permit:
        await ours(name, endpoint.url, transport, stream=False).complete(request())
        assert permit.heard_s is None


@pytest.mark.parametrize("name", SHAPES)
async def test_a_model_that_can_not_be_streamed_is_asked_for_whole_replies_from_then_on(
    name: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = refuse_streams
    model = ours(name, endpoint.url, transport)
    for _ in range(2):
        assert (await model.complete(request())).text == "Yes."
    assert [bool(got.json().get("stream")) for got in endpoint.requests] == [True, False, False]


async def test_where_hundreds_of_replies_come_at_once_they_come_whole(
    endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = lambda got: Answer(body=completion(got))
    model = ours("openai/any", endpoint.url, transport)
    for _ in range(QUICK_REPLIES + 1):
        await model.complete(request())
    assert [got.json().get("stream") for got in endpoint.requests[-2:]] == [True, None]


async def test_where_tokens_have_a_price_a_stream_that_does_not_tell_them_is_the_last(
    endpoint: Endpoint,
) -> None:
    def tells_only_whole(got: Received) -> Answer:
        body = json.loads(completion(got))
        if got.json().get("stream"):
            del body["usage"]
        return Answer(body=json.dumps(body).encode())

    endpoint.decide = tells_only_whole
    catalogue = Catalogue()
    price = {"input": 1.0, "output": 2.0}
    options = options_of("openai/any", api_base=f"{endpoint.url}/v1", price=price)
    model = catalogue.make(options)
    replies: list[ChatReply] = [await model.complete(request()) for _ in range(2)]
    await catalogue.close()
    assert [reply.tokens_out for reply in replies] == [None, 7]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/api/chat"])
def test_a_stream_is_read_whatever_its_lines_end_with(path: str) -> None:
    got = Received(method="POST", path=path, headers={}, body=b"", at_s=0.0)
    body = b"".join(pieces_of(path, completion(got, "Yes \u2028 no.")))
    pieces = pieces_in(body, status=200)
    assert pieces_in(body.replace(b"\n", b"\r\n"), status=200) == pieces
    assert len(pieces) > 3


def test_signs_that_the_line_is_open_are_no_pieces() -> None:
    body = b': OPENROUTER PROCESSING\n\n: keep-alive\n\ndata: {"a": 1}\n\ndata:[DONE]\n\n'
    assert pieces_in(body, status=200) == [{"a": 1}, DONE]
    assert pieces_in(b'data: {"a":\ndata: 1}\n\n', status=200) == [{"a": 1}]
    with pytest.raises(CallFailed, match="cut off in the middle of its JSON"):
        pieces_in(b'data: {"a": 1}\n\ndata: {"a', status=200)


@pytest.mark.parametrize("name", SHAPES)
async def test_a_stream_that_ends_before_the_reply_does_is_no_reply(
    name: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    class Short(Answer):
        def streamed(self, path: str) -> list[bytes]:
            head, *chunks = super().streamed(path)
            kept = 2 if "/api/" in path else len(chunks) - 4
            return [head, *chunks[:kept], b"0\r\n\r\n"]

    endpoint.decide = lambda got: Short(body=completion(got, "A long text, cut."))
    with pytest.raises(CallFailed, match="broke off before its end"):
        await ours(name, endpoint.url, transport).complete(request())
