"""What is known to be stored isn't sent again, and knowing it takes no more room than allowed."""

from pathlib import Path
from typing import Any

import pytest

from colloquia.core.commit import Commit
from colloquia.core.types import Message
from colloquia.store.recent import Recent
from colloquia.store.repository import Store
from colloquia.store.writer import Rows, Writer
from tests.store.samples import begin, talk


def test_what_came_first_is_forgotten_first() -> None:
    recent = Recent(2)
    recent.update("ab")
    recent.update("ac")
    assert [name in recent for name in "abc"] == [False, True, True]


async def test_a_prompt_that_was_stored_is_not_sent_to_the_store_again(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begin(store, dialogues=[1])
    call = talk(1, run.id).calls[0]
    longer = call.model_copy(
        update={"id": "call1_b", "messages": (*call.messages, Message(role="user", content="!"))}
    )
    tables: list[tuple[str, int]] = []
    begin_writing = Writer.begin

    def watched(writer: Writer, rows: Rows) -> Any:
        tables.extend((statement.table.name, len(given)) for statement, given in rows)
        return begin_writing(writer, rows)

    monkeypatch.setattr(Writer, "begin", watched)
    for made in (call, longer):
        await store.put(run.id, call.dialogue_id, Commit(calls=(made,)))
    assert tables == [("messages", len(call.messages)), ("calls", 1), ("messages", 1), ("calls", 1)]
    with Store.open(path) as other:
        assert other.calls(run.id, call.dialogue_id) == [call, longer]
