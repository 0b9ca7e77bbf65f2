"""What can be read off a dialogue's turn tree."""

from made_dialogues import dialogue, review

from colloquia.core.record import DialogueRecord
from colloquia.core.types import Review, Turn


def turned_down(record: DialogueRecord, reviewer: str) -> DialogueRecord:
    against = review(record.turns[-1], "reject", reviewer=reviewer)
    return record.model_copy(update={"reviews": (*record.reviews, against)})


def without_scores(review: Review) -> Review:
    return review.model_copy(update={"scores": {}})


def test_the_transcript_leads_from_the_first_turn_to_the_tip() -> None:
    record = dialogue()
    assert [turn.speaker for turn in record.turns] == ["questioner", "answerer"] * 2
    assert record.turns[-1].id == record.dialogue.tip_id
    assert len(record.tree) == len(record.turns) + 1, "the failed draft is in the tree alone"


def test_exchanges_carry_what_was_planned() -> None:
    first, second = dialogue().exchanges
    assert (first.question, second.answer) == (dialogue().turns[0], dialogue().turns[-1])
    assert (first.kind, first.answerable) == ("what", True)


def test_what_was_left_out_is_told_with_its_drafts_and_what_was_asked_before() -> None:
    made = dialogue()
    opening = made.turns[1]
    asked = [
        Turn.of(parent_id=opening.id, speaker="questioner", text=text, attempt=n, exchange=7)
        for n, text in enumerate(("Thanks!", "Why?"))
    ]
    answer = Turn.of(parent_id=asked[1].id, speaker="answerer", text="It is so.", exchange=7)
    record = made.model_copy(update={"tree": (*made.tree, *asked, answer)})
    assert record.left_out == (asked[1],)
    assert record.answers_to(asked[1]) == (answer,)
    assert record.asked_before(asked[1]) == (asked[0],)
    assert made.left_out == ()
