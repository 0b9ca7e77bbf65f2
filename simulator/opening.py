"""The foundation, laid before anything is planned on it: the free checks have their say at once."""

from collections.abc import Callable

from colloquia.agents.base import CallSite, TypedReply
from colloquia.agents.evidence import EvidenceCheck
from colloquia.agents.form_check import FormCheck
from colloquia.core.roles import AnswererReply
from colloquia.simulator import briefs
from colloquia.simulator.briefs import Case
from colloquia.simulator.graph import FOUNDATION, Graph
from colloquia.simulator.policy import Rules
from colloquia.simulator.verdicts import objections

_CHECKS = (FormCheck, EvidenceCheck)  # checks of the user's own judge an answer to a question


async def lay_foundation(
    case: Case, *, graph: Graph, rules: Rules, site: Callable[[str], CallSite]
) -> TypedReply[AnswererReply]:
    """Ask for the foundation, and again with the reasons while a free check turns it down.

    What still doesn't stand after the last revision is left to the reviewers of the opening.
    """
    agent = graph.agent(FOUNDATION)
    checks = [check for _, check in graph.agents() if isinstance(check, _CHECKS)]
    brief = briefs.for_foundation(case)
    for attempt in range(rules.revisions + 1):
        place = f"{FOUNDATION}.{attempt}" if attempt else FOUNDATION
        said: TypedReply[AnswererReply] = await agent.ask(brief, site=site(place))
        shown = briefs.of_foundation(case, said.reply)
        verdicts = tuple((check.name, check.judge(shown)) for check in checks)
        against = objections(verdicts, rules.accept)
        if not against:
            break
        reasons = tuple(objection.says for objection in against)
        brief = briefs.for_foundation(case, failed=said.reply, reasons=reasons)
    return said
