"""Questions that come at once are parsed as one batch, and nobody is left waiting."""

import asyncio
from typing import cast

import pytest

from colloquia.agents.base import CallSite
from colloquia.agents.parsed_together import ParsedTogether
from colloquia.agents.question_check import QuestionCheck
from colloquia.core.roles import Passage, QuestionReviewInput
from colloquia.language.asking.grammar_faults import parsed_for_faults
from colloquia.models.ledger.ledger import Ledger


class Reader:
    """Notes what it is to parse; it parses nothing."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, texts: list[str]) -> None:
        self.batches.append(texts)
        if "unreadable" in texts:
            raise ValueError("unreadable")


async def test_what_comes_at_once_is_one_batch_and_what_comes_later_another() -> None:
    reader = Reader()
    together = ParsedTogether(read=reader)
    async with asyncio.TaskGroup() as group:
        for text in ("a", "b", "c"):
            group.create_task(together.parse([text]))
    await together.parse(["d", "e"])
    assert reader.batches == [["a", "b", "c"], ["d", "e"]]


async def test_nothing_to_parse_is_nothing_to_wait_for() -> None:
    reader = Reader()
    await ParsedTogether(read=reader).parse([])
    assert reader.batches == []


async def test_neither_an_error_nor_a_cancelled_neighbour_holds_others_back() -> None:
    reader = Reader()
    together = ParsedTogether(read=reader)
    given_up = asyncio.create_task(together.parse(["unreadable"]))
    others = asyncio.create_task(together.parse(["a"]))
    await asyncio.sleep(0)
    given_up.cancel()
    async with asyncio.timeout(10):
        await others
    assert given_up.cancelled() or not given_up.done()
    assert reader.batches == [["unreadable", "a"]]


def test_a_loop_that_ended_early_holds_up_no_other() -> None:
    reader = Reader()
    together = ParsedTogether(read=reader, _crowded=True)

    async def give_up() -> None:
        waiting = asyncio.create_task(together.parse(["a"]))
        await asyncio.sleep(0)
        waiting.cancel()

    ended = asyncio.new_event_loop()
    ended.run_until_complete(give_up())
    ended.close()
    asyncio.run(asyncio.wait_for(together.parse(["b"]), 10))
    assert reader.batches[-1] == ["b"]


@pytest.mark.parametrize(
    ("question", "parsed"),
    [
        ("What do gluten give?", ["What do gluten give?"]),
        ("Thanks! What are the", ["What are the", "What are the"]),
        ("Any idea what it gives?", ["what it gives?"]),
    ],
)
def test_what_a_check_parses_is_told_before(question: str, parsed: list[str]) -> None:
    assert parsed_for_faults(question) == parsed


async def test_the_question_check_has_its_questions_parsed_together() -> None:
    reader, check = Reader(), QuestionCheck()
    check._parsed = ParsedTogether(read=reader)
    site = CallSite(ledger=cast(Ledger, None), place="1", seed=0)  # it asks nobody
    questions = ("What do gluten give?", "Which points is disputed?")
    cases = [QuestionReviewInput(snippet=Passage(text="Rye."), question=q) for q in questions]
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(check.ask(case, site=site)) for case in cases]
    assert reader.batches == [list(questions)]
    assert [task.result().reply for task in asked] == [check.judge(case) for case in cases]
