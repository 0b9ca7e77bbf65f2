"""Who grades snippets: a role like those of `agents/`, with a template of its own."""

from colloquia.agents.base import Agent
from colloquia.core.roles import Line, Passage, SeedInput, SeedReply

AUDIENCE = "a curious adult who wants to understand the subject, not merely hear of it"


class SeedGrader(Agent[SeedInput, SeedReply]):
    """Says what a passage is worth as teaching material.

    phi-1 asks for "educational value for a student whose goal is to learn basic coding concepts"
    (arXiv 2306.11644, section 2.1); here the audience is told.
    """

    part = "seed_grader"
    prompt = "seed_grader"
    brief_type = SeedInput
    reply_type = SeedReply
    shown_as = "{value}: {reason}"

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> SeedInput:
        """Grade a chat's first message; the last one says for whom."""
        return SeedInput(snippet=snippet, audience=lines[-1].text if lines else AUDIENCE)
