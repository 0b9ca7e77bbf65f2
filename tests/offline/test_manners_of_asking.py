"""What is asked of whom: figures, reasons, absent attributes, and what personas like."""

import pytest

from colloquia.core.roles import AnswererInput, Passage, Profile
from colloquia.offline.answers.answerer import answer
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.tastes import asked_first, tastes
from colloquia.offline.questions.unanswerable import unanswerables
from colloquia.offline.reading.soundness import sound

TOWER = (
    "In 1931 the harbour board paid for new steps. The Selby Tower is a lighthouse in Selby. "
    "The tower is 41 metres high. The walls are painted white because sailors must see them."
)


def questions(text: str, title: str | None = None) -> list[str]:
    return [candidate.question for candidate in candidates(text, title)]


@pytest.mark.parametrize(
    "question",
    [
        "When did it open 1999?",
        "When was the old library garden opened 2002?",
        "Where do the rocks lie about 14 kilometres off Rame Head?",
        "Why did the tower stand more?",
        "Did the couple leave for the Far East three years?",
    ],
)
def test_questions_cut_short_or_answering_themselves_are_dropped(question: str) -> None:
    assert not sound(question)


def test_a_question_may_end_in_its_verbs_own_preposition() -> None:
    assert "What is the moth named after?" in questions("The moth is named after a Roman god.")
    assert not sound("When did the moth fly to?")


def test_a_measure_is_asked_for_by_its_adjective() -> None:
    assert "How high is the tower?" in questions(TOWER)
    assert "How much does the bell weigh?" in questions("The bell weighs about 900 kilograms.")


def test_a_reason_is_found_behind_because_and_before_so() -> None:
    assert "Why are the walls painted white?" in questions(TOWER)
    assert "Why must the iron be painted?" in questions(
        "The sea is salt, so the iron must be painted."
    )


def test_what_a_verb_needs_is_never_left_out() -> None:
    said = questions("Leonhard Euler showed in 1735 that no such walk exists.")
    assert not any(question.startswith("When did Leonhard Euler show?") for question in said)


def test_what_the_text_tells_of_a_building_is_no_near_miss_but_what_it_lacks_is() -> None:
    missing = [c.question for c in unanswerables(TOWER, "The Selby Tower") if c.kind == "near_miss"]
    assert "How many visitors does the Selby Tower get every year?" in missing
    assert not any("cost to build" in question for question in missing)  # it speaks of paying


def test_the_foundation_says_first_what_the_thing_is() -> None:
    given = AnswererInput(snippet=Passage(title="The Selby Tower", text=TOWER), question=None)
    assert answer(given, seed=1).answer.startswith("The Selby Tower is a lighthouse")


def test_a_persona_likes_what_its_card_plainly_says() -> None:
    fond = tastes(Profile(name="x", goals=("learn causes",), behaviours=("compares cases",)))
    assert fond["why"] > 1 and fond["comparison"] > 1
    assert tastes(Profile(name="x")) == {}
    assert tastes(Profile(name="x", never=("asks for figures",)))["how_many"] < 1
    assert asked_first(Profile(name="x", behaviours=("asks for figures first",))) == "how_many"
    assert tastes(Profile(name="x", knowledge={"law": "novice"}))["definition"] > 1


def test_a_distance_is_no_height() -> None:
    far = "The Vardholm lighthouse stands on a reef about 18 kilometres off the coast of Eiden."
    high = "The Vardholm lighthouse stands about 18 metres high on a reef off the coast of Eiden."
    assert not [asked for asked in questions(far) if "high" in asked]
    assert [asked for asked in questions(high) if asked.startswith("How high")]
