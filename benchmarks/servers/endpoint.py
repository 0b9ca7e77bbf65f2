"""A model endpoint to measure and to break: speaks OpenAI's, Anthropic's and Ollama's shapes.

In a test: `async with Endpoint(answer) as endpoint`, where `answer` decides on each request. As a
process: `python -m benchmarks.servers.endpoint --latency-ms 500` prints its address and answers
every chat completion after that long. A bare protocol, so that the endpoint costs little beside
the clients that are measured.
"""

import argparse
import asyncio
import json
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle, permutations
from typing import Any, Literal, Self

from benchmarks.servers.streaming import pieces_of, type_of

STREAM = re.compile(rb'"stream": ?true')
Break = Literal["reset", "close", "cut", "silence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    at_s: float
    """Monotonic."""

    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.body or b"null")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send back."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "application/json"
    delay_s: float = 0.0
    fault: Break | None = None
    """reset and close: instead of a reply; cut: half of it; silence: none, the line stays open."""
    begins_after: float = 0.1
    """When a reply that is asked for in pieces begins, as a share of `delay_s`."""

    def raw(self) -> bytes:
        """Return the reply as it goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} Whatever", f"Content-Type: {self.type}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body

    def streamed(self, path: str) -> list[bytes]:
        """Return the head, and the reply's pieces, as they go over the wire; [] if it has none."""
        pieces = pieces_of(path, self.body) if self.status == 200 else ()
        if not pieces:
            return []
        lines = ["HTTP/1.1 200 Whatever", f"Content-Type: {type_of(path)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        head = "\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode()
        chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
        return [head, *chunks, b"0\r\n\r\n"]


Decide = Callable[[Received], Answer]


class Endpoint:
    """A server on loopback; `requests` holds what came, in order."""

    def __init__(self, decide: Decide, *, keep: bool = True) -> None:
        """Answer as `decide` says; `keep` the requests."""
        self.decide = decide
        self.keep = keep
        self.requests: list[Received] = []
        self.seen = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._lines: set[_Line] = set()

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Line(self, self._lines), "127.0.0.1", self.port, backlog=4096
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, and drop every connection."""
        assert self._server is not None
        self._server.close()
        for line in list(self._lines):
            line.drop()
        await asyncio.sleep(0)


class _Line(asyncio.Protocol):
    """One connection; requests on it are answered one after the other."""

    def __init__(self, endpoint: Endpoint, lines: "set[_Line]") -> None:
        self._endpoint = endpoint
        self._lines = lines
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lines.discard(self)
        self._free()

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end or self._busy:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
        }
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        method, path, _ = first.split(" ", 2)
        self._take(
            Received(
                method=method,
                path=path,
                headers=headers,
                body=rest[:length],
                at_s=time.monotonic(),
            )
        )

    def _take(self, request: Received) -> None:
        endpoint = self._endpoint
        endpoint.seen += 1
        if endpoint.keep:
            endpoint.requests.append(request)
        self._busy = True
        endpoint.in_flight += 1
        endpoint.most_in_flight = max(endpoint.most_in_flight, endpoint.in_flight)
        answer = endpoint.decide(request)
        pieces = answer.streamed(request.path) if STREAM.search(request.body) else []
        if pieces:
            self._begin_stream(answer, pieces)
        elif answer.delay_s:
            asyncio.get_running_loop().call_later(answer.delay_s, self._send, answer)
        else:
            self._send(answer)

    def _begin_stream(self, answer: Answer, pieces: list[bytes]) -> None:
        """Send a reply in pieces; what is broken breaks in the middle of it."""
        head, first, *rest = pieces
        if answer.fault is not None:
            half = b"".join([head, first, *rest[: len(rest) // 2]])
            asyncio.get_running_loop().call_later(answer.delay_s, self._break_off, answer, half)
        elif answer.delay_s:
            begins_s = answer.begins_after * answer.delay_s
            between_s = (answer.delay_s - begins_s) / len(rest)
            self._go_on([head + first, *rest], begins_s, between_s)
        else:
            self._go_on([b"".join(pieces)], 0.0, 0.0)

    def _go_on(self, pieces: list[bytes], wait_s: float, between_s: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + wait_s

        def send() -> None:
            nonlocal due
            if self._transport is None:
                return
            last = len(pieces) == 1
            if last:
                self._free()
            self._transport.write(pieces.pop(0))
            if not last:
                due += between_s
                loop.call_at(due, send)
            elif self._buffer:
                self.data_received(b"")

        loop.call_at(due, send)

    def _break_off(self, answer: Answer, half: bytes) -> None:
        if answer.fault == "cut" and self._transport is not None:
            self._free()
            self._transport.write(half)
            self._transport.close()
        else:
            self._send(answer)

    def _free(self) -> None:
        if self._busy:
            self._busy = False
            self._endpoint.in_flight -= 1

    def _send(self, answer: Answer) -> None:
        if self._transport is None or answer.fault == "silence":
            return
        self._free()
        match answer.fault:
            case "reset":
                linger = struct.pack("ii", 1, 0)  # close sends RST
                line = self._transport.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self._transport.abort()
            case "close":
                self._transport.close()
            case "cut":
                raw = answer.raw()
                self._transport.write(raw[: len(raw) - len(answer.body) // 2])
                self._transport.close()
            case None:
                self._transport.write(answer.raw())
                if self._buffer:
                    self.data_received(b"")


def completion(request: Received, text: str | None = "Yes.", **changes: Any) -> bytes:
    """Return a chat completion in the shape of the path that was asked.

    Args:
        request: decides the shape.
        text: what the model says.
        changes: `stop` (OpenAI's word for it), `thought`, `tokens_in`, `tokens_out`, and `calls`:
            (name, arguments) of each tool that is called; arguments as text may be no JSON.
    """
    calls: list[tuple[str, Any]] = changes.get("calls", [])
    stop = changes.get("stop", "stop")
    thought = changes.get("thought")
    tokens_in, tokens_out = changes.get("tokens_in", 11), changes.get("tokens_out", 7)
    if request.path.endswith("/v1/messages"):
        blocks: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
        if thought:
            blocks.insert(0, {"type": "thinking", "thinking": thought, "signature": "s"})
        blocks += [
            {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": arguments}
            for n, (name, arguments) in enumerate(calls)
        ]
        body: dict[str, Any] = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "fake",
            "content": blocks,
            "stop_reason": {"stop": "end_turn", "length": "max_tokens"}.get(stop, "refusal"),
            "usage": {"input_tokens": tokens_in, "output_tokens": tokens_out},
        }
    elif "/api/" in request.path:
        counts = {"prompt_eval_count": tokens_in, "eval_count": tokens_out}
        body = {"model": "fake", "done": True, "done_reason": stop, **counts}
        if request.path.endswith("/api/chat"):
            body["message"] = {"role": "assistant", "content": text}
            body["message"] |= {"thinking": thought} if thought else {}
            if calls:
                body["message"]["tool_calls"] = _functions(calls, dump=lambda given: given)
        else:
            body["response"] = f"<think>{thought}</think>{text}" if thought else text
    else:
        message: dict[str, Any] = {"role": "assistant", "content": text}
        message |= {"reasoning_content": thought} if thought else {}
        if calls:
            made = _functions(calls, dump=json.dumps)
            ids = ({"id": f"call_{n}", "type": "function"} for n in range(len(made)))
            message["tool_calls"] = [one | call for one, call in zip(ids, made, strict=True)]
        total = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1700000000,
            "model": "fake",
            "choices": [{"index": 0, "message": message, "finish_reason": stop}],
            "usage": {**total, "total_tokens": tokens_in + tokens_out},
        }
    return json.dumps(body).encode()


def _functions(calls: list[tuple[str, Any]], *, dump: Callable[[Any], Any]) -> list[dict[str, Any]]:
    return [
        {
            "function": {
                "name": name,
                "arguments": given if isinstance(given, str) else dump(given),
            }
        }
        for name, given in calls
    ]


_ADJECTIVES = """
    old grey tall quiet famous lonely broken round narrow heavy bright early rustic noble modest
    sturdy slender pale vast tiny proud plain solid gloomy handsome weathered crooked ancient mossy
"""


def steady(replies: Mapping[str, Any], *, latency_s: float) -> Decide:
    """Return a decision: always the same, after the same time.

    Args:
        replies: JSON values by a word in the request's body; the first that is found counts. A `~`
            in it becomes two words that no other reply has for long, so that no cache knows it.
        latency_s: how long each takes.
    """
    fresh = cycle(f"{one}, {other}" for one, other in permutations(_ADJECTIVES.split(), 2))
    words = [(word.encode(), json.dumps(reply)) for word, reply in replies.items()]
    ready: dict[tuple[str, bytes], Answer] = {}

    def decide(request: Received) -> Answer:
        word, text = next(pair for pair in words if pair[0] in request.body)
        known = ready.get((request.path, word))
        if known is None:
            said = text.replace("~", next(fresh))
            known = Answer(body=completion(request, said), delay_s=latency_s)
            if said == text:
                ready[request.path, word] = known
        return known

    return decide


async def serve(decide: Decide) -> None:
    """Answer until standard input closes."""
    async with Endpoint(decide, keep=False) as endpoint:
        print(endpoint.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Run as a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--replies", type=json.loads, default={"": "Yes."})
    told = parser.parse_args()
    asyncio.run(serve(steady(told.replies, latency_s=told.latency_ms / 1000)))


if __name__ == "__main__":
    main()
