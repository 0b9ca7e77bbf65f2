"""The policy decides by state alone, and every dialogue it steers comes to an end."""

from hypothesis import given
from hypothesis import strategies as st

from colloquia.core.recipe import Accept
from colloquia.core.roles import AnswererReply
from colloquia.core.types import Plan, PlannedExchange, Turn, Verdict, VerdictName
from colloquia.simulator import policy
from colloquia.simulator.graph import Graph
from colloquia.simulator.policy import AskAgain, Draft, Rules, RunNodes, Settle, State, Stop

RULES = Rules(revisions=2, samples=1, accept=Accept())
ACCEPT = Verdict(decision="accept", scores={"grounded": 1.0, "helpful": 1.0})
REVISE = Verdict(decision="revise", rationale="name the year")


def plan(exchanges: int) -> Plan:
    kinds = [PlannedExchange(kind="overview", aim="it")]
    kinds += [PlannedExchange(kind="what", aim=f"aim {n}") for n in range(1, exchanges)]
    return Plan.of(
        snippet_id="s", persona_id="p", kind="tutoring", difficulty=0.5, exchanges=tuple(kinds)
    )


def draft(text: str, *verdicts: tuple[str, Verdict], attempt: int = 0) -> Draft:
    turn = Turn.of(parent_id="q", speaker="answerer", text=text, attempt=attempt)
    return Draft(turn=turn, reply=AnswererReply(answer=text), verdicts=verdicts)


def state(*drafts: Draft, exchanges: int = 3) -> State:
    question = Turn.of(parent_id="d", speaker="questioner", text="When?")
    return State(root_id="d", plan=plan(exchanges), question=question, drafts=drafts)


def test_an_answer_that_all_accept_stands_and_the_next_question_follows() -> None:
    good = draft("In 1851.", ("critic", ACCEPT), ("evidence", ACCEPT))
    assert policy.decide(state(good), RULES) == Settle(draft=good)


def test_the_last_answer_ends_the_dialogue() -> None:
    good = draft("In 1851.", ("critic", ACCEPT))
    step = policy.decide(state(good, exchanges=1), RULES)
    assert step == Stop(outcome="accepted", stop_reason="plan fulfilled", draft=good)


def test_a_revision_is_told_the_reviewers_reasons() -> None:
    bad = draft("Long ago.", ("critic", REVISE), ("evidence", ACCEPT))
    assert policy.decide(state(bad), RULES) == AskAgain(("name the year",))


def test_a_score_below_the_recipes_bar_asks_for_a_revision_too() -> None:
    low = Verdict(decision="accept", scores={"grounded": 0.5})
    step = policy.decide(state(draft("In 1851.", ("critic", low))), RULES)
    assert step == AskAgain(("grounded is 0.50; 0.80 is needed",))


def test_revisions_are_bounded() -> None:
    drafts = [draft(f"try {n}", ("critic", REVISE), attempt=n) for n in range(3)]
    step = policy.decide(state(*drafts), RULES)
    assert step == Stop(outcome="rejected", reason="critic", stop_reason="no revision helped")


def test_equal_samples_do_not_use_up_the_revisions() -> None:
    rules = Rules(revisions=1, samples=2, accept=Accept())
    bad = draft("Long ago.", ("critic", REVISE))
    assert policy.decide(state(bad, bad), rules) == AskAgain(("name the year",))


def test_a_score_at_the_bar_stands() -> None:
    bar = Verdict(decision="accept", scores={"grounded": 0.8, "helpful": 0.6})
    assert isinstance(policy.decide(state(draft("In 1851.", ("critic", bar))), RULES), Settle)


def test_an_unheard_refusal_checker_cannot_reject_either() -> None:
    rules = Rules(revisions=1, samples=1, accept=Accept(refusal_correct=False))
    verdict = Verdict(decision="reject")
    bad = draft("x", ("refusal_checker", verdict), ("critic", REVISE))
    assert policy.decide(state(bad), rules) == AskAgain(("name the year",))


