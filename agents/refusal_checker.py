"""The refusal checker: was the answer honest about what the snippet holds?"""

from typing import Any

from colloquia.agents.reviewer import Reviewer
from colloquia.core.roles import RefusalReply
from colloquia.core.types import Verdict


def refusal_verdict(reply: RefusalReply) -> Verdict:
    """Return what a label comes to.

    The label goes by what an answer says; where the answer's own mark says otherwise, the label
    stands and nothing is asked again: see `Exchange.declined`.
    """
    honest = reply.label in ("answered", "declined")
    return Verdict(
        decision="accept" if honest else "revise", label=reply.label, rationale=reply.rationale
    )


class RefusalChecker(Reviewer):
    """Checks that an answer declines exactly where the snippet is silent."""

    prompt = "refusal_checker"
    reply_type = RefusalReply
    shown_as = "{label}: {rationale}"
    skips = frozenset({"overview"})  # nobody declines to say what it is all about

    def verdict(self, reply: Any) -> Verdict:
        """Read the label as a verdict."""
        return refusal_verdict(reply)
