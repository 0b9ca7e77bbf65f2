"""What a question may speak of as known: what was named before, or what everybody knows of."""

import pytest

from colloquia.core.roles import Line, Passage, Profile, QuestionerInput
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.fitting import fits, unheard_of
from colloquia.offline.questions.questioner import question
from colloquia.offline.reading.study import study

RACE = (
    "A boat that reaches the zone first gives the other boats room. The duty ends when room has "
    "been given. A port-tack boat keeps clear of the boat ahead. The weight of the anchor is "
    "recorded. The flame sensor is cleaned. The server sets a flag if a reply is too long. The "
    "patient waits. Clinical attachment level (CAL) is measured. The largest anchor is kept."
)


@pytest.mark.parametrize(
    ("question", "said", "unheard"),
    [
        ("When does the duty end?", "Boats give each other room.", "the duty"),
        ("When does the duty end?", "Each boat has a duty to give room.", None),
        ("How is the boat cleaned?", "Races are sailed at sea.", "the boat"),
        ("How is the boat cleaned?", "Boats give each other room.", None),
        ("What is the weight of the anchor?", "Races are sailed at sea.", None),
        ("How is the flame sensor cleaned?", "Races are sailed at sea.", None),
        ("When does the server set a flag?", "Races are sailed at sea.", None),
        ("How long does the patient wait?", "Races are sailed at sea.", None),
        ("Where is the largest anchor kept?", "Races are sailed at sea.", None),
        ("What about CAL?", "Races are sailed at sea.", "CAL"),
        ("What about CAL?", "The attachment level (CAL) is measured.", None),
        ("When does the duty end?", "", None),
    ],
)
def test_what_nobody_has_spoken_of_is_found(question: str, said: str, unheard: str | None) -> None:
    found = unheard_of(question, study(RACE, None), said)
    assert (found and found.lower()) == (unheard and unheard.lower())


@pytest.mark.parametrize(
    ("question", "aim", "put"),
    [
        ("What can a client do?", "what a client can do", True),
        (
            "Can a client use low boiling fluids in a cycle?",
            "whether low fluids serve",
            False,  # the sentence, asked if it is so
        ),
    ],
)
def test_what_would_be_turned_down_is_not_put(question: str, aim: str, put: bool) -> None:
    text = "A client can use low boiling fluids in a cycle."
    asked = Candidate(kind="yes_no", question=question, aim=aim, statement=0)
    assert fits(asked, studied=study(text, None), answers=(), said=("Clients ask.",)) is put


def test_an_indirect_question_never_has_the_passage_word_for_word() -> None:
    text = (
        "Boats race. The big windward boat must keep clear of the leeward boat when they overlap."
    )
    persona = Profile(name="guest", traits={"formality": 5.0, "verbosity": 5.0})
    told = (
        Line(speaker="questioner", text="What do boats do?"),
        Line(speaker="answerer", text="Boats race."),
    )
    aim = "when the big windward boat must keep clear of the leeward boat"
    given = QuestionerInput(
        snippet=Passage(text=text), persona=persona, kind="when", aim=aim, transcript=told,
        foundation="Boats race.",
    )  # fmt: skip
    for seed in range(200):
        assert aim not in question(given, seed=seed).question
