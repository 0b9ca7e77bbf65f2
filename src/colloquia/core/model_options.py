"""What a recipe may say about a model."""

import re
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from colloquia.core.types import Value
from colloquia.core.wording import as_written

#: The largest number that a recipe may hold: SQLite's largest.
MOST = 2**63 - 1
#: What the name of a local model folder begins with.
LOCAL_PREFIX = "hf:"


class Section(Value):
    """A section of a recipe; what stands below a setting is its description in the schema."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    @field_validator("*", mode="before")
    @classmethod
    def _is_no_odd_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse true for 1, which pydantic takes, and what no database and no clock can hold."""
        if isinstance(value, bool):
            kind = cls.model_fields[str(info.field_name)].annotation
            if {int, float} & {kind, *get_args(kind)}:
                raise ValueError(f"{as_written(value)} is no number; give one")
        elif isinstance(value, int | float) and abs(value) > MOST:
            raise ValueError(f"{as_written(value)} is too large; give at most {MOST}")
        return value


class Price(Section):
    """What tokens cost, in USD per million."""

    input: float = Field(ge=0)
    """Sent."""
    output: float = Field(ge=0)
    """Generated."""


class ModelOptions(Section):
    """A model, where it is served, and how it is sampled beyond what agents ask for."""

    model: str
    """`provider/name` as litellm writes it, `hf:PATH` for a local model folder or `.gguf` file, or
    `hf:ORG/NAME@REVISION` for a model of the Hugging Face Hub."""
    api_base: str | None = None
    """Root of the API, e.g. `http://localhost:8000/v1`; the provider's own by default."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; the provider's own by default."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Nucleus sampling: the share of probability that tokens are drawn from; the provider's own
    by default."""
    timeout_s: float | None = Field(default=None, gt=0)
    """Longest silence: no token of a reply, nor of one asked for before it; 300 s by default."""
    stream: bool | None = None
    """Whether replies come in pieces, so that a slow one isn't taken for silence; by default where
    the provider tells a reply's tokens in a stream."""
    structured: bool | None = None
    """Whether to send a reply's JSON Schema; by default where the model is known to take it. An
    `hf:` model is held to it unless this is false."""
    max_batch: int | None = Field(default=None, gt=0)
    """For `hf:` models: most requests answered at once; 64 on a GPU and 8 on a CPU by default."""
    price: Price | None = None
    """For models that litellm's price table lacks, or at another price."""

    @classmethod
    def of(cls, settings: "ModelOptions") -> "ModelOptions":
        """Return what makes a model, without how an agent wants it sampled."""
        return ModelOptions.model_validate(settings.model_dump(include=set(cls.model_fields)))

    @field_validator("api_base")
    @classmethod
    def _is_a_root(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = value.strip().rstrip("/")
        parts = urlsplit(value)
        if not _is_address(parts) or " " in value:
            bare = parts.scheme not in _SCHEMES and "//" not in value
            guess = value if value and bare else "localhost:8000/v1"
            raise ValueError(f"{value!r} is no address; write it like http://{guess}")
        if parts.username or parts.password:
            raise ValueError("keep the password out of the address and use api_key_env")
        return value

    @field_validator("api_key_env")
    @classmethod
    def _is_a_name(cls, value: str | None) -> str | None:
        if value is not None and not value.replace("_", "").isalnum():
            raise ValueError("it is no name; give an environment variable's, never the key itself")
        return value


_SCHEMES = frozenset({"http", "https"})
_LONGEST_NAME = 200  # the Hub takes 96 for ORG/NAME
_HUB_NAME = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([\w./-]+))?", re.ASCII)


def _is_address(parts: SplitResult) -> bool:
    try:
        port = parts.port  # out of range, it raises
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.hostname) and port != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HubName:
    """`ORG/NAME@REVISION`."""

    repository: str
    revision: str | None
    """A branch, tag or commit; None for the main branch."""

    @property
    def short(self) -> str:
        """The name without the organisation."""
        return self.repository.partition("/")[2]

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision}" if self.revision else self.repository


def hub_name(text: str) -> HubName | None:
    """Read `ORG/NAME` or `ORG/NAME@REVISION`; None where a text is neither.

    A path of two parts looks the same, so it is asked first whether there is such a folder.
    """
    match = _HUB_NAME.fullmatch(text)
    if match is None or len(text) > _LONGEST_NAME or text.endswith(".gguf"):
        return None
    return HubName(repository=match[1], revision=match[2])
