"""The one way out for what a command prints.

Results go to stdout and everything else to stderr, so that `colloquia ls | grep …` and
`colloquia run --json > totals.json` get the result alone.
"""

import os
import shlex
import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console, RenderableType

from colloquia.cli.view.printable import json_text, one_line

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
        sys.stdout.write(json_text(document) + "\n")

    def say(self, *parts: RenderableType) -> None:
        """Print a result: a string as it is, anything of rich's laid out."""
        for part in parts:
            if isinstance(part, str):
                sys.stdout.write(f"{part}\n")
            else:
                console_on("stdout").print(part)

    def note(self, *lines: str) -> None:
        """Tell a person something beside the result; silent with `--quiet`."""
        if not self.quiet:
            sys.stdout.flush()  # in a log that takes both, lines keep their order
            for line in lines:
                indent = line[: len(line) - len(line.lstrip())]
                sys.stderr.write(f"{indent}{one_line(line)}\n")

    def warn(self, line: str) -> None:
        """Tell a person what was lost; with `--quiet` too."""
        sys.stdout.flush()
        sys.stderr.write(f"warning: {one_line(line)}\n")

    def tell_error(self, line: str) -> None:
        """Say why a command that has told its results fails all the same."""
        sys.stdout.flush()
        sys.stderr.write(f"error: {line}\n")

    def next_command(self, rest: str) -> str:
        """Return a command line to type next, which finds the same store."""
        own = self.store not in (DEFAULT_STORE, os.environ.get("COLLOQUIA_STORE"))
        return f"colloquia {rest}" + (f" --store {shlex.quote(self.store)}" if own else "")


def console_on(stream: str) -> Console:
    """Return a console on `stdout` or `stderr` that takes nothing in a text for markup."""
    return Console(stderr=stream == "stderr", markup=False, emoji=False, highlight=False)
