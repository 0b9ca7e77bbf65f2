"""The refusal checker: was the answer honest about what the snippet holds?"""

from colloquia.agents.base import CallSite, TypedReply
from colloquia.agents.reviewer import Reviewer
from colloquia.core.roles import RefusalReply, ReviewInput
from colloquia.core.types import Verdict


def refusal_verdict(reply: RefusalReply, *, declined: bool) -> Verdict:
    """Return what a label comes to, and whether the answer's own mark agrees with it.

    Args:
        reply: the checker's, judged by what the answer says.
        declined: how the answer is marked, which is what corpora go by.
    """
    faults = []
    if reply.label in ("overreached", "overrefused"):
        faults.append(reply.rationale or f"the answer {reply.label}")
    if (reply.label in ("declined", "overrefused")) != declined:
        does, mark = ("declines", "true") if not declined else ("answers", "false")
        faults.append(f'what it says {does}: set "declined" to {mark}, or say something else')
    return Verdict(
        decision="revise" if faults else "accept",
        label=reply.label,
        rationale="; ".join(faults) or reply.rationale,
    )


class RefusalChecker(Reviewer):
    """Checks that an answer declines exactly where the snippet is silent."""

    prompt = "refusal_checker"
    reply_type = RefusalReply
    shown_as = "{label}: {rationale}"
    skips = frozenset({"overview"})  # nobody declines to say what it is all about

    async def review(self, case: ReviewInput, *, site: CallSite) -> TypedReply[Verdict]:
        """Return the verdict on one exchange, its mark included."""
        asked = await self.ask(case, site=site)
        verdict = refusal_verdict(asked.reply, declined=case.declined)
        return TypedReply(reply=verdict, call_id=asked.call_id)
