"""A task for a shell: files, what to do with them, and how to tell that it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from colloquia.finetune.environments.terminal.sandbox import (
    LIMITS,
    CommandLimits,
    Run,
    packed,
    run_command,
    unpacked,
)

#: Where answers go that aren't a change of the files.
ANSWER = "answer.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellTask:
    """One task, the same whenever it is made."""

    name: str
    text: str
    """What the student is told."""
    files: Mapping[str, str]
    expected: Mapping[str, str] = field(default_factory=dict)
    """What has to be there in the end, by path; white space at a file's end doesn't count."""
    may_change: frozenset[str] = frozenset()
    """Files that nobody looks at; all others stay as they are."""
    verify: str | None = None
    """A command that must end with 0 in the folder as it was left, as trying a mended script."""
    solution: tuple[str, ...]
    """Commands that solve it: a look, and the deed."""
    wrong: str
    """A command that looks like a solution and is none."""


def is_solved(
    task: ShellTask, archive: bytes, limits: CommandLimits = LIMITS, *, run: Run = run_command
) -> bool:
    """Return whether a folder is as the task wants it."""
    there = unpacked(archive)
    wanted = {path: text for path, text in task.files.items() if path not in task.may_change}
    wanted |= task.expected
    if any(there.get(path, "\0").rstrip() != text.rstrip() for path, text in wanted.items()):
        return False
    return task.verify is None or run(task.verify, archive, limits).status == 0


def archive_of(task: ShellTask) -> bytes:
    """Return the folder that a task begins with."""
    return packed(task.files)
