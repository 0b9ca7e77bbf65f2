import subprocess
import sys

from colloquia.language.inflection import inflect, is_plural_noun, verb_lemma
from colloquia.language.words import content_words, overlap, same_word


def test_verbs_are_taken_to_their_base_and_back() -> None:
    assert verb_lemma("began", "VBD") == "begin"
    assert verb_lemma("left", "VBD") == "leave"
    assert inflect("write", "VBD") == "wrote"
    assert inflect("carry", "VBZ") == "carries"


def test_plurals_are_known_from_words_that_only_end_like_them() -> None:
    assert is_plural_noun("mice")
    assert not is_plural_noun("glass")


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
        "heavy = {'textblob', 'lemminflect', 'numpy', 'nltk'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
