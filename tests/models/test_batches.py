"""Requests in batches: none is paid twice or lost, whatever becomes of line, batch or process."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI

from benchmarks.servers.batches import BatchDesk, Fate, MadeBatch, Step, lost
from benchmarks.servers.endpoint import Answer, Endpoint, completion
from colloquia.core.errors import BudgetReached, Postponed
from colloquia.core.ports import ChatReply, Spending, StoredBatch
from colloquia.models.batch import waves
from colloquia.models.batch.batched_model import BatchedModel
from colloquia.models.batch.batching import Batching
from colloquia.models.catalogue import options_of
from colloquia.models.faults.errors import CallFailed, EndpointDown, ModelError
from colloquia.models.pace.clock import RealClock
from colloquia.models.wire.providers import READ_ONLY
from colloquia.models.wire.transport import Transport
from tests.models.parts import request
from tests.models.routes import ours

pytestmark = pytest.mark.filterwarnings(f"ignore:{READ_ONLY}")

SHAPES = ["openai/any", "anthropic/any"]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
PRICE = {"input": 2.0, "output": 10.0}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk on loopback needs no minutes."""
    for name in ("QUIET_S", "FIRST_LOOK_S", "LONGEST_LOOK_S", "REFUSED_PAUSE_S"):
        monkeypatch.setattr(waves, name, 0.02)
    monkeypatch.setattr(waves, "LISTED_WITHIN_S", (0.0, 0.02))


class Notes:
    """A store of batches in memory that outlives the processes of a test."""

    def __init__(self, *, room: int = 99) -> None:
        self.room = room
        """How many requests fit into the budget."""
        self.open: dict[str, StoredBatch] = {}
        self.replies: dict[str, ChatReply] = {}
        self.spent = Spending()
        self.log: list[str] = []
        self.news = asyncio.Event()

    async def under_way(self, model: str) -> list[StoredBatch]:
        return [batch for batch in self.open.values() if batch.model == model]

    async def unused(self, model: str) -> Mapping[str, ChatReply]:
        return dict(self.replies)

    async def intend(self, batch: StoredBatch) -> int:
        fitting = min(self.room, len(batch.lines))
        if fitting:
            self.room -= fitting
            self.log.append("intend")
            self.open[batch.id] = batch.model_copy(update={"lines": batch.lines[:fitting]})
        return fitting

    async def wait_for_room(self, most: Spending) -> None:
        if not self.open:
            raise BudgetReached("budget of $1.00 reached")
        self.news.clear()
        await self.news.wait()

    async def handed_in(self, batch: StoredBatch, remote_id: str) -> None:
        self.log.append("handed in")
        self.open[batch.id] = self.open[batch.id].model_copy(update={"remote_id": remote_id})

    async def end(
        self, batch: StoredBatch, replies: Mapping[str, ChatReply], spent: Spending
    ) -> None:
        self.log.append("end")
        self.news.set()
        self.room += len(self.open.pop(batch.id).lines)
        self.replies |= replies
        self.spent = Spending.total((self.spent, spent))


@asynccontextmanager
async def process(
    endpoint: Endpoint, notes: Notes, name: str = "openai/any", **settings: object
) -> AsyncIterator[BatchedModel]:
    """A process with one model; several of them may follow each other over the same notes."""
    transport = Transport()
    base = endpoint.url if name.startswith("anthropic") else f"{endpoint.url}/v1"
    fields = {"api_base": base, "api_key_env": "CANARY_KEY", "price": PRICE} | settings
    batching = Batching(store=notes, transport=transport, clock=RealClock())
    model = batching.make(options_of(name, **fields))
    assert model is not None
    try:
        async with batching.at_work():
            yield model
    finally:
        await transport.close()


def desk_at(endpoint: Endpoint, **how: Any) -> BatchDesk:
    desk = BatchDesk(lambda asked: Answer(body=completion(asked, _said(asked.json()))), **how)
    endpoint.decide = desk
    return desk


