"""The critic: scores one exchange by the rubric and says what to mend."""

from colloquia.agents.reviewer import Reviewer
from colloquia.core.roles import CriticReply
from colloquia.core.types import Verdict


class Critic(Reviewer):
    """Scores an answer: grounded, helpful, clear."""

    prompt = "critic"
    reply_type = CriticReply
    shown_as = "{verdict}: {rationale}"

    def verdict(self, reply: CriticReply) -> Verdict:
        """Read the rubric as a verdict."""
        scores = {"grounded": reply.grounded, "helpful": reply.helpful, "clear": reply.clear}
        return Verdict(decision=reply.verdict, scores=scores, rationale=reply.rationale)
