from pathlib import Path

import pytest

from colloquia.core.roles import Line
from colloquia.offline.answers.indirect import indirectly
from colloquia.offline.reading.asked import take_apart
from colloquia.offline.reading.reading import Reading, read

LIGHTHOUSE = (Path(__file__).parent / "lighthouse.txt").read_text("utf-8").strip()


def reading(question: str, *transcript: Line) -> Reading:
    return read(question, text=LIGHTHOUSE, title="Vardholm lighthouse", transcript=transcript)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When was the lighthouse built?", 0),
        ("Who was the engineer that built the lighthouse?", 0),
        ("Where does the lighthouse stand?", 1),
        ("How many galleries does the tower have?", 2),
        ("Why did fishermen call it the Widow?", 3),
        ("How did the keepers warn ships?", 4),
        ("What replaced the oil lamp?", 5),
        ("Could you tell me what the council replaced?", 5),
    ],
)
def test_a_question_is_answered_from_the_sentence_that_holds_it(
    question: str, sentence: int
) -> None:
    found = reading(question)
    assert found.answers
    assert found.best[0] == sentence


@pytest.mark.parametrize(
    "question",
    [
        "Why was the lighthouse built?",
        "How many ships did the keepers warn?",
        "When did fishermen paint the reef?",
        "Who married the engineer?",
        "What colour is the roof of the chapel?",
    ],
)
def test_what_the_text_does_not_hold_is_not_answered(question: str) -> None:
    assert not reading(question).answers


def test_a_wrong_year_is_a_false_premise_and_the_right_one_is_named() -> None:
    found = reading("Why was the Vardholm lighthouse built in 1850?")
    assert (found.reason, found.asked_fact, found.said_fact) == ("false_premise", "1850", "1874")


def test_a_number_written_as_a_word_is_held_to_account_too() -> None:
    found = reading("Does the tower have four galleries?")
    assert (found.agrees, found.asked_fact) == (False, "four")


def test_yes_no_questions_get_their_truth() -> None:
    assert reading("Was the lighthouse built in 1874?").agrees is True
    assert reading("Was the lighthouse built in 1850?").agrees is False
    assert reading("Was the lighthouse sold to a museum?").answers is False


def test_a_pronoun_stands_for_what_was_spoken_of() -> None:
    before = (
        Line(speaker="questioner", text="Who built the Vardholm lighthouse?"),
        Line(speaker="answerer", text="The Vardholm lighthouse was built by Karin Holt."),
    )
    assert reading("And where does it stand?", *before).best == (1,)


@pytest.mark.parametrize(
    ("said", "core", "expected"),
    [
        ("Thanks! When did it open?", "When did it open", "when"),
        ("Sorry if this is obvious: how many are there?", "how many are there", "how_many"),
        ("I may have missed it, but is it old?", "is it old", "yes_no"),
        ("In short, who built it?", "who built it", "who"),
        ("I'd love to know why it closed.", "why it closed", "why"),
        ("Which year did it close?", "Which year did it close", "when"),
        ("What's the gist?", "What's the gist", "overview"),
        ("Who introduced the lamp?", "Who introduced the lamp", "who"),
    ],
)
def test_small_talk_is_cut_and_the_expected_answer_known(
    said: str, core: str, expected: str
) -> None:
    asked = take_apart(said)
    assert (asked.core, asked.expected) == (core, expected)


@pytest.mark.parametrize(
    ("direct", "indirect"),
    [
        ("When did the old tower fall?", "when the old tower fell"),
        ("Why are the lamps of the harbour green?", "why the lamps of the harbour are green"),
        ("Does the keeper sleep?", "whether the keeper sleeps"),
        ("Who lit the lamp?", "who lit the lamp"),
        ("How did the Jacquard loom get its name?", "how the Jacquard loom got its name"),
        ("When did X-ray scans show cracks?", "when X-ray scans showed cracks"),
        ("Which museum has the bell?", "which museum has the bell"),
        ("What kind of clothes did the Normans wear?", "what kind of clothes the Normans wore"),
    ],
)
def test_a_direct_question_is_put_indirectly(direct: str, indirect: str) -> None:
    assert indirectly(take_apart(direct)) == indirect


def test_a_noun_in_the_plural_is_never_inflected_as_a_verb() -> None:
    for noun in ("scans", "pumps", "guides"):
        said = indirectly(take_apart(f"When did X-ray {noun} best it?"))
        assert said is None or f"{noun}ed" not in said
    assert indirectly(take_apart("Did the water pumps?")) is None
