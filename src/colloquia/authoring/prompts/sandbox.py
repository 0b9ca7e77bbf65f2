"""Jinja in a box: only plain JSON goes in, only bounded text comes out.

Three layers, each enough for most attacks: the checker's allow-list over the syntax tree, an
environment whose attribute access reads dictionary keys and nothing else, and budgets on loop
steps, work and output.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, TracebackType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS

from colloquia.authoring.prompts.checker import FILTERS, LOOP_FIELDS, TESTS, TemplateFault, check
from colloquia.authoring.prompts.fields import Types, unknown_fields
from colloquia.authoring.prompts.untrusted import wrap
from colloquia.core.hashing import canonical_json
from colloquia.core.wording import did_you_mean

MAX_OUTPUT = 4_000_000  # characters of one prompt: a 1 MB snippet fits, a runaway loop doesn't
MAX_STEPS = 5_000  # loop steps in one block
MAX_WORK = 20_000_000  # characters filters and operators take in, in one prompt: a second or two
MAX_SEPARATOR = 20  # characters between joined items

_WRAP, _STEP, _METER, _BUDGET = "_data", "_step", "_meter", " budget"  # names none can spell
_METERED = 10  # what each operation costs besides its operands, in characters
_UNMETERED = frozenset(
    (*("abs", "count", "d", "default", "first", "last", "length", "round"), _WRAP, _STEP)
)
_FREE_TESTS = frozenset(("defined", "undefined", "none", "mapping", "sequence", "string", "number"))


class RenderFault(Exception):
    """A block can't be rendered with these values; `fault.line` counts within the block."""

    def __init__(self, fault: TemplateFault) -> None:
        self.fault = fault
        super().__init__(fault.message)


