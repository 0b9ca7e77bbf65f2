"""What a run may take: calls, dialogues at once, money, tokens, time."""

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from colloquia.core.model_options import Section
from colloquia.core.wording import as_written

AUTO_CONCURRENCY = 32  # enough dialogues in flight for the store's group commit to pay
BATCH_CONCURRENCY = 10_000  # a wave takes as long as a batch, so all dialogues should be in it
MOST_CONCURRENCY = 100_000  # a wave of the largest batch; more would only fill memory
_WALL = re.compile(r"(?=.*[1-9])\d{1,6}(\.\d{1,3})?[hms]", re.ASCII)
_UNITS_S = {"h": 3600, "m": 60, "s": 1}


class Limits(Section):
    """Bounds on work, and on what the whole run may spend."""

    calls_per_dialogue: int = Field(default=120, gt=0)
    """A dialogue that needs more has failed, cause `loop`."""
    concurrency: int | Literal["auto"] = "auto"
    """Dialogues in flight at once; `auto` is 32, and slows down where a provider asks for it; with
    batches it is 10,000."""
    budget_usd: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """A ceiling on what the run's requests may cost; null for none."""
    calls: int | None = Field(default=None, gt=0)
    """A ceiling on the run's requests, those that were surely not billed aside; null for none."""
    tokens: int | None = Field(default=None, gt=0)
    """A ceiling on tokens, sent and generated; null for none."""
    wall: str | None = None
    """How long one command may work, `8h`, `90m` or `45s`; null for as long as it takes."""
    allow_unpriced: bool = False
    """Whether `budget_usd` may stand although a model's price is unknown and counts as 0."""

    @property
    def has_ceiling(self) -> bool:
        """Whether what the run spends is to be counted as it goes."""
        return any(cap is not None for cap in (self.budget_usd, self.calls, self.tokens))

    @property
    def needs_prices(self) -> bool:
        """Whether every model must have a known price."""
        return self.budget_usd is not None and not self.allow_unpriced

    @property
    def wall_s(self) -> float | None:
        """`wall` in seconds."""
        return None if self.wall is None else float(self.wall[:-1]) * _UNITS_S[self.wall[-1]]

    @field_validator("wall", mode="before")
    @classmethod
    def _is_a_time(cls, value: Any) -> Any:
        if value is None or (isinstance(value, str) and _WALL.fullmatch(value)):
            return value
        raise ValueError(f"{as_written(value)} is no time; write it like 8h, 90m or 45s")

    @property
    def at_once(self) -> int:
        """How many dialogues that is."""
        return AUTO_CONCURRENCY if self.concurrency == "auto" else self.concurrency

    @field_validator("concurrency", mode="before")
    @classmethod
    def _is_a_number_or_auto(cls, value: Any) -> Any:
        if value == "auto" or (type(value) is int and 1 <= value <= MOST_CONCURRENCY):
            return value
        wrong = f"{as_written(value)} is no number of dialogues"
        raise ValueError(f"{wrong}; give 1 to {MOST_CONCURRENCY:,}, or auto")
