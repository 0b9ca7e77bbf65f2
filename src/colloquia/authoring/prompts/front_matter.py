"""The YAML above a template: its role, the values it takes, the reply it asks for, its tests."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from colloquia.authoring.problems import Problem
from colloquia.core import roles
from colloquia.core.strict_yaml import Document, StrictYamlError, load_yaml
from colloquia.core.types import Message, Value, Verdict
from colloquia.core.wording import did_you_mean, misfit

InputType = Literal["string", "integer", "number", "boolean", "list", "object"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

_PYTHON: dict[InputType, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list, tuple),
    "object": (dict,),
}


class Declared(Value):
    """One value that a template takes."""

    type: InputType
    untrusted: bool = False
    """Its text comes from outside: whatever is printed of it is wrapped as data."""
    optional: bool = False
    """It may be missing or null; the template then sees none."""
    description: str = ""

    def accepts(self, value: Any) -> bool:
        """Return whether a value is of the declared type; null only where optional."""
        if value is None:
            return self.optional
        if isinstance(value, bool) and self.type != "boolean":
            return False
        return isinstance(value, _PYTHON[self.type])


class Expected(Value):
    """What the rendered messages must and must not hold."""

    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    roles: tuple[Literal["system", "user", "assistant"], ...] = ()
    """The roles of the messages in order; empty for any."""

    def failure(self, messages: tuple[Message, ...]) -> str | None:
        """Return what the messages fall short of, or None."""
        text = "\n".join(message.content for message in messages)
        got = tuple(message.role for message in messages)
        if self.roles and got != self.roles:
            return f"roles are {', '.join(got)}, not {', '.join(self.roles)}"
        for part in self.contains:
            if part not in text:
                return f"{part!r} is missing from the messages"
        for part in self.lacks:
            if part in text:
                return f"{part!r} is in the messages"
        return None


class TemplateTest(Value):
    """Values to render with, and what must come of it."""

    given: dict[str, Any]
    expect: Expected


class FrontMatter(Value):
    """The front matter, key by key."""

    role: Name
    description: str = Field(min_length=1)
    input: dict[Name, Declared] = Field(default_factory=dict)
    output: str | dict[str, Any] | None = None
    """A reply type of `core.roles`, a JSON schema, or None for free text."""
    tests: tuple[TemplateTest, ...] = ()

    def reply_schema(self) -> dict[str, Any] | None:
        """Return the JSON schema that a reply must fit, or None for free text."""
        if isinstance(self.output, str):
            return REPLY_TYPES[self.output].model_json_schema()
        return self.output


#: The reply types a template may name: those of the roles, and what a reviewer of one's own says.
REPLY_TYPES: dict[str, type[Value]] = {
    name: kind
    for name, kind in vars(roles).items()
    if name.endswith("Reply") and name != "RoleReply"
} | {"Verdict": Verdict}


def read_front_matter(
    text: str, *, file: str
) -> tuple[FrontMatter | None, Document | None, list[Problem]]:
    """Read the YAML between the fences, whose first line is the file's second."""
    try:
        document = load_yaml(text, name=file, first_line=2)
    except StrictYamlError as error:
        what = f"front matter: {error.what}"
        return None, None, [Problem(file=file, line=error.line or 2, code="P002", message=what)]
    if not isinstance(document.data, dict):
        what = "front matter is not a mapping; start with 'role: …'"
        return None, document, [Problem(file=file, line=2, code="P002", message=what)]
    try:
        return FrontMatter.model_validate(document.data), document, []
    except ValidationError as error:
        return None, document, list(_problems_of(error, document))


def _problems_of(error: ValidationError, document: Document) -> Iterator[Problem]:
    for fault in error.errors():
        # pydantic names the branch of a union or a key's check in the path; neither is in the file
        where = tuple(
            part for part in fault["loc"] if part not in ("[key]", "str", "dict[str,any]")
        )
        name = ".".join(str(part) for part in where)
        code, message = "P003", f"{name}: {misfit(fault)}"
        if fault["type"] == "extra_forbidden":
            hint = did_you_mean(str(where[-1]), _keys_at(where)) or "; drop it"
            code, message = "P004", f"{name}: unknown key{hint}"
        elif fault["type"] == "missing":
            message = f"{name}: missing; add it"
        yield Problem(file=document.name, line=document.line_of(where), code=code, message=message)


def _keys_at(where: tuple[int | str, ...]) -> tuple[str, ...]:
    match where:
        case (_,):
            return tuple(FrontMatter.model_fields)
        case ("input", _, _):
            return tuple(Declared.model_fields)
        case ("tests", _, "expect", _):
            return tuple(Expected.model_fields)
        case _:
            return tuple(TemplateTest.model_fields)
