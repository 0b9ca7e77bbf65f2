"""Where promises are tried: a teacher behind an endpoint, a recipe that asks it, its corpus."""

import asyncio
import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.servers.endpoint import Answer, Decide, Endpoint, Received, completion

LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
KINDS = ("overview", "when", "who")
# By a key that only this role is asked for.
ROLES = {
    "snippet_answers": "refusal_checker",
    "grounded": "critic",
    "difficulty": "planner",
    "quotes": "answerer",
    "question": "questioner",
}
Reply = dict[str, Any]
PATIENCE_S = 300.0  # who takes that long hangs


class Teacher:
    """All five roles; each reply is a function of its request alone.

    So a corpus tells whether a single request was another one. Every fourth draft is turned down.
    The request's key comes back as the reply's thought: from there it gets into the call's row.
    """

    def __init__(
        self,
        *,
        latency_s: float = 0.0,
        fault: Callable[[Received], Answer | None] = lambda _: None,
        revise: Callable[[str], bool] = lambda key: key[0] in "0123",
    ) -> None:
        """Answer after `latency_s`, unless `fault` has another answer.

        Args:
            latency_s: how long each reply takes.
            fault: told of every request first.
            revise: whether the critic turns a draft down, by the request's key.
        """
        self.asked: list[str] = []
        self._latency_s = latency_s
        self._fault = fault
        self._revise = revise

    def __call__(self, request: Received) -> Answer:
        """Answer one request."""
        key = key_of(request)
        self.asked.append(key)
        said = json.dumps(self._reply(request, key))
        plain = Answer(body=completion(request, said, thought=key), delay_s=self._latency_s)
        return self._fault(request) or plain

    def _reply(self, request: Received, key: str) -> Reply:
        word = key[:8].translate(LETTERS)
        fact = re.search(rb"Mill \d+ was built in \d+ by Ann Hart\.", request.body)
        quote = fact[0].decode() if fact else "nothing"
        match role_of(request):
            case "planner":
                exchanges = [{"kind": kind, "aim": f"aim-{kind}"} for kind in KINDS]
                return {"difficulty": 0.5, "exchanges": exchanges}
            case "questioner":
                return {"question": f"What does {word} mean at the mill?"}
            case "answerer":
                return {"answer": f"{quote} I call that {word}.", "quotes": [quote]}
            case "critic":
                scores = {"grounded": 1, "helpful": 1, "clear": 1}
                if self._revise(key):
                    return scores | {"clear": 0, "rationale": f"Say it like {word}."}
                return scores
            case _:
                return {"snippet_answers": True, "label": "answered"}


def key_of(request: Received) -> str:
    """Return what tells requests apart; whether a reply comes in pieces doesn't."""
    asked = {key: value for key, value in request.json().items() if not key.startswith("stream")}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def role_of(request: Received) -> str:
    """Return which agent asks, by the reply that its prompt asks for."""
    asked = request.json()
    # Anthropic's shape has instructions apart, as blocks.
    system = asked["system"][0]["text"] if "system" in asked else asked["messages"][0]["content"]
    return next(role for word, role in ROLES.items() if f'"{word}"' in system)


@contextmanager
def served(decide: Decide, *, port: int = 0) -> Iterator[Endpoint]:
    """Answer on loopback, from a thread of its own; port 0 takes a free one."""
    endpoint = Endpoint(decide, keep=False)
    endpoint.port = port
    with side_loop() as loop:
        on(loop, endpoint.__aenter__())
        try:
            yield endpoint
        finally:
            on(loop, endpoint.__aexit__())


@contextmanager
def side_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="endpoint")
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def on(loop: asyncio.AbstractEventLoop, step: Any) -> None:
    """Do a step in another thread's loop and wait for it."""
    asyncio.run_coroutine_threadsafe(step, loop).result(PATIENCE_S)


@contextmanager
def workplace() -> Iterator[Path]:
    """An empty folder that is gone afterwards."""
    with TemporaryDirectory(prefix="colloquia-faults-") as folder:
        yield Path(folder)


def write_recipe(folder: Path, url: str | None, *, snippets: int, **changes: Any) -> Path:
    """Write snippets and a recipe that asks the teacher at `url`; returns the recipe.

    Args:
        folder: where.
        url: the endpoint; None leaves `teacher` to be given from Python.
        snippets: how many.
        changes: sections of the recipe; those of `teacher` change the model's settings.
    """
    lines = (
        json.dumps({"text": f"Mill {n} was built in {1700 + n} by Ann Hart. It has an oak wheel."})
        for n in range(snippets)
    )
    (folder / "snippets.jsonl").write_text("\n".join(lines), "utf-8")
    teacher = {"model": "openai/any", "api_base": f"{url}/v1", "structured": True}
    teacher |= changes.pop("teacher", {})
    roles = ("planner", "questioner", "answerer", "critic", "refusal_checker")
    recipe: dict[str, Any] = {
        "seed": 1,
        "snippets": "snippets.jsonl",
        "personas": ["curious_teen"],
        "models": {"teacher": teacher} if url else {},
        "agents": {role: {"model": "teacher"} for role in roles} | {"reviewers": "panel"},
        "dialogue": {"exchanges": len(KINDS), "unanswerable_share": 0},
        "limits": {"concurrency": 8},
    }
    for section, values in changes.items():
        recipe[section] = recipe.get(section, {}) | values if isinstance(values, dict) else values
    file = folder / "recipe.yaml"
    file.write_text(json.dumps(recipe, indent=1), "utf-8")  # JSON is YAML
    return file


def corpus_of(store: Path, run: str | None = None) -> str:
    """Return the hash of everything that an export of a run writes, of the latest by default."""
    from colloquia.runs.handle import find_run

    with workplace() as folder:
        find_run(str(store), run).export(folder / "out", to=["canonical", "trl-sft", "trl-dpo"])
        seen = hashlib.sha256()
        for file in sorted((folder / "out").rglob("*")):
            if file.is_file():
                seen.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return seen.hexdigest()


def rows(store: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return what a query finds; nothing where there is no store yet."""
    if not store.exists():
        return []
    with closing(sqlite3.connect(store, timeout=30)) as connection:
        try:
            return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
