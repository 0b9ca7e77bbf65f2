"""Planted faults: each changes what one slip would and nothing else, and is the seed's alone."""

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

import colloquia
from benchmarks.planted.__main__ import ALL, planted_in, shares, table
from benchmarks.planted.panel import Panel
from benchmarks.planted.planting import (
    PLANTERS,
    UNTOUCHED,
    Planted,
    Settled,
    plant,
    settled_exchanges,
)
from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.core.recipe import Recipe, Snippets, load_recipe
from colloquia.core.roles import Line, Passage, ReviewInput
from colloquia.language.asking.declining import declines
from colloquia.language.facts.quotes import locate
from colloquia.language.facts.support import unsupported_facts

#: What each kind of fault may change.
CHANGES: dict[str, set[str]] = {
    "wrong figure": {"answer"},
    "swapped figure": {"answer"},
    "swapped name": {"answer"},
    "lost condition": {"answer"},
    "other answer": {"answer", "quotes"},
    "needless refusal": {"answer", "quotes", "declined"},
    "invented answer": {"answer", "quotes", "declined"},
    "bent quote": {"quotes"},
    "broken question": {"question"},
    "cloze question": {"question"},
}
STARTER = Path(colloquia.__file__).parent / "starter" / "snippets.jsonl"
TEXT = (
    "The mill at Corran was built in 1781 by Ada Falk. Its wheel drove 4 stones and, from 1840, a "
    "saw by Bram Holt. The mill worked mainly in winter. It may be entered only if the river is "
    "low."
)


def case(question: str, answer: str, *quotes: str, declined: bool = False) -> ReviewInput:
    return ReviewInput(
        snippet=Passage(title="Corran mill", text=TEXT),
        question=question,
        transcript=(
            Line(speaker="questioner", text="What is it?"),
            Line(speaker="answerer", text="A mill."),
        ),
        answer=answer,
        quotes=quotes,
        declined=declined,
    )


BUILT = case(
    "When was it built?", "It was built in 1781 by Ada Falk.", "was built in 1781 by Ada Falk"
)
ENTERED = case(
    "May I go in?",
    "Yes, it may be entered only if the river is low.",
    "It may be entered only if the river is low.",
)
UNKNOWN = case("Who owns it?", "I don't know who owns it.", declined=True)


def planted(fault: str, one: ReviewInput, *others: ReviewInput, seed: int = 0) -> ReviewInput:
    found = PLANTERS[fault](one, others, random.Random(seed))
    assert found is not None
    return found


def test_a_wrong_figure_has_the_form_of_the_right_one_and_comes_from_nowhere() -> None:
    for seed in range(20):
        answer = planted("wrong figure", BUILT, seed=seed).answer
        (stranger,) = unsupported_facts(answer, sources=(TEXT, BUILT.question))
        assert stranger.kind == "year"
        assert answer == f"It was built in {stranger.text} by Ada Falk."


def test_a_swapped_figure_or_name_is_another_one_of_the_passage() -> None:
    assert planted("swapped figure", BUILT).answer == "It was built in 1840 by Ada Falk."
    assert planted("swapped name", BUILT).answer == "It was built in 1781 by Bram Holt."


def test_what_the_question_said_itself_is_not_swapped() -> None:
    asked = case("Was it built in 1781?", "Yes, it was built in 1781.")
    assert PLANTERS["swapped figure"](asked, (), random.Random(0)) is None
    assert PLANTERS["wrong figure"](asked, (), random.Random(0)) is None


@pytest.mark.parametrize(
    ("answer", "without"),
    [
        ("It may be entered only if the river is low.", "It may be entered."),
        ("If the river is low, the mill may be entered.", "The mill may be entered."),
        ("Yes: if the river is low, it may be entered.", "Yes: it may be entered."),
        ("It is small, and until it rains, it stands.", "It is small, and it stands."),
        ("The mill worked mainly in winter.", "The mill worked in winter."),
        ("It worked every day, except in summer.", "It worked every day."),
        ("The wheel drove up to 4 stones.", "The wheel drove 4 stones."),
        ("Mostly, the wheel drove the stones.", "The wheel drove the stones."),
    ],
)
def test_a_lost_condition_leaves_a_sentence_that_says_more(answer: str, without: str) -> None:
    assert planted("lost condition", case("What of it?", answer)).answer == without


@pytest.mark.parametrize(
    "answer",
    [
        "The miller asked if the river was low.",
        "The mill worked even if the river was low.",
        "The water came right up to the door.",
        "Only if it rains.",
        "It was built in 1781.",
    ],
)
def test_what_is_no_condition_or_all_of_the_answer_is_not_lost(answer: str) -> None:
    assert PLANTERS["lost condition"](case("What of it?", answer), (), random.Random(0)) is None


