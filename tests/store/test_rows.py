"""Any text survives the way into a row and back, or is replaced in one documented way."""

import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloquia.core.commit import Commit
from colloquia.core.errors import StoreError
from colloquia.core.types import Message, Review, Snippet, Span, ToolCall, Turn, Value
from colloquia.store.columns import JsonText, clean, from_json, to_json
from colloquia.store.repository import Store
from colloquia.store.rows import TABLES, AnyValue, call_from_row, call_row, from_row, to_row
from colloquia.store.tables import Row
from tests.store.samples import begin, pending, talk

UNHURRIED = settings(deadline=None, max_examples=60)  # other jobs may share the machine
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE,
    lambda inner: st.lists(inner) | st.dictionaries(STORABLE, inner),
    max_leaves=8,
)


@UNHURRIED
@given(STORABLE.filter(bool), st.none() | STORABLE, st.dictionaries(STORABLE, JSON))
def test_a_snippet_of_any_text_comes_back(text: str, title: str | None, extra: object) -> None:
    value = Snippet.of(text, title=title, metadata=extra)
    assert kept(value) == value


@UNHURRIED
@given(st.dictionaries(STORABLE, st.floats(0, 1)), STORABLE)
def test_scores_come_back_to_the_last_digit_and_in_their_order(
    scores: dict[str, float], rationale: str
) -> None:
    value = Review.of(
        subject_id="t", reviewer="critic", scores=scores, verdict="accept", rationale=rationale
    )
    again = kept(value)
    assert again == value
    assert list(again.scores) == list(scores)


@UNHURRIED
@given(st.text(st.characters()))
def test_cleaning_keeps_offsets_and_makes_any_text_utf8(text: str) -> None:
    cleaned = clean(text)
    assert cleaned is not None
    assert len(cleaned) == len(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned
    assert through_json([{text: [text, "\\" + text]}]) == [{cleaned: [cleaned, "\\" + cleaned]}]


async def test_lone_surrogates_and_nul_are_replaced_everywhere(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    dialogue, bad, good = pending(1, run.id), "a\ud800b\x00c", "a�b�c"
    turn = Turn.of(
        parent_id=dialogue.id,
        speaker="answerer",
        text=bad,
        thought=bad,
        spans=(Span(start=0, end=5, text=bad),),
    )
    review = Review.of(
        subject_id=turn.id, reviewer="critic", scores={"x": 1.0}, verdict="accept", rationale=bad
    )
    message = Message(role="user", content=bad)
    call = talk(1, run.id).calls[0].model_copy(update={"messages": (message,), "reply": bad})
    await store.put(run.id, dialogue.id, Commit(turns=(turn,), reviews=(review,), calls=(call,)))

    record, (stored,) = store.record(dialogue.id), store.calls(run.id, dialogue.id)

    (kept,), (opinion,) = record.tree, record.reviews
    assert (kept.text, kept.thought, kept.spans[0].text) == (good, good, good)
    assert (opinion.scores, opinion.rationale) == ({"x": 1.0}, good)
    assert (stored.reply, stored.messages[0].content) == (good, good)


def test_a_call_comes_back_with_its_messages_in_order() -> None:
    call = talk(1, "run1_x").calls[0]
    again = call.model_copy(update={"messages": (*call.messages[::-1], call.messages[0])})
    by_id = {message.id: message for message in again.messages}
    assert call_from_row(call_row(again, run_id="run1_x"), by_id) == again


async def test_tool_calls_and_their_results_come_back(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    called = ToolCall(id="c1", name="words_of", arguments='{"text": "a\ud800b"}')
    messages = (
        Message(role="assistant", content="", tool_calls=(called,)),
        Message(role="tool", content="", tool_call_id="c1"),
        Message(role="tool", content="", tool_call_id="c2"),
        Message(role="assistant", content=""),
    )
    call = (
        talk(1, run.id)
        .calls[0]
        .model_copy(update={"messages": messages, "reply": "", "tool_calls": (called,)})
    )
    await store.put(run.id, pending(1, run.id).id, Commit(calls=(call,)))
    (stored,) = store.calls(run.id, pending(1, run.id).id)
    clean_call = called.model_copy(update={"arguments": '{"text": "a�b"}'})
    assert stored.tool_calls == (clean_call,)
    assert stored.messages == (
        messages[0].model_copy(update={"tool_calls": (clean_call,)}),
        *messages[1:],
    )


@pytest.mark.parametrize("score", [math.nan, math.inf])
async def test_a_number_that_json_cannot_write_is_refused(store: Store, score: float) -> None:
    run = await begin(store, dialogues=[1])
    review = Review.of(subject_id="t", reviewer="r", scores={"x": score}, verdict="accept")
    message = rf"colloquia.db: \{{'x': {score}\}} holds a number that is not finite$"
    with pytest.raises(StoreError, match=message):
        await store.put(run.id, pending(1, run.id).id, Commit(reviews=(review,)))


@pytest.mark.parametrize("damage", ["outcome = 'perhaps'", "attempt = 'x'"])
async def test_a_row_spoilt_by_hand_is_named(store: Store, path: Path, damage: str) -> None:
    run = await begin(store, dialogues=[1])
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"UPDATE dialogues SET {damage}")
    connection.close()
    with pytest.raises(StoreError, match=f"dialogue {pending(1, run.id).id} is damaged"):
        store.record(pending(1, run.id).id)


async def test_json_spoilt_by_hand_is_named_with_its_row(store: Store, path: Path) -> None:
    run = await begin(store, dialogues=[1])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE snippets SET metadata = '{'")
    with pytest.raises(StoreError, match=r"row of snippet snip1_.* is damaged"):
        store.record(pending(1, run.id).id)


async def test_json_is_compact_and_keeps_letters_as_they_are(store: Store, path: Path) -> None:
    await begin(store, dialogues=[1])
    with closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute("SELECT metadata FROM snippets").fetchone()
    assert text == '{"page":1,"tags":["a","б"],"nested":{"ok":true,"none":null}}'


@pytest.mark.parametrize("kind", TABLES)
def test_every_field_of_a_value_has_a_column(kind: type[Value]) -> None:
    columns = Row.metadata.tables[str(TABLES[kind].__tablename__)].columns
    assert kind.model_fields.keys() <= {column.name for column in columns}


def test_json_of_more_values_than_any_column_has_stays_text() -> None:
    endless = "[" + "[]," * 1_000_000 + "[]]"
    assert from_json(endless) is endless


def through_json(content: object) -> object:
    return from_json(to_json(content))


def kept(value: AnyValue) -> AnyValue:
    """What comes back of a value, by way of the text that its JSON columns hold."""
    columns = Row.metadata.tables[str(TABLES[type(value)].__tablename__)].columns
    row = to_row(value)
    for name in row:
        if isinstance(columns[name].type, JsonText):
            row[name] = through_json(row[name])
    return from_row(type(value), row)
