"""Reviewers: anyone with an opinion on an exchange. Subclass `Reviewer` or `Check` to add yours."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from autogen_agentchat.messages import BaseChatMessage, StructuredMessage
from pydantic import BaseModel

from colloquia.agents.base import Agent, Bindings, CallSite, TypedReply
from colloquia.agents.free import FreeAgent
from colloquia.core.errors import GraphError
from colloquia.core.roles import AnswererReply, Line, Passage, ReviewInput
from colloquia.core.types import Verdict


class Reviewer(Agent[ReviewInput, Any]):
    """A reviewer that asks a model: name a template, whose output is a `Verdict`.

    class UnitChecker(Reviewer):
        prompt = "unit_checker"  # unit_checker.prompt.j2, in the folder that the recipe names

    `UnitChecker(model="cheap")` asks a model under the recipe's `models`; without one the critic's
    model is asked, unless that is the offline teacher, which plays no role but its own. A template
    with another output goes with a `reply_type` of that shape and a `verdict()` that reads it.
    """

    part = "reviewer"
    brief_type = ReviewInput
    reply_type: ClassVar[type[BaseModel]] = Verdict
    shown_as = "{decision}: {rationale}"

    def verdict(self, reply: Any) -> Verdict:
        """Read the model's reply as a verdict; override it where `reply_type` is your own."""
        return Verdict.model_validate(reply)

    def bind(self, bindings: Bindings) -> Self:
        """Return a copy with its model and template; see `Agent.bind`."""
        own = type(self)
        unread = own.verdict is Reviewer.verdict and own.review is Reviewer.review
        if self.reply_type is not Verdict and unread:
            kind = type(self).__name__
            raise GraphError(
                f"{kind} reads a {self.reply_type.__name__}; give it verdict(self, reply), which "
                "returns a Verdict"
            )
        return super().bind(bindings)

    async def review(self, case: ReviewInput, *, site: CallSite) -> TypedReply[Verdict]:
        """Return the verdict on one exchange."""
        asked = await self.ask(case, site=site)
        return TypedReply(reply=self.verdict(asked.reply), call_id=asked.call_id)

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> ReviewInput:
        """Review the last question and answer of a chat."""
        question, answer = (
            ((*lines, *lines)[-2:]) if lines else (Line(speaker="questioner", text=""),) * 2
        )
        return ReviewInput(
            snippet=snippet, question=question.text, answer=answer.text, transcript=lines[:-2]
        )

    def _brief_from(self, messages: Sequence[BaseChatMessage]) -> ReviewInput:
        """Take quotes and refusal from the answer itself where an answerer gave it."""
        brief = super()._brief_from(messages)
        for message in reversed(messages):
            answer = message.content if isinstance(message, StructuredMessage) else None
            if isinstance(answer, AnswererReply):
                return brief.model_copy(
                    update={"quotes": answer.quotes, "declined": answer.declined}
                )
        return brief


class Check(FreeAgent[ReviewInput], Reviewer):
    """A reviewer that needs no model: override `judge`, which must depend on the case alone."""
