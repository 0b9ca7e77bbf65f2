"""Snippets from Python: texts, dicts, Snippets, and tables of pandas, polars or datasets.

A table is known by what it can do, so none of these libraries is imported here. Each value goes the
way of a line of JSONL, with the same errors; what JSON lacks (NumPy's numbers, dates, tuples)
becomes what JSON has.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

from colloquia.core.errors import SnippetError
from colloquia.core.types import Snippet
from colloquia.snippets.formats.items import BadLine, SourceItem, kind_of, plain_fields
from colloquia.snippets.reader import usable
from colloquia.snippets.report import SnippetReport

#: Of texts, of dicts with a `text`, or of Snippets; or a table whose rows are such dicts.
SnippetValues: TypeAlias = Iterable[Any]

_HOW_TO_GIVE = 'give a list of texts, or of {"text": "…"}'


def read_values(
    given: SnippetValues, *, limit: int | None = None, report: SnippetReport
) -> Iterator[Snippet]:
    """Return the snippets among values, in order, as they are read; see `read_snippets`.

    Args:
        given: texts, dicts with a `text` as in JSONL, Snippets, or a table of them; any iterable,
            which is read once and never held as a whole.
        limit: stop after this many; None for all.
        report: counts what is read and bad while it happens; a bad one is `snippets[3]`.

    Raises:
        SnippetError: it is no such thing (at once); there is no usable snippet (while reading).
    """
    items = (_item(f"snippets[{number}]", row) for number, row in enumerate(_rows(given)))
    return islice(usable(items, report, source="snippets", how_to_write=_HOW_TO_GIVE), limit)


def _rows(given: Any) -> Iterator[Any]:
    if isinstance(given, str | bytes | Snippet):
        raise SnippetError(f"snippets is one {type(given).__name__}; put it into a list")
    if isinstance(given, Mapping):
        first = next(iter(given), "train")
        one = "[…] around it" if "text" in given else f"one of its values, […][{first!r}]"
        raise SnippetError(f"snippets is a {type(given).__name__}, not a list; give {one}")
    if hasattr(given, "iter_rows"):  # polars
        return iter(given.iter_rows(named=True))
    if hasattr(given, "itertuples"):  # pandas
        columns = list(given.columns)
        rows = given.itertuples(index=False, name=None)
        return (dict(zip(columns, row, strict=True)) for row in rows)
    if not isinstance(given, Iterable):  # a LazyFrame of polars among others
        raise SnippetError(f"snippets is no list but {type(given).__name__}; {_HOW_TO_GIVE}")
    return iter(given)


def _item(where: str, row: Any) -> SourceItem:
    try:
        return SourceItem(where=where, fields=_fields(row))
    except BadLine as error:
        return SourceItem(where=where, reason=str(error))
    except RecursionError:
        return SourceItem(where=where, reason="nested too deeply")


def _fields(row: Any) -> dict[str, Any]:
    match row:
        case str():
            return plain_fields({"text": row})
        case Snippet():
            own = row.model_dump(exclude={"id", "external_id"})
            return {"id": row.external_id, **own}
        case Mapping():
            fields = {str(key): _plain(str(key), value) for key, value in row.items()}
        case _:
            raise BadLine(f"{_kind(row)}, neither a text nor a dict; {_HOW_TO_GIVE}")
    if "text" not in fields:
        among = f" among {', '.join(fields)}" if fields else ""
        raise BadLine(f"no 'text'{among[:200]}")
    return plain_fields(
        {key: value for key, value in fields.items() if value is not None or key == "text"}
    )


def _plain(key: str, value: Any) -> Any:
    """Return a value as JSON has it; an empty cell of a table is None."""
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            if math.isinf(value):
                raise BadLine(f"{key!r}: {value} is not JSON")
            return None if math.isnan(value) else float(value)
        case Mapping():
            return {str(name): _plain(key, inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(key, inner) for inner in value]
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas: no value, no time
        return None
    if hasattr(value, "tolist"):  # a number or an array of NumPy's
        return _plain(key, value.tolist())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise BadLine(f"{key!r} is {_kind(value)}, which JSON can't hold")


def _kind(value: Any) -> str:
    if isinstance(value, list | dict | bool | int | float | None):
        return kind_of(value)
    return f"a {type(value).__name__}"
