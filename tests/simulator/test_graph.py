"""The graph is validated, changed by copies, and drawn."""

import networkx as nx
import pytest
from autogen_agentchat.agents import UserProxyAgent

from colloquia.agents.answerer import Answerer
from colloquia.agents.question_check import QuestionCheck
from colloquia.agents.reviewer import Check
from colloquia.core.errors import GraphError
from colloquia.core.roles import ReviewInput
from colloquia.core.types import Verdict
from colloquia.simulator.graph import GATE, Graph


class Always(Check):
    """Accepts everything."""

    def judge(self, case: ReviewInput) -> Verdict:
        return Verdict(decision="accept")


def walk_once(graph: Graph) -> list[tuple[str, ...]]:
    """The waves of nodes up to the gate."""
    done: frozenset[str] = frozenset()
    waves = []
    while (ready := graph.ready(done)) != (GATE,):
        waves.append(ready)
        done |= set(ready)
    return waves


def test_the_standard_graph_runs_its_reviewers_side_by_side() -> None:
    assert walk_once(Graph.default()) == [
        ("foundation",),
        ("planner",),
        ("questioner",),
        ("question_check",),
        ("answerer",),
        ("evidence", "form"),
        ("critic", "refusal_checker"),
    ]


def test_an_inserted_reviewer_makes_the_next_one_wait() -> None:
    graph = Graph.default().insert(Always(name="units"), after="answerer", before="critic")
    assert walk_once(graph)[-2:] == [("evidence", "form", "units"), ("critic", "refusal_checker")]


def test_an_inserted_reviewer_stands_beside_the_others_by_default() -> None:
    graph = Graph.default().insert(Always(name="units"), after="answerer")
    assert walk_once(graph)[-2] == ("evidence", "form", "units")


def test_a_change_leaves_the_old_graph_as_it_was() -> None:
    graph = Graph.default()
    graph.insert(Always(name="units"), after="answerer")
    graph.remove("critic")
    assert walk_once(graph) == walk_once(Graph.default())


def test_removing_a_reviewer_keeps_the_rest() -> None:
    graph = Graph.default().remove("critic")
    assert walk_once(graph)[-1] == ("refusal_checker",)


def test_removing_every_reviewer_leads_from_the_answer_to_the_gate() -> None:
    graph = Graph.default()
    for name in ("critic", "evidence", "refusal_checker", "form"):
        graph = graph.remove(name)
    assert walk_once(graph)[-1] == ("answerer",)


def test_removing_the_foundation_leads_from_the_plan_to_the_question() -> None:
    assert walk_once(Graph.default().remove("foundation"))[:2] == [("planner",), ("questioner",)]


def test_removing_the_question_check_leads_from_the_question_to_the_answer() -> None:
    graph = Graph.default().remove("question_check")
    assert walk_once(graph)[2:4] == [("questioner",), ("answerer",)]
    assert "anew" not in graph.to_mermaid()


def test_a_reviewer_of_questions_stands_before_the_answerer() -> None:
    graph = Graph.default().insert(
        QuestionCheck(name="manners"), after="questioner", before="answerer"
    )
    assert walk_once(graph)[3] == ("manners", "question_check")
    assert "manners -->|anew ≤ revisions| questioner" in graph.to_mermaid()


def test_a_joint_reviewer_takes_the_place_of_two() -> None:
    graph = Graph.default().with_joint_reviewer()
    assert walk_once(graph)[-2:] == [("evidence", "form"), ("joint_reviewer",)]


def test_a_joint_reviewer_speaks_for_nobody_elses_critic() -> None:
    graph = Graph.default().replace("critic", UserProxyAgent("somebody"))
    with pytest.raises(GraphError, match="reviewers to panel"):
        graph.with_joint_reviewer()


def test_a_writer_drafts_before_anything_is_asked() -> None:
    assert walk_once(Graph.default().with_writer())[1:4] == [
        ("planner",),
        ("writer",),
        ("questioner",),
    ]


def test_removing_what_was_inserted_gives_the_same_walk() -> None:
    graph = Graph.default().insert(Always(name="units"), after="answerer", before="critic")
    assert walk_once(graph.remove("units")) == walk_once(Graph.default())


def test_an_autogen_agent_takes_a_reviewers_place_under_the_nodes_name() -> None:
    graph = Graph.default().replace("critic", UserProxyAgent("somebody"))
    assert graph.agent("critic").part == "reviewer"
    assert graph.agent("critic").name == "critic"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: g.remove("answerer"), "'answerer' can't be removed; replace it"),
        (lambda g: g.remove("crtic"), "no node 'crtic' in the graph; did you mean 'critic'"),
        (lambda g: g.replace("gate", Always()), "is a decision, not an agent"),
        (
            lambda g: g.replace("critic", Answerer()),
            "'critic' is a reviewer; Answerer is a answerer",
        ),
        (lambda g: g.insert(Always(name="critic"), after="answerer"), "'critic' already"),
        (lambda g: g.insert(Always(), after="planner", before="questioner"), "only they, stand"),
        (
            lambda g: g.insert(QuestionCheck(name="q"), after="answerer"),
            "'q': reviewers, and only they, stand between",
        ),
        (lambda g: g.insert(Answerer(name="second"), after="answerer"), "only they, stand"),
        (lambda g: g.insert(Always(), after="critic", before="answerer"), "has no bound"),
        (lambda g: g.insert("critic", after="answerer"), "is no agent"),
        (lambda g: g.insert(Always, after="answerer"), r"not its class: Always\(\)"),
    ],
)
def test_a_graph_that_cannot_work_is_refused(change: object, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        change(Graph.default())  # type: ignore[operator]


class Nameless(Check):
    """Forgets whom it inherits from."""

    def __init__(self) -> None:
        self.limit = 3

    def judge(self, case: ReviewInput) -> Verdict:
        return Verdict(decision="accept")


def test_an_agent_that_was_only_half_made_is_told_how_to_be_made() -> None:
    with pytest.raises(GraphError, match=r"Nameless.__init__ must call super\(\).__init__\(\)"):
        Graph.default().insert(Nameless(), after="answerer")


def test_a_network_without_its_spine_is_refused() -> None:
    with pytest.raises(GraphError, match="no 'planner'; start from"):
        Graph(nx.DiGraph())


def test_the_drawing_shows_every_node_and_every_bound() -> None:
    drawing = Graph.default().to_mermaid()
    assert drawing.startswith("flowchart TD")
    for name, _ in Graph.default().agents():
        assert f"    {name}" in drawing
    assert "gate -->|again ≤ samples + revisions| answerer" in drawing
    assert "gate -->|next ≤ exchanges| questioner" in drawing
    assert "gate -->|stop| stop" in drawing
    assert "question_check -->|anew ≤ revisions| questioner" in drawing