def _said(body: dict[str, Any]) -> str:
    """Say the last message's words again."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else str(content[0]["text"])


async def ask(model: BatchedModel, *words: str, **changes: object) -> list[ChatReply | Exception]:
    asked = (model.complete(request(word, **changes)) for word in words)
    found = await asyncio.gather(*asked, return_exceptions=True)
    return [one for one in found if isinstance(one, ChatReply | Exception)]


def texts(replies: list[ChatReply | Exception]) -> list[str]:
    return [one.text if isinstance(one, ChatReply) else repr(one) for one in replies]


WORDS = [f"When {n}?" for n in range(6)]


@pytest.mark.parametrize("name", SHAPES)
async def test_what_is_asked_at_once_goes_in_one_batch_at_half_the_price(
    name: str, endpoint: Endpoint, canary: str
) -> None:
    desk, notes = desk_at(endpoint), Notes()
    async with process(endpoint, notes, name) as model:
        replies = await ask(model, *WORDS)
    assert texts(replies) == WORDS
    costs = [reply.cost_usd for reply in replies if isinstance(reply, ChatReply)]
    assert costs == pytest.approx([(11 * 2.0 + 7 * 10.0) / 1e6 / 2] * 6)
    assert len(desk.batches) == 1 and set(desk.paid.values()) == {1}
    assert notes.log == ["intend", "handed in", "end"], "nothing is waited for before it is noted"
    assert notes.spent.tokens == 6 * 18


@pytest.mark.parametrize("name", [*SHAPES, "anthropic/claude-sonnet-4-5", "openai/gpt-5-mini"])
async def test_a_line_is_what_would_be_sent_alone(
    name: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    desk = desk_at(endpoint)
    wanted = {"reply_schema": SCHEMA, "temperature": 0.5}
    async with process(endpoint, Notes(), name, structured=True) as model:
        await ask(model, "When?", **wanted)
    (batch,) = desk.batches.values()
    made = endpoint.requests[[r.path for r in endpoint.requests].index(_made_at(name))]
    await ours(name, endpoint.url, transport, structured=True).complete(request("When?", **wanted))
    alone = endpoint.requests[-1]
    streaming = {"stream", "stream_options"}
    whole = {key: value for key, value in alone.json().items() if key not in streaming}
    assert list(batch.lines.values()) == [whole]
    for header in ("authorization", "x-api-key", "anthropic-version", "anthropic-beta"):
        assert made.headers.get(header) == alone.headers.get(header)


def _made_at(name: str) -> str:
    return "/v1/messages/batches" if name.startswith("anthropic") else "/v1/batches"


async def test_a_file_is_handed_in_as_by_openais_own_client(
    endpoint: Endpoint, canary: str
) -> None:
    desk = desk_at(endpoint)
    async with process(endpoint, Notes()) as model:
        await ask(model, "When?")
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {}}
    base = f"{endpoint.url}/v1"
    async with AsyncOpenAI(base_url=base, api_key="k", max_retries=0) as client:
        content = ("x.jsonl", json.dumps(line).encode())
        file = await client.files.create(file=content, purpose="batch")
        await client.batches.create(
            completion_window="24h", endpoint="/v1/chat/completions", input_file_id=file.id
        )
    mine, theirs = (made.json() for made in endpoint.requests if made.path == "/v1/batches")
    assert mine.pop("metadata").keys() == {"colloquia_batch"}
    assert mine | {"input_file_id": file.id} == theirs
    assert len(desk.batches) == 2


FATES: list[Fate] = ["expired", "errored", "limited", "missing"]


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("fate", FATES)
async def test_what_was_not_answered_goes_along_with_the_next_wave(
    name: str, fate: Fate, endpoint: Endpoint, canary: str
) -> None:
    def of(key: str, before: int) -> Fate:
        return fate if "When 3" in key and before < 2 else "fine"

    desk, notes = desk_at(endpoint, fate=of), Notes()
    async with process(endpoint, notes, name) as model:
        replies = await ask(model, *WORDS)
    assert texts(replies) == WORDS
    assert [reply.attempts for reply in replies if isinstance(reply, ChatReply)][3] == 3
    assert set(desk.paid.values()) == {1} and len(desk.batches) == 3
    in_doubt = fate in ("errored", "missing")  # these may have been billed
    assert (notes.spent.tokens > 6 * 18) == in_doubt


@pytest.mark.parametrize("name", SHAPES)
async def test_a_line_that_is_no_good_ends_its_call_alone(
    name: str, endpoint: Endpoint, canary: str
) -> None:
    desk = desk_at(endpoint)
    plain = desk._answer
    error = {"error": {"type": "invalid_request_error", "message": "context length exceeded"}}
    bad = Answer(status=400, body=json.dumps(error).encode())
    desk._answer = lambda asked: bad if b"When 2" in asked.body else plain(asked)
    async with process(endpoint, Notes(), name) as model:
        replies = await ask(model, *WORDS[:4])
    failed = replies.pop(2)
    assert isinstance(failed, CallFailed) and failed.cause == "fatal"
    assert texts(replies) == ["When 0?", "When 1?", "When 3?"] and len(desk.batches) == 1


async def test_a_model_that_takes_no_schema_is_asked_again_without(
    endpoint: Endpoint, canary: str
) -> None:
    desk = desk_at(endpoint)
    plain = desk._answer
    error = {"error": {"message": "response_format is not supported with this model"}}
    bad = Answer(status=400, body=json.dumps(error).encode())
    desk._answer = lambda asked: bad if b"response_format" in asked.body else plain(asked)
    async with process(endpoint, Notes(), structured=True) as model:
        replies = await ask(model, *WORDS, reply_schema=SCHEMA)
        assert texts(replies) == WORDS
        await ask(model, "Why?", reply_schema=SCHEMA)
    assert [len(batch.lines) for batch in desk.batches.values()] == [6, 6, 1]


@pytest.mark.parametrize("name", SHAPES)
async def test_a_batch_whose_making_was_not_heard_of_is_found_and_not_made_twice(
    name: str, endpoint: Endpoint, canary: str
) -> None:
    def unheard(step: Step, before: int) -> Answer | None:
        return lost() if step == "create" and not before else None

    desk, notes = desk_at(endpoint, trouble=unheard, takes_s=0.05), Notes()
    async with process(endpoint, notes, name) as model:
        assert texts(await ask(model, *WORDS)) == WORDS
    assert len(desk.batches) == 1 and desk.steps["list"] == 1


@pytest.mark.parametrize("name", SHAPES)
async def test_another_batch_of_as_many_requests_is_not_taken_for_ours(
    name: str, endpoint: Endpoint, canary: str
) -> None:
    def refuse(step: Step, before: int) -> Answer | None:
        return Answer(status=500, body=b"{}") if step == "create" and before == 1 else None

    desk = desk_at(endpoint, trouble=refuse)
    async with process(endpoint, Notes(), name) as other:
        assert texts(await ask(other, "Who?")) == ["Who?"]
    async with process(endpoint, Notes(), name) as model:
        assert texts(await ask(model, "When?")) == ["When?"]
    assert len(desk.batches) == 2 and desk.steps["create"] == 3
    assert set(desk.paid.values()) == {1}


async def killed_while_waiting(
    endpoint: Endpoint, name: str, *, remote: bool
) -> tuple[BatchDesk, Notes]:
    """Ask, and end when the batch is looked at; returns the desk, and the notes that are left."""
    looked_at = threading.Event()

    def look(step: Step, before: int) -> None:
        if step == "look":
            looked_at.set()

    desk, notes = desk_at(endpoint, takes_s=0.3, trouble=look), Notes()
    async with process(endpoint, notes, name) as model:
        asking = asyncio.create_task(ask(model, *WORDS))
        await asyncio.to_thread(looked_at.wait)
        left = _kept(notes, remote=remote)
        model.waves.stop()
        assert {type(one) for one in await asking} == {Postponed}
    return desk, left


def _kept(notes: Notes, *, remote: bool) -> Notes:
    """What a process leaves that is killed before, or after, it notes the provider's id."""
    left = Notes()
    left.open = {
        mark: batch if remote else batch.model_copy(update={"remote_id": None})
        for mark, batch in notes.open.items()
    }
    return left


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("remote", [True, False], ids=["id noted", "id lost"])
async def test_who_comes_after_a_kill_takes_the_batch_up(
    name: str, remote: bool, endpoint: Endpoint, canary: str
) -> None:
    desk, left = await killed_while_waiting(endpoint, name, remote=remote)
    async with process(endpoint, left, name) as model:
        assert texts(await ask(model, *WORDS, "Who?")) == [*WORDS, "Who?"]
    assert [len(batch.lines) for batch in desk.batches.values()] == [6, 1]
    assert set(desk.paid.values()) == {1}


