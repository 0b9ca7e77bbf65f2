"""Reviewers: anyone with an opinion on an exchange. Subclass `Reviewer` or `Check` to add yours."""

from abc import abstractmethod
from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar, Self

from autogen_agentchat.messages import BaseChatMessage, StructuredMessage
from pydantic import BaseModel

from colloquia.agents.base import Agent, Bindings, CallSite, TypedReply, kind_of
from colloquia.core.errors import GraphError
from colloquia.core.hashing import digest
from colloquia.core.roles import AnswererReply, Line, Passage, ReviewInput
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


class Check(Reviewer):
    """A reviewer that needs no model: override `judge`, which must depend on the case alone."""

    prompt = "check"

    def __init__(self, *, name: str | None = None) -> None:
        """Make the check; its class names it by default."""
        super().__init__(name=name or type(self).__name__)

    @abstractmethod
    def judge(self, case: ReviewInput) -> Verdict:
        """Judge one exchange."""

    def bind(self, bindings: Bindings) -> Self:
        """A check needs nothing."""
        return self

    @property
    def template_identity(self) -> str | None:
        """A check has no template."""
        return None

    @property
    def identity(self) -> str:
        """What the recipe's hash sees of it: its class and its public attributes.

        Raises:
            GraphError: an attribute isn't plain JSON; override `identity` then.
        """
        settings = {name: value for name, value in vars(self).items() if name[0] != "_"}
        try:
            return f"{kind_of(self)} {digest(settings)[:8]}"
        except (TypeError, ValueError) as error:
            raise GraphError(
                f"{self.name!r}: override identity, since its attributes aren't plain JSON: {error}"
            ) from error

    async def ask(self, brief: ReviewInput, *, site: CallSite) -> TypedReply[Any]:
        """Judge without asking anyone.

        Raises:
            GraphError: what `judge` returned is no verdict.
        """
        verdict: object = self.judge(brief)
        if isinstance(verdict, Verdict):
            return TypedReply(reply=verdict)
        if isinstance(verdict, Coroutine):
            verdict.close()
            raise GraphError(
                f"{type(self).__name__}.judge is async; a check doesn't wait: write def"
            )
        raise GraphError(
            f"{type(self).__name__}.judge returned {verdict!r}; return Verdict(decision='accept'), "
            "or 'revise' or 'reject' with a rationale"
        )
