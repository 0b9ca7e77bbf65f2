"""The ledger: one row per model call, looked up before a call is made and committed before use.

A dialogue that is taken up again walks its old way from these rows without asking anyone; the
first place without a row is where the work goes on. A row counts only if the request stored there
is the one about to be sent, so two recipes never mix.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from typing import Any

from colloquia.core.errors import LoopGuard
from colloquia.core.hashing import content_id, digest
from colloquia.core.ports import CallStore, ChatModel, ChatRequest
from colloquia.core.text import writable
from colloquia.core.types import ModelCall

_PLAIN = ("role", "prompt", "temperature", "max_tokens", "seed")


def request_hash(model: str, request: ChatRequest) -> str:
    """Return what identifies a request: the model, its sampling settings and the rendered text.

    The text is told by the messages' ids, which the store needs too: each is hashed once.
    """
    content: dict[str, Any] = {name: getattr(request, name) for name in _PLAIN}
    if request.tools or request.tool_choice != "auto":  # rare, and costs more
        content |= request.model_dump(mode="json", include={"tools", "tool_choice"})
    content["messages"] = [message.id for message in request.messages]
    return digest({"model": model, "request": content})[:20]


async def _at_once() -> None:
    """Wait for nothing."""


class Ledger:
    """The calls of one dialogue."""

    def __init__(
        self,
        *,
        dialogue_id: str,
        known: Iterable[ModelCall],
        store: CallStore,
        limit: int,
        before_call: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        """Take up a dialogue's ledger.

        Args:
            dialogue_id: the dialogue.
            known: its calls so far.
            store: where further ones go.
            limit: the most calls it may hold.
            before_call: returns when all that a call may rest on is on disk.
        """
        self._dialogue_id = dialogue_id
        self._known = {(call.place, call.request_hash): call for call in known}
        # A guest that isn't asked again makes none of its calls again: they count all the same.
        self._below = Counter(outer for outer, slash, _ in map(_halves, self._known) if slash)
        self._store = store
        self._limit = limit
        self._before_call = before_call
        self._used = 0
        self.asked: list[str] = []
        """Ids of the calls that were asked for here, made before or now."""

    def aside(self) -> "Ledger":
        """Return a ledger over the same rows, whose calls don't count here until taken over."""
        apart = copy(self)  # the rows are shared
        apart._used, apart.asked = 0, []
        return apart

    def take_over(self, apart: "Ledger") -> None:
        """Count the calls of another ledger as this one's.

        Raises:
            LoopGuard: they are more than the dialogue may hold.
        """
        self.asked += apart.asked
        self._used += apart._used
        self._check_limit()

    async def ask(self, model: ChatModel, request: ChatRequest, *, place: str) -> ModelCall:
        """Return the call made at this place, making and committing it if there is none.

        Raises:
            LoopGuard: the dialogue has used up its calls.
        """
        self._used += 1
        self._check_limit()
        key = (place, request_hash(model.name, request))
        call = self._known.get(key)
        if call is None:
            await self._before_call()
            call = await self._make_call(model, request, place=place, hashed=key[1])
            await self._store.record(call)
            self._known[key] = call
        else:
            self._used += self._below[place]
        self.asked.append(call.id)
        return call

    def _check_limit(self) -> None:
        if self._used > self._limit:
            raise LoopGuard(f"more than {self._limit} calls; raise limits.calls_per_dialogue")

    async def _make_call(
        self, model: ChatModel, request: ChatRequest, *, place: str, hashed: str
    ) -> ModelCall:
        started = time.perf_counter()
        reply = await model.complete(request)
        return ModelCall(
            id=content_id("call1", [self._dialogue_id, place, hashed]),
            dialogue_id=self._dialogue_id,
            place=place,
            role=request.role,
            model=model.name,
            prompt=request.prompt,
            request_hash=hashed,
            messages=request.messages,
            reply=writable(reply.text),
            thought=writable(reply.thought) if reply.thought else None,
            tool_calls=tuple(
                call.model_copy(update={"arguments": writable(call.arguments)})
                for call in reply.tool_calls
            ),
            stop=reply.stop,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost_usd=reply.cost_usd,
            latency_s=time.perf_counter() - started,
            attempts=reply.attempts,
        )


def _halves(key: tuple[str, str]) -> tuple[str, str, str]:
    """Return a call's place split at the slash below which a guest's own calls stand."""
    return key[0].partition("/")