@pytest.mark.parametrize("name", SHAPES)
async def test_a_batch_that_was_noted_and_never_made_is_asked_anew(
    name: str, endpoint: Endpoint, canary: str
) -> None:
    desk, left = await killed_while_waiting(endpoint, name, remote=False)
    desk.batches.clear()
    async with process(endpoint, left, name) as model:
        assert texts(await ask(model, *WORDS)) == WORDS
    assert left.log == ["end", "intend", "handed in", "end"]


async def test_replies_that_came_before_a_kill_are_used_and_not_asked_for(
    endpoint: Endpoint, canary: str
) -> None:
    desk, notes = desk_at(endpoint), Notes()
    async with process(endpoint, notes) as model:
        await ask(model, *WORDS)
    async with process(endpoint, notes) as model:
        assert texts(await ask(model, *WORDS)) == WORDS
    assert len(desk.batches) == 1


async def test_a_file_that_is_too_much_at_once_is_halved(endpoint: Endpoint, canary: str) -> None:
    def too_much(batch: MadeBatch) -> str | None:
        return "token_limit_exceeded" if len(batch.lines) > 2 else None

    desk, notes = desk_at(endpoint, refuse=too_much), Notes()
    async with process(endpoint, notes) as model:
        replies = await ask(model, *WORDS)
    assert texts(replies) == WORDS and set(desk.paid.values()) == {1}
    assert {reply.attempts for reply in replies if isinstance(reply, ChatReply)} == {1}


