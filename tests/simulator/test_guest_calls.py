"""An AutoGen agent that asks the run's models: each call is a row, found again, and counted."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent, BaseChatAgent, SocietyOfMindAgent
from autogen_agentchat.base import Response
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import CancellationToken
from autogen_core.models import UserMessage
from stage import SNIPPET, Actor, Kept, walk_of

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.agents.guest_calls import model_client
from colloquia.core.errors import BudgetReached, GraphError, LoopGuard, UserError
from colloquia.core.recipe import Recipe
from colloquia.core.types import ModelCall
from colloquia.models.catalogue import Catalogue
from colloquia.models.faults.errors import EndpointDown
from colloquia.models.wire.providers import READ_ONLY
from colloquia.runs.start import arun
from colloquia.simulator.graph import Graph

pytestmark = pytest.mark.filterwarnings(f"ignore:{READ_ONLY}")
LAMPS = (
    "The Harrow lighthouse stands on a chalk cliff. The keeper rang a bell every two minutes in "
    "fog. In 1923, the council replaced the oil lamp with an electric one."
)  # enough for three exchanges
ROUTES = ["openai/any", "anthropic/claude-sonnet-4-5", "ollama_chat/any"]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """Counts the words of each answer with a tool, then accepts."""
    async with Endpoint(count_then_accept) as made:
        yield made


def count_then_accept(got: Received) -> Answer:
    if b"words counted" in got.body:
        return Answer(body=completion(got, "accept: short enough"))
    return Answer(body=completion(got, "", calls=[("words_of", {"text": "It was built in 1851."})]))


class WordCounter:
    """A tool that remembers what it did, and can be stopped in the middle of it."""

    def __init__(self) -> None:
        self.runs = 0
        self.stuck_at: int | None = None
        self.stuck = asyncio.Event()

    async def words_of(self, text: str) -> str:
        """Count the words of a text."""
        self.runs += 1
        if self.runs == self.stuck_at:
            self.stuck.set()
            await asyncio.sleep(3600)
        return f"{len(text.split())} words counted"


def critic(tool: WordCounter, name: str = "strong") -> Any:
    return lambda: AssistantAgent(
        "counting",
        model_client=model_client(name),
        tools=[tool.words_of],
        max_tool_iterations=3,
    )


def settings_of(endpoint: Endpoint, route: str = "openai/any", **more: Any) -> dict[str, Any]:
    base = f"{endpoint.url}/v1" if route.startswith("openai") else endpoint.url
    price = {"input": 1.0, "output": 1.0}
    return {"models": {"strong": {"model": route, "api_base": base, "price": price} | more}}


async def walked(
    guest: Any, kept: Kept, endpoint: Endpoint, *, known: Sequence[ModelCall] = (), **recipe: Any
) -> Any:
    graph = Graph.default().replace("critic", guest)
    recipe = settings_of(endpoint) | recipe
    catalogue = Catalogue()
    walk = walk_of(Actor(), kept, graph=graph, known=known, catalogue=catalogue, **recipe)
    try:
        return await walk.run()
    finally:
        await catalogue.close()


@pytest.mark.parametrize("route", ROUTES)
async def test_each_call_of_a_guest_is_a_row_below_its_own(
    route: str, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-any-key-at-all")
    kept, tool = Kept(), WordCounter()
    dialogue = await walked(critic(tool), kept, endpoint, **settings_of(endpoint, route))
    assert dialogue.outcome == "accepted"
    first = [call for call in kept.made if call.place.startswith("1.critic.0")]
    assert [call.place for call in first] == [
        "1.critic.0/guest.1",
        "1.critic.0/guest.2",
        "1.critic.0",
    ]
    asked, told, own = first
    assert (asked.model, asked.role, asked.reply) == (route, "guest_reviewer", "")
    assert asked.tool_calls[0].name == "words_of"
    assert [message.role for message in told.messages][-2:] == ["assistant", "tool"]
    assert told.messages[-1].content == "5 words counted"
    assert (own.model, own.reply) == ("autogen:counting", "accept: short enough")


async def test_a_guests_own_row_counts_nothing_twice(endpoint: Endpoint) -> None:
    kept = Kept()
    await walked(critic(WordCounter()), kept, endpoint)
    mine = [call for call in kept.made if "critic" in call.place]
    inner = [call for call in mine if "/" in call.place]
    outer = [call for call in mine if "/" not in call.place]
    assert len(inner) == len(endpoint.requests) == 6
    assert {(call.tokens_in, call.tokens_out) for call in inner} == {(11, 7)}
    assert inner[0].cost_usd == pytest.approx(18e-6)
    assert {(call.tokens_in, call.tokens_out, call.cost_usd) for call in outer} == {(0, 0, 0.0)}


async def test_what_was_paid_before_a_kill_is_not_sent_again(endpoint: Endpoint) -> None:
    kept, tool = Kept(), WordCounter()
    tool.stuck_at = 2
    walk = asyncio.create_task(walked(critic(tool), kept, endpoint))
    await tool.stuck.wait()
    walk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walk
    assert len(endpoint.requests) == 3
    assert kept.made[-1].place == "2.critic.0/guest.1"

    again = WordCounter()
    dialogue = await walked(critic(again), Kept(), endpoint, known=kept.made)
    assert dialogue.outcome == "accepted"
    bodies = [got.body for got in endpoint.requests]
    assert len(bodies) == len(set(bodies)) == 6
    assert again.runs == 2, "the tool ran again where its agent's reply wasn't committed yet"


async def test_a_run_that_an_outage_stopped_goes_on_without_paying_twice(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    (tmp_path / "snippets.txt").write_text(LAMPS)
    recipe = Recipe.model_validate(
        {
            "snippets": {"path": str(tmp_path / "snippets.txt")},
            "dialogue": {"exchanges": 3},
            **settings_of(endpoint),
        }
    )
    graph = Graph.default().replace("critic", critic(WordCounter()))
    answered: list[bytes] = []

    def until_the_money_is_gone(got: Received) -> Answer:
        if len(answered) == 3:
            return Answer(status=402, body=b'{"error": "insufficient balance"}')
        answered.append(got.body)
        return count_then_accept(got)

    endpoint.decide = until_the_money_is_gone
    with pytest.raises(EndpointDown, match="insufficient balance"):
        await arun(recipe, store=str(tmp_path / "s.db"), graph=graph)
    endpoint.requests.clear()
    endpoint.decide = count_then_accept
    await arun(recipe, store=str(tmp_path / "s.db"), graph=graph)
    assert not {got.body for got in endpoint.requests} & set(answered)
    await arun(recipe, store=str(tmp_path / "whole.db"), graph=graph)
    assert calls_in(tmp_path / "s.db") == calls_in(tmp_path / "whole.db")


def calls_in(path: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as store:
        rows = "SELECT place, request_hash, tool_calls FROM calls ORDER BY 1, 2, 3"
        return store.execute(rows).fetchall()


async def test_calls_of_guests_are_bounded_with_all_others(endpoint: Endpoint) -> None:
    kept = Kept()
    limits: Any = {"limits": {"calls_per_dialogue": 7}}
    with pytest.raises(LoopGuard, match="more than 7 calls"):
        await walked(critic(WordCounter()), kept, endpoint, **limits)
    sent = len(endpoint.requests)
    with pytest.raises(LoopGuard, match="more than 7 calls"):
        await walked(critic(WordCounter()), again := Kept(), endpoint, known=kept.made, **limits)
    assert (len(endpoint.requests), again.made) == (sent, []), "what is found again counts too"


async def test_the_budget_counts_a_guest_s_calls_once_it_says_that_it_has_no_others(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    (tmp_path / "snippets.txt").write_text(SNIPPET.text)
    recipe = Recipe.model_validate(
        {
            "snippets": {"path": str(tmp_path / "snippets.txt")},
            "limits": {"budget_usd": 0.0018, "concurrency": 1},
            **settings_of(endpoint),
        }
    )
    guest = critic(WordCounter())()
    graph = Graph.default().replace("critic", guest)
    with pytest.raises(UserError, match="can't see what model 'autogen:counting'"):
        await arun(recipe, store=str(tmp_path / "s.db"), graph=graph)
    guest.free = True
    with pytest.raises(BudgetReached, match=r"budget of \$0\.0018 reached"):
        await arun(
            recipe, store=str(tmp_path / "s.db"), graph=Graph.default().replace("critic", guest)
        )
    assert not endpoint.requests, "the first call may cost more than that"
    enough = recipe.override(budget_usd=1.0)
    run = await arun(
        enough, store=str(tmp_path / "s.db"), graph=Graph.default().replace("critic", guest)
    )
    assert run.counts().pending == 0
    charged = run.counts().charged
    assert charged is not None and charged.calls == len(endpoint.requests) > 0


class Twin(BaseChatAgent):
    """Asks twice the same, or side by side, and hides what goes wrong."""

    def __init__(self) -> None:
        super().__init__("twin", "asks twice")
        self._client = model_client("strong")

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        said = [UserMessage(content=messages[-1].to_text(), source="u")]
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(2):
                    group.create_task(self._client.create(said))
        except* Exception:
            pass
        return Response(chat_message=TextMessage(content="accept", source=self.name))

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Nothing is remembered."""


