"""Agents that need no model: what they say is a function of what they are shown."""

from abc import abstractmethod
from collections.abc import Coroutine
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel

from colloquia.agents.base import Agent, Bindings, CallSite, TypedReply, kind_of
from colloquia.core.errors import GraphError
from colloquia.core.hashing import digest
from colloquia.core.types import Verdict

Shown = TypeVar("Shown", bound=BaseModel)


class FreeAgent(Agent[Shown, Any]):
    """A reviewer, of whatever it is shown, that asks nobody."""

    prompt = "check"
    reply_type: ClassVar[type[BaseModel]] = Verdict
    shown_as = "{decision}: {rationale}"
    asks_model = False

    def __init__(self, *, name: str | None = None) -> None:
        """Make the check; its class names it by default."""
        super().__init__(name=name or type(self).__name__)

    @abstractmethod
    def judge(self, case: Shown) -> Verdict:
        """Judge what is shown."""

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

    async def ask(self, brief: Shown, *, site: CallSite) -> TypedReply[Any]:
        """Judge without asking anyone.

        Raises:
            GraphError: what `judge` returned is no verdict.
        """
        verdict: object = self.judge(brief)
        if isinstance(verdict, Verdict):
            return TypedReply(reply=verdict)
        judge = f"{type(self).__name__}.judge"
        if isinstance(verdict, Coroutine):
            verdict.close()
            raise GraphError(f"{judge} is async; a check doesn't wait: write def")
        raise GraphError(
            f"{judge} returned {verdict!r}; return Verdict(decision='accept'), or 'revise' or "
            "'reject' with a rationale"
        )

    async def review(self, case: Shown, *, site: CallSite) -> TypedReply[Verdict]:
        """Return the verdict."""
        return await self.ask(case, site=site)
