"""Reviewers: anyone with an opinion on an exchange. Subclass `Reviewer` or `Check` to add yours."""

from abc import abstractmethod
from typing import Any, ClassVar, Self

from pydantic import BaseModel

from colloquia.agents.base import Agent, Asked, Desk, Kit
from colloquia.core.hashing import digest
from colloquia.core.roles import Line, Passage, ReviewInput
from colloquia.core.types import Verdict


class Reviewer(Agent[ReviewInput, Any]):
    """A reviewer that asks a model: name a template whose reply is a `Verdict`.

    class UnitChecker(Reviewer):
        prompt = "unit_checker"
    """

    part = "reviewer"
    brief_type = ReviewInput
    reply_type: ClassVar[type[BaseModel]] = Verdict
    shown_as = "{decision}: {rationale}"

    def verdict(self, reply: Any) -> Verdict:
        """Read the model's reply as a verdict; override it where `reply_type` is your own."""
        if not isinstance(reply, Verdict):
            raise TypeError(f"{type(self).__name__} must override verdict() to read its reply")
        return reply

    async def review(self, case: ReviewInput, *, desk: Desk) -> Asked[Verdict]:
        """Return the verdict on one exchange."""
        asked = await self.ask(case, desk=desk)
        return Asked(reply=self.verdict(asked.reply), call_id=asked.call_id)

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> ReviewInput:
        """Review the last question and answer of a chat."""
        question, answer = (
            ((*lines, *lines)[-2:]) if lines else (Line(speaker="questioner", text=""),) * 2
        )
        return ReviewInput(
            snippet=snippet, question=question.text, answer=answer.text, transcript=lines[:-2]
        )


class Check(Reviewer):
    """A reviewer that needs no model: override `judge`, which must depend on the case alone."""

    prompt = "check"

    def __init__(self, *, name: str | None = None) -> None:
        """Make the check; its class names it by default."""
        super().__init__(name=name or type(self).__name__)

    @abstractmethod
    def judge(self, case: ReviewInput) -> Verdict:
        """Judge one exchange."""

    def equip(self, kit: Kit) -> Self:
        """A check needs nothing."""
        return self

    @property
    def template_identity(self) -> str | None:
        """A check has no template."""
        return None

    @property
    def identity(self) -> str:
        """What the recipe's hash sees of it: its class and its settings."""
        settings = {k: v for k, v in vars(self).items() if isinstance(v, str | int | float)}
        return f"{type(self).__name__} {digest(settings)[:8]}"

    async def ask(self, brief: ReviewInput, *, desk: Desk) -> Asked[Any]:
        """Judge without asking anyone."""
        return Asked(reply=self.judge(brief))
