"""The policy decides by state alone, and every dialogue it steers comes to an end."""

from collections import Counter
from dataclasses import replace
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from colloquia.agents.base import TypedReply
from colloquia.agents.critic import Critic
from colloquia.core.recipe import Accept
from colloquia.core.roles import AnswererReply
from colloquia.core.types import Plan, PlannedExchange, Turn, Verdict, VerdictName
from colloquia.simulator import policy
from colloquia.simulator import state as states
from colloquia.simulator.graph import ANSWERER, QUESTIONER, Graph
from colloquia.simulator.policy import AskAgain, AskAnew, Drop, Rules, RunNodes, Settle, Stop
from colloquia.simulator.state import Draft, State

RULES = Rules(revisions=2, samples=1, accept=Accept())
ACCEPT = Verdict(decision="accept", scores={"grounded": 1.0, "helpful": 1.0})
REVISE = Verdict(decision="revise", rationale="name the year")
REJECT = Verdict(decision="reject", rationale="not in the passage")


def plan(exchanges: int) -> Plan:
    kinds = [PlannedExchange(kind="overview", aim="it")]
    kinds += [PlannedExchange(kind="what", aim=f"aim {n}") for n in range(1, exchanges)]
    return Plan.of(
        snippet_id="s", persona_id="p", kind="tutoring", difficulty=0.5, exchanges=tuple(kinds)
    )


def draft(text: str, *verdicts: tuple[str, Verdict], attempt: int = 0) -> Draft:
    turn = Turn.of(parent_id="q", speaker="answerer", text=text, attempt=attempt)
    return Draft(turn=turn, reply=AnswererReply(answer=text), verdicts=verdicts)


def state(*drafts: Draft, exchanges: int = 3, path: tuple[Turn, ...] = ()) -> State:
    question = Turn.of(parent_id="d", speaker="questioner", text="When?")
    return State(root_id="d", plan=plan(exchanges), question=question, drafts=drafts, path=path)


def exchange() -> tuple[Turn, Turn]:
    question = Turn.of(parent_id="d", speaker="questioner", text="What is it?")
    return question, Turn.of(parent_id=question.id, speaker="answerer", text="A lighthouse.")


def question_turned_down(*, tries: int) -> State:
    verdict = Verdict(decision="revise", rationale="this was asked before")
    done = frozenset({"foundation", "planner", QUESTIONER, "question_check"})
    return replace(
        state(path=exchange()),
        question_verdicts=(("question_check", verdict),),
        tries=tries,
        done=done,
    )


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
    assert policy.decide(state(*drafts), RULES) == Drop(by="critic")


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
    assert policy.decide(state(bad, bad), RULES) == Drop(by="critic")


def test_a_reviewer_may_reject_at_once() -> None:
    step = policy.decide(state(draft("x", ("refusal_checker", REJECT))), RULES)
    assert step == Drop(by="refusal_checker")


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


def test_a_dialogue_may_be_rejected_for_one_answer() -> None:
    step = policy.decide(state(draft("x", ("critic", REJECT))), replace(RULES, stuck="reject"))
    assert step == Stop(outcome="rejected", reason="critic", stop_reason="rejected by a reviewer")


def test_a_dialogue_may_be_cut_before_the_answer_that_cannot_stand() -> None:
    rules = replace(RULES, stuck="cut", fewest=1)
    step = policy.decide(state(draft("x", ("critic", REJECT)), path=exchange()), rules)
    assert step == Stop(outcome="accepted", stop_reason="2 of 3 exchanges left out")


def test_no_dialogue_opens_with_what_nobody_knows() -> None:
    kinds = (("overview", "it"), ("near_miss", "a"), ("when", "b"))
    exchanges = tuple(PlannedExchange.model_validate({"kind": k, "aim": a}) for k, a in kinds)
    planned = plan(3).model_copy(update={"exchanges": exchanges})
    now = State(root_id="d", plan=planned, dropped=("evidence",), done=frozenset({"planner"}))
    assert policy.next_step(now, Graph.default(), RULES) == Drop(by="evidence")
    now = states.back_to(states.dropped(now, by="evidence"), Graph.default(), "next")
    assert now.aim.kind == "when"


def test_what_can_no_longer_suffice_is_not_gone_on_with() -> None:
    rules = replace(RULES, fewest=3)
    step = policy.decide(state(draft("x", ("critic", REJECT))), rules)
    assert step == Stop(outcome="rejected", reason="critic", stop_reason="too few exchanges stood")


def test_too_short_a_rest_is_no_dialogue() -> None:
    rules = replace(RULES, stuck="cut", fewest=2)
    step = policy.decide(state(draft("x", ("critic", REJECT)), path=exchange()), rules)
    assert step == Stop(outcome="rejected", reason="critic", stop_reason="too few exchanges stood")


def test_what_a_short_plan_holds_is_enough() -> None:
    rules = replace(RULES, fewest=3)
    good = draft("In 1851.", ("critic", ACCEPT))
    step = policy.decide(state(good, exchanges=1), rules)
    assert step == Stop(outcome="accepted", stop_reason="plan fulfilled", draft=good)


