"""What can go wrong with a model call, as the rest of the product sees it: three errors, no more.

    UserError        └── ModelError     the model can't work as named or set up        exit 2
    WorldError       └── EndpointDown   the endpoint is out of reach; go on later      exit 4
    DialogueFailure  └── CallFailed     this one call failed for good, with its cause

Whatever a provider, a proxy or a library raises is translated into a `Fault` where it enters.
"""

from dataclasses import dataclass
from typing import Literal

from colloquia.core.errors import DialogueFailure, UserError, WorldError

Cause = Literal["rate_limit", "transient", "content", "refused", "fatal"]
CAUSES: tuple[Cause, ...] = ("rate_limit", "transient", "content", "refused", "fatal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why one attempt failed."""

    cause: Cause
    detail: str
    """One line for people; free of secrets."""
    status: int | None = None
    """The HTTP status, where there was a reply at all."""
    retry_after_s: float | None = None
    """How long the endpoint asked to wait; None where it didn't say."""
    unreachable: bool = False
    """No connection came about: the request can't have had any effect, nor be to blame."""
    silent: bool = False
    """Nothing was heard for too long: more may have been asked than the endpoint works on."""
    exhausted: bool = False
    """The account has no money or no key any more: every further call will fail alike."""


class ModelError(UserError):
    """A model that can't work as named or set up: no such provider, key, endpoint or model."""


class EndpointDown(WorldError):
    """A model's endpoint is out of reach; what was done is safe, the run can be continued."""


ABOUT_THE_RUN = (WorldError, ModelError)
"""What a dialogue doesn't fail of: every other would meet it too, so the run ends."""


class CallFailed(DialogueFailure):
    """One model call failed for good."""

    def __init__(self, fault: Fault | str, *, attempts: int = 1) -> None:
        """Take the last attempt's fault, or only its words, and how often it was sent."""
        self.fault = Fault(cause="transient", detail=fault) if isinstance(fault, str) else fault
        super().__init__(self.fault.detail)
        self.attempts = attempts

    @property
    def cause(self) -> str:  # type: ignore[override]  # each call has its own
        """The fault's cause."""
        return self.fault.cause
