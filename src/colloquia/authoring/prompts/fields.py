"""Fields of fields: `snippet.txet` is found when a template is read, not when it is rendered.

What an input holds is known by its type in `core.roles`; where a filter or a sum has made something
else of it, nothing is claimed.
"""

import types
from collections.abc import Iterator, Mapping
from typing import Any, Union, get_args, get_origin

from jinja2 import nodes

from colloquia.authoring.prompts.checker import TemplateFault
from colloquia.core.types import Value
from colloquia.core.wording import did_you_mean

#: Names in reach and the types of what they hold.
Types = Mapping[str, Any]


def unknown_fields(node: nodes.Node, known: Types) -> Iterator[TemplateFault]:
    """Yield the fields that a template reads and that its inputs don't have."""
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        name, holder = _key(node), _type_of(node.node, known)
        if name is not None and _is_value(holder) and name not in holder.model_fields:
            hint = did_you_mean(name, holder.model_fields)
            what = f"no field {name!r} here{hint or f'; there are {_listed(holder)}'}"
            yield TemplateFault(line=node.lineno, code="P303", message=what)
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        yield from unknown_fields(node.iter, known)
        inner = {**known, node.target.name: _item_of(_type_of(node.iter, known)), "loop": None}
        for part in (*([node.test] if node.test else []), *node.body):
            yield from unknown_fields(part, inner)
        for part in node.else_:
            yield from unknown_fields(part, known)
        return
    for child in node.iter_child_nodes():
        yield from unknown_fields(child, known)


def _type_of(node: nodes.Node, known: Types) -> Any:
    """Return the type of an expression; None where it isn't plainly a field."""
    match node:
        case nodes.Name(name=name):
            return _required(known.get(name))
        case nodes.Getattr() | nodes.Getitem():
            holder, key = _type_of(node.node, known), _key(node)
            if key is None:
                return _item_of(holder)
            field = holder.model_fields.get(key) if _is_value(holder) else None
            return None if field is None else _required(field.annotation)
        case _:
            return None


def _key(node: nodes.Getattr | nodes.Getitem) -> str | None:
    """Return the name of the field that is read; None for a place in a list."""
    match node:
        case nodes.Getattr(attr=str(name)) | nodes.Getitem(arg=nodes.Const(value=str(name))):
            return name
        case _:
            return None


def _required(annotation: Any) -> Any:
    """Return a type without `| None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation, *others) = (a for a in get_args(annotation) if a is not types.NoneType)
        return None if others else annotation
    return annotation


def _item_of(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) in (tuple, list) else None


def _is_value(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Value)


def _listed(holder: type[Value]) -> str:
    return ", ".join(holder.model_fields)
