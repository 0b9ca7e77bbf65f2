"""A whole simulation as an AutoGen team: `await Console(team.run_stream(task="a snippet"))`.

The team walks the same graph with the same policy as a run; the rows become messages
instead of being stored.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_agentchat.base import TaskResult, Team
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from pydantic import BaseModel

from colloquia.core.commit import Commit
from colloquia.core.errors import GraphError
from colloquia.core.text import clean_text
from colloquia.core.types import Dialogue, ModelCall, Snippet
from colloquia.simulator.setup import Setup

_END = None


class SimulationTeam(Team):
    """One snippet's dialogue as an AutoGen team: the task is the snippet's text."""

    component_type = "team"
    component_config_schema = BaseModel

    def __init__(self, setup: Setup, *, name: str = "colloquia") -> None:
        """Take a prepared recipe (see `colloquia.team`)."""
        self._setup = setup
        self._name = name

    @property
    def name(self) -> str:
        """The team's name."""
        return self._name

    @property
    def description(self) -> str:
        """What the team does."""
        return "Turns a factual snippet into a reviewed multi-turn dialogue."

    async def run(
        self,
        *,
        task: str | BaseChatMessage | Sequence[BaseChatMessage] | None = None,
        cancellation_token: CancellationToken | None = None,
        output_task_messages: bool = True,
    ) -> TaskResult:
        """Simulate one dialogue and return all messages."""
        stream = self.run_stream(
            task=task,
            cancellation_token=cancellation_token,
            output_task_messages=output_task_messages,
        )
        async for message in stream:
            if isinstance(message, TaskResult):
                return message
        raise GraphError("the simulation ended without a result")

    async def run_stream(
        self,
        *,
        task: str | BaseChatMessage | Sequence[BaseChatMessage] | None = None,
        cancellation_token: CancellationToken | None = None,
        output_task_messages: bool = True,
    ) -> AsyncGenerator[BaseAgentEvent | BaseChatMessage | TaskResult, None]:
        """Simulate one dialogue, message by message; the last item is the TaskResult."""
        text = _text_of(task)
        queue = _MessageQueue()
        walk = asyncio.create_task(self._walk_dialogue(Snippet.of(clean_text(text)), queue))
        if cancellation_token is not None:
            cancellation_token.link_future(walk)
        walk.add_done_callback(lambda _: queue.sent.put_nowait(_END))
        messages: list[BaseAgentEvent | BaseChatMessage] = []
        if output_task_messages:
            messages.append(TextMessage(content=text, source="user"))
            yield messages[-1]
        try:
            while (message := await queue.sent.get()) is not _END:
                messages.append(message)
                yield message
            dialogue = await walk
        finally:
            walk.cancel()
        reason = dialogue.stop_reason or dialogue.outcome
        yield TaskResult(messages=messages, stop_reason=f"{dialogue.outcome}: {reason}")

    async def reset(self) -> None:
        """Every task starts afresh; there is nothing to reset."""

    async def pause(self) -> None:
        """Not supported: a dialogue takes seconds; stop it with a cancellation token."""
        raise NotImplementedError("pause isn't supported; pass a cancellation_token to stop")

    async def resume(self) -> None:
        """Not supported, see `pause`."""
        raise NotImplementedError("resume isn't supported; run the task again")

    async def save_state(self) -> Mapping[str, Any]:
        """A team holds no state between tasks."""
        return {}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """A team holds no state between tasks."""

    async def _walk_dialogue(self, snippet: Snippet, queue: "_MessageQueue") -> Dialogue:
        setup = self._setup
        dialogue = setup.dialogue_for(snippet, run_id="team")
        walk = setup.walk(dialogue, snippet, calls=queue, sink=queue, stopping=asyncio.Event())
        return await walk.run()


class _MessageQueue:
    """Sink and call store of a dialogue that is watched instead of kept."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[TextMessage | None] = asyncio.Queue()

    async def put(self, commit: Commit) -> None:
        for turn in commit.turns:
            self._send_message(turn.speaker, turn.text)
        for review in commit.reviews:
            self._send_message(review.reviewer, f"{review.verdict} {review.rationale}".strip())

    async def written(self) -> None:
        return None

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        return []

    async def record(self, call: ModelCall) -> None:
        return None

    def _send_message(self, source: str, text: str) -> None:
        self.sent.put_nowait(TextMessage(content=text, source=source))


def _text_of(task: str | BaseChatMessage | Sequence[BaseChatMessage] | None) -> str:
    match task:
        case None:
            raise GraphError("give the team a snippet: run_stream(task='…')")
        case str():
            return task
        case BaseChatMessage():
            return task.to_text()
        case _:
            return "\n".join(message.to_text() for message in task)
