"""The planner agent holds every plan to its shape; the offline teacher's must pass that check."""

import json
from pathlib import Path

import pytest

from colloquia.agents.curriculum_planner import CurriculumPlanner
from colloquia.core.ports import ChatRequest
from colloquia.core.roles import Passage, PlannerInput, PlannerReply, Profile
from colloquia.offline.model import OfflineModel

SNIPPETS = [
    json.loads(line)["text"]
    for line in (Path(__file__).parents[2] / "src/colloquia/starter/snippets.jsonl")
    .read_text("utf-8")
    .splitlines()
] + ["It rained.", "42", "THE MILL WAS SHUT.", "- one\n- two\n- three", "¿Dónde está el faro?"]


@pytest.mark.parametrize("places", [(), (2,), (3,), (2, 3), (3, 5), (6,), (2, 4, 6)])
async def test_a_plan_is_unanswerable_exactly_where_it_was_told_to_be(
    places: tuple[int, ...],
) -> None:
    for seed, text in enumerate(SNIPPETS):
        brief = PlannerInput(
            snippet=Passage(text=text),
            persona=Profile(name="reader"),
            kind="tutoring",
            exchanges=6,
            unanswerable_at=places,
        )
        request = ChatRequest(
            role="planner",
            prompt="planner@1",
            messages=(),
            variables=brief.model_dump(mode="json"),
            seed=seed,
        )
        reply = PlannerReply.model_validate_json((await OfflineModel().complete(request)).text)
        CurriculumPlanner().check(reply, brief)