@dataclass(slots=True)
class _Budget:
    """What is left for one block."""

    work: int
    """In characters."""
    steps: int = MAX_STEPS

    def spend(self, work: int) -> None:
        """Take off what an operation costs.

        Raises:
            _Refused: it is more than is left.
        """
        self.work -= work
        if self.work < 0:
            raise _Refused(
                f"more work than {MAX_WORK:,} characters in all; do less in loops, or shorten lists"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A block ready to render."""

    used: frozenset[str]
    _template: Template

    def render(self, variables: Mapping[str, Any], *, room: int, work: int = MAX_WORK) -> str:
        """Return the block's text, of at most `room` characters, for at most so much work.

        Raises:
            RenderFault: a value is missing or unfit, or a budget is used up.
        """
        parts: list[str] = []
        size = 0
        context = self._template.new_context({**variables, _BUDGET: _Budget(work)})
        try:
            for part in self._template.root_render_func(context):
                parts.append(part)
                size += len(part)
                if size > room:
                    raise _Refused(
                        f"more than {MAX_OUTPUT:,} characters in all; shorten the values"
                    )
        except Exception as error:
            # Whatever a hostile or mistaken template raises is the template's fault, by line.
            line = _line_of(error.__traceback__, self._template)
            code = "P503" if isinstance(error, _Refused) else "P502"
            what = " ".join(str(error).split()) or type(error).__name__
            raise RenderFault(TemplateFault(line=line, code=code, message=what)) from error
        return "".join(parts)


def compile_block(
    source: str, *, declared: Mapping[str, bool], key: str, known: Types = MappingProxyType({})
) -> tuple[Compiled | None, set[str], list[TemplateFault]]:
    """Check and compile one block.

    Args:
        source: the block's text.
        declared: the template's inputs and whether each is untrusted.
        key: what the ids of wrapped data depend on besides the data.
        known: the types of inputs whose fields are known.

    Returns:
        The block (None where it has faults), the names it uses and its faults.
    """
    environment = _environment()
    try:
        tree = environment.parse(source)
        checked = check(tree, declared)
        if not checked.faults:
            checked.faults += unknown_fields(tree, known)
        if checked.faults:
            return None, checked.used, checked.faults
        _rewrite(tree, checked.tainted, key)
        code = environment.compile(tree, filename=key)
        template = Template.from_code(environment, code, {})
    except TemplateSyntaxError as error:
        what = f"not valid Jinja: {error.message}; mend this line"
        return None, set(), [TemplateFault(line=error.lineno, code="P201", message=what)]
    except (RecursionError, ValueError, OverflowError, MemoryError, SyntaxError) as error:
        what = f"can't be compiled ({type(error).__name__}); simplify it"
        return None, set(), [TemplateFault(line=1, code="P206", message=what)]
    return Compiled(used=frozenset(checked.used), _template=template), checked.used, []


class _Refused(Exception):
    """Raised inside a render for what the box doesn't allow."""


class _Box(ImmutableSandboxedEnvironment):
    """An environment in which `a.b` and `a["b"]` read keys of dictionaries, never attributes."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in LOOP_FIELDS:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple | str) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return self.undefined(f"no item {argument!r}; there are {len(obj)}")
        if isinstance(obj, Undefined):
            return self.undefined(obj=obj, name=str(argument))
        known = [str(name) for name in obj] if isinstance(obj, dict) else []
        hint = did_you_mean(str(argument), known)
        return self.undefined(f"no field {str(argument)[:40]!r} here{hint}")


@cache
def _environment() -> _Box:
    environment = _Box(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=_finalize,
        cache_size=0,
    )
    environment.globals = {}
    environment.filters = {name: JINJA_FILTERS[name] for name in FILTERS} | _OWN_FILTERS
    environment.tests = {name: JINJA_TESTS[name] for name in TESTS}
    return environment


def _rewrite(tree: nodes.Template, tainted: set[int], key: str) -> None:
    """Wrap every printed untrusted expression, and put a meter on loops and operands."""
    for output in tree.find_all(nodes.Output):
        output.nodes = [
            _filtered(node, _WRAP, nodes.Const(key)) if id(node) in tainted else node
            for node in output.nodes
        ]
    for loop in tree.find_all(nodes.For):
        parts = sum(1 for _ in loop.find_all(nodes.Node))
        loop.iter = _filtered(loop.iter, _STEP, nodes.Const(parts))
    for reading in [*tree.find_all((nodes.Filter, nodes.Test, nodes.Getitem))]:
        _meter_argument(reading)
    for operation in [*tree.find_all((nodes.Add, nodes.Concat, nodes.Compare, nodes.Operand))]:
        _meter_operands(operation)
    tree.set_environment(_environment())


def _meter_argument(node: nodes.Expr) -> None:
    """Put a meter on what a filter, a test or a slice reads to its end."""
    match node:
        case nodes.Filter(name=name, node=nodes.Expr() as read) if name not in _UNMETERED:
            node.node = _filtered(read, _METER)
        case nodes.Test(name=name, node=read) if name not in _FREE_TESTS:
            node.node = _filtered(read, _METER)
        case nodes.Getitem(arg=nodes.Slice(), node=read):
            node.node = _filtered(read, _METER)


def _meter_operands(node: nodes.Node) -> None:
    for name, value in [*node.iter_fields()]:
        if isinstance(value, nodes.Expr):
            setattr(node, name, _filtered(value, _METER))
        elif isinstance(node, nodes.Concat):
            node.nodes = [_filtered(part, _METER) for part in node.nodes]


def _filtered(node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


def _finalize(value: Any) -> str:
    """Print a value: text as it is, the rest as JSON; null is a mistake, not a word."""
    if isinstance(value, str):
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises, and says what is missing
    if value is None:
        raise _Refused("a null value is printed; put {% if %} round it")
    return _to_json(value)


def _to_json(value: Any) -> str:
    try:
        return canonical_json(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise _Refused(f"{type(value).__name__} is not plain JSON; pass text or numbers") from error


def _wrap(value: Any, key: str) -> Any:
    """Wrap printed text as data; numbers and booleans can't carry any."""
    if isinstance(value, bool | int | float):
        return value
    return wrap(_finalize(value), key=key)


@pass_context
def _meter(context: Context, value: Any) -> Any:
    """Pass a value on, and charge its size; an undefined one is its reader's to tell."""
    budget: _Budget = context.parent[_BUDGET]
    size, waiting = _METERED, [value]
    while waiting and size <= budget.work:  # what holds itself has no end
        part = waiting.pop()
        size += len(part) if isinstance(part, str) else 1
        if isinstance(part, list | tuple):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend((*part, *part.values()))
    budget.spend(size + bool(waiting))
    return value


@pass_context
def _step(context: Context, value: Any, parts: int) -> Any:
    if not isinstance(value, list | tuple):
        if isinstance(value, Undefined):
            str(value)
        kind = "null" if value is None else type(value).__name__
        raise _Refused(f"a loop over {kind}; loop over a list, or over an object with |items")
    budget: _Budget = context.parent[_BUDGET]
    budget.steps -= len(value)
    if budget.steps < 0:
        raise _Refused(f"more than {MAX_STEPS:,} loop steps; shorten the lists")
    budget.spend(len(value) * parts)
    return value


def _of_list(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a filter from taking a long text apart, character by character."""

    def guarded(environment: _Box, value: Any, *args: Any, **options: Any) -> Any:
        _must_be_list(value)
        result = function(environment, value, *args, **options)
        return result if isinstance(result, list) or not hasattr(result, "__next__") else [*result]

    guarded.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
    return guarded


def _must_be_list(value: Any) -> None:
    if not isinstance(value, list | tuple):
        raise _Refused(f"this filter takes a list, not {type(value).__name__}")


def _join(value: Any, separator: str = "", attribute: str | None = None) -> str:
    _must_be_list(value)
    if len(separator) > MAX_SEPARATOR:
        raise _Refused(f"join with more than {MAX_SEPARATOR} characters; shorten the separator")
    if attribute is not None:
        value = [_environment().getitem(item, attribute) for item in value]
    return separator.join(_finalize(item) for item in value)


def _items(value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise _Refused(f"|items takes an object, not {type(value).__name__}")
    return list(value.items())


def _reverse(value: Any) -> Any:
    return value[::-1] if isinstance(value, list | tuple | str) else _must_be_list(value)


def _round(value: float, precision: int = 0) -> float:
    return round(value, max(0, min(precision, 9)))


def _line_of(trace: TracebackType | None, template: Template) -> int:
    """Return the template line that a failed render had reached."""
    code = template.root_render_func.__code__
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line


_OWN_FILTERS: dict[str, Callable[..., Any]] = {
    _WRAP: _wrap,
    _STEP: _step,
    _METER: _meter,
    "items": _items,
    "join": _join,
    "reverse": _reverse,
    "round": _round,
    "tojson": _to_json,
    **{name: _of_list(JINJA_FILTERS[name]) for name in ("max", "min", "sort", "unique")},
}
