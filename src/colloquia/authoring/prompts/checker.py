"""Which Jinja a template may use: an allow-list over its syntax tree, never a list of bad words.

The same pass learns which values are used and which printed expressions touch untrusted text. An
expression that touches any is wrapped as a whole, after its filters, so no filter can cut or forge
a wrapper.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import nodes

from colloquia.core.wording import did_you_mean

MAX_LOOPS = 2  # one loop in another
MAX_NODES = 2_000
MAX_NESTING = 24
MAX_NAMES = 16  # in one expression: bounds what `a ~ a ~ a …` can grow to before the output cap

FILTERS = frozenset(
    (
        *("abs", "capitalize", "count", "d", "default", "first", "float", "int", "items", "join"),
        *("last", "length", "lower", "max", "min", "reverse", "round", "sort", "string", "title"),
        *("tojson", "trim", "truncate", "unique", "upper", "wordcount"),
    )
)
TESTS = frozenset(
    (
        *("boolean", "false", "float", "integer", "mapping", "none", "number", "sequence"),
        *("string", "true", "defined", "undefined", "divisibleby", "even", "odd", "in"),
        *("eq", "equalto", "ge", "gt", "le", "lt", "lower", "ne", "upper"),
        *("==", "!=", ">", ">=", "<", "<="),
    )
)
LOOP_FIELDS = frozenset(
    (*("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"),)
)

_ALLOWED: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For),
    *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(nodes.Add, nodes.Sub, nodes.Div, nodes.Neg, nodes.Pos, nodes.Concat),
)
_SPELLED = {
    "Call": "a call",
    "CallBlock": "a call block",
    "FilterBlock": "a filter block",
    "Mul": "*",
    "Pow": "**",
    "Mod": "%",
    "FloorDiv": "//",
    "Assign": "set",
    "AssignBlock": "set",
    "FromImport": "import",
}

#: Names in reach and whether what they hold is untrusted.
Scope = Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFault:
    """What is wrong on a line of a block (1-based within it)."""

    line: int
    code: str
    message: str


@dataclass(slots=True, kw_only=True)
class Checked:
    """What is wrong in one block, and what it uses."""

    faults: list[TemplateFault] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    tainted: set[int] = field(default_factory=set)
    """`id()` of the printed expressions that touch untrusted text."""


def check(tree: nodes.Template, declared: Scope) -> Checked:
    """Hold a block's syntax tree against the allow-list."""
    checked = Checked()
    count = sum(1 for _ in _nodes_below(tree, 0))
    if count > MAX_NODES:
        what = f"more than {MAX_NODES:,} parts; split the template"
        checked.faults.append(TemplateFault(line=1, code="P206", message=what))
        return checked
    deepest = max(_nodes_below(tree, 0), key=lambda entry: entry[1])
    if deepest[1] > MAX_NESTING:
        what = f"nested deeper than {MAX_NESTING} levels; simplify it"
        checked.faults.append(TemplateFault(line=_line_of(deepest[0]), code="P206", message=what))
        return checked
    _Checker(checked, declared).check_node(tree, declared, loops=0)
    return checked


def _nodes_below(node: nodes.Node, depth: int) -> Iterator[tuple[nodes.Node, int]]:
    stack = [(node, depth)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed([*node.iter_child_nodes()]))


def _line_of(node: nodes.Node) -> int:
    return node.lineno or 1  # what Jinja makes of {% autoescape %} has none


