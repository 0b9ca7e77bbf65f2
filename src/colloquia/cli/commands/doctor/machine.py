"""What `doctor` looks at: one function for each thing that can be amiss on a machine."""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from colloquia.authoring.personas.cards import find_card, packaged_names
from colloquia.authoring.personas.lint import lint_card
from colloquia.authoring.prompts.library import SUFFIX, packaged_folder
from colloquia.authoring.prompts.lint import lint_prompt_file
from colloquia.cli.view.errors import ENVIRONMENT, as_options
from colloquia.core.errors import ColloquiaError
from colloquia.core.ports import ChatRequest
from colloquia.core.roles import AnswererInput, AnswererReply, Passage
from colloquia.models.local.model_folder import INSTALL
from colloquia.offline.model import OfflineModel
from colloquia.store.database import OLDEST_SQLITE
from colloquia.store.location import Location, check_file, is_writable, reading_uri
from colloquia.store.migrations import LATEST
from colloquia.store.repository import Store

LITTLE_SPACE = 1_000_000_000  # bytes: room for about 200,000 dialogues
NO_SPACE = 50_000_000

#: What is optional -> what it is for.
EXTRAS = {
    "datasets": f"`check` also loads an export with it, and training needs it: {INSTALL}",
    **dict.fromkeys(
        ("accelerate", "peft", "safetensors", "torch", "transformers", "trl"),
        f"trains on an export: {INSTALL}",
    ),
    "psycopg": "a store on PostgreSQL: pip install 'psycopg[binary]'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    exit_code: int = ENVIRONMENT
    """What a `fail` ends the command with."""


def examine(store: str) -> Iterator[Finding]:
    """Look at everything; a `warn` works, a `fail` doesn't."""
    yield _check_python()
    yield _check_sqlite()
    yield _check_disk(store)
    yield _check_store(store)
    yield _check_prompts()
    yield _check_personas()
    yield _check_teacher()
    yield from _check_extras()


def _check_python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    fit = sys.version_info >= (3, 11)
    return _finding("Python", fit, version if fit else f"{version}; 3.11 or newer is needed")


def _check_sqlite() -> Finding:
    version = sqlite3.sqlite_version
    fit = sqlite3.sqlite_version_info >= OLDEST_SQLITE
    needed = ".".join(str(part) for part in OLDEST_SQLITE)
    return _finding("SQLite", fit, version if fit else f"{version}; {needed} or newer is needed")


def _check_disk(store: str) -> Finding:
    try:
        path = Location.of(store).path
    except ColloquiaError:
        path = None  # told under "store"
    folder = (path or Path("any")).absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(what="disk", state="fail", detail=f"{folder}: {error.strerror}")
    detail = f"{free / 1e9:,.1f} GB free at {folder}"
    if free < NO_SPACE:
        return Finding(what="disk", state="fail", detail=f"{detail}; make room")
    return Finding(what="disk", state="warn" if free < LITTLE_SPACE else "ok", detail=detail)


def _check_store(store: str) -> Finding:
    try:
        location = Location.of(store)
        path = location.path
        if path is None:
            with Store.open(store) as opened:
                return _finding("store", True, f"{opened}: reachable, schema {LATEST}")
        check_file(path, create=not path.exists())
        if not path.exists():
            return _finding("store", True, f"none at {location.shown} yet")
        version = _schema_version(path)  # opening it as a store would upgrade it
        writable = is_writable(path)
    except (ColloquiaError, sqlite3.Error) as error:
        code = error.exit_code if isinstance(error, ColloquiaError) else ENVIRONMENT
        detail = as_options(str(error))
        return Finding(what="store", state="fail", detail=detail, exit_code=code)
    detail = f"{location.shown}: readable and writable, schema {version}"
    if version > LATEST:
        return _finding("store", False, f"{detail}; this colloquia knows {LATEST}: upgrade it")
    if not writable:
        detail = f"{location.shown}: read-only here, schema {version}; it can be looked at"
        return Finding(what="store", state="warn", detail=detail)
    return _finding("store", True, detail + "; upgraded when next used" * (version < LATEST))


def _schema_version(path: Path) -> int:
    with closing(sqlite3.connect(reading_uri(path.absolute()), uri=True)) as connection:
        (version,) = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(version or 0)


def _check_prompts() -> Finding:
    files = sorted(packaged_folder().glob(f"*{SUFFIX}"))
    problems = [problem for file in files for problem in lint_prompt_file(file)]
    return _lint_finding("packaged prompts", len(files), [str(problem) for problem in problems])


def _check_personas() -> Finding:
    names = packaged_names()
    problems = [problem for name in names for problem in lint_card(find_card(name, base=Path()))]
    return _lint_finding("packaged personas", len(names), [str(problem) for problem in problems])


def _check_teacher() -> Finding:
    brief = AnswererInput(snippet=Passage(text=_PASSAGE), question="When was the lamp lit?")
    variables = brief.model_dump(mode="json")
    request = ChatRequest(
        role="answerer", prompt="doctor", messages=(), variables=variables, seed=1
    )
    try:
        reply = asyncio.run(OfflineModel().complete(request))
        answer = AnswererReply.model_validate_json(reply.text).answer
    except Exception as error:  # whatever is wrong with an installation shows here
        what = f"{type(error).__name__}: {error}"
        return Finding(what="offline teacher", state="fail", detail=what)
    return _finding("offline teacher", "1851" in answer, answer)


_PASSAGE = "The lamp of the Harrow lighthouse was lit in 1851. Its keeper lived below the lamp."


def _check_extras() -> Iterator[Finding]:
    for name, purpose in EXTRAS.items():
        is_there = util.find_spec(name) is not None
        detail = metadata.version(name) if is_there else f"not installed; optional: {purpose}"
        yield _finding(name, True, detail)


def _lint_finding(what: str, number: int, problems: list[str]) -> Finding:
    if not number:
        return Finding(what=what, state="fail", detail="none found; install colloquia again")
    return _finding(what, not problems, "; ".join(problems) or f"{number}, no problems")


def _finding(what: str, fit: bool, detail: str) -> Finding:
    return Finding(what=what, state="ok" if fit else "fail", detail=detail)
