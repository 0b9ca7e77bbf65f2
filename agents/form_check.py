"""The form check."""

from colloquia.agents.reviewer import Check
from colloquia.core.control_tokens import find_control_token
from colloquia.core.roles import ReviewInput
from colloquia.core.types import Verdict


class FormCheck(Check):
    """Turns down answers with control tokens in them."""

    def __init__(self, *, name: str = "form") -> None:
        """Make the check."""
        super().__init__(name=name)

    def judge(self, case: ReviewInput) -> Verdict:
        """Judge one exchange."""
        token = find_control_token(case.answer)
        if token is None or token in case.snippet.text:
            return Verdict(decision="accept")
        return Verdict(decision="revise", rationale=f"leave out {token!r}")
