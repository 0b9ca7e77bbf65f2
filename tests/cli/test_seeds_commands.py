"""`colloquia seeds`: what can be wrong is one line and exit 2; what is left out is counted."""

import json
from pathlib import Path

import pytest
from command import Command

TEST = "Which metal is alloyed with copper to make bronze, and at what heat does the alloy melt?"
ROWS = [
    {
        "id": "clean",
        "text": "Sound travels faster in water than in air, and faster still in steel.",
    },
    {"id": "copied", "text": f"Quiz night. {TEST} Nobody knew."},
    {"id": "today", "text": "The road between the villages is currently closed by a landslide."},
]


@pytest.fixture
def snippets(workplace: Path) -> Path:
    place = workplace / "s.jsonl"
    place.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (workplace / "test.jsonl").write_text(json.dumps({"question": TEST}) + "\n")
    return place


def _ids(place: Path) -> list[str]:
    return [json.loads(line)["id"] for line in place.read_text().splitlines()]


def test_what_stands_in_a_test_is_left_out_and_told(
    colloquia: Command, snippets: Path, workplace: Path
) -> None:
    done = colloquia(
        *("seeds", "decontaminate", snippets, "--against", "test.jsonl"),
        *("-o", "clean.jsonl", "--left-out", "rest.jsonl"),
    )
    assert done.code == 0
    assert "clean.jsonl: 2 of 3 snippets; left out: 1 contaminated (13-gram)" in done.out
    assert _ids(workplace / "clean.jsonl") == ["clean", "today"]
    assert _ids(workplace / "rest.jsonl") == ["copied"]


def test_facts_of_a_day_go_without_a_classifier(
    colloquia: Command, snippets: Path, workplace: Path
) -> None:
    done = colloquia("seeds", "filter", snippets, "--drop-ephemeral", "-o", "k.jsonl", "--json")
    assert done.document["left_out"] == {"ephemeral": 1}
    assert _ids(workplace / "k.jsonl") == ["clean", "copied"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("filter s.jsonl -o k.jsonl", "nothing to filter by: give --classifier"),
        ("filter s.jsonl -o k.jsonl --keep .5", "--threshold and --keep go with --classifier"),
        ("filter s.jsonl -o k.csv --drop-ephemeral", "name it NAME.jsonl"),
        ("filter s.jsonl -o s.jsonl --drop-ephemeral", "exists already"),
        ("filter none.jsonl -o k.jsonl --drop-ephemeral", "no such file"),
        ("filter s.jsonl -o k.jsonl --classifier none", "make one with: colloquia seeds fit"),
        ("decontaminate s.jsonl -o k.jsonl --against none.txt", "none.txt can't be read"),
        (
            "decontaminate s.jsonl -o k.jsonl --against test.jsonl --partial .6",
            "--contaminated is below --partial",
        ),
        ("decontaminate s.jsonl -o k.jsonl --against s.jsonl", "nothing would be kept"),
        ("fit s.jsonl -o c", "no row has a label"),
        ("label s.jsonl -o l.jsonl", "the offline teacher can't grade snippets"),
        ("label s.jsonl -o l.jsonl --model nobody/x", "nobody"),
        ("label s.jsonl -o l.jsonl --model ollama/x --resume", "nothing to resume"),
    ],
)
def test_what_is_wrong_is_one_line_before_any_work(
    arguments: str, told: str, colloquia: Command, snippets: Path, workplace: Path
) -> None:
    before = sorted(workplace.iterdir())
    done = colloquia("seeds", *arguments.split())
    assert done.code == 2
    assert told in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert sorted(workplace.iterdir()) == before
