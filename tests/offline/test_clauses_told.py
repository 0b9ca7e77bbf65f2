"""What of a sentence an answer tells: the clause that was asked for, with all that limits it."""

import pytest

from colloquia.offline.questions.candidates import candidates
from colloquia.offline.reading.study import study


def _told(text: str, question: str) -> str:
    """What answers a question that the text affords."""
    found = {candidate.question: candidate for candidate in candidates(text, None)}
    assert question in found, list(found)
    statements = study(text, None).statements
    at = (found[question].statement, found[question].also)
    return " ".join(statements[index].said for index in at if index is not None)


@pytest.mark.parametrize(
    ("text", "question", "told"),
    [
        (
            "The flame sensor is cleaned with an abrasive pad; a healthy sensor passes a current "
            "of a few microamperes, and a dirty one causes the burners to drop out.",
            "How is the flame sensor cleaned?",
            "The flame sensor is cleaned with an abrasive pad.",
        ),
        (
            "Paper returns are due by 15 December; a taxpayer may file online until 31 January.",
            "Until when may a taxpayer file online?",
            "A taxpayer may file online until 31 January.",
        ),
        (
            "Below about 5.5, aluminium becomes soluble, and phosphorus is bound by iron; above "
            "7.5, iron and zinc become scarce to plants.",
            "What binds phosphorus?",
            "Below about 5.5, phosphorus is bound by iron.",
        ),
    ],
)
def test_an_answer_is_the_clause_asked_for(text: str, question: str, told: str) -> None:
    assert _told(text, question) == told


@pytest.mark.parametrize(
    ("text", "question", "kept"),
    [
        (
            "Each client may make 600 requests per minute, but calls to the label service have "
            "a separate allowance of 60.",
            "How many requests per minute may each client make?",
            "separate allowance of 60",
        ),
        (
            "Ordinary staff are paid by bank transfer; trainees, however, are paid in cash.",
            "How are ordinary staff paid?",
            "trainees are paid in cash",
        ),
        (
            "If every attempt fails, the endpoint is disabled, and the owner is informed by email.",
            "How is the owner informed?",
            "If every attempt fails",
        ),
        (
            "A dismissal that skips a step is unfair, and the Tribunal must award four weeks of "
            "pay within 30 days.",
            "How many weeks of pay must the Tribunal award?",
            "A dismissal that skips a step is unfair",
        ),
        (
            "Kaolinite holds only 3 to 15 grams, and humus may hold 200 or more.",
            "How much may humus hold?",
            "grams",
        ),
        (
            "The company sold its shares in 1985. However, it did sell some in the end.",
            "When did the company sell its shares?",
            "did sell some in the end",
        ),
    ],
)
def test_nothing_that_limits_an_answer_is_lost(text: str, question: str, kept: str) -> None:
    assert kept in _told(text, question)


def test_a_reason_after_two_joined_verbs_is_that_of_the_second() -> None:
    text = (
        "The object is wrapped in tissue and sealed in a bag, so that water will form on the bag."
    )
    found = {candidate.question for candidate in candidates(text, None)}
    assert "Why is the object sealed in a bag?" in found
    assert not any("wrapped" in question for question in found)


@pytest.mark.parametrize(
    ("text", "misread"),
    [
        ("The kilogram leads to an alternate, but rarely used unit of mass.", "use"),
        ("The law is told in two books, the first, authored in 1200; and the second, authored "
         "between 1235 and 1245.", "1235"),
        ("Boats must avoid contact if possible.", "When"),
        ("Staff are entitled to the same post or, if it is gone, to an equal one.", "When"),
        ("The Tribunal must award four weeks even if it was proved.", "When"),
        ("A court must give the owner room to keep clear.", "Why"),
        ("If a reply still does not fit, the server sets a bit.", "still"),
    ],
)  # fmt: skip
def test_nothing_is_asked_of_a_part_taken_for_another(text: str, misread: str) -> None:
    assert not [c.question for c in candidates(text, None) if misread in c.question]


def test_a_tie_is_taken_off_once_and_no_word_inside_is_touched() -> None:
    text = "And because the main service used the network and new devices, it was kept for these."
    said = study(text, None).statements[0].said
    assert said == text.removeprefix("And ").capitalize()


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Harvard was initially called New College.", "What was Harvard initially called?"),
        ("The modern table is ordered by atomic number.", "How is the modern table ordered?"),
        ("The owner is informed by email.", "How is the owner informed?"),
        (
            "At least eleven hours of rest must follow each working day.",
            "How many hours of rest must follow each working day?",
        ),
        (
            "Before application, remove visible plaque and wipe the teeth with gauze; they need "
            "not be perfectly dry, because the varnish sets on contact with saliva.",
            "Why do the teeth not need to be perfectly dry?",
        ),
        (
            "In Ross v Orkney the court held that Orkney was not entitled to the dues because "
            "there was little evidence of a loss.",
            "Why did the court hold that Orkney was not entitled to the dues in Ross v Orkney?",
        ),
        (
            "Robert won. After peace with Croatia in 1081 he led an army of 300 men.",
            "What happened after peace with Croatia in 1081?",
        ),
    ],
)
def test_a_question_keeps_what_it_needs(text: str, question: str) -> None:
    found = {candidate.question for candidate in candidates(text, None)}
    assert question in found, found


@pytest.mark.parametrize(
    "text",
    [
        "The council divides itself into committees.",
        "The inertia of the planet is what fixes the length of a day.",
        "A probe should be used to confirm the temperature.",
        "All motion is only when it is seen in a global sense that the curve can be observed.",
        "Access can be via a terminal by linking a node.",
        "Rain fell. Any land beyond that is taxed in proportion to its area.",
        "The tower was strong. If it was shaken, the mortar of the tower would crack.",
        "Because the service used the network the name was used for all the others.",
    ],
)
def test_what_nobody_would_ask_so_is_not_asked(text: str) -> None:
    assert not [c.question for c in candidates(text, None) if c.family != "what about"]
