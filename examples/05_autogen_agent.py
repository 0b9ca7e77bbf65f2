"""Any AutoGen agent as a node: here one of your own making, with no model behind it.

Pass it, or a function that makes it, to `insert` or `replace`. It hears the rendered prompt and may
answer in plain words. `09_autogen_agent_with_tools.py` has one with a model and a tool.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_core import CancellationToken

import colloquia
from colloquia import Graph


class PlainSpeaker(BaseChatAgent):
    """Turns down answers of more than 90 words."""

    def __init__(self) -> None:
        super().__init__("plain_speaker", "keeps answers short")

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        words = len(messages[-1].to_text().split())
        verdict = "accept" if words < 300 else "revise: say it in fewer words"
        return Response(chat_message=TextMessage(content=verdict, source=self.name))

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Nothing is remembered."""


graph = Graph.default().insert(PlainSpeaker, after="answerer")

with TemporaryDirectory() as folder:
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "quickstart.yaml")
    run = colloquia.run(recipe, store=f"{folder}/guests.db", graph=graph)
    print(run.summary())
    heard = [r for d in run.dialogues() for r in d.reviews if r.reviewer == "plain_speaker"]
    print(f"the AutoGen agent reviewed {len(heard)} answers")
