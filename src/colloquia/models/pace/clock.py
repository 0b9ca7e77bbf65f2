"""Time as a value: what waits and counts seconds takes a clock, so tests need not wait."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds that pass."""

    def now(self) -> float:
        """Return seconds since some moment; never goes back."""
        ...

    def date(self) -> float:
        """Return seconds since 1970, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the monotonic time."""
        return time.monotonic()

    def date(self) -> float:
        """Return the wall clock."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait without holding up others."""
        await asyncio.sleep(seconds)
