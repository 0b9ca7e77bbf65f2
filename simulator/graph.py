"""The agent graph: who speaks after whom, validated, and drawn as Mermaid.

Nodes are agents. Plain edges say what must be done first, so everything whose predecessors are
done runs side by side. Other edges are choices: the gate's (`again`, `next`, `stop`), and `anew`,
by which a question that can't stand goes back to the questioner. Those that lead back carry the
bound that ends them, and every cycle has such an edge.
"""

from collections.abc import Iterator
from typing import Any, Self, TypeAlias

import networkx as nx
from autogen_agentchat.base import ChatAgent

from colloquia.agents.answerer import Answerer, Reasoner
from colloquia.agents.base import Agent, Bindings
from colloquia.agents.critic import Critic
from colloquia.agents.curriculum_planner import CurriculumPlanner
from colloquia.agents.evidence import EvidenceCheck
from colloquia.agents.form_check import FormCheck
from colloquia.agents.guest import Guest, as_node
from colloquia.agents.joint_reviewer import JointReviewer
from colloquia.agents.question_check import QuestionCheck
from colloquia.agents.questioner import Questioner
from colloquia.agents.refusal_checker import RefusalChecker
from colloquia.agents.writer import DialogueWriter
from colloquia.core.errors import GraphError
from colloquia.core.types import QuestionKind
from colloquia.core.wording import did_you_mean

FOUNDATION, PLANNER, WRITER = "foundation", "planner", "writer"
QUESTIONER, ANSWERER = "questioner", "answerer"
CRITIC, REFUSAL_CHECKER, JOINT = "critic", "refusal_checker", "joint_reviewer"
GATE, STOP = "gate", "stop"
SPINE = (PLANNER, QUESTIONER, ANSWERER)
"""What a dialogue can't do without; these can be replaced, not removed."""

AnyAgent = Agent[Any, Any]
Net: TypeAlias = "nx.DiGraph[Any, dict[str, Any], dict[str, Any]]"


