"""The critic: scores one exchange by the rubric and says what to mend."""

from typing import Any

from colloquia.agents.reviewer import Reviewer
from colloquia.core.recipe import Accept
from colloquia.core.roles import CriticReply, JointReview
from colloquia.core.types import Verdict


def critic_verdict(reply: CriticReply | JointReview, *, accept: Accept) -> Verdict:
    """Return what the scores come to: the answer stands where each is at its bar or above it."""
    scores = {"grounded": reply.grounded, "helpful": reply.helpful, "clear": reply.clear}
    low = accept.short_of(scores)
    return Verdict(
        decision="revise" if low else "accept",
        scores=scores,
        rationale=reply.rationale or "; ".join(low),
    )


class Critic(Reviewer):
    """Scores an answer: grounded, helpful, clear."""

    prompt = "critic"
    reply_type = CriticReply
    shown_as = "grounded {grounded}, helpful {helpful}, clear {clear}: {rationale}"

    def verdict(self, reply: Any) -> Verdict:
        """Hold the scores to the bars."""
        return critic_verdict(reply, accept=self.accept)
