"""The refusal checker: does the snippet answer the question, and was the answer honest about it."""

import re

from colloquia.core.roles import RefusalReply, ReviewInput
from colloquia.offline.reading.reading import Reading, read


def check_refusal(given: ReviewInput) -> RefusalReply:
    """Compare what a careful reading finds with what the answer claims."""
    reading = read(
        given.question,
        text=given.snippet.text,
        title=given.snippet.title,
        transcript=given.transcript,
    )
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
    match reading.reason:
        case "false_premise" if reading.said_fact:
            return f"The passage has {reading.said_fact}, not {reading.asked_fact}."
        case "false_premise":
            return (
                f"The question takes {reading.asked_fact} for granted; the passage doesn't say so."
            )
        case "wrong_kind":
            kind = re.sub("_", " ", reading.asked.expected)
            return f"The passage touches on this but holds no answer to a {kind!r} question."
        case _:
            return "The passage doesn't cover what the question asks."
