"""A store that a stranger filled: whatever stands in any column, the terminal isn't commanded."""

import json
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from command import Command

from benchmarks.hostile.snippets import ODD
from benchmarks.hostile.variant import unprintable

#: What people and models wrote. What is looked up, has a hash for its id, or is one of a few words,
#: stays: filled as well, the store is damaged, which is the other test.
_WORDS = (
    *("title", "source", "license", "topic", "external_id", "name", "background"),
    *("reason", "stop_reason", "thought", "rationale", "label", "reviewer", "reply", "content"),
    *("model", "prompt", "cause", "code_version"),
)
_COMMANDS = [
    ["ls"],
    ["ls", "--json"],
    ["ls", "--runs"],
    ["ls", "--runs", "--json"],
    ["show"],
    ["show", "--drafts"],
    ["show", "--calls", "-v"],
    ["show", "--markdown"],
    ["show", "--json"],
    ["status"],
    ["status", "--json"],
    ["watch"],
    ["stop"],
    ["retry"],
    ["export", "--out", "corpus"],
]


def _filled(store: Path, to: Path, *, words_only: bool) -> Path:
    """Return a copy of a store with odd characters in every column of text."""
    shutil.copy(store, to)
    with closing(sqlite3.connect(to)) as made:
        tables = made.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
        for (table,) in tables:
            for _, column, kind, *_ in made.execute(f"PRAGMA table_info({table})").fetchall():
                if kind.upper() not in {"VARCHAR", "TEXT"} or (words_only and column not in _WORDS):
                    continue
                with suppress(sqlite3.Error):  # a column that the store computes or checks
                    made.execute(f"UPDATE {table} SET {column} = {_ODDLY}".format(column), _FILLING)
        made.commit()
    return to


#: A text gets them at its end; a JSON object in the values that are texts.
_ODDLY = (
    "CASE WHEN {0} LIKE '{{%' OR {0} LIKE '[%' THEN replace({0}, '\":\"', '\":\"' || :escaped)"
    " ELSE {0} || :odd END"
)
#: What rich itself says to a terminal: styles, the cursor's place and whether it is seen.
_DRAWN = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[lh]|[0-9]*[AK])")
_FILLING = {"odd": ODD, "escaped": json.dumps(ODD)[1:-1]}


@pytest.mark.parametrize("on_a_terminal", [False, True])
@pytest.mark.parametrize("words_only", [True, False])
def test_no_field_of_a_store_commands_a_terminal(
    colloquia: Command,
    finished_store: Path,
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    words_only: bool,
    on_a_terminal: bool,
) -> None:
    if on_a_terminal:
        for name, value in {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
            monkeypatch.setenv(name, value)
    store = _filled(finished_store, workplace / "odd.db", words_only=words_only)
    escaped = 0
    for command in _COMMANDS:
        result = colloquia(*command, "--store", store)
        told = result.out + result.err
        told = _DRAWN.sub("", told) if on_a_terminal else told
        assert unprintable(told) == set(), (command, told[-300:])
        assert "Traceback" not in told
        escaped += "\\u202e" in told
        if words_only and command[0] in {"ls", "show", "status"}:
            assert result.code == 0, (command, told)
    assert escaped >= (8 if words_only else 1)
