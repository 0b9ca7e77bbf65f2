"""The blocks of a Markdown page, played in their order as a reader would.

The page's own folder is a temporary one; what one block leaves there, the next one finds.

- ```` ```python ```` runs in one namespace per page.
- ```` ```console ```` runs its `$ ` lines; the lines below each are what it has to print.
- ```` ```bash ```` runs as a script.
- ```` ```text ```` straight after one of these is what it has to print.
- any block with `file=NAME` is written to that file.
- `<!-- run: COMMAND -->` on a line of its own runs as well, for what a page takes for granted.

More words after the language: `no-run` leaves the block alone; `fails` expects a command to.
In expected output `...` stands for any text, and for any lines where it stands alone.
"""

import ast
import asyncio
import contextlib
import inspect
import io
import os
import re
import subprocess
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checkout import script, without_checkout

_FENCE = re.compile(
    r"^ *(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^ *(?P=fence) *$"
    r"|^<!-- run: (?P<hidden>.*?) -->$",
    re.MULTILINE | re.DOTALL,
)
_RUNNABLE = {"python", "console", "bash"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...] = ()
    text: str
    prints: str | None = None
    """What the block has to print; None where the page doesn't say."""

    @property
    def runs(self) -> bool:
        """Whether there is something to do for this block."""
        to_do = self.language in _RUNNABLE or self.file is not None
        return to_do and "no-run" not in self.words

    @property
    def file(self) -> str | None:
        """The file to write the block to."""
        names = (word.removeprefix("file=") for word in self.words if word.startswith("file="))
        return next(names, None)


def blocks(page: Path, source: str) -> list[Block]:
    """Return the fenced blocks of a page, `text` blocks joined to what they are the output of."""
    found: list[Block] = []
    end = 0
    for match in _FENCE.finditer(source):
        hidden = match["hidden"] is not None
        language, *words = ["bash"] if hidden else match["info"].split() or [""]
        text = textwrap.dedent(match["hidden"] or match["text"])
        between, end = source[end : match.start()], match.end()
        if language == "text" and not between.strip() and found and found[-1].runs:
            found[-1] = replace(found[-1], prints=text)
            continue
        line = source.count("\n", 0, match.start()) + 1
        found.append(Block(page=page, line=line, language=language, words=tuple(words), text=text))
    return found


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each `$ ` command of a console block with the output below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command += f"\n{more}"
        yield command, output


def matches(expected: str, printed: str) -> bool:
    """Whether output is what a page says, `...` standing for anything."""
    pattern = ""
    for line in expected.strip("\n").splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += re.escape(line.rstrip()).replace(r"\.\.\.", ".*") + "\n"
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


@dataclass(slots=True)
class Play:
    """A page being played in a folder of its own."""

    blocks: list[Block]
    folder: Path
    done: int = 0
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def up_to(self, block: Block) -> None:
        """Play what is left up to and with this block.

        Raises:
            AssertionError: a command failed, or printed something else than the page says.
        """
        while self.done <= self.blocks.index(block):
            self.done += 1
            self._play(self.blocks[self.done - 1])

    def _play(self, block: Block) -> None:
        if not block.runs:
            return
        if block.file is not None:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif block.language == "python":
            _compare(block, block.prints, self._python(block))
        elif block.language == "bash":
            _compare(block, block.prints, self._shell(block, block.text))
        else:
            for command, output in commands(block.text):
                _compare(block, output or None, self._shell(block, command))

    def _python(self, block: Block) -> str:
        # Blank lines in front make tracebacks show the page's own line numbers.
        source = "\n" * block.line + block.text
        code = compile(source, block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            waiting = eval(code, self.names)
            if inspect.isawaitable(waiting):
                asyncio.run(_settled(waiting))
        return printed.getvalue()

    def _shell(self, block: Block, command: str) -> str:
        """Run a command and go where it went: a `cd` holds for what follows."""
        place = self.folder / ".place"
        done = subprocess.run(
            ["bash", "-c", f"set -e\ntrap 'pwd >{place}' EXIT\n{command}"],
            cwd=self.folder,
            env=_reader(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.folder = Path(place.read_text().strip())
        place.unlink()
        told = f"{block.page.name}:{block.line}: $ {command}\n{done.stdout}"
        assert (done.returncode != 0) == ("fails" in block.words), f"{told}exit {done.returncode}"
        return _PROGRESS.sub("", done.stdout)


#: Said every ten seconds, which no run on a page takes where the machine isn't busy.
_PROGRESS = re.compile(r"^[\d,]+ of [\d,]+ done: .*\n", re.M)


async def _settled(waiting: Any) -> None:
    await waiting


def _compare(block: Block, expected: str | None, printed: str) -> None:
    if expected is not None and not matches(expected, printed):
        place = f"{block.page.name}:{block.line}"
        raise AssertionError(f"{place} shows\n{expected}\nbut the program prints\n{printed}")


def _reader() -> dict[str, str]:
    """Return a reader's environment: our commands first on PATH, a plain wide terminal."""
    commands = script("python").parent
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    return without_checkout() | plain | {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
