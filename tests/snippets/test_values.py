"""Snippets from Python are read as lines of JSONL are, whatever they come in."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from colloquia.core.errors import SnippetError
from colloquia.core.types import Snippet
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport
from colloquia.snippets.values import read_values

LAMP = "The lamp of the Harrow lighthouse was lit in 1851."
REEF = "The reef off Harrow is covered by the sea at high tide."


def read(given: Any, limit: int | None = None) -> tuple[list[Snippet], SnippetReport]:
    report = SnippetReport()
    return list(read_values(given, limit=limit, report=report)), report


def test_texts_dicts_and_snippets_are_the_same_snippets() -> None:
    expected, _ = read([LAMP, REEF])
    dicts, _ = read({"text": text} for text in (LAMP, REEF))
    snippets, report = read(tuple(expected))
    assert expected == dicts == snippets == [Snippet.of(LAMP), Snippet.of(REEF)]
    assert (report.read, report.bad, report.complete) == (2, 0, True)


def test_a_dict_is_read_as_the_same_line_of_jsonl(tmp_path: Path) -> None:
    row = {"id": 7, "text": f" {LAMP}\x00", "title": "Lamp", "year": 1851, "metadata": {"a": [1.5]}}
    file = tmp_path / "s.jsonl"
    file.write_text(json.dumps(row))
    assert read([row])[0] == list(read_snippets(file, report=SnippetReport()))


def test_an_id_with_two_texts_is_told_with_both_places() -> None:
    _, report = read([LAMP, {"id": "x", "text": LAMP}, {"id": "x", "text": REEF}])
    assert report.clashes() == ("snippets[2]: the id of snippets[1], with another text",)


def test_typesetting_is_read_in_texts_and_dicts_but_a_snippet_is_as_it_is() -> None:
    marked = "The lamp of Harrow burns 10<sup>6</sup> litres &amp; more."
    read_text = "The lamp of Harrow burns 10^6 litres & more."
    own = Snippet.of(marked)
    assert [found.text for found in read([marked, {"text": marked}])[0]] == [read_text] * 2
    assert read([own])[0] == [own]


def test_a_snippet_keeps_all_that_it_says() -> None:
    own = Snippet.of(LAMP, title="Lamp", external_id="l-1", metadata={"page": 3})
    assert read([own])[0] == [own]


def test_snippets_are_read_as_they_are_wanted() -> None:
    taken = []

    def endless() -> Iterator[str]:
        for number in range(10**9):
            taken.append(number)
            yield f"{LAMP} It is fact number {number}."

    found, report = read(endless(), limit=3)
    assert (len(found), report.complete, len(taken)) == (3, False, 3)


def test_a_pandas_frame_is_its_rows() -> None:
    pandas = pytest.importorskip("pandas")
    rows = {
        "text": [LAMP, REEF, None],
        "title": ["Lamp", None, "x"],
        "year": [1851, 0, 0],
        "seen": [pandas.Timestamp("2020-01-02"), pandas.NaT, pandas.NaT],
        "share": [0.5, float("nan"), 0.0],
    }
    frame = pandas.DataFrame(rows)
    (lamp, reef), report = read(frame)
    assert (lamp.title, reef.title) == ("Lamp", None)
    assert lamp.metadata == {"year": 1851, "seen": "2020-01-02T00:00:00", "share": 0.5}
    assert reef.metadata == {"year": 0}
    assert report.problems == ["snippets[2]: 'text' is null, not text"]
    assert read(frame["text"][:2])[0] == [Snippet.of(LAMP), Snippet.of(REEF)]


def test_a_dataset_is_its_rows() -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_list([{"text": LAMP, "topic": "sea", "tags": ["a"]}])
    ((lamp,), _) = read(data)
    assert (lamp.text, lamp.topic, lamp.metadata) == (LAMP, "sea", {"tags": ["a"]})
    splits = datasets.DatasetDict({"train": data, "test": data})
    with pytest.raises(SnippetError, match=r"a DatasetDict, not a list; .*\[…\]\['train'\]"):
        read(splits)


class PolarsLike:
    """As much of a polars frame as is looked at: iterating it gives columns."""

    def iter_rows(self, *, named: bool) -> Iterator[dict[str, Any]]:
        assert named
        yield {"text": LAMP, "built": date(1851, 5, 4), "score": None}

    def __iter__(self) -> Iterator[list[str]]:
        yield [LAMP]


class LazyLike:
    """As a polars LazyFrame: it can be indexed, if only to be refused."""

    def __getitem__(self, key: object) -> None:
        raise TypeError("LazyLike is not subscriptable")


def test_a_polars_frame_is_its_rows() -> None:
    ((lamp,), _) = read(PolarsLike())
    assert (lamp.text, lamp.metadata) == (LAMP, {"built": "1851-05-04"})


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"txet": LAMP}, "no 'text' among txet"),
        ({}, "no 'text'"),
        ("too short", "too short to ask about (9 characters, at least 20)"),
        (5, 'a number, neither a text nor a dict; give a list of texts, or of {"text": "…"}'),
        ({"text": 5}, "'text' is a number, not text"),
        ({"text": LAMP, "title": ["x"]}, "'title' is a list, not text"),
        ({"text": LAMP, "x": {1, 2}}, "'x' is a set, which JSON can't hold"),
        ({"text": LAMP, "x": [float("inf")]}, "'x': inf is not JSON"),
    ],
)
def test_a_bad_one_is_counted_and_told_with_its_place(bad: Any, reason: str) -> None:
    found, report = read([LAMP, bad])
    assert (len(found), report.bad) == (1, 1)
    assert report.problems == [f"snippets[1]: {reason}"]


def test_one_that_holds_itself_is_nested_too_deeply() -> None:
    row: dict[str, Any] = {"text": LAMP}
    row["x"] = row
    assert read([LAMP, row])[1].problems == ["snippets[1]: nested too deeply"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "snippets holds no snippet: give a list of texts"),
        (["short"], r"snippets: none of 1 can be used; the first: snippets\[0\]: too short"),
        (LAMP, "snippets is one str; put it into a list"),
        (Snippet.of(LAMP), "snippets is one Snippet; put it into a list"),
        ({"text": LAMP}, r"snippets is a dict, not a list; give \[…\] around it"),
        (5, "snippets is no list but int; give a list of texts"),
        (LazyLike(), "snippets is no list but LazyLike; give a list of texts"),
    ],
)
def test_what_holds_no_snippets_is_told_with_the_fix(given: Any, told: str) -> None:
    with pytest.raises(SnippetError, match=told):
        read(given)
