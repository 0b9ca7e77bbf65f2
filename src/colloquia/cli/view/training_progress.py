"""How a training is doing: a live line on a terminal; elsewhere one every 10 s and per stage."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.live import Live

from colloquia.cli.view.progress import LINE_EVERY_S
from colloquia.cli.view.terminal import Terminal, console_on
from colloquia.cli.view.totals import duration

if TYPE_CHECKING:
    from colloquia.finetune.train.stage import StepReport


class TrainingProgress:
    """The last step, kept up to date on stderr inside a `with` block."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._live: Live | None = None
        self._next_line = time.monotonic() + LINE_EVERY_S
        self._stage = (0, 0, 0.0)
        """Stage, the first step of it seen, and when."""

    @property
    def began(self) -> bool:
        """Whether a step was seen."""
        return self._stage[0] > 0

    def step(self, now: "StepReport") -> None:
        """A step was made."""
        if self._terminal.quiet:
            self._stage = (now.stage, now.step, 0.0)
            return
        if now.stage != self._stage[0]:
            self._stage = (now.stage, now.step, time.monotonic())
        line = self._line(now)
        if self._live is not None:
            self._live.update(line)
        elif time.monotonic() >= self._next_line or now.step == now.steps:
            self._terminal.note(line)
            self._next_line = time.monotonic() + LINE_EVERY_S

    def stopping(self) -> None:
        """Somebody asked to stop."""
        if self._live is None:
            self._terminal.note(
                "stopping: a checkpoint is written first; Ctrl-C again ends at once"
            )

    def __enter__(self) -> Self:
        console = console_on("stderr")
        if not self._terminal.quiet and console.is_terminal and not console.is_dumb_terminal:
            self._live = Live("loading", console=console, transient=True)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def _line(self, now: "StepReport") -> str:
        _, first, since = self._stage
        parts = [f"{now.stage}/{now.stages} {now.method}: step {now.step:,} of {now.steps:,}"]
        if now.loss is not None and now.reward is None:
            parts.append(f"loss {now.loss:.3f}")
        if now.reward is not None:
            parts.append(f"reward {now.reward:.3f}")
        if now.groups:
            parts.append(f"{now.mixed_groups:,} of {now.groups:,} groups differ in reward")
        if first < now.step < now.steps:
            left = (time.monotonic() - since) / (now.step - first) * (now.steps - now.step)
            parts.append(f"about {duration(left)} left")
        return "; ".join(parts)
