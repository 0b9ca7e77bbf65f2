"""The question check."""

from typing import Any

from colloquia.agents.reviewer import Check
from colloquia.core.types import Verdict


class QuestionCheck(Check):
    """Turns down questions asked before."""

    part = "question_reviewer"

    def __init__(self, *, name: str = "question_check") -> None:
        """Make the check."""
        super().__init__(name=name)

    def judge(self, case: Any) -> Verdict:
        """Judge one question."""
        asked = {text.casefold().strip() for text in case.asked}
        if case.question.casefold().strip() in asked:
            return Verdict(decision="revise", rationale="this was asked before; ask something else")
        return Verdict(decision="accept")
