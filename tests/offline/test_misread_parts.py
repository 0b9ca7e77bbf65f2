"""What is told and asked where a reading by the letter would be a misreading."""

import pytest

from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable.choosing import unanswerables
from colloquia.offline.reading.study import Study, study


def _read(text: str) -> Study:
    return study(text, None)


def _answers(text: str, question: str) -> str:
    found = {c.question: c for c in (*candidates(text, None), *unanswerables(text, None))}
    at = found[question].statement, found[question].also
    return " ".join(_read(text).statements[index].said for index in at if index is not None)


@pytest.mark.parametrize("text", ["The town has grown a lot since 1990.", "It changed a lot."])
def test_a_lot_alone_is_nothing_that_is_done(text: str) -> None:
    (clause,) = _read(text).statements[0].clauses
    assert clause.first("object") is None
    assert not any("What has" in c.question for c in candidates(text, None))


def test_a_lot_of_something_is_an_object() -> None:
    (clause,) = _read("The traders bought a lot of grain in summer.").statements[0].clauses
    assert clause.first("object") is not None


@pytest.mark.parametrize(
    "text",
    [
        "It meets the innate response. This improved response is then retained for years.",
        "The first attempt of the crew failed. This second attempt held for three days.",
    ],
)
def test_what_is_told_apart_from_others_is_not_taken_for_one_of_them(text: str) -> None:
    assert _read(text).statements[-1].loose


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "Daily hours must not exceed ten, and eleven hours of rest must follow, unless an "
            "emergency threatens life.",
            "unless an emergency threatens life",
        ),
        ("Daily hours must not exceed ten. In an emergency they may.", "In an emergency they may"),
        ("Daily hours must not exceed ten. This doesn't apply to cooks.", "This doesn't apply"),
        ("Daily hours must not exceed ten. Exceptions are cooks.", "Exceptions are cooks"),
        ("Daily hours must not exceed ten. The rule does not hold at sea.", "does not hold at sea"),
    ],
)
def test_an_exception_that_stands_further_on_is_told(text: str, kept: str) -> None:
    assert kept in _answers(text, "May daily hours exceed ten?")


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("The Liverpool and Manchester Railway opened in 1830.", False),
        ("The Norfolk and Western Company bought the line.", False),
        ("The Victoria and Albert Museum moved to Kensington.", False),
        ("Prince Albert and Queen Victoria opened the hall.", True),
        ("Hale and Marsh designed the bridge.", True),
    ],
)
def test_a_name_with_an_and_in_it_is_of_one(text: str, several: bool) -> None:
    assert _read(text).statements[0].plural is several


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Sinback, a marketing manager, was given the job.", "Who was Sinback?"),
        ("Sinclair, a banker, lent them the money.", "Who was Sinclair?"),
        ("Channelling, in which water breaks through, spoils it.", "What is channelling?"),
    ],
)
def test_who_is_called_by_a_trade_is_asked_after_as_a_person(text: str, question: str) -> None:
    assert question in {c.question for c in candidates(text, None)}


def test_what_is_set_apart_stays_behind_where_a_name_stands_for_a_pronoun() -> None:
    said = _read("Sinclair, a banker, lent the money. He asked for 4 percent.").statements[1].said
    assert said == "Sinclair asked for 4 percent."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("In 1598 he issued the Edict of Nantes. The Edict ended the war.", "The Edict of Nantes"),
        (
            "In 1811 they passed the Harbour Reform Act. The Act raised dues.",
            "The Harbour Reform A",
        ),
    ],
)
def test_a_short_name_is_given_in_full(text: str, said: str) -> None:
    assert _read(text).statements[1].said.startswith(said)


def test_what_is_done_to_it_may_be_done_to_the_thing_named_last() -> None:
    text = "The office approved the vaccine in March. It must not be given to children."
    assert _read(text).statements[1].loose