class _Checker:
    def __init__(self, checked: Checked, declared: Scope) -> None:
        self._checked = checked
        self._declared = declared

    def check_node(self, node: nodes.Node, scope: Scope, *, loops: int) -> None:
        if not isinstance(node, _ALLOWED):
            kind = type(node).__name__
            what = _SPELLED.get(kind, kind.lower())
            self._add_fault(
                node, "P202", f"{what} is not allowed here; use plain values and filters"
            )
        elif isinstance(node, nodes.For):
            self._check_loop(node, scope, loops)
        elif isinstance(node, nodes.Output):
            self._check_output(node, scope)
        elif isinstance(node, nodes.If):
            self._check_expression(node.test, scope)
            for part in (*node.body, *node.elif_, *node.else_):
                self.check_node(part, scope, loops=loops)
        else:
            for part in node.iter_child_nodes():
                self.check_node(part, scope, loops=loops)

    def _check_loop(self, node: nodes.For, scope: Scope, loops: int) -> None:
        if loops >= MAX_LOOPS:
            self._add_fault(node, "P205", f"loops nest deeper than {MAX_LOOPS}; flatten them")
        if node.recursive:
            self._add_fault(node, "P202", "a recursive loop is not allowed here; use plain loops")
        self._check_expression(node.iter, scope)
        tainted = self._touches_untrusted(node.iter, scope)
        targets = [
            name.name
            for name in (node.target, *node.target.find_all(nodes.Name))
            if isinstance(name, nodes.Name)
        ]
        for target in targets:
            if target == "loop" or target in self._declared:
                self._add_fault(node, "P202", f"loop variable {target!r} hides a value; rename it")
        inner = {**scope, **dict.fromkeys(targets, tainted), "loop": False}
        if node.test is not None:
            self._check_expression(node.test, inner)
        for part in node.body:
            self.check_node(part, inner, loops=loops + 1)
        for part in node.else_:
            self.check_node(part, scope, loops=loops)

    def _check_output(self, node: nodes.Output, scope: Scope) -> None:
        for printed in node.nodes:
            if not isinstance(printed, nodes.TemplateData):
                self._check_expression(printed, scope)
                if self._touches_untrusted(printed, scope):
                    self._checked.tainted.add(id(printed))

    def _check_expression(self, expression: nodes.Node, scope: Scope) -> None:
        names = 0
        for node, _ in _nodes_below(expression, 0):
            if not isinstance(node, _ALLOWED):
                self.check_node(node, scope, loops=0)
            names += isinstance(node, nodes.Name)
            self._check_part(node, scope)
        if names > MAX_NAMES:
            self._add_fault(
                expression, "P206", f"more than {MAX_NAMES} values in one expression; split it"
            )

    def _check_part(self, node: nodes.Node, scope: Scope) -> None:
        match node:
            case nodes.Name(name=name):
                self._check_name(node, name, scope)
            case nodes.Getattr(attr=attribute):
                self._check_attribute(node, attribute)
            case nodes.Getitem(arg=nodes.Const(value=str(attribute))):
                self._check_attribute(node, attribute)
            case nodes.Filter(name=name) if name not in FILTERS:
                hint = did_you_mean(name, FILTERS) or f"; use one of {', '.join(sorted(FILTERS))}"
                self._add_fault(node, "P203", f"filter {name!r} is not allowed{hint}")
            case nodes.Test(name=name) if name not in TESTS:
                hint = did_you_mean(name, TESTS) or f"; use one of {', '.join(sorted(TESTS))}"
                self._add_fault(node, "P203", f"test {name!r} is not allowed{hint}")

    def _check_name(self, node: nodes.Node, name: str, scope: Scope) -> None:
        self._checked.used.add(name)
        if name not in scope:
            hint = did_you_mean(name, scope) or "; declare it under input"
            self._add_fault(node, "P301", f"{name!r} is used but not declared{hint}")

    def _check_attribute(self, node: nodes.Getattr | nodes.Getitem, attribute: str) -> None:
        if attribute.startswith("_"):
            self._add_fault(node, "P204", f"private name {attribute!r}; use a declared field")
        of_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
        if of_loop and attribute not in LOOP_FIELDS:
            hint = did_you_mean(attribute, LOOP_FIELDS) or "; use loop.index"
            self._add_fault(node, "P204", f"loop.{attribute} is not allowed{hint}")

    def _touches_untrusted(self, expression: nodes.Node, scope: Scope) -> bool:
        return any(
            scope.get(node.name, True)
            for node, _ in _nodes_below(expression, 0)
            if isinstance(node, nodes.Name)
        )

    def _add_fault(self, node: nodes.Node, code: str, message: str) -> None:
        fault = TemplateFault(line=_line_of(node), code=code, message=message)
        self._checked.faults.append(fault)
