"""What the commands that ask a student have in common: their options, and how they say how far."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal

EVERY_S = 10.0


def finite(value: float | None) -> float | None:
    """Refuse infinity, and nan, which some versions of click take for being within every range.

    Raises:
        typer.BadParameter: it is one.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number to go by; give a finite one")
    return value


ModelArgument = Annotated[
    Path, typer.Argument(metavar="MODEL", help="The student's folder.", show_default=False)
]
CorpusArgument = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="A corpus with trl-grpo rows.", show_default=False),
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT", help="A new folder.", show_default=False)
]
SamplesOption = Annotated[int, typer.Option("-k", min=1, metavar="N", help="Answers per question.")]
ContextOption = Annotated[
    Literal["closed", "open"], typer.Option(help="open shows the passage to the student.")
]
TemperatureOption = Annotated[
    float, typer.Option(min=0.01, max=2, callback=finite, help="Of the answers.")
]
LimitOption = Annotated[int | None, typer.Option(min=1, metavar="N", help="Most questions.")]
TokensOption = Annotated[int, typer.Option(min=1, metavar="N", help="Longest answer, in tokens.")]
BatchOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Questions at once; 64 on a GPU, else 32.")
]
SeedOption = Annotated[int, typer.Option(min=0, help="Draws questions and samples.")]


def tell_unasked(terminal: Terminal, unasked: int, problem: str | None, *, of: str = "") -> None:
    """Say how many questions couldn't be asked, and why the first of them couldn't."""
    if unasked:
        terminal.note(f"{counted(unasked, 'question')}{of} couldn't be asked; the first: {problem}")


@dataclass(kw_only=True)
class AskingProgress:
    """Says on stderr what is being asked: each thing when it begins, every 10 s, at its end."""

    terminal: Terminal
    clock: Callable[[], float] = time.monotonic
    what: str = ""
    last: float = field(default=0.0)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note that so many of so many answers are there."""
        now = self.clock()
        if what == self.what and now - self.last < EVERY_S and done < total:
            return
        self.what, self.last = what, now
        self.terminal.note(f"{what}: {done:,} of {total:,}")
