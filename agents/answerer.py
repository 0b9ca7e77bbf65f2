"""The answerer: the foundation, the answers and their revisions, from the snippet alone.

The reasoner is one that thinks before it answers, for corpora that teach to think first.
"""

from collections.abc import Sequence
from typing import ClassVar

from autogen_agentchat.messages import BaseChatMessage, StructuredMessage

from colloquia.agents.base import Agent, CallSite, TypedReply
from colloquia.core.control_tokens import find_control_token
from colloquia.core.roles import AnswererInput, AnswererReply, Line, Passage, ReasonerReply
from colloquia.language.facts.quotes import bare_quotes


class Answerer(Agent[AnswererInput, AnswererReply]):
    """Answers from the snippet with verbatim quotes, or declines where it is silent."""

    part = "answerer"
    prompt = "answerer"
    brief_type = AnswererInput
    reply_type: ClassVar[type[AnswererReply]] = AnswererReply
    shown_as = "{answer}"

    def check(self, reply: AnswererReply, brief: AnswererInput) -> AnswererReply:
        """Take quotes out of the quotation marks and ellipses that the model put around them."""
        return reply.model_copy(update={"quotes": bare_quotes(reply.quotes, brief.snippet.text)})

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> AnswererInput:
        """Answer the last line; with no line yet, state the foundation."""
        if not lines:
            return AnswererInput(snippet=snippet)
        return AnswererInput(snippet=snippet, question=lines[-1].text, transcript=lines[:-1])


class Reasoner(Answerer):
    """Answers as the answerer does, with the thought that led there.

    The thought is handed on beside the reply, never in it: what others are told is made of replies.
    """

    prompt = "reasoner"
    reply_type = ReasonerReply

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        """One structured message with the answer alone."""
        return (StructuredMessage[AnswererReply],)

    async def ask(self, brief: AnswererInput, *, site: CallSite) -> TypedReply[AnswererReply]:
        """Return the answer, and its thought apart; see `Agent.ask` for errors."""
        asked = await super().ask(brief, site=site)
        reply = asked.reply
        assert isinstance(reply, ReasonerReply)
        return TypedReply(reply=reply.spoken, call_id=asked.call_id, thought=reply.thought.strip())

    def check(self, reply: AnswererReply, brief: AnswererInput) -> AnswererReply:
        """Free quotes of what models put around them; a thought holds no mark of a chat format."""
        assert isinstance(reply, ReasonerReply)
        if token := find_control_token(reply.thought):
            raise ValueError(f'"thought" holds {token!r}; leave out such marks')
        return super().check(reply, brief)
