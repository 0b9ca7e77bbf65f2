"""Ways of making dialogues, compared: what is asked, what graders see, and what is counted."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

import colloquia
from benchmarks.readers.one_call import askings, exchanges_in, write_all
from benchmarks.readers.sheet import RUBRIC, key_of, mixed, sheet_of
from benchmarks.readers.sources import Conversation, Source
from benchmarks.readers.table import Column, column_of, grades_in, kappa, lines_of, over_all
from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.core.recipe import DialogueShape, ModelSettings, Recipe, Snippets
from colloquia.runs.prepare import prepare

MILL = {"id": "mill", "title": "Corran mill", "text": "The mill at Corran was built in 1781."}
LAKE = {"id": "lake", "text": "Lake Ull is 40 metres deep and freezes over in January."}
SAID = [{"question": "How old is it?", "answer": "It was built in 1781."}] * 2


def recipe(folder: Path, *, url: str = "http://127.0.0.1:1", seed: int = 11) -> Recipe:
    file = folder / "snippets.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in (MILL, LAKE)))
    return Recipe(
        snippets=Snippets(path=str(file)),
        seed=seed,
        models={"m": ModelSettings(model="hosted_vllm/x", api_base=f"{url}/v1")},
        dialogue=DialogueShape(exchanges=(2, 2)),
    ).override(model="m")


def test_one_call_has_the_persona_and_length_that_a_run_draws(tmp_path: Path) -> None:
    for seed in range(4):
        setup = prepare(recipe(tmp_path, seed=seed).override(model="offline"))
        for asking in askings(setup):
            assert asking.persona.name == setup.persona_for(asking.snippet).name
            assert f"conversation of {asking.exchanges} exchanges" in asking.message.content
            assert asking.persona.background.rstrip(".") in asking.message.content
            assert asking.snippet.text in asking.message.content


async def test_a_dialogue_is_one_plain_call_over_http(tmp_path: Path) -> None:
    def answer(request: Received) -> Answer:
        return Answer(body=completion(request, f"```json\n{json.dumps(SAID)}\n```"))

    async with Endpoint(answer) as endpoint:
        rows = await write_all(recipe(tmp_path, url=endpoint.url))
    assert [row["id"] for row in rows] == ["mill", "lake"]
    assert all(row["exchanges"] == SAID for row in rows)
    sent = [request.json() for request in endpoint.requests]
    assert [len(body["messages"]) for body in sent] == [1, 1]
    assert not any("response_format" in body for body in sent)


def test_a_list_is_read_out_of_whatever_stands_around_it() -> None:
    said = json.dumps(SAID)
    assert exchanges_in(f"Here it is:\n{said}\nEnjoy!") == SAID
    assert exchanges_in(f'{{"conversation": {said}}}') == SAID
    assert exchanges_in(said[:-2] + ",]") == SAID
    assert exchanges_in("I can't do that.") == []
    assert exchanges_in('["just", "words"]') == []


def conversations(source: str, number: int) -> list[Conversation]:
    return [
        Conversation(
            source=source,
            id=f"{source} {n}",
            title="Corran mill",
            passage=MILL["text"],
            exchanges=((f"Question {n}?", f"Answer {n} of {source}."), ("And?", "No more.")),
        )
        for n in range(number)
    ]


PILE = [*conversations("turns", 3), *conversations("whole", 3)]


def test_a_sheet_shows_every_conversation_once_and_not_where_it_comes_from() -> None:
    anonymous = [
        Conversation(
            source=one.source,
            id=one.id,
            title=one.title,
            passage=one.passage,
            exchanges=tuple((asked, said.split(" of ")[0]) for asked, said in one.exchanges),
        )
        for one in PILE
    ]
    sheet = sheet_of(mixed(anonymous, seed=1))
    assert sheet.startswith(RUBRIC.read_text(encoding="utf-8"))
    shown = sheet.removeprefix(RUBRIC.read_text(encoding="utf-8"))
    assert [f"## d{number:02}" in shown for number in range(1, 8)] == [True] * 6 + [False]
    assert shown.count("- User: Question 2?") == 2
    assert not any(word in shown for word in ("turns", "whole"))


def test_the_order_of_a_sheet_is_the_seeds() -> None:
    assert mixed(PILE, seed=1) == mixed(PILE, seed=1) != mixed(PILE, seed=2)


def test_the_key_says_what_each_name_stands_for_and_needs_no_store(tmp_path: Path) -> None:
    pile, sources = mixed(PILE, seed=1), made(tmp_path)
    key = key_of(pile, sources)
    assert {name: took["calls"] > 0 for name, took in key["sources"].items()} == {
        "turns": True,
        "one": True,
    }
    for name, one in pile.items():
        told = {"source": one.source, "id": one.id, "exchanges": one.exchanges}
        assert key["dialogues"][name] == told


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("S", "S")] * 20 + [("S", "O")] * 5 + [("O", "S")] * 10 + [("O", "O")] * 15, 0.4),
        ([("S", "S"), ("W", "W")], 1.0),
        ([("S", "S")] * 3, 1.0),
        ([("S", "O"), ("O", "S")], -1.0),
    ],
)
def test_kappa_is_cohens(pairs: list[tuple[str, str]], expected: float) -> None:
    assert kappa(pairs) == pytest.approx(expected)
    assert math.isnan(kappa([]))


def graded(folder: Path, *rows: tuple[str, int, str]) -> Path:
    file = folder / f"grades{len(list(folder.iterdir()))}.jsonl"
    lines = ({"id": name, "exchange": at, "letter": letter} for name, at, letter in rows)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


@pytest.mark.parametrize(
    "row", [("d99", 1, "S"), ("d01", 3, "S"), ("d01", 0, "S"), ("d01", 1, "X")]
)
def test_a_grade_without_a_place_on_the_sheet_is_refused(
    tmp_path: Path, row: tuple[str, int, str]
) -> None:
    key = key_of(mixed(PILE, seed=1), [])
    with pytest.raises(SystemExit, match="no grade of an exchange"):
        grades_in(graded(tmp_path, row), key)
    with pytest.raises(SystemExit, match="exchange 1 of d01 is graded twice"):
        grades_in(graded(tmp_path, ("d01", 1, "S"), ("d01", 1, "O")), key)


def made(folder: Path) -> list[Source]:
    """A run by the offline teacher, and one call each for the same passages."""
    offline = recipe(folder).override(model="offline")
    colloquia.run(offline, store=str(folder / "run.db"))
    call: dict[str, Any] = {"role": "one-call", "model": "m", "messages": [["user", "Write it."]]}
    rows = [
        {
            "id": row["id"],
            "title": None,
            "text": row["text"],
            "exchanges": exchanges,
            "calls": [{**call, "tokens_in": 100}],
        }
        for row, exchanges in ((MILL, SAID), (LAKE, []))
    ]
    (folder / "one.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [Source.of(f"turns={folder / 'run.db'}"), Source.of(f"one={folder / 'one.jsonl'}")]


def test_the_table_has_what_graders_say_beside_what_it_took(tmp_path: Path) -> None:
    sources = made(tmp_path)
    pile = mixed((one for source in sources for one in source.conversations()), seed=0)
    key = key_of(pile, sources)
    (mill,) = [name for name, one in pile.items() if one.source == "one"]
    graders = {
        "A": grades_in(graded(tmp_path, (mill, 1, "S"), (mill, 2, "S")), key),
        "B": grades_in(graded(tmp_path, (mill, 1, "S"), (mill, 2, "O")), key),
    }
    slips = [{"text": "was built  in 1781"}, {"text": "was built in 1871"}]
    turns, one = (column_of(source.name, key, graders, slips=slips) for source in sources)
    assert one.figures == {
        "dialogues accepted": "1 of 2",
        "exchanges": "2",
        "sensible, A": "2 (1.00 of 2)",
        "odd, A": "0",
        "wrong, A": "0",
        "sensible, B": "1 (0.50 of 2)",
        "odd, B": "1",
        "wrong, B": "0",
        "sensible, agreed": "1 (0.50 of 2)",
        "odd, agreed": "0",
        "wrong, agreed": "0",
        "kappa": "0.00",
        "calls": "2",
        "calls per exchange": "1.00",
        "prompt tokens per exchange": "100",
        "prefix share": "0.00",
        "preference pairs": "0",
        "revisions": "0",
        "flaws left": "1 of 2",
    }
    assert over_all(*graders.values()) == "kappa over all 2 exchanges: 0.00"
    counts = colloquia.find_run(str(tmp_path / "run.db")).counts()
    assert turns.figures["dialogues accepted"] == f"{counts.accepted} of 2"
    assert turns.figures["calls"] == str(counts.calls)
    assert turns.figures["sensible, A"] == "0"  # nobody has graded it
    assert float(turns.figures["prefix share"]) > 0.2


def test_ways_stand_side_by_side() -> None:
    assert lines_of([Column(name="a", figures={"calls": "2"}), Column(name="b")]) == [
        "|       | a | b |",
        "| ----- | - | - |",
        "| calls | 2 | - |",
    ]
