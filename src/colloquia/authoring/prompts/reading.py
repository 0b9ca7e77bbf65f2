"""From source to template: everything that can be wrong is found here, before anything is rendered.

The source is taken apart into front matter and blocks, each block is checked and compiled, and what
is declared is held against what is used and against what the role is told.
"""

from dataclasses import dataclass
from functools import lru_cache

from colloquia.authoring.problems import Problem
from colloquia.authoring.prompts.blocks import Block, split
from colloquia.authoring.prompts.contract import contract_of
from colloquia.authoring.prompts.front_matter import Declared, FrontMatter, read_front_matter
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
    done: list[CompiledBlock] = []
    used: set[str] = set()
    problems: list[Problem] = []
    for block in blocks:
        compiled = None
        if block.kind == "history":
            used.add(HISTORY)
        else:
            compiled, names, faults = compile_block(block.source, declared=declared, key=identity)
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
        if contract and name not in contract:
            hint = did_you_mean(name, contract) or f"; it knows {', '.join(contract)}"
            what = "P303", f"the {front.role} is never told {name!r}{hint}"
        elif contract and (fault := _breach(declared, contract[name])):
            what = "P303", f"{name}: {fault}"
        elif compiled and name not in used:
            what = "P302", f"{name!r} is declared but not used; use it or drop it"
        if what:
            line = document.line_of(("input", name))
            problems.append(Problem(file=document.name, line=line, code=what[0], message=what[1]))
    return problems


def _breach(declared: Declared, contract: Declared) -> str | None:
    if declared.type != contract.type:
        return f"is of type {contract.type} for this role; say so"
    if contract.untrusted and not declared.untrusted:
        return "comes from outside; add 'untrusted: true'"
    if contract.optional and not declared.optional:
        return "may be null for this role; add 'optional: true'"
    return None


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