def test_a_question_that_was_turned_down_is_asked_anew_before_anybody_answers_it() -> None:
    asked = question_turned_down(tries=0)
    assert policy.next_step(asked, Graph.default(), RULES) == AskAnew(("this was asked before",))


def test_a_question_that_stays_bad_is_given_up() -> None:
    asked = question_turned_down(tries=2)
    assert policy.next_step(asked, Graph.default(), RULES) == Drop(by="question_check")


def test_a_draft_that_fails_a_free_check_is_not_reviewed() -> None:
    now = replace(
        state(draft("In 1899.", ("evidence", REVISE))),
        done=frozenset({"foundation", "planner", QUESTIONER, "question_check", ANSWERER})
        | {"evidence", "form"},
    )
    assert policy.next_step(now, Graph.default(), RULES) == AskAgain(("name the year",))


def test_what_asks_no_model_goes_first() -> None:
    graph = Graph.default().insert(Critic(name="second"), after="answerer")
    done = frozenset({"foundation", "planner", QUESTIONER, "question_check", ANSWERER})
    now = replace(state(draft("In 1851."), path=exchange()), done=done)
    assert policy.next_step(now, graph, RULES) == RunNodes(("evidence", "form"))
    now = replace(now, done=done | {"evidence", "form"})
    assert policy.next_step(now, graph, RULES) == RunNodes(("critic", "refusal_checker", "second"))


def test_nobody_checks_the_refusal_of_an_overview() -> None:
    done = frozenset({"foundation", "planner", QUESTIONER, "question_check", ANSWERER})
    now = replace(state(draft("It is old.")), done=done | {"evidence", "form"})
    assert policy.next_step(now, Graph.default(), RULES) == RunNodes(("critic",))


def test_what_two_reviewers_say_alike_is_said_once() -> None:
    bad = draft("x", ("critic", REVISE), ("refusal_checker", REVISE))
    assert policy.decide(state(bad), RULES) == AskAgain(("name the year",))


def after(
    now: State, nodes: tuple[str, ...], opinion: Verdict, *, exchanges: int, spoken: Counter[str]
) -> State:
    """What follows when nodes have run."""
    number = spoken[nodes[0]]
    match nodes:
        case ("planner",):
            return states.planned(now, plan(exchanges), node="planner")
        case ("foundation",):
            said = TypedReply(reply=AnswererReply(answer="x"))
            return states.founded(now, said, node="foundation")
        case ("questioner",):
            assert not now.drafts, "the questioner spoke while an answer was on the table"
            turn = Turn.of(parent_id=now.parent_id, speaker="questioner", text=f"q{number}")
            return states.asked(now, turn)
        case ("answerer",):
            return states.answered(now, draft(f"a{number}", attempt=len(now.drafts)))
        case ("question_check",):
            return states.question_reviewed(now, ((nodes[0], opinion),), nodes)
        case _:
            return states.reviewed(now, tuple((node, opinion) for node in nodes), nodes)


def after_choice(now: State, step: policy.Step, graph: Graph) -> State:
    """What follows on a choice of the gate's, or of a question's reviewer."""
    match step:
        case Settle(draft=best):
            return states.back_to(states.settled(now, best), graph, "next")
        case Drop(by=by):
            return states.back_to(states.dropped(now, by=by), graph, "next")
        case AskAnew():
            return states.back_to(now, graph, "anew")
        case _:
            return states.back_to(now, graph, "again")


@given(
    verdicts=st.lists(st.sampled_from(["accept", "revise", "reject"]), min_size=400, max_size=400),
    exchanges=st.integers(1, 6),
    revisions=st.integers(0, 4),
    samples=st.integers(1, 3),
    stuck=st.sampled_from(["skip", "cut", "reject"]),
    fewest=st.integers(1, 6),
)
def test_every_dialogue_ends_and_speakers_take_turns(
    verdicts: list[VerdictName],
    exchanges: int,
    revisions: int,
    samples: int,
    stuck: Literal["skip", "cut", "reject"],
    fewest: int,
) -> None:
    rules = Rules(revisions=revisions, samples=samples, accept=Accept(), stuck=stuck, fewest=fewest)
    graph, now, opinions = Graph.default(), State(root_id="d"), iter(verdicts)
    spoke: Counter[str] = Counter()
    for _ in range(2000):
        step = policy.next_step(now, graph, rules)
        if isinstance(step, Stop):
            break
        if isinstance(step, RunNodes):
            spoke[step.nodes[0]] += 1
            opinion = Verdict(decision=next(opinions, "accept"))
            now = after(now, step.nodes, opinion, exchanges=exchanges, spoken=spoke)
        else:
            now = after_choice(now, step, graph)
    else:
        raise AssertionError("the dialogue never ended")
    asked, answered = spoke["questioner"], spoke["answerer"]
    assert asked <= exchanges * (1 + revisions)
    assert answered <= exchanges * (samples + revisions)
    speakers = [turn.speaker for turn in now.path]
    assert speakers == ["questioner", "answerer"] * (len(speakers) // 2)
    standing = len(speakers) // 2 + (step.draft is not None)
    if step.outcome == "accepted":
        assert standing >= min(fewest, exchanges)
    else:
        assert stuck == "reject" or standing < min(fewest, exchanges)