async def test_the_same_question_twice_is_two_calls_with_seeds_of_their_own(
    endpoint: Endpoint,
) -> None:
    endpoint.decide = lambda got: Answer(body=completion(got, "Hm."))
    kept = Kept()
    await walked(Twin, kept, endpoint)
    places = {call.place for call in kept.made if call.place.startswith("1.critic.0/")}
    assert places == {"1.critic.0/guest.1", "1.critic.0/guest.1.again1"}
    assert len({got.json()["seed"] for got in endpoint.requests}) == 6
    before = len(endpoint.requests)
    rows = [call for call in kept.made if call.place != "1.critic.0"]
    await walked(Twin, Kept(), endpoint, known=rows)
    assert len(endpoint.requests) == before


async def test_an_outage_stops_the_run_however_the_guest_hides_it(endpoint: Endpoint) -> None:
    endpoint.decide = lambda got: Answer(status=402, body=b'{"error": "insufficient balance"}')
    with pytest.raises(Exception, match="insufficient balance") as raised:
        await walked(Twin, Kept(), endpoint)
    assert raised.value.exit_code == 2  # type: ignore[attr-defined]


def society() -> SocietyOfMindAgent:
    client = model_client("strong")
    one, two = (AssistantAgent(name, model_client=client) for name in ("one", "two"))
    team = RoundRobinGroupChat([one, two], termination_condition=MaxMessageTermination(3))
    return SocietyOfMindAgent("society", team=team, model_client=client)


