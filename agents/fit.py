"""Whether an agent fits its template and its model: found when it is bound, before any call."""

from pydantic import BaseModel

from colloquia.authoring.problems import Problem
from colloquia.authoring.prompts.contract import (
    ROLE_REPLIES,
    input_fault,
    inputs_of,
    output_fault,
)
from colloquia.authoring.prompts.template import PromptTemplate
from colloquia.core.errors import GraphError, PromptError
from colloquia.core.ports import ChatModel
from colloquia.core.wording import cannot_play


def check_inputs(template: PromptTemplate, brief: type[BaseModel], *, agent: str) -> None:
    """Raise PromptError where a template asks for what its agent, told this brief, never knows."""
    told = inputs_of(brief)
    for name, declared in template.input.items():
        if fault := input_fault(name, declared, told):
            raise _misfit(template, "P303", f"{agent} {fault}")


def check_output(template: PromptTemplate, reply: type[BaseModel], *, agent: str) -> None:
    """Raise PromptError where a template asks for another reply than its agent reads.

    The five roles' replies are known, so their templates needn't name them.
    """
    if template.reply_schema is None and template.role in ROLE_REPLIES:
        return
    if fault := output_fault(template.reply_schema, reply):
        raise _misfit(template, "P304", f"{agent}'s {fault}")


def check_model(model: ChatModel, role: str, *, agent: str) -> None:
    """Raise GraphError where a model can't play a role, as it says by its `plays`."""
    plays = getattr(model, "plays", None)
    if plays is not None and role not in plays:
        raise GraphError(cannot_play(role, plays, agent=agent))


def _misfit(template: PromptTemplate, code: str, what: str) -> PromptError:
    return PromptError(str(Problem(file=template.file, line=1, code=code, message=what)))
