import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.core.errors import UserError
from colloquia.language.reading.sentences import split_sentences

_PROSE = st.text(alphabet=st.sampled_from("ab AB.?!\"')( \n;1é。"), max_size=200)


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


def test_a_full_stop_before_a_capital_ends_a_sentence() -> None:
    assert texts("Bees dance. They point at flowers.") == ["Bees dance.", "They point at flowers."]


def test_titles_initials_and_abbreviated_units_do_not_end_a_sentence() -> None:
    assert len(texts("Dr. Okoro met J. R. Lind near St. Olaf at 9 a.m. on Monday.")) == 1
    assert len(texts("It costs £2,340 incl. VAT, or £1,950 excl. VAT, and has 48 ports.")) == 1
    assert len(texts("The mast (max. 6.5 m) fell.")) == 1
    assert len(texts("It was led by such people as J. A. Hobson and Fr. Sorin.")) == 1
    assert len(texts("It has vitamin C. A lemon has it too. He read the Act. The end.")) == 4


def test_a_decimal_point_does_not_end_a_sentence() -> None:
    assert texts("It is 3.5 m long. It floats.") == ["It is 3.5 m long.", "It floats."]


def test_a_closing_quote_belongs_to_the_sentence_it_closes() -> None:
    assert texts('She said "stop." Then she left.') == ['She said "stop."', "Then she left."]


def test_blank_lines_and_list_items_separate() -> None:
    assert texts("Heading\n\nText here.") == ["Heading", "Text here."]
    assert texts("- one\n- two") == ["- one", "- two"]


def test_an_empty_text_has_no_sentences() -> None:
    assert texts(" \n\t ") == []


@given(st.one_of(st.text(max_size=200), _PROSE))
def test_every_sentence_is_the_text_between_its_offsets_and_none_overlap(text: str) -> None:
    end = 0
    for sentence in split_sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.start >= end
        end = sentence.end


@given(_PROSE)
def test_nothing_but_white_space_is_left_between_sentences(text: str) -> None:
    kept = "".join(sentence.text for sentence in split_sentences(text))
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("He sold it. 400 men came.", 2),
        ("They built dykes.[citation needed] Some moved on.[3][4] None came back.", 3),
        ("It became a third church, Trinity-St. Paul's.", 1),
        ("It consumes approx. 4 kg (art. 5, p. 3) per day.", 1),
    ],
)
def test_citations_and_abbreviations_before_numbers_are_read(text: str, many: int) -> None:
    assert len(texts(text)) == many


@pytest.mark.parametrize(
    ("language", "text", "many"),
    [
        ("de", "Am 3. Mai kam Dr. Berg z. B. nach Turku. Er blieb bis 1931. Dann ging er.", 3),
        ("es", "El Sr. López vive en EE. UU. desde 1990. ¿Y tú? Bien.", 3),
        ("fr", "Il vit p. ex. à Paris. C'est tout.", 2),
        ("ja", "これは本です。あれはペンです。", 2),
        ("hi", "यह किताब है। वह कलम है।", 2),
        ("ar", "هل هذا كتاب؟ نعم.", 2),
    ],
)
def test_other_languages_are_split_by_their_own_marks_and_abbreviations(
    language: str, text: str, many: int
) -> None:
    assert len(split_sentences(text, language)) == many


@given(st.one_of(st.text(max_size=200), _PROSE))
def test_offsets_are_exact_in_other_languages_too(text: str) -> None:
    for sentence in split_sentences(text, "de"):
        assert text[sentence.start : sentence.end] == sentence.text


def test_a_language_that_spacy_does_not_know_is_refused() -> None:
    with pytest.raises(UserError, match="knows no language 'qq'; use an ISO 639-1 code"):
        split_sentences("Ita. Non.", "qq")
