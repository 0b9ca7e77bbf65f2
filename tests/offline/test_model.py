import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colloquia.core.errors import UserError
from colloquia.core.ports import ChatModel, in_turn
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    Passage,
    PlannerInput,
    PlannerReply,
    Profile,
    QuestionerInput,
    QuestionerReply,
)
from colloquia.core.types import UNANSWERABLE_KINDS
from colloquia.language.lexicon import word_set
from colloquia.offline.answers.answerer import answer
from colloquia.offline.model import OfflineModel
from colloquia.offline.questions.planner import plan
from colloquia.offline.questions.questioner import question

LIGHTHOUSE = (Path(__file__).parent / "lighthouse.txt").read_text("utf-8").strip()


PLANNING = PlannerInput(
    snippet=Passage(title=None, text=LIGHTHOUSE),
    persona=Profile(name="nobody"),
    kind="tutoring",
    exchanges=5,
    unanswerable_at=(3,),
)


def test_it_is_a_chat_model_named_offline() -> None:
    model = OfflineModel()
    assert isinstance(model, ChatModel)
    assert model.name == "offline"


async def test_a_reply_is_json_of_the_roles_type_and_costs_nothing(teacher: Any) -> None:
    reply = await teacher.request("planner", PLANNING.model_dump(mode="json"), 1)
    PlannerReply.model_validate_json(reply.text)
    assert reply.cost_usd == 0.0
    assert reply.tokens_out == len(reply.text.split())


async def test_what_dialogues_ask_about_at_once_is_read_as_one_batch(
    teacher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[list[str]] = []
    monkeypatch.setattr(
        "colloquia.offline.model.read_ahead",
        lambda snippets: batches.append([text for text, _ in snippets]),
    )
    texts = [f"{LIGHTHOUSE} Lamp {number} burns." for number in range(3)]
    told = [AnswererInput(snippet=Passage(text=text)).model_dump(mode="json") for text in texts]
    await asyncio.gather(*(teacher.request("answerer", one, 1) for one in told))
    assert batches == [texts]


async def test_calls_of_the_dialogue_begun_first_are_answered_first(teacher: Any) -> None:
    answered: list[int] = []

    async def dialogue(rank: int) -> None:
        in_turn.set(rank)
        told = AnswererInput(snippet=Passage(text=f"{LIGHTHOUSE} Lamp {rank} burns."))
        for _ in range(2):
            await teacher.request("answerer", told.model_dump(mode="json"), 1)
            answered.append(rank)

    async with asyncio.TaskGroup() as group:
        given_up, *_ = [group.create_task(dialogue(rank)) for rank in (1, 4, 3, 2)]
        await asyncio.sleep(0)  # all wait now
        given_up.cancel()
    assert answered == [2, 2, 3, 3, 4, 4]


async def test_an_unknown_role_is_told_what_to_do(teacher: Any) -> None:
    with pytest.raises(
        UserError, match=r"can't play 'poet'.*give that agent a model.*subclass Check"
    ):
        await teacher.request("poet", {}, 1)


async def test_variables_that_do_not_fit_name_the_field(teacher: Any) -> None:
    with pytest.raises(UserError, match=r"answerer request's variables don't fit: snippet"):
        await teacher.request("answerer", {"question": "Why?"}, 1)


async def test_the_same_request_gets_the_same_reply_and_another_seed_may_not(
    teacher: Any,
) -> None:
    variables = PLANNING.model_copy(update={"exchanges": 3}).model_dump(mode="json")
    first = (await teacher.request("planner", variables, 1)).text
    assert first == (await teacher.request("planner", variables, 1)).text
    others = {(await teacher.request("planner", variables, seed)).text for seed in range(2, 8)}
    assert others != {first}


def test_replies_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    code = (
        "import sys, json\n"
        "from colloquia.core.roles import PlannerInput\n"
        "from colloquia.offline.questions.planner import plan\n"
        "given = PlannerInput.model_validate_json(sys.stdin.read())\n"
        "print(plan(given, seed=3).model_dump_json())"
    )
    plans = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=PLANNING.model_dump_json(),
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }
    assert len(plans) == 1
    assert json.loads(plans.pop())["exchanges"][0]["kind"] == "overview"


_WORDS = word_set("The a lamp keeper lit in 1842 Oslo , . ; and which was ( ) 7 — because by of")
_ODD = st.one_of(
    st.text(min_size=1, max_size=120).filter(lambda text: text.strip() != ""),
    st.lists(
        st.sampled_from(sorted(_WORDS)),
        min_size=1,
        max_size=40,
    ).map(" ".join),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=_ODD, seed=st.integers(0, 2**40))
def test_any_text_at_all_gives_a_plan_whose_questions_are_asked_and_answered(
    text: str, seed: int
) -> None:
    snippet = Passage(text=text)
    persona = Profile(name="nobody")
    planned = plan(
        PlannerInput(snippet=snippet, persona=persona, kind="x", exchanges=4, unanswerable_at=(2,)),
        seed=seed,
    )
    assert planned.exchanges[0].kind == "overview"
    for exchange in planned.exchanges:
        asked = question(
            QuestionerInput(snippet=snippet, persona=persona, kind=exchange.kind, aim=exchange.aim),
            seed=seed,
        )
        assert isinstance(asked, QuestionerReply)
        said = answer(AnswererInput(snippet=snippet, question=asked.question, sample=1), seed=seed)
        assert isinstance(said, AnswererReply)
        assert all(quote in text for quote in said.quotes)
        assert said.declined or exchange.kind not in UNANSWERABLE_KINDS
