import subprocess
import sys

import pytest

from colloquia.language.reading.inflect import inflect, lemmas
from colloquia.language.reading.words import content_words, overlap, same_word


@pytest.mark.parametrize(
    ("lemma", "tag", "form"),
    [("write", "VBD", "wrote"), ("carry", "VBZ", "carries"), ("be", "VBP", "are"),
     ("have", "VBZ", "has"), ("box", "NNS", "boxes"), ("dry", "JJR", "drier"),
     ("blog", "VBG", "blogging")],
)  # fmt: skip
def test_a_lemma_has_a_form_for_each_tag(lemma: str, tag: str, form: str) -> None:
    assert inflect(lemma, tag) == form


def test_a_word_that_has_no_forms_is_left_without_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert inflect("blorb", "IN") == "blorb"
    assert not caplog.records


def test_a_form_has_lemmas_by_part_of_speech() -> None:
    assert lemmas("left") == {
        "VERB": ("leave",),
        "ADJ": ("left",),
        "ADV": ("left",),
        "NOUN": ("left",),
    }
    assert lemmas("mice")["NOUN"] == ("mouse",)
    assert lemmas("xqzzy") == lemmas("größe") == lemmas("1931") == {}


def test_forms_and_derived_words_are_the_same_word() -> None:
    assert same_word("conquered", "conquest")
    assert same_word("keeper's", "keepers")
    assert not same_word("station", "statue")


def test_content_words_leave_out_what_only_builds_the_sentence() -> None:
    assert content_words("When did the lamp that she lit go out in 1842?") == (
        "lamp",
        "lit",
        "go",
        "1842",
    )


def test_overlap_is_the_share_of_wanted_words_found_in_any_form() -> None:
    assert overlap(["lighting", "harbour"], "Keepers light the lamp.") == 0.5
    assert overlap([], "anything") == 1.0


def test_importing_the_offline_model_loads_no_heavy_library() -> None:
    code = (
        "import sys, colloquia.offline, colloquia.offline.model\n"
        "heavy = {'lemminflect', 'numpy', 'spacy', 'thinc', 'torch'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
