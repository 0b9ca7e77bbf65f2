"""A shell to work in: the student says a command, and hears what it prints.

Each command has a shell and a sandbox of its own (`sandbox.py`); what it did to the files is there
for the next one, a `cd` or a variable isn't. The student ends with `exit`, or after its last turn;
then the folder is looked at, and the reward is 1 or 0.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from colloquia.core.errors import UserError
from colloquia.core.text import clean_text
from colloquia.finetune.environments.protocol import Environment, Observation
from colloquia.finetune.environments.terminal.sandbox import (
    LIMITS,
    CommandLimits,
    CommandResult,
    Run,
    require_sandbox,
    run_command,
)
from colloquia.finetune.environments.terminal.task import ShellTask, archive_of, is_solved
from colloquia.finetune.environments.terminal.tasks import SPLITS, shell_task, task_names

#: Chat models like to put a command into a fence; the first one counts.
_FENCE = re.compile(r"```(?:sh|bash|shell|console)?[ \t]*\n(.*?)```", re.DOTALL)
HOW = "You work in a shell: say one command at a time, and exit when it is done."


@dataclass(kw_only=True)
class TerminalEnvironment:
    """One episode's shell."""

    turns: int = 6
    """Most commands, the last `exit` included."""
    limits: CommandLimits = LIMITS
    run: Run = run_command
    _task: ShellTask | None = field(default=None, init=False)
    _files: bytes = field(default=b"", init=False, repr=False)
    _left: int = field(default=0, init=False)

    def reset(self, task: str) -> Observation:
        """Begin the task of that name, as `count-17`."""
        self._task = shell_task(task)
        self._files = archive_of(self._task)
        self._left = self.turns
        return Observation(text=f"{self._task.text} {HOW}")

    def step(self, action: str) -> Observation:
        """Run a command, or end where it is `exit`.

        Raises:
            UserError: this machine has no sandbox.
        """
        if self._task is None or not self._left:
            raise UserError("no task is under way; begin one with reset")
        self._left -= 1
        command = command_in(action)
        if command == "exit":
            return self._ended("")
        if not command:
            said = Observation(text="(say a command)", kind="warning")
        else:
            result = self.run(command, self._files, self.limits)
            self._files = result.files
            said = _told(result, self.limits)
        return said if self._left else self._ended(said.text, kind=said.kind)

    def _ended(self, text: str, **kind: str) -> Observation:
        assert self._task is not None
        solved = is_solved(self._task, self._files, self.limits, run=self.run)
        self._left = 0
        return Observation(text=text, reward=float(solved), done=True, **kind)  # type: ignore[arg-type]


def command_in(action: str) -> str:
    """Return the command that a reply says: what stands in its first fence, or all of it."""
    fenced = _FENCE.search(action)
    return (fenced[1] if fenced else action).strip()


def _told(result: CommandResult, limits: CommandLimits) -> Observation:
    if result.status is None:
        text = f"(stopped: more than {limits.seconds} s or too many files; nothing of it is kept)"
        return Observation(text=text, kind="warning")
    if output := clean_text(result.output):
        return Observation(text=output)
    told = f", exit status {result.status}" if result.status else ""
    return Observation(text=f"(no output{told})", kind="warning")


@dataclass(frozen=True, kw_only=True)
class TerminalTasks:
    """The task set `terminal`."""

    name: str = "terminal"
    turns: int = 6
    limits: CommandLimits = LIMITS
    run: Run = run_command

    def tasks(self, split: str) -> Sequence[str]:
        """Return the names of a split's tasks.

        Raises:
            UserError: there is no such split.
        """
        if split not in SPLITS:
            raise UserError(f"no split {split!r}; there are {' and '.join(SPLITS)}")
        return task_names(split)

    def make(self) -> Environment:
        """Return a shell.

        Raises:
            UserError: this machine has no sandbox.
        """
        require_sandbox()
        return TerminalEnvironment(turns=self.turns, limits=self.limits, run=self.run)
