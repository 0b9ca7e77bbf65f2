"""The packaged templates take exactly what core.roles says their roles are told."""

import pytest

from colloquia.authoring.prompts.contract import ROLE_INPUTS, contract_of
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.authoring.prompts.reading import parse_template
from colloquia.core.errors import PromptError
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    CriticReply,
    DraftedExchange,
    JointInput,
    JointReply,
    JudgeInput,
    JudgeReply,
    Line,
    Passage,
    PlannerInput,
    PlannerReply,
    Profile,
    QuestionerInput,
    QuestionerReply,
    ReasonerReply,
    RefusalReply,
    ReviewInput,
    WriterInput,
    WriterReply,
)
from colloquia.core.types import PlannedExchange, Value

LIBRARY = PromptLibrary.load()
REPLIES: dict[str, type[Value]] = {
    "planner": PlannerReply,
    "questioner": QuestionerReply,
    "answerer": AnswererReply,
    "reasoner": ReasonerReply,
    "critic": CriticReply,
    "refusal_checker": RefusalReply,
    "joint_reviewer": JointReply,
    "judge": JudgeReply,
    "writer": WriterReply,
}
PASSAGE = Passage(title="Tides", text="Tides are caused by the Moon.")
ANN = Profile(name="ann", background="A sailor of forty.")
TALK = (Line(speaker="questioner", text="Q1?"), Line(speaker="answerer", text="A1."))
DRAFTED = DraftedExchange(question="Q?", answer="A.", quotes=("Moon",), declined=True)
ANSWERED = (
    AnswererInput(snippet=PASSAGE),
    AnswererInput(snippet=PASSAGE, question="Q?", transcript=TALK, profile="P.", sample=2),
    AnswererInput(snippet=PASSAGE, question="Q?", draft="D.", reasons=("R.",)),
)
PLANNED = (PlannedExchange(kind="overview", aim="x"), PlannedExchange(kind="when", aim="y"))
BRIEFS: dict[str, tuple[Value, ...]] = {
    "planner": (
        PlannerInput(snippet=PASSAGE, persona=ANN, kind="tutoring", exchanges=3),
        PlannerInput(snippet=PASSAGE, persona=ANN, kind="tutoring", exchanges=3, foundation="A0."),
    ),
    "questioner": (
        QuestionerInput(snippet=PASSAGE, persona=ANN, kind="overview", aim="x", foundation="A0."),
        QuestionerInput(snippet=PASSAGE, persona=ANN, kind="when", aim="x", transcript=TALK),
        QuestionerInput(
            snippet=PASSAGE, persona=ANN, kind="why", aim="x", draft="D?", reasons=("R.",)
        ),
    ),
    "answerer": ANSWERED,
    "reasoner": ANSWERED,
    "critic": (ReviewInput(snippet=PASSAGE, question="Q?", answer="A.", quotes=("Moon",)),),
    "refusal_checker": (ReviewInput(snippet=PASSAGE, question="Q?", answer="A.", declined=True),),
    "joint_reviewer": (
        JointInput(snippet=PASSAGE, exchanges=(DRAFTED,)),
        JointInput(snippet=PASSAGE, transcript=TALK, exchanges=(DRAFTED, DRAFTED)),
    ),
    "judge": (
        JudgeInput(passage="Tides.", question="Q?", notes="N.", replies=("A.", "B.")),
        JudgeInput(transcript=TALK, question="Q?", notes="N.", replies=("A.",)),
    ),
    "writer": (
        WriterInput(snippet=PASSAGE, persona=ANN, exchanges=PLANNED),
        WriterInput(snippet=PASSAGE, persona=ANN, exchanges=PLANNED, foundation="F.", profile="P."),
    ),
}


@pytest.mark.parametrize("role", ROLE_INPUTS)
def test_declared_inputs_are_the_fields_of_the_roles_input(role: str) -> None:
    template = LIBRARY[role]
    assert set(template.input) == set(ROLE_INPUTS[role].model_fields)
    for name, expected in contract_of(role).items():
        declared = template.input[name]
        assert (declared.type, declared.untrusted, declared.optional) == (
            expected.type,
            expected.untrusted,
            expected.optional,
        )


@pytest.mark.parametrize("role", ROLE_INPUTS)
def test_the_declared_output_is_the_roles_reply(role: str) -> None:
    assert LIBRARY[role].reply_schema == REPLIES[role].model_json_schema()


#: A way out that the offline teacher needs; a model is to find an unanswerable question.
NOT_ASKED_FOR = {"moved_to"}


@pytest.mark.parametrize("role", ROLE_INPUTS)
def test_every_field_of_the_reply_is_asked_for(role: str) -> None:
    text = "\n".join(
        message.content for message in LIBRARY[role].render(BRIEFS[role][0].model_dump())
    )
    for field in set(REPLIES[role].model_fields) - NOT_ASKED_FOR:
        assert f'"{field}"' in text


@pytest.mark.parametrize("role", ROLE_INPUTS)
@pytest.mark.parametrize("mode", ["json", "python"])
def test_every_brief_renders(role: str, mode: str) -> None:
    for brief in BRIEFS[role]:
        messages = LIBRARY[role].render(brief.model_dump(mode=mode))
        assert messages[0].role == "system"
        assert messages[-1].role == "user"
        rest = [message.role for message in messages[1:]]
        assert rest == ["user", "assistant"] * (len(rest) // 2) + ["user"]
        assert messages == LIBRARY[role].render(brief.model_dump(mode=mode))


def test_only_text_of_our_own_is_trusted() -> None:
    trusted = {
        (role, name)
        for role in ROLE_INPUTS
        for name, declared in LIBRARY[role].input.items()
        if not declared.untrusted and declared.type in ("string", "object", "list")
    }
    assert trusted == {("planner", "kind"), ("planner", "unanswerable_at"), ("questioner", "kind")}


def test_a_template_can_not_ask_for_what_its_role_is_never_told() -> None:
    source = (
        "---\nrole: answerer\ndescription: x\ninput:\n  kind: {type: string}\n---\n"
        "<<user>>\n{{ kind }}\n"
    )
    with pytest.raises(PromptError, match="5: P303 the answerer is never told 'kind'"):
        parse_template(source, name="answerer")


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ("{type: string, optional: true}", "comes from outside; add 'untrusted: true'"),
        ("{type: string, untrusted: true}", "may be told no 'question'; add 'optional: true'"),
        (
            "{type: list, untrusted: true, optional: true}",
            "is told 'question' as string; declare that type",
        ),
    ],
)
def test_a_template_can_not_loosen_what_its_role_is_told(declared: str, fault: str) -> None:
    source = (
        f"---\nrole: answerer\ndescription: x\ninput:\n  question: {declared}\n---\n"
        "<<user>>\n{% if question %}x{% endif %}\n"
    )
    with pytest.raises(PromptError, match=fault):
        parse_template(source, name="answerer")


def test_the_answerer_is_not_told_what_was_planned() -> None:
    text = "\n".join(
        m.content for b in BRIEFS["answerer"] for m in LIBRARY["answerer"].render(b.model_dump())
    )
    for word in ("near_miss", "false_premise", "answerable", "planned"):
        assert word not in text


def test_the_questioner_is_not_told_of_reviews() -> None:
    text = "\n".join(
        m.content
        for b in BRIEFS["questioner"]
        for m in LIBRARY["questioner"].render(b.model_dump())
    )
    for word in ("critic", "review", "score", "verdict"):
        assert word not in text.lower()
