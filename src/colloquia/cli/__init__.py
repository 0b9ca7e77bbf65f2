"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

from colloquia.cli.application import main

__all__ = ["main"]
