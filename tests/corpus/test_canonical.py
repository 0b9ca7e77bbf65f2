import json

from hypothesis import example, given
from hypothesis import strategies as st
from made_dialogues import RECIPE_HASH, dialogue

from colloquia.core.record import DialogueRecord
from colloquia.core.types import Snippet
from colloquia.corpus.canonical import dialogue_line, parse_dialogue

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=30)
snippet_text = st.text(min_size=1, max_size=30)  # a snippet's own text is clean already


def through(record: DialogueRecord) -> DialogueRecord:
    return parse_dialogue(json.loads(dialogue_line(record, recipe_hash=RECIPE_HASH)))


def test_a_first_run_is_read_back_as_it_was() -> None:
    assert through(dialogue(5)) == dialogue(5)


def test_a_second_run_of_the_recipe_gives_the_same_bytes() -> None:
    first, second = dialogue(5), dialogue(5, ordinal=2)
    assert first != second
    assert dialogue_line(first, recipe_hash=RECIPE_HASH) == dialogue_line(
        second, recipe_hash=RECIPE_HASH
    )


def test_the_order_in_which_turns_and_reviews_came_in_does_not_show() -> None:
    record = dialogue(5)
    shuffled = record.model_copy(
        update={"tree": record.tree[::-1], "reviews": record.reviews[::-1]}
    )
    assert dialogue_line(shuffled, recipe_hash=RECIPE_HASH) == dialogue_line(
        record, recipe_hash=RECIPE_HASH
    )


@given(snippet_text, any_text)
@example("a\u2028b\x85c", "lone \ud800 \x00\x0b\x1c")
def test_hostile_text_survives_on_one_line(text: str, answer: str) -> None:
    record = dialogue(
        snippet=Snippet.of(text, title=answer, metadata={"x": [answer]}), answers=("a", answer)
    )
    line = dialogue_line(record, recipe_hash=RECIPE_HASH)
    assert len(line.splitlines()) == 1
    line.encode("utf-8")
    assert through(record) == record
