"""A reviewer of one's own that can't work is told before the first call, with what to change."""

from pathlib import Path

import pytest
from stage import SNIPPET

import colloquia
from colloquia.agents.reviewer import Reviewer
from colloquia.authoring.prompts.lint import lint_prompt_file
from colloquia.core.errors import GraphError, PromptError, UserError
from colloquia.core.roles import CriticReply
from colloquia.core.types import Value, Verdict
from colloquia.models.scripted import ScriptedModel
from colloquia.runs.start import arun
from colloquia.simulator.graph import Graph

TEMPLATE = """\
---
role: unit_checker
description: Looks at units only.
input:
  snippet: {type: object, untrusted: true}
  answer: {type: string, untrusted: true}
  transcript: {type: list, untrusted: true}
output: Verdict
---
<<system>>
Compare the units. Passage: {{ snippet.text }}
<<user>>
{% for line in transcript %}
{{ line.text }}
{% endfor %}
Answer: {{ answer }}
"""


class UnitChecker(Reviewer):
    """Looks at units."""

    prompt = "unit_checker"


class Units(Value):
    """A reply of its own shape."""

    fit: bool


class OwnReply(UnitChecker):
    """Reads that."""

    reply_type = Units

    def verdict(self, reply: Units) -> Verdict:
        return Verdict(decision="accept" if reply.fit else "revise")


