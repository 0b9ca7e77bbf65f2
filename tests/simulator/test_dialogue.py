"""One dialogue, driven: who is told what, what is committed when, how it goes on after a stop."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from stage import DEFAULT_ACTS, QUOTE, SNIPPET, Actor, Kept, actors, walk_of

from colloquia.agents.guest import GuestAnswerer, GuestModel
from colloquia.agents.reviewer import Check
from colloquia.core.errors import GraphError, LoopGuard, UnparsableReply
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.roles import ReviewInput
from colloquia.core.types import Message, Turn, Verdict
from colloquia.models.scripted import ScriptedModel
from colloquia.simulator.dialogue import Interrupted
from colloquia.simulator.graph import Graph


async def test_a_dialogue_begins_with_the_user_and_its_opening_is_answered_by_the_foundation() -> (
    None
):
    actor, kept = Actor(), Kept()
    dialogue = await walk_of(actor, kept).run()
    assert dialogue.outcome == "accepted"
    assert [turn.speaker for turn in kept.turns] == ["questioner", "answerer"] * 3
    assert [turn.exchange for turn in kept.turns] == [1, 1, 2, 2, 3, 3]
    foundation, *answers = actor.heard("answerer")
    assert foundation["question"] is None
    assert [told["question"] for told in answers] == ["What about aim 1?", "What about aim 2?"]
    assert actor.heard("questioner")[0]["foundation"] == kept.turns[1].text


async def test_every_turn_is_committed_before_the_next_call_is_made() -> None:
    kept = Kept()
    await walk_of(Actor(), kept).run()
    log = [entry for entry in kept.log if "critic" not in entry and "refusal" not in entry]
    assert log == [
        "call answerer",
        "call planner",
        *["call questioner", "turn questioner", "turn answerer"],
        *["call questioner", "turn questioner", "call answerer", "turn answerer"] * 2,
    ]


async def test_a_revision_is_a_sibling_that_was_told_the_reason() -> None:
    def critic(told: dict[str, Any]) -> dict[str, Any]:
        vague = told["answer"].startswith("Long ago")
        helpful = 0.2 if vague else 1
        return {"grounded": 1, "helpful": helpful, "clear": 1, "rationale": "say when"}

    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        vague = told["question"] == "What about aim 1?" and not told["reasons"]
        return {"answer": "Long ago." if vague else "It was built in 1851.", "quotes": [QUOTE]}

    actor, kept = Actor(critic=critic, answerer=answerer), Kept()
    dialogue = await walk_of(actor, kept).run()
    draft = next(turn for turn in kept.turns if turn.text == "Long ago.")
    revision = next(t for t in kept.turns if t.parent_id == draft.parent_id and t.id != draft.id)
    assert (draft.attempt, revision.attempt) == (0, 1)
    assert dialogue.outcome == "accepted"
    told = next(told for told in actor.heard("answerer") if told["draft"])
    assert (told["draft"], told["reasons"]) == ("Long ago.", ["say when"])


async def test_the_questioner_never_sees_reviews_and_the_answerer_never_sees_the_plan() -> None:
    actor = Actor(
        critic=lambda told: {
            "grounded": 1, "helpful": 1, "clear": 1, "rationale": "SECRET-NOTE"
        }
    )  # fmt: skip
    await walk_of(actor, Kept(), dialogue={"exchanges": 4, "unanswerable_share": 0.4}).run()
    for request in actor.requests:
        text = json.dumps(request.variables) + "".join(m.content for m in request.messages)
        if request.role in ("questioner", "answerer"):
            assert "SECRET-NOTE" not in text
        if request.role in ("answerer", "critic", "refusal_checker"):
            assert "near_miss" not in text
            assert not {"kind", "aim", "answerable", "exchanges"} & set(request.variables)


async def test_a_quote_that_is_not_there_fails_the_turn_without_a_model() -> None:
    actor = Actor(answerer=lambda told: {"answer": "It was built.", "quotes": ["built in 1999"]})
    dialogue = await walk_of(actor, Kept()).run()
    assert (dialogue.outcome, dialogue.reason) == ("rejected", "evidence")


async def test_a_number_from_nowhere_fails_the_turn() -> None:
    actor = Actor(answerer=lambda told: {"answer": "It was built in 1862.", "quotes": [QUOTE]})
    kept = Kept()
    dialogue = await walk_of(actor, kept).run()
    assert dialogue.reason == "evidence"
    evidence = next(review for review in kept.reviews if review.reviewer == "evidence")
    assert "1862" in evidence.rationale


async def test_how_a_figure_was_worked_out_is_kept_with_the_turn_that_stands() -> None:
    quotes = [QUOTE, "until 1923"]
    actor = Actor(
        questioner=lambda told: {"question": f"How many years lie between, as to {told['aim']}?"},
        answerer=lambda told: {
            "answer": "They lie 72 years apart." if told["question"] else "It is old.",
            "quotes": quotes,
        },
    )
    kept = Kept()
    dialogue = await walk_of(actor, kept).run()
    assert dialogue.outcome == "accepted"
    said = [review.rationale for review in kept.reviews if review.reviewer == "evidence"]
    assert said[-1] == "72 years follows: 1923 - 1851"


async def test_an_unparsable_reply_is_quoted_back_twice_and_then_fails_the_dialogue() -> None:
    model = ScriptedModel(["no JSON here"] * 3, name="actor")
    with pytest.raises(UnparsableReply, match="after 2 repairs"):
        await walk_of(model, Kept()).run()
    assert "That reply can't be used" in model.requests[2].messages[-1].content


async def test_a_reply_in_fences_with_prose_and_a_trailing_comma_is_understood() -> None:
    async def first_call(text: str) -> str:
        foundation = json.dumps({"answer": "It is a lighthouse.", "quotes": [QUOTE]})
        model, kept = ScriptedModel([foundation, text], name="actor"), Kept()
        with pytest.raises(Exception, match="script is over"):
            await walk_of(model, kept).run()
        return kept.plans[0].exchanges[1].aim

    plan = (
        'Sure! ```json\n{"difficulty": 0.5, "exchanges": [{"kind": "overview", "aim": "all"}, '
        '{"kind": "when", "aim": "the year"},]}\n``` Hope that helps.'
    )
    assert await first_call(plan) == "the year"


async def test_calls_are_bounded_per_dialogue() -> None:
    with pytest.raises(LoopGuard, match="more than 5 calls"):
        await walk_of(Actor(), Kept(), limits={"calls_per_dialogue": 5}).run()


async def test_a_dialogue_taken_up_again_asks_only_what_was_not_asked_before() -> None:
    whole, first = Kept(), Kept()
    await walk_of(Actor(), whole).run()
    for cut in range(len(whole.made)):
        actor, second = Actor(), Kept()
        dialogue = await walk_of(actor, second, known=whole.made[:cut]).run()
        assert len(actor.requests) == len(whole.made) - cut
        assert second.turns == whole.turns
        assert dialogue == whole.dialogues[0]
    assert first.made == []


async def test_a_changed_request_is_never_answered_from_old_rows() -> None:
    kept = Kept()
    await walk_of(Actor(), kept).run()
    actor = Actor()
    hotter: dict[str, Any] = {"models": {"hot": {"model": "actor", "temperature": 1.0}}, "agents": {
        role: {"model": "hot"} for role in ("planner", "questioner", "answerer", "critic")
    } | {"refusal_checker": {"model": "actor"}}}  # fmt: skip
    await walk_of(actor, Kept(), known=kept.made, **hotter).run()
    assert len(actor.heard("planner")) == 1
    assert len(actor.heard("refusal_checker")) == 0, "its request is the same as before"


async def test_a_walk_stops_between_calls_when_asked_to() -> None:
    kept = Kept()
    walk = walk_of(Actor(), kept)
    walk._stopping.set()
    with pytest.raises(Interrupted):
        await walk.run()
    assert kept.made == []


async def test_several_samples_are_drafted_and_the_best_stands() -> None:
    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        text = ["It was built in 1851.", "It was built in 1851 on a cliff."][told["sample"]]
        return {"answer": text, "quotes": [QUOTE]}

    def critic(told: dict[str, Any]) -> dict[str, Any]:
        clear = 0.9 if "cliff" in told["answer"] else 0.7
        return {"grounded": 1, "helpful": 1, "clear": clear}

    kept = Kept()
    agents = actors(answerer={"model": "actor", "samples": 2})
    dialogue = await walk_of(Actor(answerer=answerer, critic=critic), kept, agents=agents).run()
    assert next(t for t in kept.turns if t.id == dialogue.tip_id).text.endswith("cliff.")


def path_of(kept: Kept, tip_id: str | None) -> list[Turn]:
    """The turns up to a tip."""
    by_id = {turn.id: turn for turn in kept.turns}
    path: list[Turn] = []
    while tip_id in by_id:
        path.append(by_id[tip_id])
        tip_id = by_id[tip_id].parent_id
    return path[::-1]


class Units(Check):
    """Wants a year."""

    def judge(self, case: ReviewInput) -> Verdict:
        return Verdict(decision="reject", rationale=f"{case.question} has no year")


async def test_a_check_of_the_users_is_heard() -> None:
    kept = Kept()
    graph = Graph.default().insert(Units(), after="answerer", before="critic")
    dialogue = await walk_of(Actor(), kept, graph=graph).run()
    assert (dialogue.outcome, dialogue.reason) == ("rejected", "Units")
    assert dialogue.stop_reason == "too few exchanges stood"
    assert {review.reviewer for review in kept.reviews} == {
        "question_check", "form", "evidence", "Units"
    }, "what a free check turns down is not paid to be reviewed"  # fmt: skip


async def test_an_exchange_that_cannot_be_mended_is_left_out_and_the_dialogue_goes_on() -> None:
    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        invents = told["question"] == "What about aim 1?"
        return {"answer": f"It was built in {1999 if invents else 1851}.", "quotes": [QUOTE]}

    actor, kept = Actor(answerer=answerer), Kept()
    dialogue = await walk_of(actor, kept, dialogue={"exchanges": (2, 3)}).run()
    assert (dialogue.outcome, dialogue.reason) == ("accepted", None)
    assert dialogue.stop_reason == "1 of 3 exchanges left out"
    standing = path_of(kept, dialogue.tip_id)
    assert [turn.exchange for turn in standing] == [1, 1, 3, 3]
    dropped = [turn for turn in kept.turns if turn.exchange == 2]
    attempts = [turn.attempt for turn in dropped if turn.speaker == "answerer"]
    assert attempts == [0, 1], "a revision that changes nothing is the last"
    question = next(turn for turn in dropped if turn.speaker == "questioner")
    assert question.parent_id == standing[1].id == standing[2].parent_id


async def test_what_is_left_after_too_much_was_left_out_is_rejected() -> None:
    actor = Actor(answerer=lambda told: {"answer": "It was built in 1999.", "quotes": [QUOTE]})
    dialogue = await walk_of(actor, Kept()).run()
    assert (dialogue.outcome, dialogue.reason) == ("rejected", "evidence")
    assert dialogue.stop_reason == "too few exchanges stood"


async def test_a_question_that_cannot_stand_is_asked_anew_with_the_reason() -> None:
    def questioner(told: dict[str, Any]) -> dict[str, Any]:
        if told["kind"] != "overview" and not told["reasons"]:
            return {"question": "Thanks!"}
        return {"question": f"What about {told['aim']}?"}

    actor, kept = Actor(questioner=questioner), Kept()
    dialogue = await walk_of(actor, kept).run()
    assert dialogue.outcome == "accepted"
    again = [told for told in actor.heard("questioner") if told["reasons"]]
    assert [told["draft"] for told in again] == ["Thanks!", "Thanks!"]
    assert "Nothing is asked here" in again[0]["reasons"][0]
    reasons = [reason for told in again for reason in told["reasons"]]
    assert not any("asked before" in reason for reason in reasons), "nobody has heard a draft"
    assert "Thanks!" not in [turn.text for turn in path_of(kept, dialogue.tip_id)]
    assert len({turn.id for turn in kept.turns}) == len(kept.turns)


async def test_a_question_that_is_never_any_good_is_given_up() -> None:
    actor = Actor(questioner=lambda told: {"question": "When was it built?"})
    dialogue = await walk_of(actor, Kept(), dialogue={"exchanges": (1, 3)}).run()
    assert dialogue.outcome == "accepted"
    assert len(actor.heard("questioner")) == 1 + 2 * 3, "three tries for each of the others"
    assert len(actor.heard("answerer")) == 1, "nobody answers what can't be asked"


async def test_a_joint_reviewer_speaks_for_both_in_one_call() -> None:
    actor, kept = Actor(), Kept()
    dialogue = await walk_of(actor, kept, agents=actors(reviewers="joint")).run()
    assert dialogue.outcome == "accepted"
    assert not actor.heard("critic") and not actor.heard("refusal_checker")
    assert len(actor.heard("joint_reviewer")) == 3
    answer = next(turn for turn in kept.turns if turn.speaker == "answerer")
    reviews = {r.reviewer: r for r in kept.reviews if r.subject_id == answer.id and r.call_id}
    assert set(reviews) == {"critic", "refusal_checker"}
    assert reviews["critic"].call_id == reviews["refusal_checker"].call_id
    assert reviews["refusal_checker"].label == "answered"


async def test_a_whole_conversation_is_drafted_in_one_call_and_reviewed_like_any_other() -> None:
    actor, kept = Actor(), Kept()
    whole = {"exchanges": 3, "unanswerable_share": 0, "draft": "whole"}
    dialogue = await walk_of(actor, kept, dialogue=whole).run()
    assert dialogue.outcome == "accepted"
    assert [request.role for request in actor.requests][:3] == ["answerer", "planner", "writer"]
    assert not actor.heard("questioner") and len(actor.heard("answerer")) == 1
    assert len(actor.heard("critic")) == 3
    writing = next(call.id for call in kept.made if call.role == "writer")
    assert [turn.call_id == writing for turn in kept.turns] == [True, False, *[True] * 4]


async def test_what_was_drafted_whole_is_reviewed_in_one_call_and_only_what_fails_is_revised() -> (
    None
):
    def joint(told: dict[str, Any]) -> dict[str, Any]:
        return {"reviews": [judged(exchange["answer"]) for exchange in told["exchanges"]]}

    def judged(answer: str) -> dict[str, Any]:
        helpful = 0.2 if answer == "Long ago." else 1
        good = {"snippet_answers": True, "label": "answered", "grounded": 1, "clear": 1}
        return good | {"helpful": helpful, "rationale": "say when"}

    def writer(told: dict[str, Any]) -> dict[str, Any]:
        written = DEFAULT_ACTS["writer"](told)
        written["exchanges"][1]["answer"] = "Long ago."
        return written

    actor, kept = Actor(writer=writer, joint_reviewer=joint), Kept()
    whole = {"exchanges": 3, "unanswerable_share": 0, "draft": "whole"}
    agents = actors(reviewers="joint")
    dialogue = await walk_of(actor, kept, dialogue=whole, agents=agents).run()
    assert dialogue.outcome == "accepted"
    assert [len(told["exchanges"]) for told in actor.heard("joint_reviewer")] == [3, 1]
    assert actor.heard("joint_reviewer")[0]["exchanges"][0]["answer"] == kept.turns[1].text
    revised = actor.heard("answerer")[1]
    assert (revised["draft"], revised["reasons"]) == ("Long ago.", ["say when"])
    assert len(kept.made) == 6, "foundation, plan, draft, reviews; one revision and its review"


class Dated(Check):
    """Wants a year in every answer."""

    def judge(self, case: ReviewInput) -> Verdict:
        dated = "1851" in case.answer
        return Verdict(decision="accept" if dated else "revise", rationale="say when")


async def test_what_was_mended_before_the_review_of_the_rest_is_shown_as_it_stands() -> None:
    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        dated = "It was built in 1851." if told["question"] else "It stands on a cliff."
        return {"answer": dated, "quotes": [QUOTE]}

    actor, kept = Actor(answerer=answerer), Kept()
    whole = {"exchanges": 3, "unanswerable_share": 0, "draft": "whole"}
    graph = Graph.default().insert(Dated(), after="answerer", before="critic")
    agents = actors(reviewers="joint")
    await walk_of(actor, kept, graph=graph, dialogue=whole, agents=agents).run()
    alone, rest = actor.heard("joint_reviewer")
    assert len(alone["exchanges"]) == 1, "the opening was mended, so it is reviewed alone"
    assert len(rest["exchanges"]) == 2
    assert [line["text"] for line in rest["transcript"]] == [
        "What about aim 0?",
        "It was built in 1851.",
    ]


async def test_a_foundation_that_fails_a_free_check_is_mended_before_anything_rests_on_it() -> None:
    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        year = 1851 if told["reasons"] or told["question"] else 1999
        return {"answer": f"It was built in {year}.", "quotes": [QUOTE]}

    actor, kept = Actor(answerer=answerer), Kept()
    dialogue = await walk_of(actor, kept).run()
    assert dialogue.outcome == "accepted"
    assert [request.role for request in actor.requests][:3] == ["answerer", "answerer", "planner"]
    again = actor.heard("answerer")[1]
    assert (again["question"], again["draft"]) == (None, "It was built in 1999.")
    assert "1999" in again["reasons"][0]
    assert actor.heard("planner")[0]["foundation"] == "It was built in 1851."


async def test_a_dialogue_that_cannot_reach_its_minimum_costs_no_more() -> None:
    actor = Actor(critic=lambda told: {"grounded": 1, "helpful": 0.2, "clear": 1})
    graph = Graph.default().remove("refusal_checker")
    dialogue = await walk_of(actor, Kept(), graph=graph, dialogue={"exchanges": (3, 3)}).run()
    assert (dialogue.outcome, dialogue.reason) == ("rejected", "critic")
    assert len(actor.heard("questioner")) == 1, "without the first, three can't stand any more"


async def test_a_dialogue_drafted_whole_goes_on_where_it_stopped() -> None:
    whole: dict[str, Any] = {
        "dialogue": {"exchanges": 3, "unanswerable_share": 0, "draft": "whole"},
        "agents": actors(reviewers="joint"),
    }
    first = Kept()
    await walk_of(Actor(), first, **whole).run()
    for cut in range(len(first.made)):
        actor, second = Actor(), Kept()
        dialogue = await walk_of(actor, second, known=first.made[:cut], **whole).run()
        assert len(actor.requests) == len(first.made) - cut
        assert (second.turns, dialogue) == (first.turns, first.dialogues[0])


class Grumbler(BaseChatAgent):
    """An AutoGen agent with a mind and a memory of its own."""

    def __init__(self) -> None:
        super().__init__("grumbler", "grumbles")
        self.heard = 0

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        self.heard += 1
        assert self.heard == 1, "a guest hears each case from a clean slate"
        assert SNIPPET.text in messages[0].to_text() + messages[-1].to_text()
        await asyncio.sleep(0)
        return Response(chat_message=TextMessage(content="Accept: if you must.", source=self.name))

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        self.heard = 0


@pytest.mark.parametrize("guest", [Grumbler(), Grumbler])
async def test_an_autogen_agent_reviews_in_plain_words(guest: Any) -> None:
    kept = Kept()
    graph = Graph.default().replace("critic", guest)
    dialogue = await walk_of(Actor(), kept, graph=graph).run()
    assert dialogue.outcome == "accepted"
    said = [review.rationale for review in kept.reviews if review.reviewer == "critic"]
    assert said == ["if you must."] * 3


async def test_a_revision_that_keeps_the_words_and_mends_the_quotes_is_a_turn_of_its_own() -> None:
    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        bare = told["question"] == "What about aim 1?" and not told["reasons"]
        return {"answer": "It was built in 1851.", "quotes": [] if bare else [QUOTE]}

    kept = Kept()
    dialogue = await walk_of(Actor(answerer=answerer), kept).run()
    assert dialogue.outcome == "accepted"
    bare, quoted = (turn for turn in kept.turns[3:5])
    assert (bare.text, bare.spans) == (quoted.text, ())
    assert bare.id != quoted.id
    assert [span.text for span in quoted.spans] == [QUOTE]


async def test_the_foundation_is_joined_to_its_call() -> None:
    kept = Kept()
    await walk_of(Actor(), kept).run()
    (call,) = [call for call in kept.made if call.place == "foundation"]
    assert kept.turns[1].call_id == call.id


async def test_a_later_attempt_asks_anew_and_hangs_on_a_root_of_its_own() -> None:
    first, second, actor = Kept(), Kept(), Actor()
    await walk_of(Actor(), first).run()
    await walk_of(actor, second, known=first.made, attempt=1).run()
    assert len(actor.requests) == len(first.made)
    assert not {turn.id for turn in first.turns} & {turn.id for turn in second.turns}


async def test_a_reply_that_was_cut_off_is_asked_for_again() -> None:
    class Cut(Actor):
        async def complete(self, request: ChatRequest) -> ChatReply:
            reply = await super().complete(request)
            cut = len(self.requests) == 1
            return reply.model_copy(update={"stop": "length"}) if cut else reply

    actor = Cut()
    dialogue = await walk_of(actor, Kept()).run()
    assert dialogue.outcome == "accepted"
    assert "answer more briefly" in actor.requests[1].messages[-1].content


async def test_every_place_has_a_seed_of_its_own() -> None:
    actor = Actor()
    await walk_of(actor, Kept()).run()
    seeds = [request.seed for request in actor.requests]
    assert len(set(seeds)) == len(seeds)


async def test_a_single_guest_hears_one_case_at_a_time_and_outlives_an_event_loop() -> None:
    guest = GuestModel(Grumbler())
    request = ChatRequest(
        role="critic", prompt="p@1", messages=(Message(role="user", content=SNIPPET.text),)
    )
    await asyncio.gather(*(guest.complete(request) for _ in range(3)))
    await asyncio.to_thread(lambda: asyncio.run(guest.complete(request)))


def test_a_guest_that_is_one_of_our_own_agents_is_refused() -> None:
    with pytest.raises(GraphError, match="pass an instance"):
        GuestModel(Units)


async def test_json_that_does_not_fit_is_no_plain_answer() -> None:
    guest = GuestAnswerer(model=ScriptedModel(['{"answer": 1}'] * 3))
    graph = Graph.default().replace("foundation", guest)
    with pytest.raises(UnparsableReply, match='"answer" must be a string'):
        await walk_of(Actor(), Kept(), graph=graph).run()
