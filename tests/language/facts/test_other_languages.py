"""What can be read in a language without rules of its own, with a pipeline or without one."""

import sys
from pathlib import Path

import pytest
import spacy
from checkout import output_of
from hypothesis import given
from hypothesis import strategies as st

from colloquia.core.errors import UserError
from colloquia.language.facts.finding import find_facts
from colloquia.language.facts.support import unsupported_facts
from colloquia.language.reading.identification import refuse_unknown
from colloquia.language.reading.sentences import split_sentences

GERMAN = (
    "Der Turm von Dr. Meier steht z. B. seit dem 19. Jahrhundert, genauer seit 1851, auf dem Riff. "
    "Sein Bau kostete 1.260,50 Mark!  Das Licht reicht 3,5 km weit und brennt ab 9:30 Uhr."
)


def strays(answer: str, source: str = GERMAN, language: str = "de") -> list[str]:
    return [fact.text for fact in unsupported_facts(answer, sources=(source,), language=language)]


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("de", GERMAN, 3),
        ("el", "Ο φάρος χτίστηκε το 1851. Έφεγγε ως τα 18 μίλια.", 2),
        ("zh", "灯塔于1851年建成。它于1988年实现自动化。", 2),
        ("ja", "灯台は1851年に建てられました。高さは31メートルです。", 2),  # spaCy wants a library
        ("xx", "La turo staras. Ĝi estas ruĝa.", 2),  # Esperanto, which spaCy doesn't know
    ],
)
def test_sentences_end_where_a_blank_pipeline_sees_it(
    language: str, text: str, sentences: int
) -> None:
    found = split_sentences(text, language)
    assert len(found) == sentences
    assert all(text[s.start : s.end] == s.text == s.text.strip() for s in found)


@pytest.mark.parametrize(
    "same",
    ["1851", "1 260,50 Mark", "1260,5 Mark", "3,50 km", "3.5 km", "ab 9.30 Uhr", "im 19. Jh."],
)
def test_a_figure_may_be_written_otherwise(same: str) -> None:
    assert strays(f"Das waren {same}") == []


@pytest.mark.parametrize("other", ["1815", "12.605", "35", "1.260", "9:03", "3,6"])
def test_a_figure_that_differs_is_found(other: str) -> None:
    assert strays(f"Es waren {other} Mark.") == [other]


@pytest.mark.parametrize(
    ("language", "source", "answer", "stray"),
    [
        ("zh", "灯塔于1851年建成，高31米。", "灯塔于1815年建成。", "1815"),
        ("fr", "Le phare fut construit en 1851.", "Il date de 1815.", "1815"),
        ("el", "Ο φάρος χτίστηκε το 1851.", "Χτίστηκε το 1815.", "1815"),
        ("ar", "بنيت المنارة عام ١٨٥١.", "بنيت عام ١٨١٥.", "١٨١٥"),
    ],
)
def test_a_swapped_figure_is_found_in_every_script(
    language: str, source: str, answer: str, stray: str
) -> None:
    assert strays(answer, source, language) == [stray]
    assert strays(source, source, language) == []


@pytest.mark.parametrize(
    ("language", "source", "answer"),
    [
        ("ru", "Мост стоит в Москве. Строил Иван Петров.", "Он стоит в самой Москвы по Петрову."),
        ("pl", "Most stoi w Krakowie.", "To miasto Kraków."),
        ("el", "Ο φάρος της Αθήνας χτίστηκε το 1851.", "Είναι στην Αθήνα."),
        ("fr", "Le phare de l'Océan brille.", "C'est celui de l'Océan, ou d'Océan."),
    ],
)
def test_an_inflected_name_is_no_stranger(language: str, source: str, answer: str) -> None:
    assert strays(answer, source, language) == []
    assert strays("Er ist in Wladiwostok.", source, language) == ["Wladiwostok"]


def test_digits_of_another_script_are_the_same_figure() -> None:
    assert strays("عام 1851", "عام ١٨٥١", "ar") == []


@given(st.integers(0, 10**6), st.integers(0, 99), st.sampled_from([",", "."]))
def test_a_text_holds_its_own_figures_and_no_neighbour(whole: int, part: int, mark: str) -> None:
    said = f"{whole}{mark}{part:02d}"
    assert strays(f"genau {said} Mark", f"Es waren {said} Mark.") == []
    assert strays(f"genau {whole + 1}{mark}{part:02d} Mark", f"Es waren {said} Mark.") != []


def test_a_blank_pipeline_takes_no_noun_for_a_name() -> None:
    assert [fact.kind for fact in find_facts(GERMAN, "de")] == ["number"] * 5


def test_every_installed_pipeline_tells_names(tmp_path: Path) -> None:
    """A pipeline of a package that spaCy finds as it finds any, without a sentence splitter."""
    made = spacy.blank("de")
    patterns = [{"label": "PER", "pattern": name} for name in ("Ada Marsh", "Adas", "Ben Holt")]
    made.add_pipe("entity_ruler").add_patterns(patterns)  # type: ignore[attr-defined]
    (tmp_path / "de_small").mkdir()
    made.to_disk(tmp_path / "de_small" / "data")
    (tmp_path / "de_small" / "__init__.py").write_text(
        "from pathlib import Path\n"
        "from spacy.util import load_model_from_path\n"
        "def load(**options):\n"
        "    return load_model_from_path(Path(__file__).parent / 'data', **options)\n"
    )
    told = tmp_path / "de_small-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: de_small\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[spacy_models]\nde_small = de_small\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from colloquia.language.facts.support import unsupported_facts as strays\n"
        "from colloquia.language.reading.sentences import split_sentences\n"
        "source = 'Den Turm baute Ada Marsh. Er steht.'\n"
        "for answer in ('Ada Marsh war es.', 'Adas Turm.', 'Ben Holt war es.'):\n"
        "    print([f.text for f in strays(answer, sources=(source,), language='de')])\n"
        "print(len(split_sentences(source, 'de')))\n"
    )
    said = output_of([sys.executable, "-c", code], cwd=tmp_path)
    assert said.splitlines() == ["[]", "[]", "['Ben Holt']", "2"]


def test_a_language_is_known_without_loading_spacy() -> None:
    code = (
        "import sys; from colloquia.language.reading.identification import refuse_unknown\n"
        "refuse_unknown('de'); print('spacy' in sys.modules)"
    )
    assert output_of([sys.executable, "-c", code], cwd=Path.cwd()).split() == ["False"]
    with pytest.raises(UserError, match="spaCy knows no 'german'; give an ISO 639-1 code"):
        refuse_unknown("german")
