"""How fast dialogues end: over the last half minute, or a little longer where few do."""

from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 30.0
FEWEST = 10  # dialogues within the window: real models may take minutes for each


@dataclass(slots=True)
class Pace:
    """Sightings of a counter that only grows."""

    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, done: int, *, at: float) -> None:
        """Note how many were done at a moment, in seconds of any clock that doesn't jump."""
        self.seen.append((at, done))
        while len(self.seen) > 2 and at - self.seen[1][0] >= WINDOW_S:
            if done - self.seen[1][1] < FEWEST:
                break
            self.seen.popleft()

    @property
    def per_second(self) -> float:
        """Dialogues per second, lately; 0 where nothing ended yet."""
        if len(self.seen) < 2:
            return 0.0
        (then, before), (now, after) = self.seen[0], self.seen[-1]
        return max(0, after - before) / (now - then) if now > then else 0.0
