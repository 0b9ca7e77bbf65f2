"""How personas put questions: the question whole, a light manner, nothing that a card rules out."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.authoring.personas.cards import load_personas
from colloquia.authoring.personas.profile import profile_of
from colloquia.core.roles import Line, Profile
from colloquia.core.types import QuestionKind
from colloquia.language.asking.questions import asking_sentences
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.manner import opening, spoken
from colloquia.offline.questions.tastes import asked_first, tastes
from colloquia.offline.reading.overview import asks_for_overview
from colloquia.offline.reading.topics import Topic

PERSONAS = tuple(profile_of(persona) for persona in load_personas())
BY_NAME = {persona.name: persona for persona in PERSONAS}
ANSWERED = "The trap holds water."
REFUSED = "I don't know when the trap was fitted."
LEASE = Candidate(
    kind="when", question="When does the lease expire?", aim="when the lease expires", statement=0
)
THING = Topic(name="the Selby Tower")
DOING = Topic(name="applying fluoride varnish", doing=True)
ASKING = Topic(name="how gluten forms in dough", asking=True)


def dialogue(*answers: str, questions: tuple[str, ...] = ()) -> tuple[Line, ...]:
    said = questions or ("What should I know about the trap?",) * len(answers)
    return tuple(
        line
        for question, answer in zip(said, answers, strict=True)
        for line in (
            Line(speaker="questioner", text=question), Line(speaker="answerer", text=answer)
        )
    )  # fmt: skip


def ways(persona: Profile, *answers: str, asked: Candidate = LEASE) -> set[str]:
    """Return all that a persona may say here."""
    return {
        spoken(asked, asked.question, persona, seed=seed, transcript=dialogue(*answers))
        for seed in range(300)
    }


@given(st.sampled_from(PERSONAS), st.integers(0, 10_000), st.sampled_from((ANSWERED, REFUSED)))
def test_a_question_stands_whole_in_what_is_said(persona: Profile, seed: int, answer: str) -> None:
    said = spoken(LEASE, LEASE.question, persona, seed=seed, transcript=dialogue(answer))
    assert LEASE.question[1:] in said or LEASE.aim[1:] in said
    assert asking_sentences(said)


def test_most_questions_are_plain() -> None:
    said = [
        spoken(LEASE, LEASE.question, persona, seed=seed, transcript=dialogue(ANSWERED))
        for persona in PERSONAS
        for seed in range(50)
    ]
    plain = sum(one.lower() == LEASE.question.lower() for one in said)
    assert 0.55 * len(said) < plain < 0.9 * len(said)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_no_manner_is_heard_twice(persona: Profile) -> None:
    for seed in range(40):
        asked: list[str] = []
        for turn in range(1, 9):
            said = dialogue(*[ANSWERED] * turn, questions=("What is a trap?", *asked))
            asked.append(spoken(LEASE, LEASE.question, persona, seed=seed, transcript=said))
        manners = [one.lower() for one in asked if one.lower() != LEASE.question.lower()]
        assert len(manners) == len(set(manners))


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_yes_no_and_long_questions_and_false_ones_stay_plain(persona: Profile) -> None:
    whether = Candidate(
        kind="near_miss", question="Is the trap dry?", aim="whether the trap is dry", statement=0
    )
    long = "When " + "very " * 16 + "late is it?"
    wordy = Candidate(kind="when", question=long, aim="when it is", statement=0)
    premise = replace(LEASE, kind="false_premise", denies=True)
    for asked in (whether, wordy, premise):
        said = {one.lower() for one in ways(persona, ANSWERED, asked=asked)}
        assert said == {asked.question.lower()}


def test_doubt_is_heard_where_there_is_a_fact_to_be_sure_of() -> None:
    engineer = BY_NAME["skeptical_engineer"]
    assert any("for certain" in said for said in ways(engineer, ANSWERED))
    why = replace(LEASE, kind="why")
    assert not any("for certain" in said for said in ways(engineer, ANSWERED, asked=why))


def test_nobody_is_thanked_for_a_refusal() -> None:
    warm = [persona for persona in PERSONAS if persona.traits.get("warmth", 0) >= 4]
    assert any("Thank" in said for persona in warm for said in ways(persona, ANSWERED))
    for persona in warm:
        assert not any(re.search(r"Thank|[Gg]ood to know", said) for said in ways(persona, REFUSED))


@pytest.mark.parametrize(
    ("name", "words", "answer"),
    [
        ("shy_beginner", "too basic", ANSWERED),
        ("homework_parent", "my kid", ANSWERED),
        ("museum_guide", "visitor", ANSWERED),
        ("retired_teacher", "thank you", ANSWERED),
        ("hurried_journalist", "next question", ANSWERED),
        ("debater", "fair enough", ANSWERED),
        ("exam_crammer", "one sentence", ANSWERED),
        ("language_learner", "in simple words", ANSWERED),
        ("night_shift_nurse", "called away", ANSWERED),
        ("careful_archivist", "note that as open", REFUSED),
        ("policy_analyst", "note that as open", REFUSED),
        ("skeptical_engineer", "stays open", REFUSED),
    ],
)
def test_behaviours_of_a_card_are_heard(name: str, words: str, answer: str) -> None:
    assert any(words in said.lower() for said in ways(BY_NAME[name], answer))


def everything_said(name: str) -> str:
    persona = BY_NAME[name]
    said = [*ways(persona, ANSWERED), *ways(persona, REFUSED)]
    said += [opening(topic, persona, seed=n) for n in range(200) for topic in (THING, DOING)]
    return "\n".join(said)


@pytest.mark.parametrize(
    ("name", "barred"),
    [
        ("careful_archivist", r"\w['’]\w"),  # contractions
        ("curious_teen", r"May I|Good (?:morning|afternoon)"),  # a formal greeting
        ("hurried_journalist", r"[Tt]hank|[Gg]ood to know"),  # small talk
        ("language_learner", r"gist|big picture|Got it|helps"),  # idioms; as if understood
        ("retired_teacher", r"gist|\bkid\b|[Nn]ext question|One sentence"),  # slang; hurry
        ("skeptical_engineer", r"[Tt]hank|[Gg]ood to know"),  # flattery
        ("policy_analyst", r"opinion|[Tt]hank"),
        ("shy_beginner", r"\bBut\b|gist"),
    ],
)
def test_what_a_card_never_does_is_never_said(name: str, barred: str) -> None:
    assert not re.search(barred, everything_said(name))


@given(st.sampled_from(PERSONAS), st.sampled_from((THING, DOING, ASKING)), st.integers(0, 9999))
def test_an_opening_names_the_topic_and_asks(persona: Profile, topic: Topic, seed: int) -> None:
    said = opening(topic, persona, seed=seed)
    assert topic.name[1:] in said
    assert "{" not in said and said.endswith("?") and asks_for_overview(said)
    assert said[0].isupper()
    assert not re.search(r"\b(?:the|a|an) (?:how|what|applying|the)\b", said)


def test_a_style_that_cannot_take_a_question_gives_way_to_a_plain_opening() -> None:
    persona = Profile(name="x", opening_styles=("I need {topic} in my head by tonight.",))
    assert any("in my head" in opening(THING, persona, seed=n) for n in range(20))
    for topic in (DOING, ASKING):
        assert not any("in my head" in opening(topic, persona, seed=n) for n in range(20))


def test_a_style_without_a_topic_comes_before_an_opening_that_has_one() -> None:
    persona = Profile(name="x", opening_styles=("Random question.",))
    said = {opening(THING, persona, seed=n) for n in range(20)}
    assert any(one.startswith("Random question. ") and THING.name in one for one in said)


@pytest.mark.parametrize(
    ("name", "liked"),
    [
        ("skeptical_engineer", "how_many"),
        ("retired_teacher", "where"),
        ("policy_analyst", "why"),
        ("exam_crammer", "comparison"),
        ("language_learner", "definition"),
        ("museum_guide", "follow_up"),
        ("shy_beginner", "yes_no"),
    ],
)
def test_cards_like_the_kinds_they_speak_of(name: str, liked: QuestionKind) -> None:
    assert tastes(BY_NAME[name])[liked] > 1


def test_what_a_card_never_asks_for_has_no_weight_left() -> None:
    assert tastes(BY_NAME["night_shift_nurse"])["how_many"] == 0
    assert "how_many" not in tastes(BY_NAME["museum_guide"])
    assert "where" not in tastes(BY_NAME["debater"])  # where the account can be attacked
    assert asked_first(BY_NAME["skeptical_engineer"]) == "how_many"
