"""A pronoun is given the name before it only where nobody and nothing else may be meant."""

import pytest

from colloquia.offline.reading.study import study

_KEPT = {
    "Mary Hill built the mill in 1901. Tom Reed bought the mill in 1911. She died in 1913.": "She",
    "The Duke gave the abbey to his brother Hugh in 1204. He rebuilt the choir.": "He",
    "Helena Brandt drew the pump, but Karl Dorn was granted the patent. She left in 1913.": "She",
    "Helena Brandt was born in Tarn. She drew the pump, but Karl Dorn sold it. She left in 1913.": (
        "She"
    ),
    "Queen Anna gave the town a charter. Hugh Tarn built the wall. She died in 1219.": "She",
    "Mr. Karl Dorn was granted the patent. She left the firm in 1913.": "She",
    "The bank was founded in 1868. A transfer costs 40 francs. It has 23 branches.": "It",
    "The reactor opened in 1960. The flux is measured hourly. It was shut down in 1987.": "It",
}
_NAMED = {
    "Ada Quist was born in Tarn in 1881. She studied law.": "Ada Quist",
    "Ada Quist was born in 1881. She met Karl Dorn in 1905. She died in 1925.": "Ada Quist",
    "Tom Reed bought the mill. He sold it to Ann Hill. He died in 1913.": "Tom Reed",
    "Karl Dorn drew the pump in 1901. He won a prize.": "Karl Dorn",
    "A pump moves water. It has a handle.": "A pump",
    "The bank was founded in 1868. The bank has an office. It is in Skerra.": "The bank",
}


@pytest.mark.parametrize(("text", "pronoun"), _KEPT.items())
def test_who_or_what_else_may_be_meant_leaves_the_pronoun(text: str, pronoun: str) -> None:
    assert study(text, None).statements[-1].said.startswith(f"{pronoun} ")


@pytest.mark.parametrize(("text", "name"), _NAMED.items())
def test_one_subject_alone_gives_its_name(text: str, name: str) -> None:
    assert study(text, None).statements[-1].said.startswith(f"{name} ")
