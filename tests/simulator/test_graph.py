"""The graph is validated, changed by copies, and drawn."""

import networkx as nx
import pytest
from autogen_agentchat.agents import UserProxyAgent

from colloquia.agents.answerer import Answerer
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
        ("planner",),
        ("foundation",),
        ("questioner",),
        ("answerer",),
        ("critic", "evidence", "refusal_checker"),
    ]


def test_an_inserted_reviewer_makes_the_next_one_wait() -> None:
    graph = Graph.default().insert(Always(name="units"), after="answerer", before="critic")
    assert walk_once(graph)[-2:] == [("evidence", "refusal_checker", "units"), ("critic",)]


def test_an_inserted_reviewer_stands_beside_the_others_by_default() -> None:
    graph = Graph.default().insert(Always(name="units"), after="answerer")
    assert walk_once(graph)[-1] == ("critic", "evidence", "refusal_checker", "units")


def test_a_change_leaves_the_old_graph_as_it_was() -> None:
    graph = Graph.default()
    graph.insert(Always(name="units"), after="answerer")
    graph.remove("critic")
    assert walk_once(graph) == walk_once(Graph.default())


def test_removing_a_reviewer_keeps_the_rest() -> None:
    graph = Graph.default().remove("critic")
    assert walk_once(graph)[-1] == ("evidence", "refusal_checker")


def test_removing_every_reviewer_leads_from_the_answer_to_the_gate() -> None:
    graph = Graph.default().remove("critic").remove("evidence").remove("refusal_checker")
    assert walk_once(graph)[-1] == ("answerer",)


def test_removing_the_foundation_leads_from_the_plan_to_the_question() -> None:
    assert walk_once(Graph.default().remove("foundation"))[:2] == [("planner",), ("questioner",)]


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
        (lambda g: g.insert(Answerer(name="second"), after="answerer"), "only they, stand"),
        (lambda g: g.insert(Always(), after="critic", before="answerer"), "has no bound"),
        (lambda g: g.insert("critic", after="answerer"), "is no agent"),
        (lambda g: g.insert(Always, after="answerer"), r"not its class: Always\(\)"),
    ],
)
def test_a_graph_that_cannot_work_is_refused(change: object, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        change(Graph.default())  # type: ignore[operator]


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