def test_another_answer_comes_with_its_own_quotes_and_never_rests_on_the_same_words() -> None:
    found = planted("other answer", BUILT, ENTERED)
    assert (found.answer, found.quotes) == (ENTERED.answer, ENTERED.quotes)
    assert PLANTERS["other answer"](BUILT, (BUILT, UNKNOWN), random.Random(0)) is None


def test_a_needless_refusal_declines_and_may_offer_what_was_not_asked_for() -> None:
    bare, kind = planted("needless refusal", BUILT), planted("needless refusal", BUILT, ENTERED)
    assert bare.declined and declines(bare.answer) and not bare.quotes
    assert kind.declined and declines(kind.answer) and kind.quotes == ENTERED.quotes
    assert "1781" not in kind.answer


def test_what_was_declined_is_answered_with_a_quote_from_nearby() -> None:
    found = planted("invented answer", UNKNOWN)
    assert found.answer in ("It was Ada Falk.", "It was Bram Holt.", "It was Corran.")
    assert not found.declined
    assert all(locate(quote, TEXT) for quote in found.quotes) and found.quotes


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was it sold?", "That was in "),
        ("Any idea when it was sold?", "That was in "),
        ("Fine. In what year was it sold?", "That was in "),
        ("And how many visitors come?", "There were about "),
        ("Why was it sold?", "The reason is this: "),
        ("Where is it?", "That is in "),
        ("How did the wheel get its name?", "It was named after "),
        ("Was it sold?", "Yes, that is "),
    ],
)
def test_an_invented_answer_is_of_the_kind_that_was_asked_for(question: str, answer: str) -> None:
    unknown = case(question, "I don't know.", declined=True)
    assert planted("invented answer", unknown).answer.startswith(answer)


@pytest.mark.parametrize(
    "question",
    [
        "Which was the first saw when it opened?",
        "So when the miller saw the bill, what was it for?",
        "Can you tell me what it cost?",
    ],
)
def test_nothing_is_invented_where_a_rule_knows_no_answer(question: str) -> None:
    unknown = case(question, "I don't know.", declined=True)
    assert PLANTERS["invented answer"](unknown, (), random.Random(0)) is None


def test_a_bent_quote_is_one_word_away_from_the_passage() -> None:
    (bent,) = planted("bent quote", BUILT).quotes
    (quote,) = BUILT.quotes
    changed = [pair for pair in zip(bent.split(), quote.split(), strict=True) if len(set(pair)) > 1]
    assert len(changed) == 1
    assert locate(bent, TEXT) is None


def test_a_question_is_broken_in_four_ways() -> None:
    asked = case("Nice. When was the mill built by the river? Be brief.", "In 1781.")
    broken = {
        planted("broken question", asked, seed=seed).question.removesuffix(" Be brief.")
        for seed in range(60)
    }
    assert "Nice. When the mill built by the river?" in broken  # an auxiliary dropped
    assert "Nice. When were the mill built by the river?" in broken  # of another number
    assert "Nice. When was the the mill built by the river?" in broken  # a word twice
    assert {"Nice. When was the mill built by?", "Nice. When was the mill built by"} <= broken


def run_of(tmp_path: Path) -> list[Settled]:
    recipe = Recipe(snippets=Snippets(path=str(STARTER)))
    return settled_exchanges(colloquia.run(recipe, store=str(tmp_path / "run.db")).dialogues())


def test_a_cloze_question_only_asks_if_a_sentence_of_the_passage_is_so() -> None:
    asked = {planted("cloze question", BUILT, seed=seed).question for seed in range(40)}
    assert "Is it true that the mill at Corran was built in 1781 by Ada Falk?" in asked
    assert "Was the mill at Corran built in 1781 by Ada Falk?" in asked
    assert all("1781" in question or "1840" in question for question in asked)


def test_every_fault_is_found_in_a_run_and_changes_what_it_may_alone(tmp_path: Path) -> None:
    settled = run_of(tmp_path)
    for fault, may in CHANGES.items():
        found = plant(settled, fault, number=5, seed=1)
        assert found, fault
        for one in found:
            was, now = one.settled.case.model_dump(), one.case.model_dump()
            changed = {name for name, value in was.items() if value != now[name]}
            assert changed and changed <= may, fault
    assert {*CHANGES} == {*PLANTERS}
    _seed_alone_decides(settled)


