"""Algorithm 1 of the Phi-4 report's appendix B, on its own example and at its edges."""

import pytest

from colloquia.snippets.decontamination import (
    SOFT,
    HeldOutTexts,
    grams,
    words_of,
)

# The report's pair is an exercise about oarsmen in two wordings. These are worded for this test,
# with what is known of that pair: the run of 13 words, and 15 of 37 runs of 7 words in common (the
# report divides by 38, one more than its printed text has).
TRAIN = (
    "Average problem, level two: The average weight of 20 oarsmen in a boat is increased by 2 kg "
    "when one of the crew who weighs 53 kg is replaced by a new man. What is the weight of the new "
    "rower? Choose among 71, 73, 91 and 93, and explain your choice in full sentences please."
)
TEST = (
    "On the river a coach weighs ten rowers; their mean rises by 1.8 kg after one of the crew, who "
    "weighs 53 kg, is replaced by a new man. What is the weight of the new one? Answer (a) 70 (b)"
    " 71."
)


def test_the_figures_of_the_reports_example() -> None:
    found = HeldOutTexts(texts=[TEST]).look(TRAIN)
    assert found.kind == "contaminated"
    assert found.run == "one of the crew who weighs 53 kg is replaced by a new"
    shared = set(grams(words_of(TRAIN), SOFT)) & set(grams(words_of(TEST), SOFT))
    sizes = [len(set(grams(words_of(text), SOFT))) for text in (TRAIN, TEST)]
    assert (len(shared), min(sizes)) == (15, 37)
    assert found.ratio == pytest.approx(0.405, abs=5e-4)


def test_a_common_run_of_13_words_is_allowed_and_the_ratio_decides() -> None:
    allowed = [
        "It says: one of the crew who weighs 53 kg is replaced by a new man. What is the "
        "weight of the new"
    ]
    found = HeldOutTexts(texts=[TEST], allowed=allowed).look(TRAIN)
    assert (found.kind, found.run) == ("partial", None)
    strict = HeldOutTexts(texts=[TEST], allowed=allowed, contaminated=0.4)
    assert strict.look(TRAIN).kind == "contaminated"


@pytest.mark.parametrize(
    ("partial", "contaminated", "kind"),
    [
        (0.2, 0.5, "contaminated"),
        (0.2, 0.51, "partial"),
        (0.5, 0.6, "clean"),
        (0.49, 0.6, "partial"),
    ],
)
def test_partial_is_above_its_bar_and_contaminated_from_its_bar_on(
    partial: float, contaminated: float, kind: str
) -> None:
    test = "a b c d e f g h"  # two runs of 7 words, one of them shared
    tests = HeldOutTexts(texts=[test], partial=partial, contaminated=contaminated)
    found = tests.look("a b c d e f g and more of it")
    assert (found.kind, found.ratio) == (kind, 0.5)


def test_the_shorter_text_is_what_the_share_is_of() -> None:
    long = " ".join(f"w{n}" for n in range(40))
    found = HeldOutTexts(texts=[long], partial=0.2).look("w0 w1 w2 w3 w4 w5 w6 w7")
    assert found.ratio == 1.0


def test_the_most_alike_of_several_tests_is_told() -> None:
    tests = HeldOutTexts(texts=["nothing", "a b c d e f g h i", "a b c d e f g"])
    assert tests.look("a b c d e f g x").test == 2


@pytest.mark.parametrize(
    "text", ["", "six words are not yet seven", "quite other words than those there"]
)
def test_texts_without_a_run_in_common_are_clean(text: str) -> None:
    found = HeldOutTexts(texts=[TEST, "", "short"]).look(text)
    assert (found.kind, found.test, found.ratio) == ("clean", None, 0.0)


def test_case_signs_and_underscores_make_no_difference() -> None:
    assert words_of("Foo_bar: ÉCOLE, 1.8\tkg") == ["foo", "bar", "école", "1", "8", "kg"]
