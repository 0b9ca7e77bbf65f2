"""`hf:PATH`: a model folder of one's own behind the model port, in this process.

Requests that wait together are answered together, in one thread beside the event loop. The folder
is checked when the model is made; torch is imported and weights are loaded at the first request.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from colloquia.core.errors import ColloquiaError
from colloquia.core.model_options import LOCAL_PREFIX, ModelOptions
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults.errors import CallFailed, Fault, ModelError
from colloquia.models.ledger.prices import FREE, per_token, with_cost
from colloquia.models.local.hub import find_model
from colloquia.models.local.model_folder import INSTALL, ModelFolder
from colloquia.models.wire.replies import reply_of

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import Answer, TextGenerator

MOST_WAITING = 1024  # requests; who comes later waits to be let in
GATHERING_S = 0.005  # dialogues that are in step come within it; a reply takes far longer


class Opener(Protocol):
    """Loads a checked folder, e.g. `TextGenerator.load`."""

    def __call__(self, folder: ModelFolder, *, batch: int | None) -> "TextGenerator":
        """Return the model."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiting:
    request: ChatRequest
    reply: "asyncio.Future[Answer]"


class TransformersModel:
    """A local model; a raw backend, which tries once."""

    def __init__(self, options: ModelOptions, *, base: Path, load: Opener | None = None) -> None:
        """Check the folder; nothing is loaded.

        Args:
            options: of a model named `hf:PATH`.
            base: where a relative path starts.
            load: how the folder is loaded.

        Raises:
            ModelError: the folder is no model that may be loaded, has no chat template, or torch
                isn't installed; one line with the fix.
        """
        self.name = options.model
        self._options = options
        self.folder = _checked(options, base)
        self._load = load or _load
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hf")
        self._generator: TextGenerator | None = None
        self._unusable: ColloquiaError | None = None
        self._closed = False
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._turn = asyncio.Lock()
        self._waiting: deque[_Waiting] = deque()

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request.

        Raises:
            CallFailed: the prompt is too long for the model or for memory, or its template can't
                render these messages.
            ModelError: the folder can't be loaded, or there are tools.
            WorldError: it doesn't fit into memory.
        """
        if request.tools:
            raise ModelError(f"model {self.name!r} calls no tools; give that agent another model")
        async with self._room:
            mine = _Waiting(request=request, reply=asyncio.get_running_loop().create_future())
            self._waiting.append(mine)
            try:
                # Whoever is first in turn has the next batch answered, its own request in it or
                # not far behind; so there is no task of our own that would have to be watched.
                while not mine.reply.done():
                    async with self._turn:
                        if not mine.reply.done():
                            await self._answer_some()
                return self._reply(mine.reply.result())
            finally:
                mine.reply.cancel()  # where this caller was: its place in a batch is for others

    async def close(self) -> None:
        """Stop at the next token, and let go of the weights."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._generator = None

    async def _answer_some(self) -> None:
        await asyncio.sleep(GATHERING_S)
        some = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_size()))]
        some = [one for one in some if not one.reply.done()]  # a cancelled one is done
        if self._closed or not some:
            _deliver_result(
                some, CallFailed(Fault(cause="transient", detail=f"{self.name} is closed"))
            )
            return
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._thread, self._answer_batch, [one.request for one in some])
        work.add_done_callback(lambda done: _deliver_results(some, done))
        # Not awaited itself: if this caller is cancelled, the others still get their replies.
        await asyncio.wait([work])

    def _batch_size(self) -> int:
        from_options = self._options.max_batch
        return self._generator.batch if self._generator else (from_options or 64)

    def _answer_batch(self, requests: Sequence[ChatRequest]) -> "list[Answer | CallFailed]":
        """In the thread: load at the first call, then answer."""
        from colloquia.models.local.text_generator import DEFAULT_MAX_TOKENS, Chat, Sampling

        if self._unusable is not None:
            raise self._unusable
        try:
            generator = self._generator or self._load(self.folder, batch=self._options.max_batch)
        except ColloquiaError as error:
            self._unusable = error  # loading it again would fail again
            raise
        self._generator = generator
        chats = [
            Chat(
                messages=request.messages,
                sampling=Sampling(
                    temperature=request.temperature,
                    top_p=self._options.top_p,
                    max_tokens=request.max_tokens or DEFAULT_MAX_TOKENS,
                    seed=request.seed,
                ),
                schema=None if self._options.structured is False else request.reply_schema,
            )
            for request in requests
        ]
        return generator.answer(chats, stopped=lambda: self._closed)

    def _reply(self, answer: "Answer") -> ChatReply:
        reply = reply_of(
            answer.text, stop=answer.stop, tokens_in=answer.tokens_in, tokens_out=len(answer.ids)
        )
        return with_cost(reply, per_token(self._options.price, {}) or FREE)


def _checked(options: ModelOptions, base: Path) -> ModelFolder:
    try:
        for name in ("api_base", "api_key_env"):
            if getattr(options, name) is not None:
                raise ModelError(f"{name} is for servers; a local folder has none")
        folder = find_model(options.model.removeprefix(LOCAL_PREFIX), base=base)
        folder.require_chat_template()
    except ModelError as error:
        raise ModelError(f"model {options.model!r}: {error}") from None
    if missing := folder.missing_libraries():
        raise ModelError(f"model {options.model!r} needs {' and '.join(missing)}; run: {INSTALL}")
    return folder


def _load(folder: ModelFolder, *, batch: int | None) -> "TextGenerator":
    from colloquia.models.local.text_generator import TextGenerator  # torch takes seconds

    # Who asks for one at a time wants replies that nothing around them changes, not even rounding.
    return TextGenerator.load(folder, batch=batch, keep_prefixes=batch != 1)


def _deliver_results(
    some: Sequence[_Waiting], done: "asyncio.Future[list[Answer | CallFailed]]"
) -> None:
    if done.cancelled():
        _deliver_result(some, CallFailed(Fault(cause="transient", detail="the model was closed")))
    elif (error := done.exception()) is not None:
        _deliver_result(some, error)
    else:
        for one, result in zip(some, done.result(), strict=True):
            _deliver_result([one], result)


def _deliver_result(some: Sequence[_Waiting], result: "Answer | BaseException") -> None:
    for one in some:
        if one.reply.done():
            continue
        if isinstance(result, BaseException):
            one.reply.set_exception(result)
        else:
            one.reply.set_result(result)
