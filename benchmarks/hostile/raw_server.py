"""A server that sends whatever bytes it is told to: HTTP or not, at any pace, for ever."""

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

RESET = "reset"
#: What is sent in answer to a request: bytes, pauses in seconds, `RESET` to break the connection.
Script = Callable[[bytes], Iterable[bytes | float | str]]
LONGEST_REQUEST = 2**22


class RawServer:
    """Listens on loopback from threads of this process; a context manager.

    When a script has come to its end, its connection is closed.
    """

    def __init__(self, script: Script) -> None:
        """Answer every request by a script."""
        self.script = script
        self.asked = 0
        self._over = threading.Event()

    def __enter__(self) -> Self:
        """Listen."""
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        self._over.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            line.settimeout(0.5)
            thread = threading.Thread(target=self._serve, args=[line])
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            request = _request_on(line)
            self.asked += bool(request)
            for step in self.script(request) if request else ():
                if self._over.is_set():
                    return
                match step:
                    case bytes():
                        self._send(line, step)
                    case str():
                        line.setsockopt(
                            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                        )
                        return
                    case _ if self._over.wait(step):
                        return

    def _send(self, line: socket.socket, data: bytes) -> None:
        """Send all of it, unless the other side is gone or this one is over."""
        left = memoryview(data)
        while left and not self._over.is_set():
            with suppress(TimeoutError):  # the other side doesn't read
                left = left[line.send(left[: 2**18]) :]


def _request_on(line: socket.socket) -> bytes:
    got = b""
    while len(got) < LONGEST_REQUEST:
        more = line.recv(2**16)
        got += more
        head, end, body = got.partition(b"\r\n\r\n")
        if not more:
            return b""
        if end and len(body) >= _length_in(head):
            return got
    return got


def _length_in(head: bytes) -> int:
    for field in head.lower().split(b"\r\n"):
        if field.startswith(b"content-length:"):
            return int(field.partition(b":")[2])
    return 0
