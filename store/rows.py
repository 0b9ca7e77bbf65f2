"""Between core values and rows: columns are named like fields."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import BigInteger, ColumnElement, case, cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from colloquia.core.errors import StoreError
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import (
    MOST_TOKENS,
    MOST_USD,
    Dialogue,
    Message,
    ModelCall,
    Persona,
    Plan,
    Review,
    Snippet,
    Turn,
    Value,
)
from colloquia.core.wording import first_misfit
from colloquia.store.tables import (
    CallRow,
    DialogueRow,
    MessageRow,
    PersonaRow,
    PlanRow,
    ReviewRow,
    Row,
    RunRow,
    SnippetRow,
    TurnRow,
)

Columns = dict[str, Any]
AnyValue = TypeVar("AnyValue", bound=Value)

#: The statement that bears rows which are there already, by dialect.
INSERTS: dict[str, Callable[[type[Row]], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
#: Where values of each kind are kept.
TABLES: dict[type[Value], type[Row]] = {
    RunManifest: RunRow,
    Snippet: SnippetRow,
    Persona: PersonaRow,
    Plan: PlanRow,
    Dialogue: DialogueRow,
    Turn: TurnRow,
    Review: ReviewRow,
    ModelCall: CallRow,
    Message: MessageRow,
}


def to_row(value: Value, **columns: Any) -> Columns:
    """Return the row of a value; `columns` are those that it doesn't carry itself (`run_id`, …)."""
    return vars(value) | columns  # nothing but its fields, and a message's id once it was asked for


def from_row(kind: type[AnyValue], row: Mapping[Any, Any]) -> AnyValue:
    """Return the value that a row holds; columns that are no fields are passed over.

    Raises:
        StoreError: the row was changed by hand into something that is no such value.
    """
    with damage_told(f"{kind.__name__.lower()} {row['id']}"):
        columns = {name: row[name] for name in kind.model_fields}
        if any(isinstance(content, bytes) for content in columns.values()):
            raise ValueError("bytes where text belongs")
        return kind.model_validate(columns)


MOST_TOLD = 200  # characters of an id or a value, which may have any length


@contextmanager
def damage_told(what: str) -> Iterator[None]:
    """Tell what rows don't make, since a file was damaged or somebody changed it, in one line.

    Raises:
        StoreError: names `what` and the column.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        problem = _problem(error)[:MOST_TOLD]
        raise StoreError(f"the row of {what[:MOST_TOLD]} is damaged: {problem}") from error


def _problem(error: Exception) -> str:
    match error:
        case ValidationError():
            return first_misfit(error)
        case KeyError():
            return f"{error} isn't in the store"
        case _:
            return str(error)


def tokens_in(column: Any) -> ColumnElement[Any]:
    """Return a call's count of tokens, or NULL, which is unknown, where no call has so many.

    What servers said was once stored unseen, and a sum over it overflows. SQLite keeps fractions
    in a column of whole numbers.
    """
    whole = cast(col(column), BigInteger) == col(column)
    return case((col(column).between(0, MOST_TOKENS) & whole, col(column)))


def usd_in(column: Any) -> ColumnElement[Any]:
    """Return what a call cost, or NULL, which is unknown, where no call costs so much."""
    return case((col(column).between(0, MOST_USD), col(column)))


def call_row(call: ModelCall, *, run_id: str) -> Columns:
    """Return the row of a call, which names its messages by id."""
    return to_row(call, run_id=run_id, messages=[message.id for message in call.messages])


def message_row(message: Message) -> Columns:
    """Return the row of a message."""
    return to_row(message, id=message.id)


def call_from_row(row: Mapping[Any, Any], messages: Mapping[str, Message]) -> ModelCall:
    """Return a call, its messages looked up by id."""
    with damage_told(f"call {row['id']}"):
        sent = tuple(messages[i] for i in row["messages"])
    return from_row(ModelCall, {**row, "messages": sent})
