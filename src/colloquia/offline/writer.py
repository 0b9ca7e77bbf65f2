"""The writer: questioner and answerer by turns, as they would be asked one by one."""

from colloquia.core.hashing import seed_for
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    DraftedExchange,
    Line,
    QuestionerInput,
    WriterInput,
    WriterReply,
)
from colloquia.offline.answers.answerer import answer
from colloquia.offline.questions.questioner import question


def write(given: WriterInput, *, seed: int) -> WriterReply:
    """Draft every exchange of the plan."""
    transcript: tuple[Line, ...] = ()
    written: list[DraftedExchange] = []
    for number, planned in enumerate(given.exchanges):
        opening = given.foundation if not written else None
        told = QuestionerInput(
            snippet=given.snippet,
            persona=given.persona,
            kind=planned.kind,
            aim=planned.aim,
            transcript=transcript,
            foundation=opening,
        )
        asked = question(told, seed=seed_for(seed, number, "question")).question
        said = AnswererReply(answer=opening) if opening else _answer(given, asked, transcript, seed)
        written.append(DraftedExchange(question=asked, **said.model_dump()))
        lines = Line(speaker="questioner", text=asked), Line(speaker="answerer", text=said.answer)
        transcript = (*transcript, *lines)
    return WriterReply(exchanges=tuple(written))


def _answer(
    given: WriterInput, asked: str, transcript: tuple[Line, ...], seed: int
) -> AnswererReply:
    told = AnswererInput(
        snippet=given.snippet, question=asked, transcript=transcript, profile=given.profile
    )
    return answer(told, seed=seed_for(seed, len(transcript), "answer"))
