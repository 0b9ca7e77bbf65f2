"""Nothing is sent before its highest cost is set aside, and a lost reply stays counted."""

import asyncio
import json

import pytest

from benchmarks.servers.endpoint import Answer, Endpoint, completion
from colloquia.core.errors import BudgetReached
from colloquia.core.ports import ChatReply, ChatRequest, Spending
from colloquia.core.types import Message
from colloquia.models.catalogue import Catalogue, options_of
from colloquia.models.faults.errors import CallFailed, Fault, ModelError
from colloquia.models.ledger.metered import Metered, cost_of, highest_cost, is_unbilled
from colloquia.models.ledger.prices import PerToken
from tests.models.parts import Backend, Hourglass, fault, request

PRICE = {"input": 2.0, "output": 10.0}
MOST = highest_cost(request(), PerToken(input=2e-6, output=1e-5))


class Purse:
    """A budget in memory that remembers what was asked of it."""

    def __init__(self, *, calls: int = 99) -> None:
        self.left = calls
        self.held = 0.0
        self.log: list[str] = []

    async def reserve(self, most: Spending) -> None:
        if self.left == 0:
            raise BudgetReached("budget of $1.00 reached")
        self.left -= 1
        self.held += most.usd
        self.log.append("reserve")

    def settle(self, most: Spending, spent: Spending) -> None:
        self.held += spent.usd - most.usd
        self.log.append("give back" if spent.calls == 0 else "keep" if spent == most else "settle")


def error(status: int, message: str = "no") -> Answer:
    return Answer(status=status, body=json.dumps({"error": {"message": message}}).encode())


def usage_of(tokens_in: int | None, tokens_out: int | None) -> Answer:
    usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
    choice = {"message": {"content": "Yes."}, "finish_reason": "stop"}
    return Answer(body=json.dumps({"choices": [choice], "usage": usage}).encode())


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        (usage_of(11, 7), "settle"),
        (usage_of(None, 7), "keep"),
        (usage_of(0, 0), "keep"),
        (error(429), "give back"),
        (error(503, "overloaded"), "give back"),
        (error(400), "give back"),
        (error(400, "blocked by our content policy"), "give back"),
        (error(500), "keep"),
        (error(408), "keep"),
        (Answer(body=b'{"error":{"message":"Internal server error"}}'), "keep"),
        (Answer(body=b"<html>"), "keep"),
        (Answer(fault="reset"), "keep"),
        (Answer(body=b"{}", fault="cut"), "keep"),
        (Answer(fault="silence"), "keep"),
    ],
)
async def test_each_attempt_is_set_aside_and_settled_by_how_it_ended(
    answer: Answer, becomes: str, endpoint: Endpoint
) -> None:
    """The first attempt ends so, and the second, if there is one, is answered."""
    purse = Purse()
    endpoint.decide = lambda got: answer if endpoint.seen == 1 else Answer(body=completion(got))
    catalogue = Catalogue(clock=Hourglass(), budget=purse, needs_prices=True)
    model = catalogue.make(
        options_of("openai/any", api_base=f"{endpoint.url}/v1", price=PRICE, timeout_s=1.0)
    )
    catalogue.breakers[f"{endpoint.url}/v1"].note(None)  # it worked before
    try:
        await model.complete(request())
    except CallFailed:
        pass
    finally:
        await catalogue.close()
    assert purse.log[:2] == ["reserve", becomes]
    assert purse.log.count("reserve") == endpoint.seen
    assert len(purse.log) == 2 * endpoint.seen


async def test_nobody_home_costs_nothing() -> None:
    purse = Purse()
    inner = Backend([fault("transient", status=None, unreachable=True)])
    model = Metered(inner=inner, budget=purse, price=None)
    with pytest.raises(CallFailed):
        await model.complete(request())
    assert purse.log == ["reserve", "give back"]


async def test_a_call_that_is_cancelled_stays_counted() -> None:
    class Endless(Backend):
        async def complete(self, request: ChatRequest) -> ChatReply:
            sent.set()
            await asyncio.Event().wait()
            raise AssertionError("never")

    purse, sent = Purse(), asyncio.Event()
    model = Metered(inner=Endless(), budget=purse, price=PerToken(input=2e-6, output=1e-5))
    asking = asyncio.create_task(model.complete(request()))
    await sent.wait()
    asking.cancel()
    await asyncio.wait({asking})
    assert (purse.log, purse.held) == (["reserve", "keep"], MOST.usd)


async def test_nothing_is_sent_once_the_budget_is_reached(endpoint: Endpoint) -> None:
    catalogue = Catalogue(clock=Hourglass(), budget=Purse(calls=1))
    settings = {"api_base": f"{endpoint.url}/v1", "price": PRICE}
    model = catalogue.make(options_of("openai/any", **settings))
    await model.complete(request())
    with pytest.raises(BudgetReached):
        await model.complete(request())
    await catalogue.close()
    assert endpoint.seen == 1


def test_the_highest_cost_covers_every_byte_and_the_longest_reply() -> None:
    text = "naïve — в 911 году 🏰"
    asked = request(messages=(Message(role="user", content=text),), max_tokens=100)
    bare = highest_cost(asked, PerToken(input=1.0, output=10.0))
    assert bare.tokens >= len(text.encode()) + 100
    assert bare.usd >= len(text.encode()) + 10.0 * 100
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    with_schema = highest_cost(asked.model_copy(update={"reply_schema": schema}), None)
    assert with_schema.tokens - bare.tokens == len(json.dumps(schema))
    assert with_schema.usd == 0.0


def test_a_reply_of_known_size_and_unknown_price_counts_tokens() -> None:
    most = Spending(usd=0.0, calls=1, tokens=900)
    spent = cost_of(ChatReply(text="ok", tokens_in=11, tokens_out=7), most)
    assert spent == Spending(usd=0.0, calls=1, tokens=18)


@pytest.mark.parametrize("status", [200, 408, 500, 502, None])
def test_what_may_have_been_billed_is_not_given_back(status: int | None) -> None:
    assert not is_unbilled(Fault(cause="transient", detail="", status=status))
    assert not is_unbilled(Fault(cause="refused", detail="", status=200))


def test_a_model_of_unknown_price_is_refused_where_money_is_counted() -> None:
    priced = {"api_base": "http://localhost:1/v1", "price": PRICE}
    unpriced = {"api_base": "http://localhost:1/v1"}
    with pytest.raises(ModelError) as refused:
        Catalogue(needs_prices=True).make(options_of("hosted_vllm/any", **unpriced))
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)
    for word in ("'hosted_vllm/any'", "price: {input:", "`allow_unpriced=True`"):
        assert word in str(refused.value)
    Catalogue(needs_prices=True).make(options_of("hosted_vllm/any", **priced))
    Catalogue(needs_prices=False).make(options_of("hosted_vllm/any", **unpriced))


def test_without_a_budget_a_model_is_not_metered() -> None:
    url = "http://localhost:1/v1"
    made = Catalogue().make(options_of("hosted_vllm/any", api_base=url))
    assert not isinstance(getattr(made, "inner", None), Metered)
