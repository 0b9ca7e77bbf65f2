"""Chat templates of strangers in a box: Jinja whose every render has a budget of work.

transformers renders them in Jinja's sandbox, which keeps them from Python and from files but lets
them take any time and memory. In the box every loop step, call and operator costs something, and
so does every character and item that it reads or makes, before it is made; whoever has spent the
budget is refused. What grows by a number alone (`center`, `ljust`, `%9d`) isn't there at all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any

from jinja2 import TemplateRuntimeError, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MAX_SOURCE = 1_000_000  # characters; the longest templates of 2026 have 30,000
MAX_WORK = 50_000_000  # of one render: characters read and made; a conversation of 1 MB fits
STEP = 50  # what a step costs, which takes about as long as reading so many characters
MOST_BITS = 10_000  # of a whole number that is computed
MAX_INDENT = 8

_FILTERS = (
    "abs capitalize count d default dictsort e escape first float groupby indent int items join "
    "last length list lower map max min reject rejectattr replace reverse round safe select "
    "selectattr sort string title tojson trim truncate unique upper wordcount"
)
#: Methods of texts that grow by a number, or by what a table says.
_NO_METHODS = "center encode expandtabs format_map ljust rjust translate zfill"
_ITEM = 8  # what an item of a list costs: a pointer's bytes
_BUDGET = " budget"  # names that no template can spell
_JOIN, _READ, _LOOP, _FILTER = "_concat", "_read", "_loop", "_filter"


class TemplateTooMuchError(TemplateRuntimeError):
    """A template asks for more than any chat needs."""


class TemplateBox(ImmutableSandboxedEnvironment):
    """transformers' environment for chat templates, with budgets."""

    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what Jinja's own takes."""
        super().__init__(*arguments, **options)
        self.context_class = _MeteredContext
        self.globals.pop("lipsum", None)
        self.filters = {name: self.filters[name] for name in _FILTERS.split()} | _METERS

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > MAX_SOURCE:
            raise TemplateSyntaxError(f"it has more than {MAX_SOURCE:,} characters", lineno=1)
        try:
            tree: nodes.Template = _Metering().visit(super()._parse(source, name, filename))
        except RecursionError:
            raise TemplateSyntaxError("brackets in brackets in brackets", lineno=1) from None
        tree.set_environment(self)
        return tree

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function or method of a template's, at its price."""
        args = tuple([*one] if isinstance(one, Iterator) else one for one in args)
        _spend(__context, STEP + __self._price_of_call(__context, __obj, args, kwargs))
        result = super().call(__context, __obj, *args, **kwargs)
        _charge(__context, result)
        return result

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Compute one of the operators that may grow."""
        _spend(context, STEP + _price_of_operator(context, operator, left, right))
        return super().call_binop(context, operator, left, right)

    def call_filter(
        self,
        name: str,
        value: Any,
        args: Any = None,
        kwargs: Any = None,
        context: Context | None = None,
        eval_ctx: EvalContext | None = None,
    ) -> Any:
        """Apply a filter, at its price; `map` comes here too."""
        assert context is not None
        given, named = list(args or ()), dict(kwargs or {})
        if name == "join" and isinstance(value, Iterator):
            value = [*value]
        _spend(context, STEP + _price_of_filter(context, name, value, [*given, *named.values()]))
        result = super().call_filter(name, value, given, named, context, eval_ctx)
        _charge(context, result)
        return result

    @staticmethod
    def _price_of_call(context: Context, called: Any, args: Any, kwargs: Any) -> int:
        name, owner = getattr(called, "__name__", ""), getattr(called, "__self__", None)
        values = [*args, *kwargs.values()]
        price = _weight(values, _left(context))
        if name == "strftime_now" and price > 200:
            raise TemplateTooMuchError("a format of dates that is too long")
        if hasattr(called, "__wrapped__") and name in ("format", "format_map"):
            form = str(getattr(called.__wrapped__, "__self__", ""))
            if name == "format_map" or ":" in form:
                raise TemplateTooMuchError("widths in str.format")
            return len(form) + (1 + form.count("{")) * price
        if isinstance(owner, str):
            if name in _NO_METHODS.split():
                raise TemplateTooMuchError(f".{name}, which no chat template needs")
            if name == "replace":
                price += _replaced(owner, values)
            return (
                len(owner) + price + (_joined(values[0], owner) if name == "join" and values else 0)
            )
        return price + (_weight(owner, _left(context)) if isinstance(owner, list | dict) else 0)


class _MeteredContext(Context):
    """A render's names, its budget among them; contexts that are derived share it."""

    def __init__(self, environment: Any, parent: dict[str, Any], *more: Any, **named: Any) -> None:
        parent.setdefault(_BUDGET, [MAX_WORK])
        super().__init__(environment, parent, *more, **named)