def test_a_revision_that_changes_nothing_is_the_last() -> None:
    bad = draft("Long ago.", ("critic", REVISE))
    step = policy.decide(state(bad, bad), RULES)
    assert isinstance(step, Stop)
    assert step.outcome == "rejected"


def test_a_reviewer_may_reject_at_once() -> None:
    verdict = Verdict(decision="reject", rationale="not in the passage")
    step = policy.decide(state(draft("x", ("refusal_checker", verdict))), RULES)
    assert step == Stop(
        outcome="rejected", reason="refusal_checker", stop_reason="rejected by a reviewer"
    )


def test_the_refusal_checker_is_unheard_where_the_recipe_says_so() -> None:
    rules = Rules(revisions=2, samples=1, accept=Accept(refusal_correct=False))
    good = draft("In 1851.", ("refusal_checker", REVISE), ("critic", ACCEPT))
    assert policy.decide(state(good), rules) == Settle(draft=good)


def test_the_best_of_several_samples_stands() -> None:
    rules = Rules(revisions=0, samples=2, accept=Accept())
    fair = draft("In 1851.", ("critic", Verdict(decision="accept", scores={"clear": 0.7})))
    best = draft(
        "It opened in 1851.", ("critic", Verdict(decision="accept", scores={"clear": 0.9}))
    )
    assert policy.decide(state(fair), rules) == AskAgain()
    assert policy.decide(state(fair, best), rules) == Settle(draft=best)


def test_a_question_asked_before_ends_the_dialogue() -> None:
    question = Turn.of(parent_id="d", speaker="questioner", text="When? ")
    answer = Turn.of(parent_id=question.id, speaker="answerer", text="In 1851.")
    again = State(
        root_id="d",
        plan=plan(3),
        path=(question, answer),
        question=Turn.of(parent_id=answer.id, speaker="questioner", text="when?"),
    )
    step = policy.next_step(again, Graph.default(), RULES)
    assert isinstance(step, Stop), "before anybody answers it again"
    assert step.reason == "repeated_question"


@given(
    verdicts=st.lists(st.sampled_from(["accept", "revise", "reject"]), min_size=200, max_size=200),
    exchanges=st.integers(1, 6),
    revisions=st.integers(0, 4),
    samples=st.integers(1, 3),
)
def test_every_dialogue_ends_and_speakers_take_turns(
    verdicts: list[VerdictName], exchanges: int, revisions: int, samples: int
) -> None:
    rules = Rules(revisions=revisions, samples=samples, accept=Accept())
    graph = Graph.default()
    now = State(root_id="d")
    opinions = iter(verdicts)
    asked, answered = 0, 0
    for _ in range(1000):
        match policy.next_step(now, graph, rules):
            case RunNodes(nodes):
                if nodes == ("planner",):
                    now = policy.planned(now, plan(exchanges), node="planner")
                elif nodes == ("foundation",):
                    now = policy.founded(
                        now, AnswererReply(answer="x"), call_id=None, node="foundation"
                    )
                elif nodes == ("questioner",):
                    assert now.question is None, "the questioner spoke twice in a row"
                    asked += 1
                    turn = Turn.of(parent_id=now.parent_id, speaker="questioner", text=f"q{asked}")
                    now = policy.asked(now, turn)
                elif nodes == ("answerer",):
                    assert now.question is not None
                    answered += 1
                    now = policy.answered(now, draft(f"a{answered}", attempt=len(now.drafts)))
                else:
                    opinion = Verdict(decision=next(opinions, "accept"))
                    now = policy.reviewed(now, tuple((node, opinion) for node in nodes))
            case Settle(draft=best):
                now = policy.back_to(policy.settled(now, best), graph, "next")
            case AskAgain():
                now = policy.back_to(now, graph, "again")
            case Stop() as stop:
                break
    else:
        raise AssertionError("the dialogue never ended")
    assert asked <= exchanges
    assert answered <= exchanges * (samples + revisions)
    speakers = [turn.speaker for turn in now.path]
    assert speakers == ["questioner", "answerer"] * (len(speakers) // 2)
    assert stop.outcome in ("accepted", "rejected")
