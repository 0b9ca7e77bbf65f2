import json
import re
from pathlib import Path

from colloquia.core.roles import Passage, PlannerInput, PlannerReply, Profile
from colloquia.core.types import UNANSWERABLE_KINDS
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.planner import plan
from colloquia.offline.reading.study import study

LIGHTHOUSE = (Path(__file__).parent / "lighthouse.txt").read_text("utf-8").strip()
STARTER = Path(__file__).parents[2] / "src/colloquia/starter/snippets.jsonl"
ROWS = [json.loads(line) for line in STARTER.read_text("utf-8").splitlines()]
GLACIERS = (Path(__file__).parent / "glaciers.txt").read_text("utf-8").strip()


def planned(
    text: str, exchanges: int, *gaps: int, seed: int = 1, foundation: str | None = None
) -> PlannerReply:
    given = PlannerInput(
        snippet=Passage(text=text),
        persona=Profile(name="nobody"),
        kind="tutoring",
        exchanges=exchanges,
        unanswerable_at=gaps,
        foundation=foundation,
    )
    return plan(given, seed=seed)


def test_the_first_exchange_is_the_overview_and_none_is_asked_twice() -> None:
    plans = [planned(row["text"], 6, seed=seed).exchanges for seed, row in enumerate(ROWS)]
    assert max(len(exchanges) for exchanges in plans) == 6
    for exchanges in plans:
        assert [exchange.kind for exchange in exchanges].index("overview") == 0
        assert len({exchange.aim for exchange in exchanges}) == len(exchanges) >= 2


def test_unanswerable_questions_stand_where_they_were_asked_for() -> None:
    for seed in range(5):
        exchanges = planned(LIGHTHOUSE, 6, 2, 5, seed=seed).exchanges
        gaps = [at for at, e in enumerate(exchanges, 1) if e.kind in UNANSWERABLE_KINDS]
        assert gaps == [2, 5]


def test_what_an_open_question_takes_for_granted_makes_room_for_it() -> None:
    text = (
        "The Hollis chair at Tarn College fell vacant in 1803, and the rector died a year later. "
        "In 1805, Henry Ware was elected to the chair. In 1807, Samuel Webber was appointed to "
        "the presidency of Tarn College."
    )
    opening = text.split(".")[0] + "."
    for seed in range(4):
        reply = planned(text, 4, 4, seed=seed, foundation=opening)  # three exchanges are there
        kinds = [exchange.kind for exchange in reply.exchanges]
        assert kinds.count("false_premise") == len(reply.moved_to or ()) == 1, kinds
        assert len(kinds) == 3


def test_the_kinds_are_varied() -> None:
    kinds = {e.kind for seed in range(8) for e in planned(LIGHTHOUSE, 6, 3, seed=seed).exchanges}
    assert len(kinds) >= 4
    plans = [planned(row["text"], 6, 3, 5).exchanges for row in ROWS]
    by_plan = [{exchange.kind for exchange in exchanges} for exchanges in plans]
    assert len(set.union(*by_plan)) >= 9
    for kinds, exchanges in zip(by_plan, plans, strict=True):
        assert len(kinds) >= min(2, len(exchanges))


def test_an_aim_of_when_leaves_the_time_out() -> None:
    found = 0
    for row in ROWS:
        statements = study(row["text"], row["title"]).statements
        for candidate in candidates(row["text"], row["title"]):
            years = set(re.findall(r"\d{4}", statements[candidate.statement].said))
            if candidate.kind == "when" and years:
                assert years - set(re.findall(r"\d{4}", candidate.aim)), candidate.aim
                found += 1
    assert found >= 20


def test_one_sentence_is_told_once_and_set_right_once() -> None:
    assert len(planned("Water boils at 100 degrees Celsius at sea level.", 3, 2).exchanges) == 2


def test_a_text_that_affords_less_than_asked_gets_less() -> None:
    assert 2 <= len(planned("The mill burned in 1901.", 9, 2).exchanges) < 9


def test_difficulty_grows_with_the_language_of_the_text() -> None:
    hard = (
        "Notwithstanding considerable methodological heterogeneity, contemporary epidemiological "
        "investigations consistently demonstrate proportional relationships between occupational "
        "exposure and respiratory impairment throughout industrialised metropolitan populations."
    )
    assert planned(hard, 3).difficulty > planned(GLACIERS, 3).difficulty


def test_what_one_question_takes_for_granted_another_does_not_ask() -> None:
    text = "Rain falls in winter. A stable patina is hard, compact and does not brush off."
    for seed in range(10):
        aims = [exchange.aim for exchange in planned(text, 6, 2, 3, seed=seed).exchanges]
        assert sum("patina" in aim and "brush" in aim for aim in aims) <= 1, aims


def test_a_premise_set_right_is_not_answered_again() -> None:
    text = "The bell weighs 420 kilograms and was cast by a smith in 1874."
    for seed in range(10):
        exchanges = planned(text, 5, 2, seed=seed).exchanges[1:]
        assert len(exchanges) <= 1 or not any(e.kind == "false_premise" for e in exchanges), seed


def test_a_near_miss_follows_what_leads_to_it() -> None:
    opening = "A reef protects the coast."
    text = (
        f"{opening} Ships slow down when fog comes. The harbour authority must inspect the lantern."
    )
    for seed in range(10):
        reply = planned(text, 4, 2, 4, seed=seed, foundation=opening)
        aims = [exchange.aim for exchange in reply.exchanges]
        assert reply.moved_to is not None and len(reply.moved_to) == 1
        (open_,) = reply.moved_to
        assert reply.exchanges[open_ - 1].kind == "near_miss" and "lantern" in aims[open_ - 1]
        assert any("harbour authority must" in aim for aim in aims[: open_ - 1])


def test_what_a_question_would_be_turned_down_for_is_not_planned() -> None:
    text = (
        "A reef protects the coast. Bento de Moura Portugal introduced an ingenious improvement of "
        "the construction in 1740."
    )
    reply = planned(text, 4, 2, foundation="A reef protects the coast.")
    kinds = {exchange.kind for exchange in reply.exchanges}
    assert not kinds & {"when", "who"}, reply.exchanges  # of somebody whom nobody has named
