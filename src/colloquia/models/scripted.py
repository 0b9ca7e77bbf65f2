"""A model that says what it was told to say: for tests and demos, with faults on demand."""

from collections import deque
from collections.abc import Callable, Iterable

from colloquia.core.errors import WorldError
from colloquia.core.ports import ChatReply, ChatRequest

Script = str | ChatReply | Exception | Callable[[ChatRequest], str | ChatReply]


class ScriptedModel:
    """Answers from a queue, in order; an exception in the queue is raised, a function is called.

    Every request is kept in `requests`. An empty queue raises WorldError: a script that is too
    short should be seen.
    """

    free = True

    def __init__(self, replies: Iterable[Script], *, name: str = "scripted") -> None:
        """Take the replies to give, first to last."""
        self.name = name
        self.requests: list[ChatRequest] = []
        self._queue = deque(replies)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Give the next reply."""
        self.requests.append(request)
        if not self._queue:
            raise WorldError(
                f"{self.name}: the script is over after {len(self.requests) - 1} replies"
            )
        reply = self._queue.popleft()
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(request)
        return reply if isinstance(reply, ChatReply) else ChatReply(text=reply)

    async def close(self) -> None:
        """Nothing to let go of."""
