"""English or not: told by the words that English can't do without."""

import json

import pytest

from colloquia.authoring.starter import starter_files
from colloquia.language.english import looks_english

OTHERS = {
    "German": "Der Leuchtturm wurde im Jahr 1811 in Betrieb genommen und steht auf einem Riff.",
    "Dutch": "De vuurtoren is in 1811 voor het eerst ontstoken en was met een boot te bereiken.",
    "French": "Le phare fut allumé pour la première fois en 1811 et se dresse sur un récif.",
    "Spanish": "El faro se encendió por primera vez en 1811 y se alza sobre un arrecife.",
    "Danish": "Fyret blev tændt for første gang i 1811, og det var kun til at nå ved ebbe.",
    "Russian": "Маяк был впервые зажжён в 1811 году и стоит на рифе у восточного побережья.",
    "Chinese": "灯塔于1811年首次点亮，位于苏格兰东海岸外的礁石上。它于1988年实现自动化。",
}


def test_english_snippets_look_english() -> None:
    for line in starter_files()["snippets.jsonl"].splitlines():
        assert looks_english(json.loads(line)["text"])


@pytest.mark.parametrize("language", OTHERS)
def test_its_neighbours_do_not(language: str) -> None:
    assert not looks_english(OTHERS[language])


def test_a_few_words_get_the_benefit_of_the_doubt() -> None:
    assert looks_english("Bell Rock, 1811")
    assert looks_english("Der Turm steht.")
