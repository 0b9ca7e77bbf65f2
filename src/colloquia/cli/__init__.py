"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

import signal
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (`sys.argv` by default); returns the exit code and never raises."""
    # Until the commands are there to handle it, Ctrl-C just ends the process: a traceback out of
    # an import tells nobody anything.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from colloquia.cli import application

    signal.signal(signal.SIGINT, before)
    return application.main(arguments)