def _seed_alone_decides(settled: Sequence[Settled]) -> None:
    def drawn(seed: int, *, limit: int = 3) -> list[Planted]:
        return planted_in(settled, limit=limit, untouched=None, seed=seed)

    assert drawn(1) == drawn(1) != drawn(2)
    few, more = drawn(1, limit=2), drawn(1, limit=3)
    for fault in PLANTERS:
        shorter, longer = ([p for p in some if p.fault == fault] for some in (few, more))
        assert longer[: len(shorter)] == shorter  # a higher limit adds more
    rest = [one for one in few if one.fault == UNTOUCHED]
    assert len(rest) == len(few) - len(rest)
    assert all(one.case == one.settled.case for one in rest)


FINE = {"grounded": 1, "helpful": 1, "clear": 1, "rationale": "Fine."}


def recipe_at(folder: Path, url: str) -> Recipe:
    file = folder / "recipe.yaml"
    file.write_text(
        "snippets: unused.jsonl\n"
        f"models: {{m: {{model: openai/x, api_base: {url}/v1, price: {{input: 0, output: 0}}}}}}\n"
    )
    return load_recipe(file).override(model="m")


async def test_a_template_is_asked_over_http_beside_the_free_checks(tmp_path: Path) -> None:
    """Here by a critic that sees nothing: all that is caught is the free check's."""
    settled = [Settled(dialogue="d", case=one, kind="what", others=()) for one in (BUILT, ENTERED)]

    def answer(request: Received) -> Answer:
        useless = "Who owns" in request.body.decode()
        return Answer(body=completion(request, "Hm." if useless else json.dumps(FINE)))

    async with Endpoint(answer) as endpoint:
        panel = Panel.of(recipe_at(tmp_path, endpoint.url), ["critic"])
        unread = Settled(dialogue="d", case=UNKNOWN, kind="who", others=())
        judged = await panel.judge(
            [
                *plant(settled, "bent quote", number=1, seed=0),
                *plant(settled, "swapped name", number=1, seed=0),
                Planted(fault=UNTOUCHED, case=ENTERED, settled=settled[1]),
                Planted(fault=UNTOUCHED, case=UNKNOWN, settled=unread),
            ]
        )
    rows = {(row.fault, row.reviewer): row for row in shares(judged, free=panel.free)}
    assert rows["bent quote", "evidence"].share == rows["bent quote", ALL].share == 1
    assert rows["bent quote", "critic"].share == rows["swapped name", "evidence"].share == 0
    assert rows[UNTOUCHED, "critic"].n == 1  # the other reply was no review, three times
    assert rows[UNTOUCHED, ALL].n == 2
    assert len(panel.calls.made) == len(endpoint.requests) == 3 + 3
    told = [line.split() for line in table([*rows.values()])]
    (bent,) = [line for line in told if line[:3] == ["bent", "quote", "1"]]
    assert bent[-3:] == ["0.00", "1.00", "1.00"]  # the critic, the free checks, all together
    assert ["critic:", "no", "usable", "reply", "to", "1", "of", "these"] in told


async def test_a_joint_review_of_the_whole_dialogue_is_read_where_the_fault_is(
    tmp_path: Path,
) -> None:
    opening = case("What is it?", "A mill.", "The mill").model_copy(update={"transcript": ()})
    good = {**FINE, "snippet_answers": True, "label": "answered"}
    reviews = {"reviews": [good, {**good, "grounded": 0}]}

    def answer(request: Received) -> Answer:
        return Answer(body=completion(request, json.dumps(reviews)))

    async with Endpoint(answer) as endpoint:
        panel = Panel.of(recipe_at(tmp_path, endpoint.url), reviewers="together")
        first = Settled(dialogue="d", case=opening, kind="overview", others=(BUILT,))
        second = Settled(dialogue="d", case=BUILT, kind="when", others=(opening,))
        judged = await panel.judge(
            [Planted(fault=UNTOUCHED, case=one.case, settled=one) for one in (first, second)]
        )
    assert [one.against for one in judged] == [frozenset(), {"critic"}]
    assert {"critic", "refusal_checker"} <= judged[0].verdicts.keys()
    for request in endpoint.requests:
        sent = request.body.decode()
        assert sent.index("A mill.") < sent.index("It was built in 1781 by Ada Falk.")


def test_a_reviewer_that_has_nothing_to_say_on_a_question_is_not_asked(tmp_path: Path) -> None:
    panel = Panel.of(Recipe(snippets=Snippets(path="")))
    opening = case("What is it?", "A mill.", "The mill").model_copy(update={"transcript": ()})
    one = Settled(dialogue="d", case=opening, kind="overview", others=())
    (judged,) = asyncio.run(panel.judge([Planted(fault=UNTOUCHED, case=opening, settled=one)]))
    assert "refusal_checker" not in judged.verdicts
    assert {"evidence", "critic"} <= judged.verdicts.keys()
    rows = {row.reviewer: row for row in shares([judged], free=panel.free)}
    assert rows[ALL].n == 1 and "refusal_checker" not in rows
