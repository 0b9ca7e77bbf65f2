"""The four options that every command has, and the one way out for what it prints.

Results go to stdout and everything else to stderr, so that `colloquia ls | grep …` and
`colloquia run --json > totals.json` get the result alone.
"""

import functools
import inspect
import logging
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from colloquia.cli.view.printable import json_text, one_line
from colloquia.models.faults.redactor import RedactingFilter, redact

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

DEFAULT_STORE = "sqlite:///colloquia.db"
_STORE_HELP = "Where the runs are kept: a file, sqlite:///FILE or postgresql://…"

Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every command is told, and how it prints."""

    store: str
    as_json: bool
    quiet: bool
    verbose: int

    def document(self, document: Any) -> None:
        """Print the command's one JSON document."""
        sys.stdout.write(json_text(document) + "\n")

    def say(self, *parts: "RenderableType") -> None:
        """Print a result: a string as it is, anything of rich's laid out."""
        for part in parts:
            if isinstance(part, str):
                sys.stdout.write(f"{part}\n")
            else:
                console_on("stdout").print(part)

    def command(self, rest: str) -> str:
        """Return a command line to type next, which finds the same store."""
        own = self.store not in (DEFAULT_STORE, os.environ.get("COLLOQUIA_STORE"))
        return f"colloquia {rest}" + (f" --store {shlex.quote(self.store)}" if own else "")

    def note(self, *lines: str) -> None:
        """Tell a person something beside the result; silent with `--quiet`."""
        if not self.quiet:
            sys.stdout.flush()  # in a log that takes both, lines keep their order
            for line in lines:
                indent = line[: len(line) - len(line.lstrip())]
                sys.stderr.write(f"{indent}{one_line(line)}\n")


def console_on(stream: str) -> "Console":
    """Return a console on `stdout` or `stderr` that takes nothing in a text for markup."""
    from rich.console import Console

    return Console(stderr=stream == "stderr", markup=False, emoji=False, highlight=False)


def with_common(
    command: Callable[Concatenate[Common, Arguments], None],
) -> Callable[..., None]:
    """Give a command the options that all have; its first parameter is the `Common` they make."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    shared = inspect.signature(_common, eval_str=True).parameters

    call: Callable[..., None] = command

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        try:
            call(_common(**{name: given.pop(name) for name in shared}), **given)
        except KeyboardInterrupt:
            raise typer.Abort from None  # Typer would end with 130 and without a word

    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in (*own, *shared.values())]
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


def _common(
    store: Annotated[
        str, typer.Option("--store", envvar="COLLOQUIA_STORE", metavar="URL", help=_STORE_HELP)
    ] = DEFAULT_STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print results only.")] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; -v -v for tracebacks.")
    ] = 0,
) -> Common:
    _set_up_logging(quiet=quiet, verbose=verbose)
    return Common(store=store, as_json=as_json, quiet=quiet, verbose=verbose)


class _OneLine(logging.Formatter):
    """A log line may quote a model's words, so it is made safe and kept on its line."""

    def format(self, record: logging.LogRecord) -> str:
        line = one_line(f"{record.levelname.lower()}: {record.getMessage()}")
        return f"{line}\n{record.exc_text}" if record.exc_text else line


def _set_up_logging(*, quiet: bool, verbose: int) -> None:
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO)[min(verbose, 1)]
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    handler.addFilter(RedactingFilter(redact))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("colloquia").setLevel(level)
