"""Questions that a snippet all but answers, and those that it contradicts."""

from collections import Counter
from pathlib import Path

import pytest

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable.choosing import unanswerables
from colloquia.offline.questions.unanswerable.near_misses import near_misses
from colloquia.offline.questions.unanswerable.premises import premises
from colloquia.offline.reading.study import study

LIGHTHOUSE = (Path(__file__).parent / "lighthouse.txt").read_text("utf-8").strip()


def _near(text: str) -> dict[str, str]:
    return {c.question: c.family for c in near_misses(study(text, None))}


def _false(text: str) -> dict[str, Candidate]:
    return {c.question: c for c in premises(study(text, None))}


@pytest.mark.parametrize(
    ("family", "text", "question"),
    [
        ("duration", "Switch off power. Then flush the line with warm water.",
         "How long should you flush the line with warm water?"),
        ("date", "The Normans conquered the island.",
         ("When did the Normans conquer the island?",
          "In which year did the Normans conquer the island?")),
        ("reason of a state", "The pattern of the terraces is asymmetrical.",
         "Why is the pattern of the terraces asymmetrical?"),
        ("architect", "Warsaw was bombed. The Saxon Theatre burned down.",
         "Who designed the Saxon Theatre?"),
        ("doer", "A church was founded in 1820.", "Who founded the church?"),
        ("reason of a ban", "Ordinary repairs cannot be deducted.",
         "Why can ordinary repairs not be deducted?"),
        ("reason of a figure", "Cursors expire after 15 minutes.",
         "Why do cursors expire after 15 minutes?"),
        ("reason of a duty", "The contract must be signed in ink.",
         "Why must the contract be signed in ink?"),
        ("consequence", "The contract must be signed.",
         "What happens if the contract is not signed?"),
        ("alternative", "Texture can be estimated with a ribbon test.",
         "How else can texture be estimated?"),
        ("how many of them",
         "In 1750 several monks of the abbey fled to Italy because of the war.",
         "How many monks of the abbey fled to Italy?"),
    ],
)  # fmt: skip
def test_a_reader_asks_for_what_is_left_out(
    family: str, text: str, question: str | tuple[str, ...]
) -> None:
    ways = (question,) if isinstance(question, str) else question
    assert family in {_near(text).get(way) for way in ways}, _near(text)


@pytest.mark.parametrize(
    ("told", "question"),
    [
        (" This takes ten minutes.", "How long should you flush the line with warm water?"),
        (
            " Flushing the line lasts for an hour.",
            "How long should you flush the line with warm water?",
        ),
    ],
)  # fmt: skip
def test_what_a_later_sentence_tells_is_not_asked_as_open(told: str, question: str) -> None:
    assert question in _near("Switch off power. Then flush the line with warm water.")
    assert question not in _near("Switch off power. Then flush the line with warm water." + told)


def test_a_reason_or_a_consequence_in_the_sentence_keeps_both_from_being_open() -> None:
    text = "The contract must be signed in ink, because pencil fades; otherwise it is void."
    assert not {"reason of a duty", "consequence"} & set(_near(text).values())


@pytest.mark.parametrize(
    ("family", "text", "question", "lead"),
    [
        (
            "not dropped",
            "Before application, remove visible plaque and wipe the teeth with gauze; they "
            "need not be perfectly dry, because the varnish sets on contact with saliva.",
            "Why must the teeth be perfectly dry?",
            "They needn't.",
        ),
        (
            "not dropped",
            "Milk teeth should not be replanted.",
            "Why should milk teeth be replanted?",
            "They shouldn't.",
        ),
        (
            "why figure",
            "A claim from a registered agent of the company was lodged with the court in 1825.",
            "Why was a claim from a registered agent of the company lodged with the court in 1815?",
            "It wasn't.",
        ),
    ],
)  # fmt: skip
def test_one_thing_is_misremembered_and_denied(
    family: str, text: str, question: str, lead: str
) -> None:
    found = _false(text)
    assert question in found, list(found)
    assert (found[question].family, found[question].lead) == (family, lead)
    assert found[question].denies


def test_a_check_with_a_wrong_figure_is_answered_no() -> None:
    found = _false("A token is valid for 36 hours.")
    assert {c.lead for c in found.values()} == {"No."}
    asked = " ".join(found)
    assert "valid for 32 hours?" in asked or "valid for 40 hours?" in asked


def test_nobody_asks_why_of_a_wrong_bound() -> None:
    text = "The Labour Tribunal of the country must award the employee at least four weeks' pay."
    assert not [q for q in _false(text) if q.startswith("Why")]


def test_a_figure_the_text_also_has_is_never_the_wrong_one() -> None:
    text = "An access token is valid for 3,600 seconds. A code is valid for 7,200 or 1,800 seconds."
    assert not [q for q in _false(text) if "access token" in q and ("7,200" in q or "1,800" in q)]


def test_bounds_are_moved_only_to_where_the_text_says_no() -> None:
    more = _false("The tribunal must award at least four weeks' pay.")
    assert all("six" in q for q in more if "at least" in q)
    less = _false("The decision is delivered within 60 days.")
    assert less
    assert all("30" in q for q in less if "within" in q)


def test_ranges_and_labels_are_left_alone() -> None:
    text = "Shaping stops 1 to 3 mm short of the apex. Servers listen on port 67."
    assert not [c for c in _false(text).values() if c.family.startswith("figure")]


def test_what_would_happen_in_a_case_is_not_asked_for_how_long() -> None:
    assert not _near("If bubbles rise, the dough will ferment in the bowl.")


def test_a_snippet_has_few_of_them_of_a_statement() -> None:
    found = unanswerables(LIGHTHOUSE, "Lighthouse")
    assert found
    assert max(Counter((c.statement, c.kind) for c in found).values()) <= 2
    assert {c.kind for c in found} <= {"near_miss", "false_premise"}
    assert not {c.question for c in found} & {
        c.question for c in candidates(LIGHTHOUSE, "Lighthouse")
    }


@pytest.mark.parametrize(
    "text",
    [
        "The Normans adopted the language: nobody else could read their laws.",
        "It fell. The plasma cells secrete copies of the antibody. Most cells die in a week.",
        "The college ended the programme in 2007 as the cost had grown.",
        "Nitrate film burns easily and needs separate storage.",
        "Warsaw was bombed. The Saxon Theatre was left. The architect of the theatre had fled.",
    ],
)
def test_what_a_colon_or_another_sentence_may_tell_is_not_taken_for_open(text: str) -> None:
    found = " ".join(_near(text))
    assert not any(asked in found for asked in ("Why did", "nitrate", "How long", "Who designed"))


def test_what_would_be_asked_of_all_neighbours_is_asked_by_few() -> None:
    texts = [f"Warsaw was bombed on day {day}. The Saxon Theatre burned down." for day in range(60)]
    asked = [
        any(c.family == "architect" for c in unanswerables(text, "Saxon Theatre")) for text in texts
    ]
    assert 0 < sum(asked) < len(texts) / 2