async def test_a_file_that_is_no_good_says_why(endpoint: Endpoint, canary: str) -> None:
    desk_at(endpoint, refuse=lambda batch: "model_not_found")
    async with process(endpoint, Notes()) as model:
        (failed,) = await ask(model, "When?")
    assert isinstance(failed, CallFailed) and "model_not_found" in str(failed)


async def test_as_much_as_fits_the_budget_goes_and_the_rest_waits_for_room(
    endpoint: Endpoint, canary: str
) -> None:
    desk, notes = desk_at(endpoint), Notes(room=4)
    async with process(endpoint, notes) as model:
        assert texts(await ask(model, *WORDS)) == WORDS
    assert [len(batch.lines) for batch in desk.batches.values()] == [4, 2]
    async with process(endpoint, Notes(room=0)) as model:
        assert {type(one) for one in await ask(model, *WORDS)} == {BudgetReached}


def _faults() -> Iterator[tuple[Step, Answer]]:
    for step in ("upload", "look", "results"):
        yield step, Answer(status=500, body=b"{}")
        yield step, Answer(status=429, body=b'{"error": {"message": "slow down"}}')
        yield step, lost()
    yield "results", Answer(body=b'{"custom_id": "x", "resp', type="application/jsonl")


@pytest.mark.parametrize(("step", "answer"), [*_faults()])
async def test_a_step_that_fails_for_a_while_is_tried_again(
    step: Step, answer: Answer, endpoint: Endpoint, canary: str
) -> None:
    def trouble(at: Step, before: int) -> Answer | None:
        return answer if at == step and not before else None

    desk, notes = desk_at(endpoint, trouble=trouble), Notes()
    async with process(endpoint, notes) as model:
        assert texts(await ask(model, *WORDS)) == WORDS
    assert len(desk.batches) == 1 and set(desk.paid.values()) == {1}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_setup_ends_the_run_with_the_fix(
    name: str, status: int, endpoint: Endpoint, canary: str
) -> None:
    error = {"error": {"message": f"no, {canary}"}}
    desk_at(endpoint, trouble=lambda *_: Answer(status=status, body=json.dumps(error).encode()))
    notes = Notes()
    async with process(endpoint, notes, name) as model:
        (failed,) = await ask(model, "When?")
    assert isinstance(failed, ModelError) and "without `batch=True`" in str(failed)
    assert canary not in str(failed)
    assert not notes.open and notes.spent.calls == 0, "nothing is held for what was never made"


async def test_nobody_listens(endpoint: Endpoint, canary: str) -> None:
    async with process(endpoint, Notes(), api_base="http://127.0.0.1:9/v1") as model:
        (failed,) = await ask(model, "When?")
    assert isinstance(failed, EndpointDown) and "start the server" in str(failed)


def test_a_provider_without_batches_is_asked_request_by_request() -> None:
    batching = Batching(store=Notes(), transport=Transport(), clock=RealClock())
    for name in ("ollama_chat/any", "hf:folder"):
        assert batching.make(options_of(name)) is None
