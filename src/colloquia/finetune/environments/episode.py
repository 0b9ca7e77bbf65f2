"""One go at a task: what the environment and the student said in turn, and what it was worth."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, Literal, get_args

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.core.text import brief, clean_text
from colloquia.core.types import Message
from colloquia.finetune.environments.protocol import Environment, Observation, ObservationKind
from colloquia.finetune.users_code import telling

TurnKind = Literal["task", "action"] | ObservationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeTurn:
    """What one of the two said."""

    kind: TurnKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An episode as far as it went."""

    task: str
    turns: tuple[EpisodeTurn, ...]
    """The task first, then actions and what came of them, in turn."""
    reward: float
    done: bool
    problem: str | None = None
    """Why the student couldn't go on, as a window that was full."""

    @property
    def actions(self) -> int:
        """How often the student acted."""
        return sum(turn.kind == "action" for turn in self.turns)


@dataclass(kw_only=True)
class OpenEpisode:
    """An episode under way: one environment, and a student of whatever kind."""

    environment: Environment
    task: str
    seed: int = 0
    """Of the student's words; tells episodes of one task apart."""
    problem: str | None = None
    _turns: list[EpisodeTurn] = field(default_factory=list, init=False)
    _reward: float = field(default=0.0, init=False)
    _done: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Begin the task.

        Raises:
            UserError: there is no such task, or the environment can't be had here, or failed.
        """
        told = self._said(self.environment.reset, self.task)
        if not told.text.strip():
            raise UserError(f"environment {self._name} doesn't say what is to be done")
        self._hear(told, kind="task")

    @property
    def told(self) -> str:
        """What is to be done."""
        return self._turns[0].text

    @property
    def is_open(self) -> bool:
        """Whether the student is to act."""
        return not self._done and self.problem is None

    @property
    def next_seed(self) -> int:
        """The seed of the next action."""
        return seed_for(self.seed, len(self._turns))

    def act(self, action: str) -> Observation:
        """Let the student act.

        Raises:
            UserError: the environment failed.
        """
        self._turns.append(EpisodeTurn(kind="action", text=action))
        said = self._said(self.environment.step, action)
        if not (said.text or said.done):  # who is to go on has to be told something
            said = replace(said, text="(nothing)", kind="warning")
        self._hear(said, kind=said.kind)
        return said

    def messages(self) -> tuple[Message, ...]:
        """Return what was said so far as a chat: the environment is its user."""
        return tuple(
            Message(role="assistant" if turn.kind == "action" else "user", content=turn.text)
            for turn in self._turns
        )

    def as_tool(self) -> Callable[[str], str]:
        """Return the environment as a function for agents that call tools, AutoGen's among them."""

        def act(action: str) -> str:
            """Act in the environment and return what comes of it."""
            if not self.is_open:
                return "The episode is over."
            return self.act(action).text or "The episode is over."

        return act

    def episode(self) -> Episode:
        """Return what happened so far."""
        return Episode(
            task=self.task,
            turns=tuple(self._turns),
            reward=self._reward,
            done=self._done,
            problem=self.problem,
        )

    def _said(self, speak: Callable[[str], Observation], heard: str) -> Observation:
        """Return what the environment says, which may be anybody's code."""
        with telling(f"environment {self._name}"):
            said = speak(heard)
            fault = _fault_of(said)
        if fault is not None:
            raise UserError(f"environment {self._name} {fault}")
        text, reward, done = clean_text(said.text), float(said.reward), bool(said.done)
        return replace(said, text=text, reward=reward, done=done)

    @property
    def _name(self) -> str:
        return f"{type(self.environment).__name__} on task {brief(self.task)}"

    def _hear(self, said: Observation, *, kind: TurnKind) -> None:
        self._reward += said.reward
        self._done = said.done
        if said.text:
            self._turns.append(EpisodeTurn(kind=kind, text=said.text))


def _fault_of(said: Any) -> str | None:
    """Return what is wrong with what an environment gave; None where it is an observation."""
    if not isinstance(said, Observation):
        return f"said a {type(said).__name__}, no Observation"
    if not isinstance(said.text, str):
        return f"said {brief(str(said.text))}, no text"
    if not (isinstance(said.reward, Real) and math.isfinite(said.reward)):
        return f"gave the reward {brief(str(said.reward))}, no number"
    if said.done not in (True, False):  # numpy's are others by type
        return f"is done: {brief(str(said.done))}; give True or False"
    if said.kind not in get_args(ObservationKind):
        return f"said something of the kind {brief(str(said.kind))}; give observation or warning"
    return None
