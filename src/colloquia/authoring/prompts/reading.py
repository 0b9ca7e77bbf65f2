"""From source to template: everything that can be wrong is found here, before anything is rendered.

The source is taken apart into front matter and blocks, each block is checked and compiled, and what
is declared is held against what is used and against what the role is told.
"""

from dataclasses import dataclass
from functools import lru_cache

from colloquia.authoring.problems import Problem
from colloquia.authoring.prompts.blocks import Block, split
from colloquia.authoring.prompts.contract import (
    ROLE_REPLIES,
    contract_of,
    input_fault,
    output_fault,
    types_told,
)
from colloquia.authoring.prompts.front_matter import (
    REPLY_TYPES,
    FrontMatter,
    read_front_matter,
)
from colloquia.authoring.prompts.sandbox import compile_block
from colloquia.authoring.prompts.template import HISTORY, CompiledBlock, PromptTemplate
from colloquia.core.errors import PromptError
from colloquia.core.hashing import digest
from colloquia.core.strict_yaml import Document
from colloquia.core.wording import did_you_mean

MAX_SOURCE = 50_000  # characters; the longest packaged template has about a tenth of that
IDENTITY_CHARS = 8


def parse_template(source: str, *, name: str, file: str | None = None) -> PromptTemplate:
    """Read a template from its source.

    Raises:
        PromptError: anything is wrong with it; one line, `file:line: CODE what; the fix`.
    """
    reading = read_template(source, name=name, file=file or f"{name}.prompt.j2")
    if reading.template is None:
        raise PromptError(str(reading.problems[0]))
    return reading.template


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateReading:
    """What came of reading a source: a template, or else what is wrong with it."""

    template: PromptTemplate | None
    problems: tuple[Problem, ...]
    front_matter: Document | None = None


@lru_cache(maxsize=64)  # a template is immutable, and compiling takes milliseconds
def read_template(source: str, *, name: str, file: str) -> TemplateReading:
    """Read a template and find everything wrong with it, in the order of its lines."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > MAX_SOURCE:
        what = f"more than {MAX_SOURCE:,} characters; shorten the template"
        problem = Problem(file=file, line=1, code="P001", message=what)
        return TemplateReading(template=None, problems=(problem,))
    parts = split(source, file=file)
    if parts.front_matter is None:
        return TemplateReading(template=None, problems=parts.problems)
    front, document, problems = read_front_matter(parts.front_matter, file=file)
    problems += parts.problems
    template = None
    if front is not None and document is not None:
        identity = f"{name}@{digest(source)[:IDENTITY_CHARS]}"
        blocks, used, unfit = _compile_blocks(parts.blocks, front, identity, file)
        problems += unfit + _check_declarations(front, document, used, compiled=not unfit)
        problems += _check_output(front, document)
        problems += _check_history(front, parts.blocks, file)
        if not problems:
            template = _make_template(front, blocks, name=name, identity=identity, file=file)
    problems.sort(key=lambda problem: problem.line)
    return TemplateReading(template=template, problems=tuple(problems), front_matter=document)


def _make_template(
    front: FrontMatter, blocks: tuple[CompiledBlock, ...], *, name: str, identity: str, file: str
) -> PromptTemplate:
    return PromptTemplate(
        name=name,
        role=front.role,
        description=front.description,
        identity=identity,
        input=dict(front.input),
        reply_schema=front.reply_schema(),
        tests=front.tests,
        file=file,
        blocks=blocks,
    )


def _compile_blocks(
    blocks: tuple[Block, ...], front: FrontMatter, identity: str, file: str
) -> tuple[tuple[CompiledBlock, ...], set[str], list[Problem]]:
    """Compile every block but history; return them, the inputs used and the problems."""
    declared = {name: value.untrusted for name, value in front.input.items()}
    told = types_told(front.role)
    known = {name: told[name] for name in declared.keys() & told.keys()}
    done: list[CompiledBlock] = []
    used: set[str] = set()
    problems: list[Problem] = []
    for block in blocks:
        compiled = None
        if block.kind == "history":
            used.add(HISTORY)
        else:
            compiled, names, faults = compile_block(
                block.source, declared=declared, key=identity, known=known
            )
            used |= names
            problems += [
                Problem(
                    file=file,
                    line=block.line + fault.line - 1,
                    code=fault.code,
                    message=fault.message,
                )
                for fault in faults
            ]
        done.append(CompiledBlock(kind=block.kind, line=block.line, compiled=compiled))
    return tuple(done), used, problems


def _check_declarations(
    front: FrontMatter, document: Document, used: set[str], *, compiled: bool
) -> list[Problem]:
    """Hold the declared inputs against what is used and against the role's contract."""
    problems = []
    contract = contract_of(front.role)
    for name, declared in front.input.items():
        what: tuple[str, str] | None = None
        if contract and (fault := input_fault(name, declared, contract)):
            what = "P303", f"the {front.role} {fault}"
        elif contract and contract[name].untrusted and not declared.untrusted:
            what = "P303", f"{name}: comes from outside; add 'untrusted: true'"
        elif compiled and name not in used:
            what = "P302", f"{name!r} is declared but not used; use it or drop it"
        if what:
            line = document.line_of(("input", name))
            problems.append(Problem(file=document.name, line=line, code=what[0], message=what[1]))
    return problems


def _check_output(front: FrontMatter, document: Document) -> list[Problem]:
    """Hold the reply that is asked for against what the role reads."""
    what, reply = None, ROLE_REPLIES.get(front.role)
    if isinstance(front.output, str) and front.output not in REPLY_TYPES:
        hint = did_you_mean(front.output, REPLY_TYPES) or f"; use one of {', '.join(REPLY_TYPES)}"
        what = f"unknown reply type {front.output!r}{hint}, or a JSON schema"
    elif reply is not None and front.output is not None:
        fault = output_fault(front.reply_schema(), reply)
        what = fault and f"the {front.role}'s {fault}"
    if what is None:
        return []
    line = document.line_of(("output",))
    return [Problem(file=document.name, line=line, code="P304", message=what)]


def _check_history(front: FrontMatter, blocks: tuple[Block, ...], file: str) -> list[Problem]:
    at = next((at for at, block in enumerate(blocks) if block.kind == "history"), None)
    if at is None:
        return []
    what = None
    declared = front.input.get(HISTORY)
    if declared is None or declared.type != "list" or not declared.untrusted:
        what = f"<<history>> needs the input {HISTORY}: {{type: list, untrusted: true}}; declare it"
    elif front.role == "questioner" and not any(b.kind == "user" for b in blocks[:at]):
        what = "the questioner's history starts with its own turn; put a <<user>> block above"
    if what is None:
        return []
    return [Problem(file=file, line=blocks[at].line - 1, code="P103", message=what)]