async def test_a_whole_team_can_sit_at_one_place(endpoint: Endpoint) -> None:
    endpoint.decide = lambda got: Answer(body=completion(got, "accept: we agree"))
    kept = Kept()
    dialogue = await walked(society, kept, endpoint)
    assert dialogue.outcome == "accepted"
    below = [call for call in kept.made if call.place.startswith("1.critic.0/guest.")]
    assert len(below) == 3
    assert len({(call.place, call.request_hash) for call in below}) == 3


async def test_a_team_that_loses_an_errors_kind_is_no_way_around_it(endpoint: Endpoint) -> None:
    endpoint.decide = lambda got: Answer(status=402, body=b'{"error": "insufficient balance"}')
    with pytest.raises(Exception, match="insufficient balance") as raised:
        await walked(society, Kept(), endpoint)
    assert raised.value.exit_code == 2  # type: ignore[attr-defined]


async def test_a_filtered_call_is_a_refusal_and_no_empty_review(endpoint: Endpoint) -> None:
    endpoint.decide = lambda got: Answer(body=completion(got, "", stop="content_filter"))
    with pytest.raises(Exception, match="content filter") as raised:
        await walked(critic(WordCounter()), Kept(), endpoint)
    assert raised.value.cause == "refused"  # type: ignore[attr-defined]


async def test_outside_a_graph_a_client_says_where_it_belongs() -> None:
    with pytest.raises(GraphError, match=r"'strong'\) speaks only for an agent at work"):
        await model_client("strong").create([UserMessage(content="Hi", source="u")])


async def test_settings_under_the_models_name_hold_for_guests(endpoint: Endpoint) -> None:
    recipe = settings_of(endpoint, temperature=0.25, max_tokens=77)
    await walked(critic(WordCounter()), Kept(), endpoint, **recipe)
    sent = json.loads(endpoint.requests[0].body)
    assert (sent["temperature"], sent["max_tokens"]) == (0.25, 77)
    assert SNIPPET.text in sent["messages"][-1]["content"] + sent["messages"][-2]["content"]


async def test_a_guest_with_a_client_of_its_own_has_an_unknown_cost(endpoint: Endpoint) -> None:
    from colloquia.core.ports import ChatReply
    from colloquia.models.autogen_client import AsAutogen
    from colloquia.models.scripted import ScriptedModel

    own = ScriptedModel([ChatReply(text="accept", tokens_in=5, tokens_out=2)] * 3)
    kept = Kept()
    await walked(lambda: AssistantAgent("own", model_client=AsAutogen(own)), kept, endpoint)
    rows = [call for call in kept.made if call.place.endswith("critic.0")]
    assert {(row.tokens_in, row.tokens_out, row.cost_usd) for row in rows} == {(5, 2, None)}
