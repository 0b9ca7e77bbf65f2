"""A small environment of one's own: a number to be guessed, without any process."""

from collections.abc import Sequence
from dataclasses import dataclass

from colloquia.finetune.environments.protocol import Environment, Observation


@dataclass
class Guessing:
    """Says whether a guess is too low or too high; three guesses."""

    number: int = 0
    left: int = 3

    def reset(self, task: str) -> Observation:
        self.number, self.left = int(task), 3
        return Observation(text="Guess a number from 0 to 9.")

    def step(self, action: str) -> Observation:
        self.left -= 1
        if not action.strip().isdecimal():
            return Observation(text="Say a number.", kind="warning", done=not self.left)
        guess = int(action.strip())
        if guess == self.number:
            return Observation(text="right", reward=1.0, done=True)
        return Observation(
            text="too low" if guess < self.number else "too high", done=not self.left
        )


@dataclass(frozen=True)
class GuessingTasks:
    name: str = "guessing"

    def tasks(self, split: str) -> Sequence[str]:
        return ["7", "3"] if split == "train" else ["5"]

    def make(self) -> Environment:
        return Guessing()


numbers = GuessingTasks()
