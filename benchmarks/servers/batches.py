"""A batch desk to measure and to break: OpenAI's files and batches, Anthropic's message batches.

It answers each line of a batch as an endpoint for single requests would, `takes_s` after the batch
was made, and keeps books: what was paid for, by a key of each request's own. What is to go wrong is
told from outside: the fate of a line, and the trouble of an HTTP request.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from benchmarks.servers.endpoint import Answer, Decide, Received

Step = Literal["upload", "create", "list", "look", "results", "other"]
Fate = Literal["fine", "expired", "errored", "limited", "missing"]
#: What a request's trouble is told: the step, and how often it was asked for before.
Trouble = Callable[[Step, int], Answer | None]
PAGE = 20  # batches in a list, unless asked for fewer
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # Anthropic takes no other


@dataclass(kw_only=True)
class MadeBatch:
    """A batch that was handed in."""

    id: str
    lines: dict[str, Any]
    """Bodies by custom id."""
    path: str
    """What each line would be sent to."""
    made_at: float
    metadata: dict[str, str] | None = None
    input_file_id: str = ""
    refused: str | None = None
    """Why the whole file is no good; None where it is."""
    results: dict[str, Any] | None = None
    """By custom id, once it is done."""
    counts: Counter[str] = field(default_factory=Counter)


class BatchDesk:
    """Decides on requests: `Endpoint(BatchDesk(answer))`."""

    def __init__(
        self,
        answer: Decide,
        *,
        takes_s: float = 0.0,
        fate: Callable[[str, int], Fate] = lambda key, before: "fine",
        trouble: Trouble = lambda step, before: None,
        refuse: Callable[[MadeBatch], str | None] = lambda batch: None,
        key: Callable[[Received], str] = lambda request: request.body.decode(),
    ) -> None:
        """Take batches.

        Args:
            answer: what a line is answered with, as if it had been sent alone.
            takes_s: how long after it was made a batch is done.
            fate: what becomes of a line, by its key and how often that key came before.
            trouble: what an HTTP request is answered with: an error, for which nothing is done, or
                anything else in place of what was done.
            refuse: the code of an error for which a whole batch fails.
            key: what tells requests apart.
        """
        self.paid: Counter[str] = Counter()
        """How often each key was answered, and so billed."""
        self.came: Counter[str] = Counter()
        """How often each key was in a batch."""
        self.steps: Counter[Step] = Counter()
        self.batches: dict[str, MadeBatch] = {}
        self._files: dict[str, bytes] = {}
        self._answer = answer
        self._takes_s = takes_s
        self._fate = fate
        self._trouble = trouble
        self._refuse = refuse
        self._key = key

    def __call__(self, request: Received) -> Answer:
        """Decide on one request."""
        step, do = self._step(request)
        trouble = self._trouble(step, self.steps[step])
        self.steps[step] += 1
        if trouble is not None and trouble.status >= 400:
            return trouble  # nothing was done
        done = do()
        return done if trouble is None else trouble

    def _step(self, request: Received) -> tuple[Step, Callable[[], Answer]]:
        path, _, query = request.path.partition("?")
        anthropic = "/messages/batches" in path
        match (request.method, path.rpartition("/v1/")[2].split("/")):
            case "POST", ["files"]:
                return "upload", lambda: self._take_file(request)
            case "POST", ["batches"] | ["messages", "batches"]:
                return "create", lambda: self._make_batch(request, anthropic=anthropic)
            case "GET", ["batches"] | ["messages", "batches"]:
                return "list", lambda: self._list(query, anthropic=anthropic)
            case "GET", ["batches", name] | ["messages", "batches", name]:
                return "look", lambda: self._look(name, anthropic=anthropic)
            case "GET", ["files", name, "content"]:
                return "results", lambda: self._content(name)
            case "GET", ["messages", "batches", name, "results"]:
                return "results", lambda: _lines(self._worked(name).results or {})
        return "other", lambda: self._answer(request)

    def _take_file(self, request: Received) -> Answer:
        """Keep what a form sends as its file, whatever else is in the form."""
        boundary = re.search(r"boundary=\"?([^\";]+)", request.headers["content-type"])
        assert boundary is not None, request.headers
        parts = request.body.split(b"--" + boundary[1].encode())
        sent = next(part for part in parts if b"filename=" in part)
        name = f"file-{len(self._files)}"
        self._files[name] = sent.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        described = {"id": name, "object": "file", "bytes": len(self._files[name])}
        more = {"created_at": 1, "filename": "x.jsonl", "purpose": "batch", "status": "processed"}
        return _json(described | more)

    def _make_batch(self, request: Received, *, anthropic: bool) -> Answer:
        told = request.json()
        if anthropic:
            lines = {line["custom_id"]: line["params"] for line in told["requests"]}
            assert len(lines) == len(told["requests"]), "a custom id twice"
            path = "/v1/messages"
        else:
            asked = [json.loads(line) for line in self._files[told["input_file_id"]].splitlines()]
            lines = {line["custom_id"]: line["body"] for line in asked}
            assert len(lines) == len(asked), "a custom id twice"
            assert {(line["method"], line["url"]) for line in asked} == {("POST", told["endpoint"])}
            path = told["endpoint"]
        assert all(map(CUSTOM_ID.fullmatch, lines)), lines.keys()
        batch = MadeBatch(
            id=f"{'msgbatch' if anthropic else 'batch'}_{len(self.batches)}",
            lines=lines,
            path=path,
            made_at=time.time(),
            metadata=told.get("metadata"),
            input_file_id=told.get("input_file_id", ""),
        )
        batch.refused = self._refuse(batch)
        self.batches[batch.id] = batch
        return _json(self._described(batch, anthropic=anthropic))

    def _list(self, query: str, *, anthropic: bool) -> Answer:
        told = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        newest = list(reversed(self.batches.values()))
        after = told.get("after_id" if anthropic else "after")
        first = 1 + [batch.id for batch in newest].index(after) if after else 0
        most = int(told.get("limit", PAGE))
        shown = newest[first : first + most]
        page = [self._described(batch, anthropic=anthropic) for batch in shown]
        ends = {"first_id": shown[0].id, "last_id": shown[-1].id} if shown else {}
        return _json({"data": page, "has_more": len(newest) > first + most, **ends})

    def _look(self, name: str, *, anthropic: bool) -> Answer:
        if name not in self.batches:
            return _json({"error": {"message": f"No such batch: {name}"}}, status=404)
        return _json(self._described(self._worked(name), anthropic=anthropic))

    def _content(self, name: str) -> Answer:
        kind, _, batch = name.partition(":")
        results = self._worked(batch).results or {}
        wanted = {i: one for i, one in results.items() if (kind == "out") == _is_good(one)}
        return _lines(wanted)

    def _worked(self, name: str) -> MadeBatch:
        """Return a batch, worked off if it is time."""
        batch = self.batches[name]
        is_due = time.time() >= batch.made_at + self._takes_s
        if batch.results is None and not batch.refused and is_due:
            worked = (self._work(batch, *line) for line in batch.lines.items())
            batch.results = {name: result for name, result in worked if result is not None}
        return batch

    def _work(self, batch: MadeBatch, custom_id: str, body: Any) -> tuple[str, Any]:
        anthropic = batch.path == "/v1/messages"
        # As a single request would be written, so that it has the same key.
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        request = Received(method="POST", path=batch.path, headers={}, body=raw, at_s=0.0)
        key = self._key(request)
        fate = self._fate(key, self.came[key])
        self.came[key] += 1
        batch.counts[fate] += 1
        if fate == "missing":
            return custom_id, None
        if fate == "fine":
            answer = self._answer(request)
            if answer.status == 200:
                self.paid[key] += 1
            said = json.loads(answer.body)
        else:
            answer, said = Answer(status=500 if fate == "errored" else 429), _ERRORS[fate]
        made = _anthropic_result if anthropic else _openai_result
        return custom_id, {"custom_id": custom_id, **made(fate, answer.status, said)}

    def _described(self, batch: MadeBatch, *, anthropic: bool) -> dict[str, Any]:
        total, done = len(batch.lines), batch.results is not None
        good = batch.counts["fine"]
        if anthropic:
            counts = {"processing": 0 if done else total, "succeeded": good}
            counts |= {"expired": batch.counts["expired"], "canceled": 0}
            counts["errored"] = total - good - counts["expired"] if done else 0
            made = datetime.fromtimestamp(batch.made_at, UTC).isoformat().replace("+00:00", "Z")
            return {
                "id": batch.id,
                "type": "message_batch",
                "processing_status": "ended" if done else "in_progress",
                "request_counts": counts,
                "created_at": made,
                "expires_at": made,
                "results_url": f"/v1/messages/batches/{batch.id}/results" if done else None,
            }
        over = "expired" if batch.counts["expired"] else "completed"
        bad = any(not _is_good(one) for one in (batch.results or {}).values())
        errors = {"object": "list", "data": [{"code": batch.refused, "message": batch.refused}]}
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": batch.path,
            "input_file_id": batch.input_file_id,
            "completion_window": "24h",
            "status": "failed" if batch.refused else over if done else "in_progress",
            "errors": errors if batch.refused else None,
            "output_file_id": f"out:{batch.id}" if good else None,
            "error_file_id": f"err:{batch.id}" if bad else None,
            "created_at": int(batch.made_at),
            "metadata": batch.metadata,
            "request_counts": {"total": total, "completed": good, "failed": total - good},
        }


_ERRORS = {
    "errored": {"error": {"type": "api_error", "message": "Internal server error"}},
    "limited": {"error": {"type": "rate_limit_error", "message": "Rate limit reached"}},
    "expired": {"error": {"code": "batch_expired", "message": "It could not be done in time."}},
}


def _openai_result(fate: str, status: int, said: Any) -> dict[str, Any]:
    if fate == "expired":
        return {"response": None, **said}
    return {"response": {"status_code": status, "request_id": "r", "body": said}, "error": None}


def _anthropic_result(fate: str, status: int, said: Any) -> dict[str, Any]:
    if fate == "expired":
        return {"result": {"type": "expired"}}
    if status == 200:
        return {"result": {"type": "succeeded", "message": said}}
    return {"result": {"type": "errored", "error": {"type": "error", **said}}}


def _is_good(result: Any) -> bool:
    return "error" not in result or (result["response"] or {}).get("status_code") == 200


def _lines(results: dict[str, Any]) -> Answer:
    """Return results in an order that isn't the requests'."""
    written = [json.dumps(one) for _, one in sorted(results.items(), reverse=True)]
    return Answer(body="\n".join(written).encode(), type="application/x-jsonl")


def _json(content: Any, *, status: int = 200) -> Answer:
    return Answer(body=json.dumps(content).encode(), status=status)


def lost(done: Answer | None = None) -> Answer:
    """Return the trouble of a reply that gets lost although the work was done."""
    return replace(done or Answer(), fault="reset")
