from colloquia.language.phrases import head_noun, long_phrase_end, noun_phrase_end, phrase_kind
from colloquia.language.tagging import tag


def kind(phrase: str) -> str:
    return phrase_kind(tag(f"They met {phrase}.")[2:-1])


def test_a_phrase_is_typed_by_the_question_it_answers() -> None:
    assert kind("in 1066") == "time"
    assert kind("in the 10th century") == "time"
    assert kind("in Lisbon") == "place"
    assert kind("through patience") == "means"
    assert kind("with friends") == "phrase"


def test_a_language_is_no_place() -> None:
    assert kind("in French") == "phrase"


def test_a_noun_phrase_ends_before_the_participle_after_it() -> None:
    tokens = tag("The old town called Ilium burned.")
    assert tokens[noun_phrase_end(tokens, 0) - 1].text == "town"


def test_lists_and_of_phrases_belong_to_a_long_phrase() -> None:
    tokens = tag("the gates of the city, the walls and the towers fell")
    assert tokens[long_phrase_end(tokens, 0) - 1].text == "city"
    tokens = tag("They sold apples, pears and plums.")
    assert tokens[long_phrase_end(tokens, 2) - 1].text == "plums"


def test_the_head_is_the_noun_before_the_first_preposition() -> None:
    assert head_noun(tag("the tall keeper of the light")).text == "keeper"
