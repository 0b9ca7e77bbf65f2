"""The joint reviewer: critic and refusal checker in one call, on one exchange or on several."""

from colloquia.agents.base import Agent
from colloquia.agents.critic import Critic, critic_verdict
from colloquia.agents.refusal_checker import RefusalChecker, refusal_verdict
from colloquia.core.roles import (
    DraftedExchange,
    JointInput,
    JointReply,
    JointReview,
    Line,
    Passage,
)
from colloquia.core.types import Verdict


class JointReviewer(Agent[JointInput, JointReply]):
    """Scores answers and checks their refusals; its verdicts are kept under the two's names."""

    part = "reviewer"
    prompt = "joint_reviewer"
    brief_type = JointInput
    reply_type = JointReply
    shown_as = "{reviews}"

    def texts_in(self, brief: JointInput) -> int:
        """Return the number of exchanges."""
        return len(brief.exchanges)

    def check(self, reply: JointReply, brief: JointInput) -> JointReply:
        """Hold the reply to one review for each exchange."""
        given, wanted = len(reply.reviews), len(brief.exchanges)
        if given != wanted:
            raise ValueError(f"{given} reviews given where {wanted} are asked for")
        return reply

    def verdicts(self, review: JointReview) -> tuple[tuple[str, Verdict], ...]:
        """Return both reviewers' names and what they think of the exchange.

        The one rationale is the critic's, and the checker's only where it has a fault to tell.
        """
        scored = critic_verdict(review, accept=self.accept)
        checked = refusal_verdict(review)
        if checked.decision == "accept":
            checked = checked.model_copy(update={"rationale": ""})
        return (Critic.prompt, scored), (RefusalChecker.prompt, checked)

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> JointInput:
        """Review the last question and answer of a chat."""
        question, answer = [line.text for line in (*lines, *lines)[-2:]] or ["…", "…"]
        exchange = DraftedExchange(question=question, answer=answer)
        return JointInput(snippet=snippet, transcript=lines[:-2], exchanges=(exchange,))
