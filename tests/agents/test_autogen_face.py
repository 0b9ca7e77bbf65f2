"""The roles are AutoGen agents: they work in any AutoGen team."""

import json
from typing import Any

import pytest
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.messages import StructuredMessage, TextMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import CancellationToken
from stage import QUOTE, SNIPPET

from colloquia.agents.answerer import Answerer
from colloquia.agents.base import Bindings
from colloquia.agents.critic import Critic
from colloquia.agents.curriculum_planner import CurriculumPlanner
from colloquia.agents.questioner import Questioner
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.errors import GraphError, UnparsableReply
from colloquia.core.recipe import ModelSettings
from colloquia.core.roles import AnswererInput, AnswererReply, Passage, PlannerInput, Profile
from colloquia.models.scripted import ScriptedModel

ANSWER = json.dumps({"answer": "It was built in 1851.", "quotes": [QUOTE]})


def bindings_for(*replies: str) -> Bindings:
    model = ScriptedModel(replies)
    return Bindings(
        model=lambda name: model,
        settings=lambda role, model: ModelSettings(model="scripted"),
        template=PromptLibrary.load().__getitem__,
    )


def text(content: str, source: str = "user") -> TextMessage:
    return TextMessage(content=content, source=source)


async def test_an_answerer_answers_a_chat_that_begins_with_the_snippet() -> None:
    answerer = Answerer().bind(bindings_for(ANSWER))
    response = await answerer.on_messages(
        [text(SNIPPET.text), text("When was it built?")], CancellationToken()
    )
    message = response.chat_message
    assert isinstance(message, StructuredMessage)
    assert isinstance(message.content, AnswererReply)
    assert message.to_text() == "It was built in 1851."


async def test_a_typed_brief_is_taken_as_it_is() -> None:
    brief = AnswererInput(snippet=Passage(text=SNIPPET.text), question="When?")
    message = StructuredMessage[AnswererInput](content=brief, source="user")
    response = (
        await Answerer().bind(bindings_for(ANSWER)).on_messages([message], CancellationToken())
    )
    assert response.chat_message.to_text() == "It was built in 1851."


async def test_roles_talk_in_a_round_robin_team() -> None:
    question = json.dumps({"question": "When was the lighthouse built?"})
    bindings = bindings_for(question, ANSWER)
    team = RoundRobinGroupChat(
        [Questioner().bind(bindings), Answerer().bind(bindings)],
        termination_condition=MaxMessageTermination(3),
    )
    result = await team.run(task=SNIPPET.text)
    assert [message.source for message in result.messages] == ["user", "questioner", "answerer"]


async def test_an_agent_without_a_model_says_what_to_do() -> None:
    with pytest.raises(GraphError, match=r"'answerer' has no model yet; call bind"):
        await Answerer().on_messages([text(SNIPPET.text)], CancellationToken())


async def test_an_agent_forgets_on_reset() -> None:
    answerer = Answerer().bind(bindings_for(ANSWER, ANSWER))
    await answerer.on_messages([text(SNIPPET.text)], CancellationToken())
    await answerer.on_reset(CancellationToken())
    with pytest.raises(GraphError, match="send a snippet first"):
        await answerer.on_messages([], CancellationToken())


def plan(*kinds: str, aims: list[str] | None = None) -> str:
    aims = aims or [f"aim {n}" for n in range(len(kinds))]
    exchanges = [{"kind": k, "aim": a} for k, a in zip(kinds, aims, strict=True)]
    return json.dumps({"difficulty": 0.5, "exchanges": exchanges})


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (plan("what", "who", "near_miss"), "first exchange, and only that, must be of kind"),
        (plan("overview", "who", "near_miss", "what"), "4 exchanges planned where 3 were"),
        (plan("overview", "near_miss", "what"), "exchange 2 must be answerable"),
        (plan("overview", "what", "when"), "exchange 3 must be unanswerable"),
        (plan("overview", "what", "near_miss", aims=["a", "b", "B "]), "the same aim"),
    ],
)
async def test_a_plan_is_held_to_its_shape(reply: str, problem: str) -> None:
    brief = PlannerInput(
        snippet=Passage(text=SNIPPET.text),
        persona=Profile(name="reader"),
        kind="tutoring",
        exchanges=3,
        unanswerable_at=(3,),
    )
    message: Any = StructuredMessage[PlannerInput](content=brief, source="user")
    planner = CurriculumPlanner().bind(bindings_for(reply, reply, reply))
    with pytest.raises(UnparsableReply, match=problem):
        await planner.on_messages([message], CancellationToken())


async def test_a_critic_speaks_its_scores() -> None:
    reply = json.dumps({"grounded": 1, "helpful": 0.2, "clear": 1, "rationale": "say when"})
    critic = Critic().bind(bindings_for(reply))
    response = await critic.on_messages(
        [text(SNIPPET.text), text("When?"), text("Long ago.")], CancellationToken()
    )
    assert response.chat_message.to_text() == "grounded 1.0, helpful 0.2, clear 1.0: say when"
