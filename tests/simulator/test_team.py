"""A simulation is an AutoGen team."""

import asyncio
import contextlib
import io

import pytest
from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import TextMessage
from autogen_agentchat.ui import Console
from autogen_core import CancellationToken
from stage import SNIPPET

import colloquia
from colloquia.core.errors import GraphError


async def test_the_stream_begins_with_the_snippet_and_ends_with_a_result() -> None:
    stream = colloquia.team().run_stream(task=SNIPPET.text)
    messages = [message async for message in stream]
    assert isinstance(messages[0], TextMessage)
    assert messages[0].content == SNIPPET.text
    sources = [message.source for message in messages[1:-1] if isinstance(message, TextMessage)]
    assert sources[:3] == ["questioner", "question_check", "answerer"]
    assert sorted(sources[3:5]) == ["evidence", "form"]
    assert sources[5] == "critic"
    result = messages[-1]
    assert isinstance(result, TaskResult)
    assert result.stop_reason == "accepted: plan fulfilled"


async def test_autogens_console_shows_it() -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        await Console(colloquia.team().run_stream(task=SNIPPET.text))
    assert "---------- TextMessage (questioner) ----------" in shown.getvalue()


async def test_run_returns_what_the_stream_says() -> None:
    result = await colloquia.team().run(task=SNIPPET.text, output_task_messages=False)
    assert isinstance(result.messages[0], TextMessage)
    assert result.messages[0].source == "questioner"


async def test_a_team_without_a_task_says_what_to_give_it() -> None:
    with pytest.raises(GraphError, match="give the team a snippet"):
        await colloquia.team().run()


async def test_a_cancelled_team_stops() -> None:
    token = CancellationToken()
    stream = colloquia.team().run_stream(task=SNIPPET.text, cancellation_token=token)
    await anext(stream)
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        async for _ in stream:
            pass
