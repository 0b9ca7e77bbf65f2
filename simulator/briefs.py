"""What each role is told, made of case and state alone. What isn't here, it can't know."""

from dataclasses import dataclass

from colloquia.agents.curriculum_planner import Shape
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    DraftedExchange,
    JointInput,
    Line,
    Passage,
    PlannerInput,
    Profile,
    QuestionerInput,
    QuestionReviewInput,
    ReviewInput,
    WriterInput,
)
from colloquia.core.types import Dialogue, Snippet
from colloquia.simulator.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one dialogue is about and who asks."""

    dialogue: Dialogue
    snippet: Snippet
    persona: Profile
    participant: str | None
    """The participant profile for the answerer; None leaves it out."""
    language: str = "en"
    """The snippet's."""
    unwritable: str | None = None
    """Why the agents can't write about it: one of `UNWRITABLE`, and nothing is begun."""

    @property
    def passage(self) -> Passage:
        """What agents see of the snippet."""
        snippet = self.snippet
        return Passage(title=snippet.title, text=snippet.text, language=self.language)


def for_foundation(
    case: Case, *, failed: AnswererReply | None = None, reasons: tuple[str, ...] = ()
) -> AnswererInput:
    """Ask for the core of the passage, or for another word on it."""
    return AnswererInput(
        snippet=case.passage,
        profile=case.participant,
        draft=failed.answer if failed else None,
        quotes=failed.quotes if failed else (),
        reasons=reasons,
    )


def of_foundation(case: Case, reply: AnswererReply) -> ReviewInput:
    """Show the foundation before there is a question that it answers."""
    return ReviewInput(snippet=case.passage, question="", **reply.model_dump())


def for_planner(case: Case, state: State, *, kind: str, shape: Shape) -> PlannerInput:
    """Ask for what the foundation leaves out."""
    return PlannerInput(
        snippet=case.passage,
        persona=case.persona,
        kind=kind,
        foundation=state.foundation.reply.answer if state.foundation else None,
        exchanges=shape.exchanges,
        unanswerable_at=shape.unanswerable_at,
    )


def for_writer(case: Case, state: State) -> WriterInput:
    """Ask for every exchange of the plan."""
    assert state.plan is not None
    return WriterInput(
        snippet=case.passage,
        persona=case.persona,
        profile=case.participant,
        foundation=state.foundation.reply.answer if state.foundation else None,
        exchanges=state.plan.exchanges,
    )


def for_questioner(case: Case, state: State, *, reasons: tuple[str, ...] = ()) -> QuestionerInput:
    """Ask for the next question, or for another one in place of the one on the table."""
    return QuestionerInput(
        snippet=case.passage,
        persona=case.persona,
        kind=state.aim.kind,
        aim=state.aim.aim,
        transcript=lines_of(state),
        foundation=_opening_answer(state),
        draft=state.asked[-1].text if reasons else None,
        reasons=reasons,
    )


def for_question_reviewers(case: Case, state: State) -> QuestionReviewInput:
    """Ask whether the question on the table can be put."""
    assert state.question is not None
    return QuestionReviewInput(
        snippet=case.passage,
        question=state.question.text,
        kind=state.aim.kind,
        transcript=lines_of(state),
        foundation=_opening_answer(state),
        asked=state.put,
    )


def for_answerer(case: Case, state: State, *, reasons: tuple[str, ...] = ()) -> AnswererInput:
    """Ask for an answer, for a further sample, or for a revision of the newest draft."""
    assert state.question is not None
    failed = state.drafts[-1] if reasons else None
    return AnswererInput(
        snippet=case.passage,
        question=state.question.text,
        transcript=lines_of(state),
        profile=case.participant,
        draft=failed.turn.text if failed else None,
        quotes=failed.reply.quotes if failed else (),
        reasons=reasons,
        sample=0 if reasons else len(state.drafts),
    )


def for_reviewers(case: Case, state: State) -> ReviewInput:
    """Ask what to think of the newest draft."""
    assert state.question is not None
    draft = state.drafts[-1]
    return ReviewInput(
        snippet=case.passage,
        question=state.question.text,
        transcript=lines_of(state),
        answer=draft.turn.text,
        quotes=draft.reply.quotes,
        declined=draft.reply.declined,
    )


def for_joint_reviewer(
    case: Case, state: State, *, to_come: tuple[DraftedExchange, ...] = ()
) -> JointInput:
    """Ask what to think of the newest draft, and of exchanges that are drafted already."""
    assert state.question is not None
    now = DraftedExchange(question=state.question.text, **state.drafts[-1].reply.model_dump())
    return JointInput(snippet=case.passage, transcript=lines_of(state), exchanges=(now, *to_come))


def lines_of(state: State) -> tuple[Line, ...]:
    """Return the accepted turns so far."""
    return tuple(Line(speaker=turn.speaker, text=turn.text) for turn in state.path)


def _opening_answer(state: State) -> str | None:
    return state.foundation.reply.answer if state.foundation and state.exchange == 1 else None
