"""The questioner: asks the next planned question as its persona would."""

from colloquia.agents.base import Agent
from colloquia.agents.reply import refuse_long
from colloquia.core.roles import Line, Passage, Profile, QuestionerInput, QuestionerReply


class Questioner(Agent[QuestionerInput, QuestionerReply]):
    """Asks about the snippet in a persona's manner."""

    part = "questioner"
    prompt = "questioner"
    brief_type = QuestionerInput
    reply_type = QuestionerReply
    shown_as = "{question}"

    def check(self, reply: QuestionerReply, brief: QuestionerInput) -> QuestionerReply:
        """Refuse what is too long for a question."""
        refuse_long(reply.question)
        return reply

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> QuestionerInput:
        """Ask whatever comes next: the overview first, then follow-ups."""
        return QuestionerInput(
            snippet=snippet,
            persona=Profile(name="reader"),
            kind="follow_up" if lines else "overview",
            aim="what the passage says",
            transcript=lines,
        )
