"""How many: figures in digits, in words and in rough counts, read alike by every role."""

import pytest

from colloquia.agents.critic import critic_verdict
from colloquia.core.recipe import Accept
from colloquia.core.roles import (
    AnswererInput,
    Line,
    Passage,
    Profile,
    QuestionerInput,
    ReviewInput,
)
from colloquia.offline.answers.answerer import answer
from colloquia.offline.questions.questioner import question
from colloquia.offline.questions.unanswerable import unanswerables
from colloquia.offline.reading.reading import read
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.refusal_checker import check_refusal

HARBOUR = Passage(
    title="Port of Selby",
    text=(
        "In the 17th century the town of Selby had seven cranes on its quay. "
        "Dozens of barges came every morning. Forty-nine lamps burned at night. "
        "The piers were built of oak. Selby is now a quiet place."
    ),
)
SPOKEN = (
    Line(speaker="questioner", text="What should I know about Selby?"),
    Line(
        speaker="answerer",
        text="In the 17th century the town of Selby had seven cranes on its quay.",
    ),
)


@pytest.mark.parametrize(
    ("asked", "figure"),
    [
        ("How many cranes did it have?", "seven"),
        ("How many cranes were there?", "seven"),
        ("How many of the cranes were there?", "seven"),
        ("How many barges came every morning?", "Dozens"),
        ("How many lamps burned at night?", "Forty-nine"),
    ],
)
def test_a_figure_in_words_answers_how_many_for_every_role(asked: str, figure: str) -> None:
    given = AnswererInput(snippet=HARBOUR, question=asked, transcript=SPOKEN, sample=1)
    said = answer(given, seed=3)
    assert not said.declined
    assert figure.lower() in said.answer.lower()
    review = ReviewInput(
        snippet=HARBOUR, question=asked, transcript=SPOKEN, answer=said.answer, quotes=said.quotes
    )
    assert critic_verdict(criticise(review), accept=Accept()).decision == "accept"
    assert check_refusal(review).label == "answered"


def test_what_is_counted_is_enough_to_look_for() -> None:
    found = read("How many cranes were there?", text=HARBOUR.text, title=None)
    assert found.answers and found.best == (0,)


def test_what_nobody_counted_is_still_declined() -> None:
    for asked in ("How many piers did it have?", "How many towers did it have?"):
        given = AnswererInput(snippet=HARBOUR, question=asked, transcript=SPOKEN, sample=1)
        assert answer(given, seed=3).declined


def test_a_false_figure_in_words_is_put_right() -> None:
    found = read("Did forty-two lamps burn at night?", text=HARBOUR.text, title=HARBOUR.title)
    assert (found.agrees, found.said_fact) == (False, "forty-nine lamps")


def test_a_question_of_nothing_but_a_pronoun_asks_about_what_it_stands_for() -> None:
    spoken = (
        Line(speaker="questioner", text="Who built the Selby Tower?"),
        Line(speaker="answerer", text="The Selby Tower was built by Karin Holt."),
    )
    text = "The Selby Tower was built by Karin Holt in 1874. A bridge was opened in 1951."
    assert read("When was it?", text=text, title=None, transcript=spoken).best == (0,)
    assert read("When was it?", text=text, title=None, transcript=spoken).answers


@pytest.mark.parametrize(
    ("spoken_of", "asked"),
    [("bridge", "it stand?"), ("tower", "the bridge stand?")],
)
def test_a_follow_up_says_it_only_where_a_reader_knows_what_it_is(
    spoken_of: str, asked: str
) -> None:
    places = {"tower": "The tower stands in Selby.", "bridge": "The bridge stands in Bergen."}
    given = QuestionerInput(
        snippet=Passage(title="Two works", text=" ".join(places.values())),
        persona=Profile(name="x"),
        kind="follow_up",
        aim="where the bridge stands",
        transcript=(
            Line(speaker="questioner", text="What is it about?"),
            Line(speaker="answerer", text=places[spoken_of]),
        ),
    )
    assert question(given, seed=1).question.endswith(asked)


def test_of_several_figures_the_one_of_the_same_things_is_put_right() -> None:
    text = "The town of Selby had seven bridges over the river, joining two banks and two islands."
    found = read("Why did the town of Selby have nine bridges?", text=text, title=None)
    assert (found.asked_fact, found.said_fact) == ("nine", "seven bridges")


def test_a_decade_is_not_put_right_by_a_year() -> None:
    text = "Karin Holt worked in Selby in 1847."
    found = read("Where did Karin Holt work in the 1830s?", text=text, title=None)
    assert (found.asked_fact, found.said_fact) == ("the 1830s", "")


def test_nobody_asks_how_many_an_owner_has() -> None:
    text = "Holt's ships routed the fleet. Sailors guarded the harbour."
    asked = [candidate.question for candidate in unanswerables(text, None)]
    assert "How many sailors guarded the harbour?" in asked
    assert not [one for one in asked if one.startswith("How many Holt")]
