"""The writer: a whole conversation drafted in one call, for models that can be trusted with it."""

from colloquia.agents.base import Agent
from colloquia.agents.reply import refuse_long
from colloquia.core.roles import Line, Passage, Profile, WriterInput, WriterReply
from colloquia.core.types import PlannedExchange
from colloquia.language.facts.quotes import bare_quotes


class DialogueWriter(Agent[WriterInput, WriterReply]):
    """Drafts every planned exchange, questions and answers; they are reviewed like any others."""

    part = "writer"
    prompt = "writer"
    brief_type = WriterInput
    reply_type = WriterReply
    shown_as = "{exchanges}"

    def texts_in(self, brief: WriterInput) -> int:
        """Return the number of exchanges."""
        return len(brief.exchanges)

    def check(self, reply: WriterReply, brief: WriterInput) -> WriterReply:
        """Hold the conversation to the plan's length, and free its quotes of quotation marks."""
        written, planned = len(reply.exchanges), len(brief.exchanges)
        if written != planned:
            raise ValueError(f"{written} exchanges written where {planned} are planned")
        for one in reply.exchanges:
            refuse_long(one.question)
        exchanges = tuple(
            one.model_copy(update={"quotes": bare_quotes(one.quotes, brief.snippet.text)})
            for one in reply.exchanges
        )
        return WriterReply(exchanges=exchanges)

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> WriterInput:
        """Write an overview and one exchange about whatever comes next."""
        return WriterInput(
            snippet=snippet,
            persona=Profile(name="reader"),
            exchanges=(
                PlannedExchange(kind="overview", aim="what the passage is about"),
                PlannedExchange(kind="what", aim="what matters most in it"),
            ),
        )
