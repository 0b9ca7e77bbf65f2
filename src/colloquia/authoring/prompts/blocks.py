"""A template's source, taken apart before anything in it is rendered.

The markers `<<system>>`, `<<user>>`, `<<assistant>>` and `<<history>>` count only where they stand
alone on a line of the *source*. Values arrive later, so no value can add, end or move a block.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from colloquia.authoring.problems import Problem
from colloquia.core.wording import did_you_mean

BlockKind = Literal["system", "user", "assistant", "history"]

MAX_BLOCKS = 64  # more is no prompt, and each costs a compilation

_FENCE = re.compile(r"---[ \t]*")
_MARKER = re.compile(r"<</?[\w-]+>>[ \t]*")
_KINDS: dict[str, BlockKind] = {f"<<{kind}>>": kind for kind in get_args(BlockKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block's source and the line that its text starts on."""

    kind: BlockKind
    line: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Front matter (None where the fences are missing) and blocks, with what is wrong with them."""

    front_matter: str | None
    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...]


def split(source: str, *, file: str) -> Parts:
    """Split a template into front matter and blocks; every fault becomes a problem."""
    lines = source.split("\n")
    if not _FENCE.fullmatch(lines[0]):
        return _without_front_matter(file, "starts without front matter; put '---' on line 1")
    end = next((at for at, line in enumerate(lines) if at and _FENCE.fullmatch(line)), None)
    if end is None:
        return _without_front_matter(file, "front matter is never closed; end it with '---'")
    blocks, problems = _split_blocks(lines, end + 1, file)
    return Parts(
        front_matter="\n".join(lines[1:end]),
        blocks=blocks[:MAX_BLOCKS],
        problems=(*problems, *_check_order(blocks, file)),
    )


def _without_front_matter(file: str, what: str) -> Parts:
    problem = Problem(file=file, line=1, code="P002", message=what)
    return Parts(front_matter=None, blocks=(), problems=(problem,))


def _split_blocks(
    lines: list[str], start: int, file: str
) -> tuple[tuple[Block, ...], list[Problem]]:
    marks = [at for at in range(start, len(lines)) if _MARKER.fullmatch(lines[at])]
    first, ends = (marks[0] if marks else len(lines)), [*marks[1:], len(lines)]
    problems: list[Problem] = []
    if stray := next((at for at in range(start, first) if lines[at].strip()), None):
        what = "text before the first block; put <<system>> or <<user>> above it"
        problems.append(Problem(file=file, line=stray + 1, code="P101", message=what))
    blocks: list[Block] = []
    for at, end in zip(marks, ends, strict=False):
        kind = _KINDS.get(lines[at].strip())
        if kind is None:
            hint = did_you_mean(lines[at].strip(), _KINDS) or f"; use one of {', '.join(_KINDS)}"
            what = f"unknown block {lines[at].strip()}{hint}"
            problems.append(Problem(file=file, line=at + 1, code="P102", message=what))
        else:
            source = "\n".join(lines[at + 1 : end])
            blocks.append(Block(kind=kind, line=at + 2, source=source))
    return tuple(blocks), problems


def _check_order(blocks: tuple[Block, ...], file: str) -> list[Problem]:
    """Check that the blocks make a chat: one system first, one history, a user at the end."""

    def problem(line: int, message: str) -> Problem:
        return Problem(file=file, line=max(1, line), code="P103", message=message)

    if len(blocks) > MAX_BLOCKS:
        return [problem(blocks[MAX_BLOCKS].line - 1, f"more than {MAX_BLOCKS} blocks; merge some")]
    if not any(block.kind == "user" for block in blocks):
        return [problem(1, "no <<user>> block; the model needs something to reply to")]
    problems = [
        problem(block.line - 1, "<<system>> must come first and once; move or merge it")
        for block in blocks[1:]
        if block.kind == "system"
    ]
    histories = [block for block in blocks if block.kind == "history"]
    problems += [
        problem(block.line - 1, "a second <<history>>; keep one") for block in histories[1:]
    ]
    problems += [
        problem(block.line, "text under <<history>>, which is filled in by itself; delete it")
        for block in histories
        if block.source.strip()
    ]
    if blocks[-1].kind != "user":
        problems.append(
            problem(blocks[-1].line - 1, "the last block must be <<user>>; add one below")
        )
    return problems
