"""A persona card: the YAML a user writes, and the `Persona` that comes of it.

A card is checked key by key, every trait it leaves out is filled in, and the one card it may extend
is laid under it: single values and lists replace, mappings merge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator

from colloquia.authoring.problems import Problem
from colloquia.core.errors import PersonaError
from colloquia.core.hashing import content_id
from colloquia.core.strict_yaml import Document, StrictYamlError, load_yaml
from colloquia.core.types import Level, Persona, Value
from colloquia.core.wording import did_you_mean, misfit

#: Every trait, 0 (not at all) to 5 (very), and what a card that doesn't say gets.
TRAITS: dict[str, float] = {
    "verbosity": 2.5,  # length of what they say
    "skepticism": 2.5,  # asks for reasons, doubts claims
    "patience": 2.5,  # stays with a point before moving on
    "typos": 0.0,  # slips in spelling and punctuation
    "formality": 2.5,  # register, from chat to letter
    "curiosity": 2.5,  # follows side paths
    "warmth": 2.5,  # thanks, reacts, encourages
    "confidence": 2.5,  # from hedging to asserting
    "precision": 2.5,  # wants figures, dates, definitions
}

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Texts = Annotated[tuple[Text, ...], Field(max_length=24)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class Card(Value):
    """A persona card as written, with what it extends already laid under it."""

    version: Literal[1]
    name: Slug
    extends: str | None = None
    weight: float = Field(default=1.0, gt=0, le=1000, allow_inf_nan=False)
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    background: Text
    knowledge: dict[Text, Level] = Field(default_factory=dict, max_length=24)
    goals: Annotated[tuple[Text, ...], Field(min_length=1, max_length=24)]
    traits: dict[str, Annotated[float, Field(ge=0, le=5)]] = Field(default_factory=dict)
    behaviours: Texts = ()
    opening_styles: Texts = ()
    never: Texts = ()

    @field_validator("traits", mode="before")
    @classmethod
    def _traits_are_known(cls, value: Any) -> Any:
        for trait in value if isinstance(value, dict) else ():
            if trait not in TRAITS:
                raise ValueError(f"unknown trait {trait!r}{did_you_mean(trait, TRAITS)}")
        return value

    @field_validator("opening_styles")
    @classmethod
    def _only_topic_is_filled_in(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for opener in value:
            if set("{}") & set(opener.replace("{topic}", "")):
                raise ValueError(f"{opener!r}: only {{topic}} is filled in; drop other braces")
        return value

    def persona(self) -> Persona:
        """Return the persona; its id hashes all of it, so any change makes another persona."""
        content = self.model_dump(mode="json", exclude={"version", "extends"})
        content["traits"] = TRAITS | content["traits"]
        return Persona(id=content_id("pers1", content), **content)


def packaged_names() -> tuple[str, ...]:
    """Return the names of the packaged cards, in order."""
    return tuple(sorted(path.stem for path in packaged_folder().glob("*.yaml")))


def load_card(path: Path) -> Persona:
    """Read one card.

    Raises:
        PersonaError: it can't be read or a value doesn't fit; one line with file, line and fix.
    """
    reading = read_card(path)
    if reading.card is None:
        raise PersonaError(str(reading.problems[0]))
    return reading.card.persona()


def load_personas(names: Sequence[str] = (), *, base: Path | None = None) -> tuple[Persona, ...]:
    """Read several cards, in the order given.

    Args:
        names: packaged names, or card files (`.yaml`) relative to `base`; empty for all packaged.
        base: the folder that files are relative to, a recipe's own; the working folder by default.

    Raises:
        PersonaError: a card is unknown, malformed, or two share a name.
    """
    personas: dict[str, Persona] = {}
    for name in names or packaged_names():
        persona = load_card(find_card(name, base=base or Path()))
        if persona.name in personas:
            raise PersonaError(
                f"{name}: persona {persona.name!r} is listed twice; rename or drop it"
            )
        personas[persona.name] = persona
    return tuple(personas.values())


def find_card(name: str, *, base: Path) -> Path:
    """Return the file of a card by packaged name or by path.

    Raises:
        PersonaError: no packaged card has this name.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name:
        return base / name
    known = packaged_names()
    if name not in known:
        hint = did_you_mean(name, known) or f"; packaged are {', '.join(known)}"
        raise PersonaError(f"no packaged persona {name!r}{hint}; a card of your own ends in .yaml")
    return packaged_folder() / f"{name}.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReading:
    """What came of reading a card: the card, or else what is wrong with it."""

    card: Card | None
    problems: tuple[Problem, ...] = ()
    document: Document | None = None


def read_card(path: Path) -> CardReading:
    """Read a card and find everything wrong with its form."""
    try:
        document = load_yaml(path)
        merged = _with_parent(document, path)
    except StrictYamlError as error:
        return _refused_card(error.file, error.line or 1, "C001", error.what)
    except PersonaError as error:
        return _refused_card(str(path), document.line_of(("extends",)), "C002", str(error))
    try:
        return CardReading(card=Card.model_validate(merged), document=document)
    except ValidationError as error:
        problems = tuple(_problems_of(error, document))
        return CardReading(card=None, problems=problems, document=document)


def _refused_card(file: str, line: int, code: str, message: str) -> CardReading:
    problem = Problem(file=file, line=line, code=code, message=message)
    return CardReading(card=None, problems=(problem,))


def packaged_folder() -> Path:
    """Return the folder of the packaged cards."""
    return Path(str(resources.files("colloquia.personas")))


def _with_parent(document: Document, path: Path) -> dict[str, Any]:
    if not isinstance(document.data, dict):
        raise StrictYamlError(str(path), 1, "a card is a mapping; start with 'version: 1'")
    own: dict[str, Any] = document.data
    if not isinstance(own.get("extends"), str):
        return own
    parent = load_yaml(find_card(own["extends"], base=path.parent)).data
    if not isinstance(parent, dict):
        raise PersonaError(f"extends {own['extends']!r}, which is not a card; name another")
    if "extends" in parent:
        raise PersonaError(f"extends {own['extends']!r}, itself an extension; extend its parent")
    merged = parent | own
    for key in ("knowledge", "traits"):
        if isinstance(parent.get(key), dict) and isinstance(own.get(key), dict):
            merged[key] = parent[key] | own[key]
    return merged


_CODES = {"extra_forbidden": "C101", "missing": "C102"}


def _problems_of(error: ValidationError, document: Document) -> Iterator[Problem]:
    # A missing key last: where another key is unknown, its spelling is what to mend.
    for fault in sorted(error.errors(), key=lambda fault: fault["type"] == "missing"):
        where = tuple(part for part in fault["loc"] if part != "[key]")
        name = ".".join(str(part) for part in where)
        line = document.line_of(where)
        match fault["type"]:
            case "extra_forbidden":
                hint = did_you_mean(name, Card.model_fields) or "; drop it"
                message = f"{name}: unknown key{hint}"
            case "missing":
                message = f"{name}: missing; add it"
            case _:
                message = f"{name}: {misfit(fault)}"
        code = _CODES.get(fault["type"], "C104" if where[:1] == ("traits",) else "C103")
        yield Problem(file=document.name, line=line, code=code, message=message)
