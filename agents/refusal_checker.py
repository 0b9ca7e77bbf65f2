"""The refusal checker: was the answer honest about what the snippet holds?"""

from colloquia.agents.reviewer import Reviewer
from colloquia.core.roles import RefusalReply, ReviewInput
from colloquia.core.types import Verdict


class RefusalChecker(Reviewer):
    """Checks that an answer declines exactly where the snippet is silent."""

    prompt = "refusal_checker"
    reply_type = RefusalReply
    shown_as = "{label}: {rationale}"

    def check(self, reply: RefusalReply, brief: ReviewInput) -> RefusalReply:
        """Hold the label to whether the answer did decline."""
        if (reply.label in ("declined", "overrefused")) != brief.declined:
            did = "declined" if brief.declined else "did not decline"
            raise ValueError(f"label {reply.label!r} doesn't fit: the answer {did}")
        return reply

    def verdict(self, reply: RefusalReply) -> Verdict:
        """Read the label as a verdict."""
        return Verdict(decision=reply.verdict, label=reply.label, rationale=reply.rationale)
