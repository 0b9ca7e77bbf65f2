"""The refusal checker: does the snippet answer the question, and was the answer honest about it."""

from colloquia.core.roles import RefusalReply, ReviewInput
from colloquia.offline.questions.read import Reading, read


def check_refusal(given: ReviewInput) -> RefusalReply:
    """Compare what a careful reading finds with what the answer claims."""
    reading = read(
        given.question, text=given.snippet.text, title=given.snippet.title,
        transcript=given.transcript,
    )  # fmt: skip
    if reading.answers and given.declined:
        return RefusalReply(
            snippet_answers=True, label="overrefused",
            rationale="The passage answers this; answer from the sentence that says it.",
        )  # fmt: skip
    if reading.answers:
        return RefusalReply(
            snippet_answers=True, label="answered",
            rationale="The passage answers the question, and the answer does too.",
        )  # fmt: skip
    if given.declined:
        return RefusalReply(snippet_answers=False, label="declined", rationale=_why(reading))
    return RefusalReply(
        snippet_answers=False, label="overreached",
        rationale=f"{_why(reading)} Say so, and say what the passage does cover.",
    )  # fmt: skip


def _why(reading: Reading) -> str:
    if reading.denies:
        return "The question takes something for granted that the passage says otherwise."
    return "The passage doesn't cover what the question asks."
