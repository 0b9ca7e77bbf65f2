"""The one way out for what a command prints, past `printable`, so that no field can be forgotten.

Results go to stdout and everything else to stderr, so that `colloquia ls | grep …` and
`colloquia run --json > totals.json` get the result alone.
"""

import os
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from colloquia.cli.view.printable import json_text, one_line
from colloquia.core.text import printable

DEFAULT_STORE = "sqlite:///colloquia.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where a command was typed: what its shared options ask for, and how it prints."""

    store: str
    """Where the runs are kept."""
    as_json: bool
    """Print one JSON document instead of words."""
    quiet: bool
    """Print results only."""
    verbose: int

    def print_json(self, document: Any) -> None:
        """Print the command's one JSON document."""
        write(sys.stdout, json_text(document))

    def say(self, *parts: RenderableType) -> None:
        """Print a result: a string as it is, anything of rich's laid out."""
        for part in parts:
            if isinstance(part, str):
                write(sys.stdout, part)
            else:
                console_on("stdout").print(part)

    def note(self, *lines: str) -> None:
        """Tell a person something beside the result; silent with `--quiet`."""
        if not self.quiet:
            sys.stdout.flush()  # in a log that takes both, lines keep their order
            for line in lines:
                indent = line[: len(line) - len(line.lstrip())]
                write(sys.stderr, f"{indent}{one_line(line)}")

    def warn(self, line: str) -> None:
        """Tell a person what was lost; with `--quiet` too."""
        sys.stdout.flush()
        sys.stderr.write(f"warning: {one_line(line)}\n")

    def tell_error(self, line: str) -> None:
        """Say why a command that has told its results fails all the same."""
        sys.stdout.flush()
        write(sys.stderr, f"error: {line}")

    def next_command(self, rest: str) -> str:
        """Return a command line to type next, which finds the same store."""
        own = self.store not in (DEFAULT_STORE, os.environ.get("COLLOQUIA_STORE"))
        return f"colloquia {rest}" + (f" --store {shlex.quote(self.store)}" if own else "")


def replace_closed() -> None:
    """Let output that was closed before we began lead nowhere; Python has None in its place."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
            setattr(sys, name, nowhere)


def write(stream: TextIO, text: str) -> None:
    """Write a text and a line end, whatever is in the text."""
    stream.write(f"{printable(text)}\n")


def console_on(stream: str) -> Console:
    """Return a console on `stdout` or `stderr` that takes nothing in a text for markup."""
    return _PrintableConsole(stderr=stream == "stderr", markup=False, emoji=False, highlight=False)


class _PrintableConsole(Console):
    """Draws what it is given with `printable` text; only what it says itself moves the cursor."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Return the pieces of anything to be drawn; what has parts comes by here with each."""
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else printable(segment.text)
            yield segment if text is segment.text else Segment(text, segment.style)
