"""Whether a passage answers a question, and what speaks against it."""

import pytest

from colloquia.offline.reading.answerable import Answerability, Fault, answerability
from colloquia.offline.reading.opposites import opposites

PASSAGE = (
    "The Normans founded the Kingdom of Sicily in 1130. Roger II ruled the largest island for 24 "
    "years, because the Pope had crowned him. The French attacked the Dutch Republic near Palermo, "
    "where the consistent winds of the south did not help. Pines grow on the lowest terrace."
)


def read(question: str) -> Answerability:
    return answerability(question, passage=PASSAGE)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Who ruled the island?", "who"),
        ("In what year was the kingdom founded?", "when"),
        ("When was the kingdom founded?", "when"),
        ("What was the year of the attack?", "when"),
        ("Where did the French attack?", "where"),
        ("Which country did they attack?", "where"),
        ("How long did Roger rule?", "how_many"),
        ("Why did Roger rule?", "why"),
        ("How did Roger rule?", "how"),
        ("What grows on the terrace?", "what"),
        ("Did the winds help?", "yes_no"),
        ("When the French attacked, what did not help?", "what"),
    ],
)
def test_what_a_question_wants_is_read_off_its_question_word(question: str, wanted: str) -> None:
    assert read(question).wanted == wanted


def test_the_sentence_that_says_most_of_the_question_is_found_in_its_place() -> None:
    sentence = read("What grows on the lowest terrace?").sentence
    assert sentence.text == "Pines grow on the lowest terrace."
    assert PASSAGE[sentence.start : sentence.end] == sentence.text


@pytest.mark.parametrize(
    ("question", "fault", "words"),
    [
        ("Who ruled the smallest island?", "opposite", ("smallest",)),
        ("Which inconsistent winds of the south did not help?", "opposite", ("inconsistent",)),
        ("Where did the French defend the Republic?", "opposite", ("defend",)),
        ("Who founded the Kingdom in 1066?", "other name", ("1066",)),
        ("Who attacked the Polish Republic?", "other modifier", ("Polish",)),
    ],
)
def test_what_speaks_against_a_question_is_named(
    question: str, fault: Fault, words: tuple[str, ...]
) -> None:
    assert read(question).against[fault] == words


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Who ruled the largest island?", "Who ruled the smallest island?"),
        ("Who founded the Kingdom of Sicily?", "Who never founded the Kingdom of Sicily?"),
        ("Who founded the Kingdom in 1130?", "Who founded the Kingdom in 1066?"),
        ("Who attacked the Dutch Republic?", "Who attacked the Polish Republic?"),
        ("What grows on the terrace?", "When do pines grow on the terrace?"),
        ("Who founded the Kingdom?", "Who founded the Kingdom on the lowest terrace?"),
    ],
)
def test_each_fault_lowers_the_score(good: str, bad: str) -> None:
    assert read(good).score > read(bad).score + 0.05


def test_a_denial_is_told_where_the_sentence_denies_nothing() -> None:
    assert read("Who did not found the Kingdom?").against["denial"] == ("not",)
    assert read("What winds did not help?").against["denial"] == ()


def test_a_kind_that_is_missing_is_told() -> None:
    assert read("When was the Kingdom of Sicily founded?").has_wanted
    assert not read("When do pines grow on the lowest terrace?").has_wanted


def test_a_paraphrase_is_no_fault() -> None:
    paraphrase = read("Who established the Kingdom of Sicily?")
    assert paraphrase.score == read("Who founded the Kingdom of Sicily?").score


def test_opposites_are_pairs_and_made_by_prefixes_and_near_synonyms_are_none() -> None:
    def found(mine: str, theirs: str) -> frozenset[str]:
        return opposites(frozenset(mine.split()), frozenset(theirs.split()))

    assert found("the slow train", "a rapid train") == {"slow"}
    assert found("consistent", "inconsistent") == {"consistent"}
    assert found("non-zero", "zero") == {"non-zero"}
    assert not found("fast", "quick")
    assert not found("the north", "from south to north")
    assert not found("ring", "wiring")
