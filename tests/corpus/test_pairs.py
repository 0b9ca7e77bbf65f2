"""Which siblings make a preference pair, which is preferred, and who said so."""

from made_dialogues import dialogue, review

from colloquia.core.record import DialogueRecord
from colloquia.core.types import Review
from colloquia.corpus.pairs import preference_pairs


def turned_down(record: DialogueRecord, reviewer: str) -> DialogueRecord:
    against = review(record.turns[-1], "reject", reviewer=reviewer)
    return record.model_copy(update={"reviews": (*record.reviews, against)})


def without_scores(review: Review) -> Review:
    return review.model_copy(update={"scores": {}})


def test_a_mended_answer_is_preferred_to_its_draft() -> None:
    record = dialogue()
    (pair,) = preference_pairs(record)
    assert pair.chosen == record.turns[-1]
    assert pair.prefix == record.turns[:-1]
    assert record.siblings(pair.chosen) == (pair.rejected,)
    assert pair.source == "revision"
    assert pair.margin is not None
    assert pair.margin > 0


def test_the_reason_names_who_gave_it() -> None:
    (pair,) = preference_pairs(dialogue(draft_reviewer="refusal_checker"))
    assert pair.source == "refusal"
    assert pair.reason.startswith("refusal_checker: ")


def test_a_person_outranks_a_machine_as_the_source() -> None:
    (pair,) = preference_pairs(dialogue(draft_reviewer="human:reader"))
    assert pair.source == "human"


def test_an_answer_that_was_turned_down_is_preferred_to_nothing() -> None:
    assert preference_pairs(turned_down(dialogue(), "refusal_checker")) == ()


def test_an_answer_that_scored_less_is_not_preferred() -> None:
    assert preference_pairs(dialogue(scores=(0.3, 0.9))) == ()


def test_a_sample_that_only_scored_less_makes_a_judged_pair() -> None:
    record = dialogue(scores=(0.9, 0.3))
    accepting = [r.model_copy(update={"verdict": "accept"}) for r in record.reviews]
    (pair,) = preference_pairs(record.model_copy(update={"reviews": tuple(accepting)}))
    assert pair.source == "judge"


def test_without_scores_a_verdict_is_enough() -> None:
    record = dialogue()
    bare = record.model_copy(update={"reviews": tuple(map(without_scores, record.reviews))})
    (pair,) = preference_pairs(bare)
    assert (pair.margin, bare.score) == (None, None)
