"""When an endpoint is down, ask it rarely and let dialogues wait instead of failing.

After 20 transient faults in a row nothing is sent but one probe per 15 s; the first success opens
the way again. After half an hour the run ends, and can be continued.
"""

from colloquia.models.faults.errors import EndpointDown, Fault
from colloquia.models.pace.clock import Clock

TRIP_AFTER = 20
PROBE_EVERY_S = 15.0
GIVE_UP_AFTER_S = 1800.0
LOOK_EVERY_S = 1.0  # how soon waiting calls notice that the endpoint is back


class Breaker:
    """Watches one endpoint."""

    def __init__(self, *, endpoint: str, clock: Clock) -> None:
        """Begin in good faith."""
        self.endpoint = endpoint
        self.worked = False
        """Whether it ever served a call."""
        self._clock = clock
        self._streak = 0
        self._down_since: float | None = None
        self._next_probe = 0.0
        self._last = "no reply"

    @property
    def is_down(self) -> bool:
        """Whether calls wait for the endpoint to come back."""
        return self._down_since is not None

    async def admit(self) -> None:
        """Return when a call may be sent: at once, or when it is this call's turn to probe.

        Raises:
            EndpointDown: the endpoint has been down for half an hour.
        """
        while self._down_since is not None:
            now = self._clock.now()
            if now - self._down_since >= GIVE_UP_AFTER_S:
                raise EndpointDown(
                    f"{self.endpoint} has been down for {GIVE_UP_AFTER_S / 60:.0f} minutes "
                    f"({self._last}); run the same command again when it is back"
                )
            if now >= self._next_probe:
                self._next_probe = now + PROBE_EVERY_S
                return
            await self._clock.sleep(min(LOOK_EVERY_S, self._next_probe - now))

    def note(self, fault: Fault | None) -> None:
        """Learn how a call ended; None is a success."""
        if fault is None:
            self.worked = True
        if fault is None or fault.cause != "transient":
            self._streak = 0
            self._down_since = None
            return
        self._last = fault.detail
        self._streak += 1
        # One that never worked isn't waited for: its first calls use up their attempts and say so.
        if self.worked and self._streak >= TRIP_AFTER and self._down_since is None:
            self._down_since = self._clock.now()
            self._next_probe = self._down_since + PROBE_EVERY_S
