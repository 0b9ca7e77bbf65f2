"""The four options that every command has, and the logging that two of them set."""

import functools
import inspect
import logging
from collections.abc import Callable
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from colloquia.cli.view.printable import one_line
from colloquia.cli.view.terminal import DEFAULT_STORE, Terminal
from colloquia.models.faults.redactor import RedactingFilter, redact

_STORE_HELP = "Where the runs are kept: a file, sqlite:///FILE or postgresql://…"

Own = ParamSpec("Own")


def _terminal(
    store: Annotated[
        str, typer.Option("--store", envvar="COLLOQUIA_STORE", metavar="URL", help=_STORE_HELP)
    ] = DEFAULT_STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print results only.")] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; -v -v for tracebacks.")
    ] = 0,
) -> Terminal:
    _set_up_logging(quiet=quiet, verbose=verbose)
    return Terminal(store=store, as_json=as_json, quiet=quiet, verbose=verbose)


_SHARED = inspect.signature(_terminal, eval_str=True).parameters


def with_terminal(command: Callable[Concatenate[Terminal, Own], None]) -> Callable[..., None]:
    """Give a command the options that all have; its first parameter is the `Terminal` they make."""

    @functools.wraps(command)
    def with_options(*positional: Own.args, **given: Own.kwargs) -> None:
        shared: dict[str, Any] = {name: given.pop(name) for name in _SHARED}
        try:
            command(_terminal(**shared), *positional, **given)
        except KeyboardInterrupt:
            raise typer.Abort from None  # Typer would end with 130 and without a word

    # Typer reads options off a signature, so the wrapper says that it has both kinds (PEP 362).
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    options = [option.replace(kind=option.KEYWORD_ONLY) for option in (*own, *_SHARED.values())]
    with_options.__annotations__ = {option.name: option.annotation for option in options}
    vars(with_options)["__signature__"] = inspect.Signature(options)
    return with_options


class _OneLine(logging.Formatter):
    """A log line may quote a model's words, so it is made safe and kept on its line."""

    def format(self, record: logging.LogRecord) -> str:
        line = one_line(f"{record.levelname.lower()}: {record.getMessage()}")
        return f"{line}\n{record.exc_text}" if record.exc_text else line


def _is_no_ctrl_c(record: logging.LogRecord) -> bool:
    """Whether to log it: libraries log that they were interrupted, and raise it on to be told."""
    return not (record.exc_info and isinstance(record.exc_info[1], KeyboardInterrupt))


def _set_up_logging(*, quiet: bool, verbose: int) -> None:
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO)[min(verbose, 1)]
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    handler.addFilter(_is_no_ctrl_c)
    handler.addFilter(RedactingFilter(redact))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("colloquia").setLevel(level)
