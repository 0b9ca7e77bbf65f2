"""A projection is a range, adds up, and says nothing that nobody knows."""

import pytest

from colloquia.models.ledger.prices import PerToken
from colloquia.runs.projection import (
    FEW,
    LEDGER_FACTOR,
    PROMPT_SHARE,
    REPLY_SHARE,
    WAKING_S,
    RoleLoad,
    assumed,
    measured,
)
from colloquia.store.usage import CallUsage


def call(place: str = "planner", **changes: object) -> CallUsage:
    """One call of 100 tokens in and 10 out, for a cent and in two seconds."""
    fields: dict[str, object] = {
        "place": place,
        "role": place.split(".")[1] if "." in place else place,
        "model": "openai/x",
        "tokens_in": 100,
        "tokens_out": 10,
        "cost_usd": 0.01,
        "latency_s": 2.0,
    }
    return CallUsage.model_validate(fields | changes)


def dialogue(calls: int) -> list[CallUsage]:
    return [call(f"{number}.questioner") for number in range(calls)]


def load(role: str = "critic", **changes: object) -> RoleLoad:
    fields: dict[str, object] = {
        "calls": (3, 6),
        "prompt_tokens": 1000.0,
        "max_tokens": 500,
        "price": PerToken(input=1e-6, output=2e-6),
    }
    return RoleLoad(role=role, **(fields | changes))  # type: ignore[arg-type]


def test_few_dialogues_give_the_range_from_the_least_to_the_most_and_more() -> None:
    seen = measured([dialogue(2), dialogue(5)], dialogues=10, concurrency=1)
    assert (seen.basis, seen.sample) == ("measured", 2)
    assert (seen.calls.least, seen.calls.most) == pytest.approx((20 / 1.5, 50 * 1.5))
    assert seen.tokens_in is not None and seen.tokens_in.most == 7500
    assert seen.cost_usd is not None
    assert (seen.cost_usd.least, seen.cost_usd.most) == pytest.approx((0.2 / 1.5, 0.75))


def test_one_dialogue_is_no_range_of_its_own() -> None:
    calls = measured([dialogue(4)], dialogues=10, concurrency=1).calls
    assert (calls.least, calls.most) == (20, 80)


def test_many_dialogues_give_a_range_around_their_mean_that_narrows() -> None:
    usage = [dialogue(2 + number % 3) for number in range(FEW * 3)]  # 3 on average
    wide, narrow = (measured(usage, dialogues=number, concurrency=1).calls for number in (3, 3000))
    assert narrow.least < 3 * 3000 < narrow.most
    assert (wide.most - wide.least) / 3 > 2 * (narrow.most - narrow.least) / 3000


@pytest.mark.parametrize("seen", [FEW - 1, FEW, 50])
@pytest.mark.parametrize("left", [1, 12, 1000])
def test_dialogues_that_were_all_alike_leave_room_for_one_that_is_not(seen: int, left: int) -> None:
    calls = measured([dialogue(9)] * seen, dialogues=left, concurrency=1).calls
    unlike = max(1.0, left / seen)  # one in as many as were seen, an exchange of three shorter
    assert calls.least <= 9 * left - unlike < 9 * left + unlike <= calls.most


def test_what_takes_nothing_in_any_dialogue_takes_nothing() -> None:
    usage = [[call(cost_usd=0.0)]] * 20
    cost = measured(usage, dialogues=12, concurrency=1).cost_usd
    assert cost is not None and (cost.least, cost.most) == (0, 0)


def test_what_one_backend_does_not_tell_is_unknown_for_all() -> None:
    usage = [dialogue(2), [call(), call(cost_usd=None, tokens_out=None)]]
    seen = measured(usage, dialogues=4, concurrency=1)
    assert (seen.cost_usd, seen.tokens_out) == (None, None)
    assert seen.tokens_in is not None


