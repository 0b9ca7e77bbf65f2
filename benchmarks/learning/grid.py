"""A grid to walk in: six by six fields, eight moves to the goal. Where ECHO was tried first."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from colloquia.core.hashing import seed_for
from colloquia.finetune.environments.episode import OpenEpisode
from colloquia.finetune.environments.protocol import Environment, Observation

SIDE, MOVES = 6, 8
STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


@dataclass
class GridWorld:
    """Says where a move has led to; a move into the wall leads nowhere."""

    row: int = 0
    column: int = 0
    goal: tuple[int, int] = (0, 0)
    left: int = 0

    def reset(self, task: str) -> Observation:
        """Begin; a task is row, column, and both of the goal."""
        self.row, self.column, *goal = map(int, task.split("-"))
        self.goal, self.left = (goal[0], goal[1]), MOVES
        return Observation(text=f"from {self.row} {self.column} to {goal[0]} {goal[1]}")

    def step(self, action: str) -> Observation:
        """Move."""
        self.left -= 1
        if action not in STEPS:
            return Observation(text="no such move", kind="warning", done=not self.left)
        down, right = STEPS[action]
        row, column = self.row + down, self.column + right
        wall = not (0 <= row < SIDE and 0 <= column < SIDE)
        if not wall:
            self.row, self.column = row, column
        there = (self.row, self.column) == self.goal
        text = f"{'wall ' * wall}{self.row} {self.column}"
        return Observation(text=text, reward=float(there), done=there or not self.left)


@dataclass(frozen=True)
class Grid:
    """All ways of at most eight moves; a fifth of them is for testing."""

    name: str = "grid"

    def tasks(self, split: str) -> Sequence[str]:
        """Return them in an order without meaning."""
        fields = [(row, column) for row in range(SIDE) for column in range(SIDE)]
        ways = [
            f"{r}-{c}-{to_r}-{to_c}"
            for r, c in fields
            for to_r, to_c in fields
            if 0 < abs(r - to_r) + abs(c - to_c) <= MOVES
        ]
        ways.sort(key=lambda way: seed_for("grid", way))
        fifth = len(ways) // 5
        return ways[:fifth] if split == "test" else ways[fifth:]

    def make(self) -> Environment:
        """Return a grid."""
        return GridWorld()


grid = Grid()


def wander(episode: OpenEpisode, draw: Random) -> None:
    """Walk at random to the episode's end."""
    while episode.is_open:
        episode.act(draw.choice(list(STEPS)))
