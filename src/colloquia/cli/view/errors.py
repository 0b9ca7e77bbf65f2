"""What an error looks like: one line that says what to do, and the exit code that goes with it.

0 done    1 finished, but too much failed    2 bad input    3 budget reached
4 environment or outage    75 the run is another process's    130 interrupted
"""

import errno
import os
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO, runtime_checkable

import typer

from colloquia.cli.view.printable import json_text, one_line
from colloquia.cli.view.terminal import write
from colloquia.core.errors import AgentError, ColloquiaError
from colloquia.core.text import unprefixed
from colloquia.models.faults.redactor import redact

LONGEST = 2_000  # characters of a message, which may name what a stranger wrote
BAD_INPUT, ENVIRONMENT, INTERRUPTED = 2, 4, 130


@runtime_checkable
class CommandLineError(Protocol):
    """What Typer raises for a command line that it can't read; they share no public class."""

    def format_message(self) -> str:
        """Return what is wrong."""


_PARAMETER = re.compile(r"`([a-z_]+)=([^`]*)`")
#: Parameters that the command line has a word of its own for.
_OTHER_OPTIONS = {"budget_usd": "--budget", "samples": "-k", "values": "--set"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An error as users see it."""

    exit_code: int
    message: str


def report_error(error: BaseException, arguments: Sequence[str]) -> int:
    """Tell the user about an error; returns the exit code.

    Args:
        error: what ended the command.
        arguments: the command line: it may be the very thing that can't be parsed.
    """
    if _is_of_a_reader(error):
        return _reader_left()
    explained = explain_error(error)
    message = redact(explained.message)  # a key may stand in whatever a library says
    options = list(arguments)[: arguments.index("--") if "--" in arguments else None]
    shown = error if wants_traceback(options) else _users_own(error)
    if shown is not None:
        _tell(sys.stderr, redact("".join(traceback.format_exception(shown))).rstrip())
    document = json_text({"error": message, "exit_code": explained.exit_code})
    as_json = "--json" in options
    taken = _tell(sys.stdout, *([document] if as_json else []))
    if not (as_json and taken):  # a full disk takes no document; stderr may lead elsewhere
        _tell(sys.stderr, f"error: {message}")
    return explained.exit_code


def _tell(stream: TextIO, *lines: str) -> bool:
    """Write lines and what was printed before them; returns whether they are out."""
    try:
        for line in lines:
            write(stream, line)
        stream.flush()
    except OSError:
        _silence(stream)
        return False
    return True


def _users_own(error: BaseException) -> BaseException | None:
    """Return what the user's own code raised, whose traceback says what to mend; else None.

    What we raise ourselves, as over a template, has the place in its words.
    """
    raised = error.__cause__ if isinstance(error, AgentError) else None
    return None if isinstance(raised, ColloquiaError) else raised


def explain_error(error: BaseException) -> Explained:
    """Return the one line and the exit code for an error of any kind."""
    match error:
        case ColloquiaError():
            what = one_line(as_options(str(error)), most=LONGEST)
            return Explained(exit_code=error.exit_code, message=what)
        case CommandLineError():
            return Explained(exit_code=BAD_INPUT, message=_usage(error))
        case KeyboardInterrupt() | typer.Abort():
            return Explained(exit_code=INTERRUPTED, message="interrupted")
        case SystemExit():
            what = one_line(redact(f"SystemExit: {error}"), most=300)
            message = f"code of a plug-in or library ended the program ({what}); it may raise"
            return Explained(exit_code=BAD_INPUT, message=f"{message} an error instead")
        case OSError(errno=errno.ENAMETOOLONG):
            what = one_line(str(error.filename), most=60)
            message = f"{what}: the name is too long; choose another"
            return Explained(exit_code=BAD_INPUT, message=message)
        case OSError():
            where = f"{one_line(str(error.filename), most=300)}: " if error.filename else ""
            what = one_line(f"{where}{error.strerror or error}", most=LONGEST)
            code = BAD_INPUT if error.errno == errno.ELOOP else ENVIRONMENT
            return Explained(exit_code=code, message=what)
        case _:
            what = one_line(redact(f"{type(error).__name__}: {error}"), most=300)
            message = f"unexpected {what}; add -v -v to see where it comes from"
            return Explained(exit_code=1, message=message)


def as_options(message: str) -> str:
    """Return a message with parameters as options: `` `max_length=64` `` is `--max-length 64`.

    Below the command line, messages name what a Python caller would write.
    """
    return _PARAMETER.sub(_option, message)


def _option(parameter: re.Match[str]) -> str:
    name, value = parameter.groups()
    option = _OTHER_OPTIONS.get(name) or f"--{name.replace('_', '-')}"
    return option if value in ("", "True") else f"{option} {value}"


def wants_traceback(options: Sequence[str]) -> bool:
    """Whether the user asked to see where errors come from."""
    asked = sum(1 if option == "--verbose" else _count_v(option) for option in options)
    return asked >= 2 or os.environ.get("COLLOQUIA_DEBUG", "") not in ("", "0")


def _count_v(option: str) -> int:
    short = option.startswith("-") and not option.startswith("--")
    return option.count("v") if short and set(option[1:]) <= {"v", "q"} else 0


def _usage(error: CommandLineError) -> str:
    """Return what is wrong with the command line, and where its options are explained."""
    what = unprefixed(
        one_line(error.format_message(), most=LONGEST).rstrip(".")
    )  # pydantic reads choices for typer
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "colloquia"
    return f"{what}; see {command} --help"


def _is_of_a_reader(error: BaseException) -> bool:
    """Whether a reader left; what draws for us makes an end of the program of it."""
    seen = error.__context__ if isinstance(error, SystemExit) else error
    return isinstance(seen, BrokenPipeError)


def _reader_left() -> int:
    """`colloquia ls | head`: the reader has what it wanted, so nothing went wrong."""
    _silence(sys.stdout)
    return 0


def _silence(stream: TextIO) -> None:
    """Let a stream lead nowhere: what it still holds would raise again when it is closed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
