"""One call in flight: when it was sent, when its reply began, how it ended."""

from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Literal, Self

Outcome = Literal["served", "congested"]


def _nobody(after_s: float) -> None:
    return None


@dataclass(slots=True, kw_only=True)
class Permit:
    """What a limiter gives for one attempt, and what the attempt tells it.

    `with` it, what is called from there finds it by `permit_of_this_call`.
    """

    now: Callable[[], float]
    """The limiter's clock, in seconds."""
    sent_s: float
    rank: int = 0
    """See `core.ports.in_turn`."""
    epoch: int = 0
    """Under which limit it was sent."""
    on_heard: Callable[[float], None] = _nobody
    """Hears after how many seconds the reply began."""
    heard_s: float | None = None
    """When that came; None where replies come whole."""
    outcome: Outcome | None = field(default=None, init=False)
    """None where the call failed in a way that says nothing about the load."""
    work: float = field(default=1.0, init=False)
    """How long the reply was, in tokens, if that is known."""

    _token: "Token[Permit | None] | None" = field(default=None, init=False)

    def __enter__(self) -> Self:
        """Begin to be found."""
        self._token = _of_this_call.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        """End to be found."""
        assert self._token is not None
        _of_this_call.reset(self._token)

    def sent(self) -> None:
        """Count from now on: the request goes out."""
        self.sent_s = self.now()

    def heard(self) -> None:
        """Note that the reply has begun."""
        if self.heard_s is None:
            self.heard_s = self.now()
            self.on_heard(self.heard_s - self.sent_s)

    def succeeded(self, *, tokens: int | None = None) -> None:
        """Note that the endpoint served the call, with a reply of so many tokens."""
        self.outcome = "served"
        self.work = float(tokens or 1)

    def refused(self) -> None:
        """Note that it was too much: the endpoint said so, or was silent for too long."""
        self.outcome = "congested"


_of_this_call: ContextVar[Permit | None] = ContextVar("permit", default=None)


def permit_of_this_call() -> Permit:
    """Return the permit of the attempt that is being made; one that nobody reads outside any."""
    return _of_this_call.get() or Permit(now=float, sent_s=0.0)
