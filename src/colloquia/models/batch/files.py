"""OpenAI's batches: a file of requests goes up, files of replies and errors come back."""

from collections.abc import Sequence
from typing import Any

from colloquia.models.batch.desk import (
    NOT_IN_TIME,
    BatchHttp,
    BatchRequest,
    Outcome,
    Sighting,
    jsonl,
)
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.wire.replies import read_reply

MARK = "colloquia_batch"
PAGE = 100
CLOCKS_DIFFER_S = 300.0
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
_CUT_SHORT = frozenset({"expired", "cancelled"})
_NOT_DONE = frozenset({"batch_expired", "batch_cancelled"})


class FileBatches:
    """See `desk.BatchDesk`."""

    marks = True

    def __init__(self, http: BatchHttp) -> None:
        """Speak over this."""
        self._http = http
        self._target = f"/v1{http.shape.PATH}"

    @property
    def worked(self) -> bool:
        """Whether the endpoint ever did what was asked."""
        return self._http.worked

    async def upload(self, mark: str, lines: Sequence[BatchRequest]) -> bytes:
        """Send the file of requests; returns the body of the request that makes the batch."""
        write = self._http.shape.body
        written = jsonl(
            {
                "custom_id": line.custom_id,
                "method": "POST",
                "url": self._target,
                "body": write(line.request),
            }
            for line in lines
        )
        body, type_ = _form(written, name=f"colloquia-{mark}.jsonl", boundary=mark)
        made = await self._http.ask_json(
            "POST", "/files", body=body, headers={"Content-Type": type_}
        )
        return jsonl(
            [
                {
                    "input_file_id": _text(made, "id"),
                    "endpoint": self._target,
                    "completion_window": "24h",
                    "metadata": {MARK: mark},
                }
            ]
        )

    async def create(self, body: bytes, lines: Sequence[BatchRequest]) -> str:
        """Make the batch; returns its id."""
        return _text(await self._http.ask_json("POST", "/batches", body=body), "id")

    async def find(self, mark: str, *, since: float, requests: int) -> list[str]:
        """Return the batch that carries the mark, if there is one."""
        after = ""
        while True:
            told = await self._http.ask_json("GET", f"/batches?limit={PAGE}{after}")
            page = told.get("data") or []
            for batch in page:  # the newest comes first
                if (batch.get("metadata") or {}).get(MARK) == mark:
                    return [_text(batch, "id")]
            too_old = page and page[-1].get("created_at", since) < since - CLOCKS_DIFFER_S
            if not page or too_old or not told.get("has_more"):
                return []
            after = f"&after={page[-1]['id']}"

    async def look(self, remote_id: str) -> Sighting:
        """Return how far it has come."""
        told = await self._http.ask_json("GET", f"/batches/{remote_id}")
        counts = told.get("request_counts") or {}
        status = told.get("status")
        files = (told.get(f"{kind}_file_id") for kind in ("output", "error"))
        return Sighting(
            ended=status in _ENDED,
            done=(counts.get("completed") or 0) + (counts.get("failed") or 0),
            results=tuple(f"/files/{file}/content" for file in files if file),
            cut_short=status in _CUT_SHORT,
            refused=_refusal(told) if status == "failed" else None,
        )

    async def results(self, path: str) -> dict[str, Outcome]:
        """Return the outcomes in one of its files."""
        told = self._http.ask_lines(path)
        return {str(line.get("custom_id")): self._outcome(line) async for line in told}

    def _outcome(self, line: dict[str, Any]) -> Outcome:
        response, error = line.get("response"), line.get("error") or {}
        if not isinstance(response, dict):
            if error.get("code") in _NOT_DONE:
                return NOT_IN_TIME
            return causes.of_error_body(error, headers={})
        status, body = response.get("status_code"), response.get("body")
        if status != 200:
            return self._http.fault_of(status if isinstance(status, int) else 500, body)
        try:
            return read_reply(self._http.shape.read, body, headers={}, date=self._http.clock.date())
        except CallFailed as failed:
            return failed.fault


def _refusal(told: dict[str, Any]) -> Fault:
    """Return why a whole file was turned down; too much at once is a matter of waiting."""
    errors = (told.get("errors") or {}).get("data") or [{}]
    code, message = str(errors[0].get("code") or ""), causes.message_of(errors[0])
    if "limit" in code:
        return Fault(cause="rate_limit", detail=message)
    return Fault(cause="fatal", detail=f"the batch was refused: {message}", status=400)


def _form(content: bytes, *, name: str, boundary: str) -> tuple[bytes, str]:
    """Return a form with a purpose and a file, and its media type (RFC 7578)."""
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/jsonl\r\n\r\n"
    )
    form = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return form, f"multipart/form-data; boundary={boundary}"


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str):
        raise CallFailed(causes.empty(f"no {name}"))
    return value