def test_waiting_is_shared_among_dialogues_at_once_and_side_by_side_reviewers() -> None:
    walk = [
        call("planner"),
        call("1.questioner"),
        call("1.answerer.0", role="answerer"),
        call("1.critic.0", role="critic", latency_s=5.0),
        call("1.critic.0.repair1", role="critic", latency_s=1.0),
        call("1.refusal_checker.0", role="refusal_checker", latency_s=4.0),
    ]
    for at_once, seconds in ((1, 10 * 12.0), (5, 2 * 12.0), (64, 12.0)):
        seen = measured([walk], dialogues=10, concurrency=at_once, under_way=True)
        assert seen.seconds is not None and seen.seconds.least == pytest.approx(seconds / 2)


def test_an_agent_s_own_calls_are_part_of_the_time_it_took() -> None:
    guest = {"role": "guest_reviewer"}
    walk = [
        call("1.counting.0/guest.1", **guest),
        call("1.counting.0/guest.2", **guest),
        call("1.counting.0", model="autogen:counting", latency_s=5.0, **guest),
    ]
    seen = measured([walk], dialogues=10, concurrency=1, under_way=True)
    assert seen.seconds is not None and seen.seconds.least == pytest.approx(10 * 5.0 / 2)


def test_the_offline_teacher_s_time_is_shared_by_nobody() -> None:
    walk = [call(model="offline"), call("1.questioner")]
    seen = measured([walk], dialogues=10, concurrency=10, under_way=True)
    assert seen.seconds is not None
    assert seen.seconds.least == pytest.approx((2.0 + 20.0) / 2)
    assert seen.seconds.most == pytest.approx((2.0 + 20.0 * LEDGER_FACTOR) * 2)


def test_a_run_that_nobody_works_on_has_to_be_started() -> None:
    begun, resting = (
        measured([dialogue(2)], dialogues=3, concurrency=1, under_way=state).seconds
        for state in (True, False)
    )
    assert begun is not None and resting is not None
    assert resting.least - begun.least == pytest.approx(WAKING_S.least)
    assert resting.most - begun.most == pytest.approx(WAKING_S.most)


def test_nothing_left_takes_nothing() -> None:
    seen = measured([dialogue(2)], dialogues=0, concurrency=4)
    assert (seen.calls.most, seen.seconds and seen.seconds.most) == (0, 0)


def test_assumptions_are_prompts_replies_and_prices() -> None:
    loads = [load(), load("planner", calls=(1, 1), prompt_tokens=500.0)]
    seen = assumed(loads, dialogues=2, sample=8, most_calls=120)
    assert (seen.basis, seen.calls.least, seen.calls.most) == ("assumed", 8, 14)
    assert seen.tokens_in is not None
    least, most = 2 * 3500 * PROMPT_SHARE.least, 2 * 6500 * PROMPT_SHARE.most
    assert (seen.tokens_in.least, seen.tokens_in.most) == (least, most)
    assert seen.tokens_out is not None
    replies = 2 * (3 * 80 + 250) * REPLY_SHARE.least
    assert seen.tokens_out.least == replies
    assert seen.tokens_out.most == 2 * (6 * 160 + 500)
    assert seen.most_tokens_out == 2 * 7 * 500
    assert seen.cost_usd is not None and seen.most_cost_usd is not None
    assert seen.cost_usd.least == pytest.approx(least * 1e-6 + replies * 2e-6)
    assert seen.most_cost_usd == pytest.approx(most * 1e-6 + 7000 * 2e-6)
    assert seen.seconds is None


def test_a_typical_reply_is_no_longer_than_it_may_be() -> None:
    reply = load(max_tokens=20).reply
    assert (reply.least, reply.most) == (20, 20)


def test_a_model_without_a_price_leaves_the_cost_unknown() -> None:
    loads = [load(), load("planner", price=None)]
    seen = assumed(loads, dialogues=2, sample=8, most_calls=120)
    assert (seen.cost_usd, seen.most_cost_usd) == (None, None)


def test_no_dialogue_has_more_calls_than_it_may() -> None:
    seen = assumed([load(calls=(3, 60))], dialogues=2, sample=8, most_calls=40)
    assert (seen.calls.least, seen.calls.most) == (6, 80)
