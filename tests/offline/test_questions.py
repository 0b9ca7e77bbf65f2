import re
from pathlib import Path

import pytest

from colloquia.core.roles import Line, Passage, Profile, QuestionerInput
from colloquia.core.types import QuestionKind
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.questioner import question
from colloquia.offline.questions.unanswerable import unanswerables
from colloquia.offline.reading.reading import read
from colloquia.offline.reading.soundness import sound
from colloquia.offline.reading.study import study

LIGHTHOUSE = (Path(__file__).parent / "lighthouse.txt").read_text("utf-8").strip()
GLACIERS = (Path(__file__).parent / "glaciers.txt").read_text("utf-8").strip()


def asked_about(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for candidate in candidates(text, None):
        found.setdefault(candidate.kind, []).append(candidate.question)
    return found


def test_auxiliaries_are_inverted_and_do_is_supplied() -> None:
    found = asked_about(LIGHTHOUSE)
    assert "When was the Vardholm lighthouse built by the engineer Karin Holt?" in found["when"]
    assert "How many steps does the tower have?" in found["how_many"]
    assert "How did the keepers warn ships?" in found["how"]
    assert "When did the council replace the oil lamp with an electric one?" in found["when"]


def test_a_doer_is_asked_for_in_the_active() -> None:
    assert "Who built the Vardholm lighthouse in 1874?" in asked_about(LIGHTHOUSE)["who"]


def test_two_of_a_kind_are_compared() -> None:
    found = asked_about(GLACIERS)["comparison"]
    assert found == ["How do valley glaciers and sheet glaciers differ?"]


def test_a_definition_is_asked_for_where_one_is_given() -> None:
    assert "What is a glacier?" in asked_about(GLACIERS)["definition"]


def test_every_answerable_question_is_sound_and_ends_in_a_question_mark() -> None:
    for text in (LIGHTHOUSE, GLACIERS):
        for candidate in candidates(text, None):
            assert sound(candidate.question, limit=40), candidate.question
            assert candidate.question.endswith("?")
            assert not re.search(r"\b(?:this|these|he|she)\b", candidate.question)


@pytest.mark.parametrize(
    "question",
    ["Why?", "What did the (old keeper do?", "Who said the the word?", "What did it of?"],
)
def test_unsound_questions_are_recognised(question: str) -> None:
    assert not sound(question)


def test_unanswerable_questions_stay_on_the_topic_and_a_careful_reader_finds_no_answer() -> None:
    found = unanswerables(LIGHTHOUSE, None)
    assert {candidate.kind for candidate in found} == {"false_premise", "near_miss"}
    for candidate in found:
        assert not read(candidate.question, text=LIGHTHOUSE, title=None).answers


def test_a_false_premise_changes_a_fact_of_the_text() -> None:
    years = {"1874", "1889", "1951"}
    for candidate in unanswerables(LIGHTHOUSE, None):
        if candidate.kind == "false_premise":
            named = set(re.findall(r"\b1\d{3}\b", candidate.question))
            assert not named or named - years, candidate.question


def ask(
    kind: QuestionKind, aim: str, *, seed: int = 1, before: tuple[Line, ...] = (), **traits: float
) -> str:
    given = QuestionerInput(
        snippet=Passage(title="Vardholm lighthouse", text=LIGHTHOUSE),
        persona=Profile(name="x", traits=traits, opening_styles=("I sail past {topic} often.",)),
        kind=kind,
        aim=aim,
        transcript=before,
    )
    return question(given, seed=seed).question


def test_a_planned_aim_gives_back_its_question() -> None:
    assert ask("how_many", "how many steps the tower has") == "How many steps does the tower have?"


def test_an_aim_of_ones_own_is_asked_as_it_stands() -> None:
    assert ask("what", "the colour of the tower") == (
        "What can you tell me about the colour of the tower?"
    )
    assert ask("why", "why the reef is red") == "Can you tell me why the reef is red?"


def test_a_territory_is_nobody() -> None:
    text = "The treaty established the Duchy. The Duchy would extend west beyond the river Seine."
    assert not [asked for asked in asked_about(text).get("who", ()) if "extend" in asked]


def test_a_degree_goes_with_what_it_measures() -> None:
    text = "The zeal of the Normans was exercised in religious wars long before the Crusade began."
    assert not [asked for kind in asked_about(text).values() for asked in kind if "long?" in asked]


def test_a_verb_in_its_base_form_is_no_second_finite_one() -> None:
    found = study("In the arts, the Normans did not have the rich traditions of others.", None)
    clause = found.statements[0].clause
    assert clause is not None
    assert (clause.aux, clause.verb) == (("did", "not"), "have")


def test_nobody_asks_who_bore_somebody_or_why() -> None:
    text = "Elif Quist was born in Vienna. She was elected to the council of the town."
    asked = [candidate.question for candidate in unanswerables(text, None)]
    assert "Who elected Elif Quist to the council of the town?" in asked
    assert "How did Elif Quist get their name?" in asked
    assert "When was Elif Quist born in Vienna?" in asked
    assert not [words for words in asked if re.search(r"\bbore\b|Why was Elif Quist born", words)]


def test_an_opening_style_names_the_topic() -> None:
    openings = {ask("overview", "an overview", seed=seed) for seed in range(12)}
    assert any(o.startswith("I sail past the Vardholm lighthouse often.") for o in openings)
    assert len(openings) > 3


GREETED = (
    Line(speaker="questioner", text="What should I know about the Vardholm lighthouse?"),
    Line(speaker="answerer", text="The Vardholm lighthouse stands on a red reef."),
)


def test_a_conversation_opens_without_thanks_for_what_nobody_said() -> None:
    aim = "how many steps the tower has"
    said = {ask("how_many", aim, seed=seed, formality=5, warmth=5) for seed in range(30)}
    assert said == {"How many steps does the tower have?"}


def test_manner_varies_but_the_question_stays_whole() -> None:
    said = {
        ask(
            "how_many",
            "how many steps the tower has",
            seed=seed,
            before=GREETED,
            formality=5,
            warmth=5,
        )
        for seed in range(30)
    }
    assert len(said) >= 4
    assert "How many steps does the tower have?" in said
    assert all("how many steps the tower has" in s or "ow many steps does the" in s for s in said)


def test_a_question_already_asked_is_not_asked_again() -> None:
    before = (
        Line(speaker="questioner", text="Could you tell me how many steps the tower has?"),
        Line(speaker="answerer", text="The tower has 126 steps and two galleries."),
    )
    assert "steps" not in ask("how_many", "how many steps the tower has", before=before)


def test_a_follow_up_speaks_of_its_subject_by_a_pronoun() -> None:
    before = (
        Line(speaker="questioner", text="Who built the Vardholm lighthouse?"),
        Line(speaker="answerer", text="The engineer Karin Holt built the Vardholm lighthouse."),
    )
    aim = next(c.aim for c in candidates(LIGHTHOUSE, "Vardholm lighthouse") if c.kind == "where")
    assert re.search(r"where does it stand", ask("follow_up", aim, before=before), re.I)
