"""The `colloquia` command as a process, also `python -m colloquia`."""

import signal
import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    # Until the command listens, Ctrl-C is the kernel's: an exception in the middle of imports shows
    # as a traceback or, inside a callback, as nothing but "Exception ignored".
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from colloquia.cli import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
