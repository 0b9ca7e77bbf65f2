"""The refusal checker: does the snippet answer the question, and was the answer honest about it."""

from colloquia.core.roles import RefusalReply, ReviewInput
from colloquia.offline.questions.read import read


def check_refusal(given: ReviewInput) -> RefusalReply:
    """Compare what a careful reading finds with what the answer claims."""
    snippet = given.snippet
    reading = read(
        given.question, text=snippet.text, title=snippet.title, transcript=given.transcript
    )
    if reading.answers and given.declined:
        label = "overrefused"
        told = "The passage answers this; answer from the sentence that says it."
    elif reading.answers:
        label, told = "answered", "The passage answers the question, and the answer does too."
    else:
        label = "declined" if given.declined else "overreached"
        told = "The passage doesn't cover what the question asks."
        if reading.denies:
            told = "The question takes something for granted that the passage says otherwise."
        if not given.declined:
            told += " Say so, and say what the passage does cover."
    return RefusalReply(snippet_answers=reading.answers, label=label, rationale=told)