class _Metering(NodeTransformer):
    """Puts a meter on what is printed, joined, made, compared and looped over."""

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        self.generic_visit(node)
        node.nodes = [
            _through(nodes.Const(one.data) if isinstance(one, nodes.TemplateData) else one, _READ)
            for one in node.nodes
        ]
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _through(node.nodes[0], _JOIN, *node.nodes[1:])

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _through(node.iter, _LOOP)
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        self.generic_visit(node)
        node.args.insert(0, nodes.Const(node.name))
        node.name = _FILTER
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _through(node.expr, _READ)
        for operand in node.ops:
            operand.expr = _through(operand.expr, _READ)
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Node:
        self.generic_visit(node)
        if node.name not in ("defined", "undefined"):
            node.node = _through(node.node, _READ)
            node.args = [_through(one, _READ) for one in node.args]
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        return _through(node, _READ) if isinstance(node.arg, nodes.Slice) else node

    def _made(self, node: Any) -> nodes.Node:
        self.generic_visit(node)
        return _through(node, _READ) if getattr(node, "ctx", "load") == "load" else node

    visit_List = visit_Dict = visit_Tuple = _made


def _through(node: Any, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


@pass_context
def _read(context: Context, value: Any) -> Any:
    _spend(context, 1)
    _charge(context, value)
    return value


@pass_context
def _concat(context: Context, *values: Any) -> str:
    _spend(context, STEP)
    for value in values:
        _charge(context, value)
    return "".join(map(str, values))


@pass_context
def _loop(context: Context, values: Any) -> Any:
    if isinstance(values, Sized):
        _spend(context, STEP * (1 + len(values)))
        return values
    return _stepwise(context, values)


def _stepwise(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        _spend(context, STEP)
        yield value


@pass_context
def _filter(context: Context, value: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    return context.environment.call_filter(name, value, args, kwargs, context, context.eval_ctx)


def _left(context: Context) -> int:
    left: int = context.parent[_BUDGET][0]
    return left


def _spend(context: Context, price: int) -> None:
    budget = context.parent[_BUDGET]
    budget[0] -= price
    if budget[0] < 0:
        raise TemplateTooMuchError("more work than any chat needs")


def _charge(context: Context, value: Any) -> None:
    _spend(context, _weight(value, _left(context)))


def _weight(value: Any, most: int) -> int:
    """Return how much a value holds, with all that is in it; counting ends beyond `most`."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, Sized):
        return value.bit_length() // 8 if isinstance(value, int) else 0
    total, waiting = 0, [value]
    while waiting and total <= most:
        one = waiting.pop()
        if isinstance(one, str):
            total += len(one)
        elif isinstance(one, Mapping):
            total += 2 * _ITEM * len(one)
            waiting += [*one, *one.values()]
        elif isinstance(one, list | tuple | set):
            total += _ITEM * (1 + len(one))
            waiting += one
        elif isinstance(one, Sized) and not isinstance(one, Undefined):
            total += _ITEM * len(one)
    return total


def _price_of_operator(context: Context, operator: str, left: Any, right: Any) -> int:
    most = _left(context)
    whole = type(left) in (int, bool) and type(right) in (int, bool)
    match operator:
        case "**":
            if not whole or right * max(1, left.bit_length()) > MOST_BITS:
                raise TemplateTooMuchError("a power")
            return 0
        case "*" if whole:
            if left.bit_length() + right.bit_length() > MOST_BITS:
                raise TemplateTooMuchError("a number of thousands of digits")
            return 0
        case "*":
            times, one = (left, right) if type(left) in (int, bool) else (right, left)
            return max(0, times) * max(1, _weight(one, most)) if type(times) in (int, bool) else 0
        case "%" if isinstance(left, str):
            if "*" in left or re.search(r"\d\d\d", left):
                raise TemplateTooMuchError("widths in a format")
            return len(left) + (1 + left.count("%")) * (100 + _weight(right, most))
        case _:
            return _weight(left, most) + _weight(right, most)


def _price_of_filter(context: Context, name: str, value: Any, values: list[Any]) -> int:
    most = _left(context)
    price = _weight(value, most) + _weight(values, most)
    if name in ("indent", "tojson"):
        numbers = [n for n in values if type(n) is int]
        if any(n > MAX_INDENT for n in numbers) or _weight(values, 200) > 200:
            raise TemplateTooMuchError(f"{name} by more than {MAX_INDENT}")
        # JSON goes a thousand levels deep before Python refuses, and each line is indented so far.
        return price * (1 + sum(numbers) * (1000 if name == "tojson" else 1))
    if name == "replace":
        return price + _replaced(str(value), values)
    return price + (_joined(value, values[0]) if name == "join" and values else 0)


def _replaced(text: str, values: list[Any]) -> int:
    """Return how much `replace` may add."""
    old, new = (str(one) for one in values[:2]) if len(values) > 1 else ("", "")
    return text.count(old) * len(new)


def _joined(parts: Any, separator: Any) -> int:
    """Return how much `join` adds to its parts, which are no iterator."""
    return len(parts) * len(str(separator)) if isinstance(parts, Sized) else 0


_METERS = {_JOIN: _concat, _READ: _read, _LOOP: _loop, _FILTER: _filter}


def box_chat_templates() -> None:
    """Have transformers compile chat templates in the box from now on, whoever renders them."""
    from transformers.utils import chat_template_utils  # seconds, and only where a model is loaded

    chat_template_utils.ImmutableSandboxedEnvironment = TemplateBox
