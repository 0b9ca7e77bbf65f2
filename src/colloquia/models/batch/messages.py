"""Anthropic's message batches: requests go up in one body, results come back in one file.

A batch carries no mark that could be found again. So where its id was lost, those that were made
since, with as many requests, are looked into once they have ended: custom ids hold the mark.
"""

from collections.abc import Sequence
from datetime import datetime
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
from colloquia.models.faults.errors import CallFailed
from colloquia.models.wire.replies import read_reply

PATH = "/v1/messages/batches"
PAGE = 100
CLOCKS_DIFFER_S = 300.0
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_RESULTS = ("succeeded", "errored", "canceled", "expired")


class MessageBatches:
    """See `desk.BatchDesk`."""

    marks = False

    def __init__(self, http: BatchHttp) -> None:
        """Speak over this."""
        self._http = http

    @property
    def worked(self) -> bool:
        """Whether the endpoint ever did what was asked."""
        return self._http.worked

    async def upload(self, mark: str, lines: Sequence[BatchRequest]) -> bytes:
        """Write the body of the request that makes the batch; nothing is sent."""
        write = self._http.shape.body
        requests = [{"custom_id": line.custom_id, "params": write(line.request)} for line in lines]
        return jsonl([{"requests": requests}])

    async def create(self, body: bytes, lines: Sequence[BatchRequest]) -> str:
        """Make the batch; returns its id."""
        held = (line.request for line in lines if line.request.schema is not None)
        request = next(held, lines[0].request)  # one feature has to be asked for in the headers
        told = await self._http.ask_json("POST", PATH, body=body, request=request)
        if not isinstance(told.get("id"), str):
            raise CallFailed(causes.empty("no id"))
        return str(told["id"])

    async def find(self, mark: str, *, since: float, requests: int) -> list[str]:
        """Return the batches made since with as many requests."""
        found: list[str] = []
        after = ""
        while True:
            told = await self._http.ask_json("GET", f"{PATH}?limit={PAGE}{after}")
            page = told.get("data") or []
            for batch in page:  # the newest comes first
                if _made_at(batch) < since - CLOCKS_DIFFER_S:
                    return found[::-1]
                if sum((batch.get("request_counts") or {}).values()) == requests:
                    found.append(batch["id"])
            if not page or not told.get("has_more"):
                return found[::-1]
            after = f"&after_id={page[-1]['id']}"

    async def look(self, remote_id: str) -> Sighting:
        """Return how far it has come; the provider counts results when all are there."""
        told = await self._http.ask_json("GET", f"{PATH}/{remote_id}")
        counts = told.get("request_counts") or {}
        return Sighting(
            ended=told.get("processing_status") == "ended",
            done=sum(counts.get(kind) or 0 for kind in _RESULTS),
            results=(f"{PATH}/{remote_id}/results",),
        )

    async def results(self, path: str) -> dict[str, Outcome]:
        """Return its outcomes."""
        told = self._http.ask_lines(path)
        return {str(line.get("custom_id")): self._outcome(line) async for line in told}

    def _outcome(self, line: dict[str, Any]) -> Outcome:
        result = line.get("result") or {}
        match result.get("type"):
            case "expired" | "canceled":
                return NOT_IN_TIME
            case "succeeded":
                try:
                    return read_reply(
                        self._http.shape.read,
                        result.get("message"),
                        headers={},
                        date=self._http.clock.date(),
                    )
                except CallFailed as failed:
                    return failed.fault
        error = result.get("error") or {}
        named = str((error.get("error") or error).get("type"))
        return self._http.fault_of(_STATUS.get(named, 500), error)


def _made_at(batch: dict[str, Any]) -> float:
    return datetime.fromisoformat(batch["created_at"]).timestamp()
