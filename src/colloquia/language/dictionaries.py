"""The dictionaries behind tags and word forms, loaded at a moment of one's choice."""

from colloquia.language.inflection import inflect, lemmas
from colloquia.language.tagging import load_lexicon


def load_dictionaries() -> None:
    """Load what is otherwise loaded by the first word that is looked up: a second, once."""
    load_lexicon()
    lemmas("be")
    inflect("look", "VBD")
