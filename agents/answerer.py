"""The answerer: the foundation, the answers and their revisions, from the snippet alone."""

from colloquia.agents.base import Agent
from colloquia.core.roles import AnswererInput, AnswererReply, Line, Passage
from colloquia.language.facts.quotes import bare_quotes


class Answerer(Agent[AnswererInput, AnswererReply]):
    """Answers from the snippet with verbatim quotes, or declines where it is silent."""

    part = "answerer"
    prompt = "answerer"
    brief_type = AnswererInput
    reply_type = AnswererReply
    shown_as = "{answer}"

    def check(self, reply: AnswererReply, brief: AnswererInput) -> AnswererReply:
        """Take quotes out of the quotation marks and ellipses that the model put around them."""
        return reply.model_copy(update={"quotes": bare_quotes(reply.quotes, brief.snippet.text)})

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> AnswererInput:
        """Answer the last line; with no line yet, state the foundation."""
        if not lines:
            return AnswererInput(snippet=snippet)
        return AnswererInput(snippet=snippet, question=lines[-1].text, transcript=lines[:-1])
