"""Facts of a day are told by a few patterns, which miss much and seldom err."""

import json

import pytest
from checkout import ROOT

from colloquia.snippets.ephemeral import ephemeral_sign

ROWS = [
    json.loads(line)
    for line in (ROOT / "benchmarks/learning/ephemeral.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("The road is currently closed.", "now"),
        ("Rovers beat their neighbours 2-1.", "result"),
        ("Shares fell 3% after the report.", "price"),
        ("Showers are likely, and snow is expected in the hills.", "forecast"),
        ("The market is held on Friday mornings.", None),
        ("The final of 1966 was won 4-2 after extra time.", None),
        ("Today the castle houses a museum.", None),
    ],
)
def test_a_sign_of_the_day_is_told(text: str, sign: str | None) -> None:
    assert ephemeral_sign(text) == sign


def test_of_the_labelled_set_half_is_caught_and_little_else() -> None:
    caught = [row["ephemeral"] for row in ROWS if ephemeral_sign(row["text"])]
    assert sum(caught) >= 16
    assert len(caught) - sum(caught) <= 1
