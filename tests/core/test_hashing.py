"""Ids are a matter of content alone."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from colloquia.core.hashing import canonical_json, content_id, digest, seed_for
from colloquia.core.types import Snippet, Turn

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))


@given(JSON, JSON)
def test_different_values_have_different_ids(one: object, other: object) -> None:
    if canonical_json(one) != canonical_json(other):
        assert content_id("x1", one) != content_id("x1", other)


def test_ids_do_not_hang_on_the_process() -> None:
    code = "from colloquia.core.hashing import seed_for; print(seed_for(7, 'a', 'b'))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert printed == {f"{seed_for(7, 'a', 'b')}\n"}


@given(st.text(min_size=1), st.text())
def test_the_same_text_is_the_same_snippet_under_any_title(text: str, title: str) -> None:
    assert Snippet.of(text, title=title).id == Snippet.of(text, title=title + "!").id


def test_a_turn_is_known_by_parent_speaker_text_and_attempt() -> None:
    one = Turn.of(parent_id="p", speaker="answerer", text="x")
    assert one.id == Turn.of(parent_id="p", speaker="answerer", text="x", declined=True).id
    assert one.id != Turn.of(parent_id="p", speaker="answerer", text="x", attempt=1).id
    assert one.id != Turn.of(parent_id="q", speaker="answerer", text="x").id
    assert one.id != Turn.of(parent_id="p", speaker="questioner", text="x").id
    assert digest([1]) != digest(["1"])
