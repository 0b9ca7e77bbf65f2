"""Answers, corrections and refusals: honest, in good grammar, and told apart by their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.language.asking.declining import CORRECTIONS, REFUSALS, corrects, declines
from colloquia.offline.answers.wording import answer_text, refusal_text

AIMS = (
    "how often the trap has to be refilled",
    "whether the drain is open in winter",
    "who paid for the bell",
    "what CEJ stands for",
    "when the lease expires if the server doesn't reply",
)
SAID = "Shaping normally stops before the second proof."


@pytest.mark.parametrize(
    ("lead", "said", "told"),
    [
        ("", "the trap holds water", "The trap holds water."),
        ("No.", "The trap holds water.", "No. The trap holds water."),
        ("Not always.", "The trap may be dry.", "Not always. The trap may be dry."),
        ("CEJ stands for joint", "It is here.", "CEJ stands for joint. It is here."),
    ],
)  # fmt: skip
def test_an_answer_is_the_statement_behind_its_lead(lead: str, said: str, told: str) -> None:
    assert answer_text(lead, said) == told


@given(st.sampled_from(AIMS), st.integers(0, 10_000))
def test_every_refusal_is_seen_to_decline_and_none_to_correct(aim: str, seed: int) -> None:
    said = refusal_text(aim, seed=seed)
    assert declines(said) and not corrects(said)
    assert aim[1:] in said and said[0].isupper() and said.endswith(".")


@pytest.mark.parametrize("form", REFUSALS)
@pytest.mark.parametrize("aim", AIMS)
def test_every_form_of_refusal_is_recognised(form: str, aim: str) -> None:
    said = form.format(aim=aim, Aim=aim[:1].upper() + aim[1:])
    assert declines(said)
    assert declines(said.replace("'", "’"))


def test_refusals_vary() -> None:
    assert len({refusal_text(AIMS[0], seed=seed) for seed in range(200)}) == len(REFUSALS) >= 8


def test_a_long_question_is_no_subject() -> None:
    said = {refusal_text(AIMS[-1], seed=seed) for seed in range(100)}
    assert not any(one.startswith(AIMS[-1].capitalize()[:10]) for one in said)
    assert len(said) == len(REFUSALS) - 1


def test_no_refusal_is_heard_twice_while_another_is_left() -> None:
    heard: list[str] = []
    for _ in REFUSALS:
        heard.append(refusal_text(AIMS[0], seed=7, heard=heard))
    assert len(set(heard)) == len(REFUSALS)


@pytest.mark.parametrize(
    "lead", [*CORRECTIONS, "No.", "It doesn't.", "They weren't.", "He may not."]
)
def test_a_correction_corrects_and_declines_nothing(lead: str) -> None:
    said = answer_text(lead, SAID)
    assert corrects(said) and not declines(said)
    assert said.endswith(SAID)


@pytest.mark.parametrize("form", (*REFUSALS, *CORRECTIONS))
def test_no_form_names_a_text(form: str) -> None:
    assert not {"passage", "source", "text", "question"} & set(form.lower().strip(".").split())


@pytest.mark.parametrize("lead", ["Yes.", "No.", "Not always.", ""])
def test_answers_are_not_taken_for_refusals(lead: str) -> None:
    assert not declines(answer_text(lead, SAID))