class Mute(UnitChecker):
    """Reads what it can't judge by."""

    reply_type = CriticReply


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe with a folder of templates of its own."""
    (tmp_path / "snippets.txt").write_text(SNIPPET.text)
    (tmp_path / "prompts").mkdir()
    file = tmp_path / "recipe.yaml"
    file.write_text("snippets: snippets.txt\nprompts: prompts\n")
    write(file, TEMPLATE)
    return file


def write(recipe: Path, template: str) -> Path:
    file = recipe.parent / "prompts" / "unit_checker.prompt.j2"
    file.write_text(template)
    return file


async def run_with(recipe: Path, reviewer: Reviewer) -> colloquia.Run:
    graph = Graph.default().insert(reviewer, after="answerer")
    return await arun(recipe, store=str(recipe.parent / "store.db"), graph=graph)


def accepting() -> ScriptedModel:
    return ScriptedModel(['{"decision": "accept", "scores": {"units": 1}}'] * 100)


async def test_a_template_and_a_model_make_a_reviewer(recipe: Path) -> None:
    run = await run_with(recipe, UnitChecker(model=accepting()))
    assert run.counts().accepted == 1
    assert lint_prompt_file(write(recipe, TEMPLATE)) == []


async def refused(recipe: Path, reviewer: Reviewer, kind: type[UserError]) -> str:
    """Return the words of the error that kept a run from beginning."""
    with pytest.raises(kind) as caught:
        await run_with(recipe, reviewer)
    assert not list(recipe.parent.glob("store.db*")), "nothing was started"
    return str(caught.value)


async def test_the_offline_teacher_is_no_model_for_it(recipe: Path) -> None:
    says = await refused(recipe, UnitChecker(), GraphError)
    assert says.startswith("the offline model can't play 'unit_checker', only planner, ")
    assert says.endswith(
        'give that agent a model, UnitChecker(model="NAME") with a NAME under the recipe\'s '
        "models, or subclass Check, which needs none"
    )


async def test_a_template_that_is_not_there_is_told_with_where_it_belongs(recipe: Path) -> None:
    write(recipe, TEMPLATE).rename(recipe.parent / "prompts" / "other.prompt.j2")
    says = await refused(recipe, UnitChecker(model=accepting()), PromptError)
    assert says.startswith("no prompt template 'unit_checker'; ")
    assert says.endswith(
        "; unit_checker.prompt.j2 belongs in the folder that the recipe's prompts names"
    )


async def test_a_reply_type_needs_a_verdict(recipe: Path) -> None:
    says = await refused(recipe, Mute(model=accepting()), GraphError)
    assert says == "Mute reads a CriticReply; give it verdict(self, reply), which returns a Verdict"


MISFITS = {
    "P303 UnitChecker is never told 'quetes'; did you mean 'quotes'?": TEMPLATE.replace(
        "  answer:", "  quetes: {type: list, untrusted: true}\n  answer:"
    ).replace("Answer:", "{{ quetes }} Answer:"),
    "P303 UnitChecker is told 'answer' as string; declare that type": TEMPLATE.replace(
        "answer: {type: string", "answer: {type: list"
    ),
    "P303 UnitChecker is never told 'persona'; it knows snippet, question": TEMPLATE.replace(
        "  answer:", "  persona: {type: object, untrusted: true}\n  answer:"
    ).replace("Answer:", "{{ persona.name }} Answer:"),
    "P304 UnitChecker's output is missing; add 'output: Verdict'": TEMPLATE.replace(
        "output: Verdict\n", ""
    ),
    "P304 UnitChecker's output isn't what is read, a Verdict (decision, scores, label, rationale)"
    "; write 'output: Verdict'": TEMPLATE.replace("output: Verdict", "output: CriticReply"),
    "P304 UnitChecker's output isn't what is read, a Verdict": TEMPLATE.replace(
        "output: Verdict", "output: {type: object, properties: {rationale: {type: string}}}"
    ),
}


@pytest.mark.parametrize("says", MISFITS)
async def test_a_template_that_does_not_fit_its_class_is_told(recipe: Path, says: str) -> None:
    file = write(recipe, MISFITS[says])
    assert f"{file}:1: {says}" in await refused(recipe, UnitChecker(model=accepting()), PromptError)


async def test_a_json_schema_of_the_same_shape_will_do(recipe: Path) -> None:
    schema = "output: {type: object, properties: {decision: {type: string}}}"
    write(recipe, TEMPLATE.replace("output: Verdict", schema))
    assert (await run_with(recipe, UnitChecker(model=accepting()))).counts().accepted == 1


async def test_another_reply_type_goes_with_a_template_that_asks_for_it(recipe: Path) -> None:
    schema = "output: {type: object, properties: {fit: {type: boolean}}}"
    write(recipe, TEMPLATE.replace("output: Verdict", schema))
    model = ScriptedModel(['{"fit": true}'] * 100)
    assert (await run_with(recipe, OwnReply(model=model))).counts().accepted == 1


async def test_a_template_of_the_usual_reply_does_not_fit_another_type(recipe: Path) -> None:
    says = await refused(recipe, OwnReply(model=accepting()), PromptError)
    assert "P304 OwnReply's output isn't what is read, a Units (fit); write " in says


LINTED = {
    (5, "P303 no agent is ever told 'quetes'; did you mean 'quotes'?"): (
        "snippet: {type: object, untrusted: true}",
        "quetes: {type: object, untrusted: true}",
    ),
    (2, "P304 output is missing; add 'output: Verdict' where a reviewer reads the reply"): (
        "output: Verdict\n",
        "",
    ),
    (8, "P304 unknown reply type 'Verdikt'; did you mean 'Verdict'?, or a JSON schema"): (
        "output: Verdict",
        "output: Verdikt",
    ),
    (11, "P303 no field 'txet' here; did you mean 'text'?"): ("snippet.text", "snippet.txet"),
    (11, "P303 no field 'body' here; there are title, text, language"): (
        "snippet.text",
        "snippet['body']",
    ),
    (14, "P303 no field 'said' here; there are speaker, text"): ("line.text", "line.said"),
    (14, "P303 no field 'word' here; there are speaker, text"): (
        "{{ line.text }}",
        "{{ transcript[0].word }} {{ line.text }}",
    ),
}


@pytest.mark.parametrize("problem", LINTED, ids=str)
def test_lint_tells_what_no_agent_could_use(recipe: Path, problem: tuple[int, str]) -> None:
    before, after = LINTED[problem]
    text = TEMPLATE.replace(before, after)
    if "quetes" in after:
        text = text.replace("snippet.text", "quetes")
    (found,) = lint_prompt_file(write(recipe, text))
    assert str(found) == f"{found.file}:{problem[0]}: {problem[1]}"


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("output: CriticReply\n", None),
        ("", None),
        ("output: Verdict\n", "P304 the critic's output isn't what is read, a CriticReply"),
    ],
)
def test_the_reply_of_a_role_is_known(recipe: Path, output: str, says: str | None) -> None:
    text = TEMPLATE.replace("role: unit_checker", "role: critic").replace(
        "output: Verdict\n", output
    )
    found = [str(problem) for problem in lint_prompt_file(write(recipe, text))]
    assert len(found) == (says is not None)
    assert says is None or says in found[0]
