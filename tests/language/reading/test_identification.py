"""Which language a text is in, and that no other is taken for English."""

import importlib
import json
import pkgutil

import pytest
import spacy.lang

from colloquia.authoring.starter import starter_files
from colloquia.language.reading.identification import language_of

OTHERS = {
    "de": "Der Leuchtturm wurde im Jahr 1811 in Betrieb genommen und steht auf einem Riff.",
    "nl": "De vuurtoren is in 1811 voor het eerst ontstoken en was met een boot te bereiken.",
    "fr": "Le phare fut allumé pour la première fois en 1811 et se dresse sur un récif.",
    "es": "El faro se encendió por primera vez en 1811 y se alza sobre un arrecife.",
    "da": "Fyret blev tændt for første gang i 1811, og det var kun til at nå ved ebbe.",
    "nb": "Fyret ble tent for første gang i 1811, og det var bare mulig å nå det ved fjære.",
    "ru": "Маяк был впервые зажжён в 1811 году и стоит на рифе у восточного побережья.",
    "el": "Ο φάρος άναψε για πρώτη φορά το 1811 και στέκει πάνω σε έναν ύφαλο.",
    "zh": "灯塔于1811年首次点亮，位于苏格兰东海岸外的礁石上。它于1988年实现自动化。",
    "xx": "Mae'r goleudy wedi'i adeiladu ym 1811 ac mae'n sefyll ar greigres.",
}


def test_english_snippets_look_english() -> None:
    for line in starter_files()["snippets.jsonl"].splitlines():
        assert language_of(json.loads(line)["text"]) == "en"


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_are_told_apart(language: str) -> None:
    assert language_of(OTHERS[language]) == language


def test_hardly_a_sentence_of_another_language_is_taken_for_english() -> None:
    others = {found.name for found in _languages()} - {"en", "xx"}
    modules = [f"spacy.lang.{name}.examples" for name in others]
    sentences = [text for name in modules for text in _examples(name)]
    taken = [text for text in sentences if language_of(text) == "en"]
    assert len(sentences) > 400 and len(taken) <= 0.02 * len(sentences), taken


@pytest.mark.parametrize(
    "names",
    [
        "Bell Rock, 1811",
        "Garonne, Loire, Seine, Rhône, Dordogne, Lot, Tarn",
        "Johann Sebastian Bach (1685-1750)",
        "Robert Stevenson, John Rennie, John Smeaton, Alan Stevenson and David Stevenson",
        "12:30 - 14:00",
    ],
)
def test_names_and_figures_tell_nothing_and_count_as_english(names: str) -> None:
    assert language_of(names) == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der Turm steht.", "de"),
        ("The tower is red.", "en"),
        ("Torque 12 Nm; bolt M8; washer DIN 125.", "en"),
        ("Ποσειδώνας, Αθήνα", "el"),
        ("DNA 由两条链组成。", "zh"),
    ],
)
def test_a_few_words_are_enough(text: str, language: str) -> None:
    assert language_of(text) == language


def _languages() -> list[pkgutil.ModuleInfo]:
    return [found for found in pkgutil.iter_modules(spacy.lang.__path__) if found.ispkg]


def _examples(name: str) -> list[str]:
    """Return the sentences that spaCy shows for a language; not every language has them."""
    try:
        return list(importlib.import_module(name).sentences)
    except ImportError:
        return []
