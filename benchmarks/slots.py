"""A model server with so many places, to pace oneself by: `python -m benchmarks.slots --places 4`.

It works on so many requests at a time, first come, first served, as Ollama and llama.cpp's server
do; `--shared` works on all at once and more slowly the more there are beyond its places. Replies
differ in length by half. It prints its address, serves until its standard input closes, and then
prints what it saw: how much of its time went into replies that were still wanted, which requests
came again, and when dialogues ended.
"""

import argparse
import asyncio
import hashlib
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field

from benchmarks.servers.endpoint import STREAM, Answer, Received, completion

NUMBER = re.compile(rb"It has the number (\d+)")
TOKENS = 100  # of a usual reply
STEPS = 16  # in which a reply is worked on
FIRST_STEPS = 2  # before its first token


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the server saw, in seconds since its first request."""

    requests: int = 0
    repeats: int = 0
    """Requests that were seen before, word for word."""
    most_in_queue: int = 0
    useful_s: float = 0.0
    """Worked on replies that somebody took, while no fewer dialogues than places were left."""
    until_s: float = 0.0
    """When that was."""
    ended_s: list[float] = field(default_factory=list)
    """When each dialogue had its last reply."""
    own_s: list[float] = field(default_factory=list)
    """How long its replies were worked on."""


class SlotServer:
    """A server on loopback."""

    def __init__(self, told: argparse.Namespace) -> None:
        """Take the places, the usual time for a reply, and how it treats who goes away."""
        self.seen = Seen()
        self._told = told
        self._places = asyncio.Semaphore(told.places)
        self._inside = 0
        self._waiting = 0
        self._began: float | None = None
        self._known: set[bytes] = set()
        self._replies: Counter[int] = Counter()
        self._worked_s: defaultdict[int, float] = defaultdict(float)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                path = head.split(b" ", 2)[1].decode()
                await self._answer(path, body, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(
        self, path: str, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._began = self._began or time.monotonic()
        digest = hashlib.sha256(body).digest()
        self.seen.requests += 1
        self.seen.repeats += digest in self._known
        self._known.add(digest)
        length = 0.5 + digest[0] / 255
        pieces = self._reply(path, body, tokens=round(TOKENS * length))
        takes_s = self._told.service_s * length
        worked_s = 0.0
        async with self._place():
            for step in range(STEPS):
                if self._told.cancels and reader.at_eof():
                    return
                crowd = max(1.0, self._inside / self._told.places) if self._told.shared else 1.0
                began = time.monotonic()
                await asyncio.sleep(takes_s / STEPS * crowd)
                worked_s += (time.monotonic() - began) / crowd
                if len(pieces) > 1 and step >= FIRST_STEPS:
                    share = len(pieces) // (STEPS - step)
                    writer.write(b"".join(pieces[:share]))
                    del pieces[:share]
        writer.write(b"".join(pieces))
        if not reader.at_eof():
            self._note(body, worked_s)

    def _reply(self, path: str, body: bytes, *, tokens: int) -> list[bytes]:
        """Return what goes over the wire: in pieces where that is asked for."""
        got = Received(method="POST", path=path, headers={}, body=body, at_s=0.0)
        text = next(reply for word, reply in self._told.replies.items() if word in body.decode())
        answer = Answer(body=completion(got, json.dumps(text), tokens_out=tokens))
        return answer.streamed(path) if STREAM.search(body) else [answer.raw()]

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        self._inside += 1
        if self._told.shared:
            yield
        else:
            self._waiting += 1
            self.seen.most_in_queue = max(self.seen.most_in_queue, self._waiting)
            async with self._places:
                self._waiting -= 1
                yield
        self._inside -= 1

    def _note(self, body: bytes, worked_s: float) -> None:
        """Keep book of a reply that somebody waited for."""
        assert self._began is not None
        now, told, seen = time.monotonic() - self._began, self._told, self.seen
        if len(seen.ended_s) <= max(0, told.dialogues - told.places):
            seen.useful_s += worked_s
            seen.until_s = now
        if (number := NUMBER.search(body)) is not None:
            dialogue = int(number[1])
            self._replies[dialogue] += 1
            self._worked_s[dialogue] += worked_s
            if self._replies[dialogue] == told.calls:
                seen.ended_s.append(now)
                seen.own_s.append(self._worked_s[dialogue])


async def serve(told: argparse.Namespace) -> None:
    """Serve until standard input closes."""
    slots = SlotServer(told)
    server = await asyncio.start_server(slots.talk, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    print(json.dumps(asdict(slots.seen)), flush=True)


def main() -> None:
    """Run as a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--places", type=int, default=1)
    parser.add_argument("--service-s", type=float, default=0.4, help="a reply's usual time")
    parser.add_argument("--shared", action="store_true")
    parser.add_argument("--cancels", action="store_true", help="who goes away isn't worked on")
    parser.add_argument("--dialogues", type=int, default=0)
    parser.add_argument("--calls", type=int, default=12, help="replies in a dialogue")
    parser.add_argument("--replies", type=json.loads, default={"": "Yes."})
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
