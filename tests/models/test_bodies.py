"""Bodies that are too large, too deep or too many: turned down, whichever way they come."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from benchmarks.hostile.endpoint_lines import GOOD, STREAM, chunk, head
from benchmarks.hostile.variant import grows
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.wire.bodies import LONGEST_ERROR, LONGEST_REPLY, HttpReply, Room, TooLong
from colloquia.models.wire.pieces import LARGE, MOST_VALUES, is_whole, parsed_json, pieces_in
from colloquia.models.wire.thoughts import thought_apart
from colloquia.models.wire.transport import Transport

MB = bytes(2**20)


@asynccontextmanager
async def sending(first: bytes, again: bytes = b"", *, wait_s: float = 0.0) -> AsyncIterator[str]:
    """Serve the one, then the other for ever, on an address that is yielded."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(first)
        try:
            while again:
                await asyncio.sleep(wait_s)
                writer.write(again)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def _post(transport: Transport, url: str, **more: Any) -> HttpReply:
    return await transport.send("POST", url, headers={}, body=b"{}", **{"timeout_s": 30.0, **more})


async def _fault(transport: Transport, url: str, **more: Any) -> Fault:
    with pytest.raises(CallFailed) as failed:
        await _post(transport, url, **more)
    return failed.value.fault


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (head("Transfer-Encoding: chunked"), chunk(MB)),
        (head("Connection: close"), MB),
        (STREAM, chunk(b"data: {}\n\n" * 9999)),
        (STREAM, chunk(b": on\n\n" * 9999)),
    ],
    ids=["chunks", "no length", "pieces", "comments"],
)
async def test_an_endless_reply_is_a_transient_fault(
    first: bytes, again: bytes, transport: Transport
) -> None:
    async with sending(first, again) as url:
        fault = await _fault(transport, url, room=Room(each=2**20))
    assert (fault.cause, fault.silent) == ("transient", False)
    assert fault.detail.endswith("a reply of more than 1 MB")


async def test_a_reply_is_measured_unpacked(transport: Transport) -> None:
    packed = gzip.compress(bytes(LONGEST_REPLY + 1))
    fields = ("Content-Encoding: gzip", f"Content-Length: {len(packed)}")
    async with sending(head(*fields) + packed) as url:
        assert "more than 16 MB" in (await _fault(transport, url)).detail


async def test_what_is_not_packed_as_it_says_is_told(transport: Transport) -> None:
    fields = ("Content-Encoding: gzip", f"Content-Length: {len(GOOD)}")
    async with sending(head(*fields) + GOOD) as url:
        assert (await _fault(transport, url)).detail.endswith("packed as it says")


async def test_of_an_endless_error_the_beginning_is_read(transport: Transport) -> None:
    first = head("Transfer-Encoding: chunked", status="401 No") + chunk(b"your key")
    async with sending(first, chunk(MB)) as url:
        reply = await _post(transport, url)
    assert (reply.status, len(reply.body), reply.body[:8]) == (401, LONGEST_ERROR, b"your key")


@pytest.mark.parametrize(
    "end",
    [
        b"data: [DONE]\n\n",
        b'event: message_stop\ndata: {"type": "message_stop"}\n\n',
        b'{"message": {"content": ""}, "done": true, "eval_count": 7}\n',
    ],
)
async def test_a_stream_that_said_its_end_is_not_waited_for(
    transport: Transport, end: bytes
) -> None:
    async with sending(STREAM + chunk(end[:9]) + chunk(end[9:]), chunk(b""), wait_s=3600) as url:
        reply = await _post(transport, url, timeout_s=20.0)
    assert reply.body == end


@pytest.mark.parametrize("end", [b'{"message": {"content": "\\"done\\": true', b"data: {}\n\n"])
def test_a_stream_that_speaks_of_an_end_has_not_said_it(end: bytes) -> None:
    assert not is_whole(end)


async def test_what_drips_for_ever_is_given_up(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("colloquia.models.wire.silence.SILENCES", 2)
    async with sending(STREAM, chunk(b": on\n\n"), wait_s=0.05) as url:
        fault = await _fault(transport, url, timeout_s=0.4)
    assert "no whole reply 0.8 s after its beginning; if it is only slow, raise" in fault.detail
    assert not fault.silent


def test_all_replies_under_way_have_room_together() -> None:
    room = Room(each=10, together=15)
    with room.taking() as first, room.taking() as second:
        first(9)
        with pytest.raises(TooLong, match="at once"):
            second(9)
    with room.taking() as again:
        again(10)  # all was given back
        with pytest.raises(TooLong, match="a reply of"):
            again(1)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b'{"n": %b}' % (b"9" * 5000), "thousands of digits"),
        (b"[%b0]" % (b"0," * MOST_VALUES), f"more than {MOST_VALUES:,} values"),
        (b'{"choices": [', "cut off"),
        (bytes(99), "isn't JSON"),
        (b"<html>\xe9", "a web page"),
    ],
    ids=str,
)
def test_what_is_no_json_says_why(body: bytes, says: str) -> None:
    with pytest.raises(CallFailed, match=says):
        parsed_json(body)
    with pytest.raises(CallFailed, match=says):
        pieces_in(b"data: " + body, status=200)


def test_bytes_that_are_no_utf_8_cost_a_character_and_not_the_reply() -> None:
    assert parsed_json(b'{"a": "b\xff"}') == {"a": "b\ufffd"}
    assert pieces_in(b'data: {"a": "b\xff"}\n\n', status=200) == [{"a": "b\ufffd"}]


def test_a_large_stream_is_read_like_a_small_one() -> None:
    piece = b'data: {"a": 1}\r\n\r\n'
    many = LARGE // len(piece) + 1
    pieces = pieces_in(piece * many + b"data: [DONE]\r\n\r\n", status=200)
    assert (len(pieces), pieces[0], pieces[-1]) == (many + 1, {"a": 1}, "[DONE]")


def _stream(n: int) -> Any:
    return pieces_in(b'data: {"a": 1}\n\n' * n, status=200)


@pytest.mark.parametrize(
    ("work", "n"),
    [
        (lambda n: thought_apart("</think>{}" * n), 50_000),
        (lambda n: thought_apart("<think>" + "<|end|>" * n), 100_000),
        (lambda n: thought_apart("</think>" + " " * n), 500_000),
        (_stream, 30_000),
        (lambda n: pieces_in(b"data:\n" * n + b"\n", status=200), 100_000),
        (lambda n: parsed_json(json.dumps("\xe9" * n).encode("utf-8")), 500_000),
    ],
    ids=["ends", "closings", "blanks", "pieces", "empty", "text"],
)
def test_reading_is_linear(work: Callable[[int], object], n: int) -> None:
    grows(work, n)
