"""The questioner: asks the next planned question as its persona would."""

from colloquia.agents.base import Agent
from colloquia.core.roles import Line, Passage, Profile, QuestionerInput, QuestionerReply


class Questioner(Agent[QuestionerInput, QuestionerReply]):
    """Asks about the snippet in a persona's manner."""

    part = "questioner"
    prompt = "questioner"
    brief_type = QuestionerInput
    reply_type = QuestionerReply
    shown_as = "{question}"

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> QuestionerInput:
        """Ask whatever comes next: the overview first, then follow-ups."""
        return QuestionerInput(
            snippet=snippet,
            persona=Profile(name="reader"),
            kind="follow_up" if lines else "overview",
            aim="what the passage says",
            transcript=lines,
        )
