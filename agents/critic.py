"""The critic: scores one exchange by the rubric and says what to mend."""

from typing import Any, Self

from colloquia.agents.base import Bindings
from colloquia.agents.reviewer import Reviewer
from colloquia.core.recipe import Accept
from colloquia.core.roles import CriticReply, JointReview
from colloquia.core.types import Verdict


def critic_verdict(reply: CriticReply | JointReview, *, accept: Accept) -> Verdict:
    """Return what the scores come to: the answer stands where each is at its bar or above it."""
    scores = {"grounded": reply.grounded, "helpful": reply.helpful, "clear": reply.clear}
    bars = {"grounded": accept.grounded, "helpful": accept.helpful, "clear": accept.clear}
    low = [
        f"{name} is {scores[name]:.2f}; {least:.2f} is needed"
        for name, least in bars.items()
        if scores[name] < least
    ]
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
    _accept = Accept()

    def bind(self, bindings: Bindings) -> Self:
        """Return a copy with model, template and the recipe's bars."""
        bound = super().bind(bindings)
        bound._accept = bindings.accept
        return bound

    def verdict(self, reply: Any) -> Verdict:
        """Hold the scores to the bars."""
        return critic_verdict(reply, accept=self._accept)
