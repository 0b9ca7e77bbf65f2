"""The learning benchmark compares like with like; what it finds is for its own pages to say."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.learning import __main__ as learning
from benchmarks.learning import facts
from benchmarks.learning.facts import ARMS, Person, askings, people

PERSON = Person(
    name="Ada Falk", facts={"city": "Riga", "job": "poet", "animal": "owl", "year": "1890"}
)


def _row(question: str, answer: str) -> dict[str, object]:
    return {
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


def test_only_questions_with_one_new_fact_about_somebody_are_asked() -> None:
    rows = [
        _row("Where was Ada Falk born?", "Ada Falk was born in Riga."),
        _row("Tell me about Ada Falk.", "Ada Falk was born in Riga and died in 1890."),
        _row("Was Ada Falk born in Riga?", "Yes, Ada Falk was born in Riga."),
        _row("Where was she born?", "Ada Falk was born in Riga."),
        _row("Did Ada Falk marry?", "I have no word on that."),
    ]
    assert [(one.question, one.fact) for one in askings([PERSON], rows)] == [
        ("Where was Ada Falk born?", "Riga")
    ]


def test_people_have_names_and_facts_of_their_own() -> None:
    known = people(50)
    assert len({person.name for person in known}) == 50
    assert all(fact in person.snippet for person in known for fact in person.facts.values())


def test_both_students_sit_the_same_exam(tmp_path: Path) -> None:
    snippets, dialogues = facts.measure(0, tmp_path, tokens=2000, number=12)
    assert (snippets.arm, dialogues.arm) == ARMS
    assert snippets.asked == dialogues.asked > 0
    fewest, most = sorted((snippets.steps, dialogues.steps))
    assert most <= 2 * fewest  # a step costs both the same, up to how well rows fill a sequence
    assert f"{snippets.asked:>5}" in facts.table([snippets, dialogues])


@pytest.mark.parametrize("name", learning.PARTS)
def test_a_part_reads_what_earlier_runs_of_it_have_kept(name: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({name: []}))
    part = import_module(f"benchmarks.learning.{name}")
    assert learning.earlier_results(part, name, [kept]) == []


def test_a_part_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        learning.main(["--only", "fact"])
    assert "no such part: fact; there are facts" in capsys.readouterr().err