class Graph:
    """A graph of agents; `insert`, `replace` and `remove` return a new graph."""

    def __init__(self, net: Net) -> None:
        """Take a network whose nodes have an `agent` (None for gate and stop), and validate it."""
        _validate(net)
        self._net = net
        agents: dict[str, AnyAgent | None] = dict(net.nodes(data="agent"))
        self._agents = {name: agent for name, agent in agents.items() if agent is not None}
        self._unheard: dict[QuestionKind, frozenset[str]] = {}
        plain = _without_choices(net)
        self._waits_for = {
            name: frozenset(plain.predecessors(name)) for name in sorted(plain) if name != STOP
        }
        self._leads_to = {name: frozenset(nx.descendants(plain, name) | {name}) for name in plain}

    @classmethod
    def default(cls) -> Self:
        """Make the standard graph: the five roles, and the free checks before those that cost."""
        net: Net = nx.DiGraph()
        question_check = QuestionCheck()
        free = (FormCheck(), EvidenceCheck())
        paid = (Critic(), RefusalChecker())
        spine = (
            Answerer(name=FOUNDATION),
            CurriculumPlanner(name=PLANNER),
            Questioner(),
            question_check,
            Answerer(),
        )
        agents: tuple[AnyAgent, ...] = (*spine, *free, *paid)
        for agent in agents:
            net.add_node(agent.name, agent=agent)
        net.add_nodes_from((GATE, STOP), agent=None)
        nx.add_path(net, [agent.name for agent in spine])
        for check in free:
            for reviewer in paid:
                nx.add_path(net, (ANSWERER, check.name, reviewer.name, GATE))
        net.add_edge(question_check.name, QUESTIONER, choice="anew", bound="revisions")
        net.add_edge(GATE, ANSWERER, choice="again", bound="samples + revisions")
        net.add_edge(GATE, QUESTIONER, choice="next", bound="exchanges")
        net.add_edge(GATE, STOP, choice="stop")
        return cls(net)

    def insert(self, agent: AnyAgent | Guest, *, after: str, before: str = GATE) -> Self:
        """Add a reviewer between two nodes.

        It runs once `after` is done, and `before` waits for it. An edge that led straight from one
        to the other now leads through the new node. Of those that could run at once, the ones that
        ask no model do so first, and a draft that they turn down costs no review.

        Args:
            agent: a `Reviewer`, a `Check`, or any AutoGen agent (or a function that makes one).
            after: the answerer or a reviewer; the questioner for a reviewer of questions.
            before: a reviewer or the gate; the answerer for a reviewer of questions.
        """
        node = self._as_agent(agent, part="reviewer")
        net = self._with_node(node, after=after, before=before)
        if node.part == "question_reviewer":
            net.add_edge(node.name, QUESTIONER, choice="anew", bound="revisions")
        return type(self)(net)

    def with_writer(self) -> Self:
        """Return the graph in which one call drafts the whole conversation before it is asked."""
        return type(self)(self._with_node(DialogueWriter(), after=PLANNER, before=QUESTIONER))

    def with_reasoner(self) -> Self:
        """Return the graph in which the packaged answerer thinks before it answers."""
        net = self._copied_net()
        for name, agent in self.agents():
            if type(agent) is Answerer:
                net.nodes[name]["agent"] = Reasoner(name=name, model=agent.wants)
        return type(self)(net)

    @property
    def has_packaged_reviewers(self) -> bool:
        """Whether critic and refusal checker are the packaged ones, with models of the recipe's."""
        return all(
            name in self._net and type(agent := self.agent(name)) is kind and agent.wants is None
            for name, kind in ((CRITIC, Critic), (REFUSAL_CHECKER, RefusalChecker))
        )

    def with_joint_reviewer(self) -> Self:
        """Return the graph in which one reviewer fills the critic's and the checker's replies.

        Raises:
            GraphError: one of the two was taken out or replaced by another.
        """
        if not self.has_packaged_reviewers:
            raise GraphError(
                "agents.reviewers: joint speaks for the packaged critic and refusal checker, and "
                "this graph lacks one of them; set agents.reviewers to panel"
            )
        net = self._copied_net()
        net.add_node(JOINT, agent=JointReviewer())
        pair = {CRITIC, REFUSAL_CHECKER}
        for name in pair:
            net.add_edges_from((before, JOINT) for before in set(net.predecessors(name)) - pair)
            net.add_edges_from((JOINT, after) for after in set(net.successors(name)) - pair)
        net.remove_nodes_from(pair)
        return type(self)(net)

    def _with_node(self, node: AnyAgent, *, after: str, before: str) -> Net:
        if node.name in self._net:
            raise GraphError(f"the graph has a node {node.name!r} already; give this one a name=…")
        net = self._copied_net()
        net.add_node(node.name, agent=node)
        if net.has_edge(self._existing_node(after), self._existing_node(before)):
            net.remove_edge(after, before)
        nx.add_path(net, (after, node.name, before))
        return net

    def replace(self, name: str, agent: AnyAgent | Guest) -> Self:
        """Put another agent in a node's place; the node keeps its name."""
        net = self._copied_net()
        old = net.nodes[self._existing_node(name)]["agent"]
        if old is None:
            raise GraphError(f"{name!r} is a decision, not an agent; it can't be replaced")
        node = self._as_agent(agent, part=old.part, name=name)
        if node.part != old.part:
            raise GraphError(f"{name!r} is a {old.part}; {type(agent).__name__} is a {node.part}")
        net.nodes[name]["agent"] = node
        return type(self)(net)

    def remove(self, name: str) -> Self:
        """Take a node out; what came before it leads on to what came after it."""
        if self._existing_node(name) in (*SPINE, GATE, STOP):
            raise GraphError(f"{name!r} can't be removed; replace it instead")
        net = self._copied_net()
        plain = _without_choices(net)
        before, after = list(plain.predecessors(name)), list(plain.successors(name))
        net.remove_node(name)
        for first in before:
            for last in after:
                plain = _without_choices(net)
                if not any(nx.has_path(plain, node, last) for node in net.successors(first)):
                    net.add_edge(first, last)
        return type(self)(net)

    def bind(self, bindings: Bindings) -> Self:
        """Return the graph with every agent given its model and template."""
        net = self._copied_net()
        for name, agent in self.agents():
            net.nodes[name]["agent"] = agent.bind(bindings)
        return type(self)(net)

    def agents(self) -> Iterator[tuple[str, AnyAgent]]:
        """Return node names and agents, in the order they were added."""
        yield from self._agents.items()

    def agent(self, name: str) -> AnyAgent:
        """Return one node's agent."""
        if name not in self._agents:
            self._existing_node(name)
        return self._agents[name]

    def identity(self) -> dict[str, str]:
        """Return what the recipe's hash sees: every node's agent, and the edges."""
        nodes = {f"node {name}": agent.identity for name, agent in self.agents()}
        return nodes | {"edges": " ".join(sorted(f"{a}>{b}" for a, b in self._net.edges))}

    def asks_model(self, name: str) -> bool:
        """Whether what a node does has its price."""
        return self.agent(name).asks_model

    def unheard(self, kind: QuestionKind) -> frozenset[str]:
        """Return the reviewers that have nothing to say on a question of this kind."""
        if kind not in self._unheard:
            skipping = (name for name, agent in self.agents() if kind in agent.skips)
            self._unheard[kind] = frozenset(skipping)
        return self._unheard[kind]

    def ready(self, done: frozenset[str]) -> tuple[str, ...]:
        """Return the nodes not yet done whose predecessors are, in a fixed order."""
        return tuple(
            name for name, before in self._waits_for.items() if name not in done and before <= done
        )

    def after(self, name: str) -> frozenset[str]:
        """Return a node and all that plain edges lead to from it: what a choice undoes."""
        return self._leads_to[name]

    def to_mermaid(self) -> str:
        """Draw the graph as a Mermaid flowchart."""
        lines = ["flowchart TD"]
        for name in self._net:
            agent = self._net.nodes[name]["agent"]
            part = agent.part if agent else name
            rounded = f"{name}([{name}])"
            shape = {
                "reviewer": rounded,
                "question_reviewer": rounded,
                GATE: "gate{gate}",
                STOP: "stop((stop))",
            }
            lines.append(f"    {shape.get(part, f'{name}[{name}]')}")
        for first, last, data in self._net.edges(data=True):
            bound = f" ≤ {data['bound']}" if "bound" in data else ""
            label = f"|{data['choice']}{bound}|" if "choice" in data else ""
            lines.append(f"    {first} -->{label} {last}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        plain = _without_choices(self._net)
        steps = nx.topological_generations(plain.subgraph(set(plain) - {STOP}))
        return f"<Graph {' > '.join(', '.join(sorted(step)) for step in steps)}>"

    def _as_agent(self, agent: Any, *, part: str, name: str | None = None) -> AnyAgent:
        if isinstance(agent, Agent):
            if "_name" not in vars(agent):
                kind = type(agent).__name__
                raise GraphError(f"{kind}.__init__ must call super().__init__() to have a name")
            return agent
        if isinstance(agent, type) and issubclass(agent, Agent):  # callable, but no guest
            raise GraphError(f"pass an agent, not its class: {agent.__name__}()")
        if isinstance(agent, ChatAgent) or callable(agent):
            return as_node(agent, part=part, name=name)
        raise GraphError(f"{agent!r} is no agent; pass a Reviewer, a Check or an AutoGen agent")

    def _existing_node(self, name: str) -> str:
        if name not in self._net:
            raise GraphError(f"no node {name!r} in the graph{did_you_mean(name, self._net)}")
        return name

    def _copied_net(self) -> Net:
        return self._net.copy()


def _without_choices(net: Net) -> Net:
    """Return the network without the gate's choices."""
    return _without(net, "choice")


def _without(net: Net, mark: str) -> Net:
    rest = net.copy()
    rest.remove_edges_from([(a, b) for a, b, data in net.edges(data=True) if mark in data])
    return rest


def _validate(net: Net) -> None:
    """Refuse a graph without its spine, out of reach, with an unbounded cycle, or ill-placed."""
    for name in (*SPINE, GATE, STOP):
        if name not in net:
            raise GraphError(f"the graph has no {name!r}; start from Graph.default()")
    plain = _without_choices(net)
    reached = nx.descendants(net, PLANNER) | nx.ancestors(plain, PLANNER) | {PLANNER}
    if unreachable := set(net) - reached:
        raise GraphError(f"no way leads from {PLANNER!r} to {sorted(unreachable)}")
    loose = _without(net, "bound")
    if not nx.is_directed_acyclic_graph(loose):
        cycle = " -> ".join(str(edge[0]) for edge in nx.find_cycle(loose))
        raise GraphError(f"the cycle {cycle} has no bound; lead it through the gate")
    _validate_places(net, plain)


def _validate_places(net: Net, plain: Net) -> None:
    """Refuse reviewers that nobody hears, and others that stand where reviewers do."""
    of_answers = nx.descendants(plain, ANSWERER) - {GATE}
    of_questions = nx.descendants(plain, QUESTIONER) & nx.ancestors(plain, ANSWERER)
    for name in net:
        agent = net.nodes[name]["agent"]
        if agent is not None and (agent.part == "reviewer") != (name in of_answers):
            raise GraphError(f"{name!r}: reviewers, and only they, stand between answerer and gate")
        if agent is not None and (agent.part == "question_reviewer") != (name in of_questions):
            raise GraphError(
                f"{name!r}: reviewers of questions, and only they, stand between questioner and "
                "answerer"
            )
        if name in of_answers and not nx.has_path(plain, name, GATE):
            raise GraphError(f"the gate can't hear {name!r}; insert it with before='gate'")
