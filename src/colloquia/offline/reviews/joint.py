"""Both reviewers on each exchange of a conversation, one after the other."""

from colloquia.core.roles import JointInput, JointReply, JointReview, Line, ReviewInput
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.refusal_checker import check_refusal


def review_jointly(given: JointInput) -> JointReply:
    """Score every answer and check its refusal."""
    transcript, reviews = given.transcript, []
    for exchange in given.exchanges:
        case = ReviewInput(snippet=given.snippet, transcript=transcript, **exchange.model_dump())
        scored, checked = criticise(case), check_refusal(case)
        against = [] if checked.label in ("answered", "declined") else [checked.rationale]
        review = JointReview(
            **checked.model_dump(exclude={"rationale"}),
            **scored.model_dump(exclude={"rationale"}),
            rationale=" ".join([*against, scored.rationale]),
        )
        reviews.append(review)
        transcript = (
            *transcript,
            Line(speaker="questioner", text=exchange.question),
            Line(speaker="answerer", text=exchange.answer),
        )
    return JointReply(reviews=tuple(reviews))
