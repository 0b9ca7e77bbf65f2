"""From what came back to why it failed: one table for all providers, and it does no I/O.

| cause      | seen as                                                   | treatment             |
|------------|-----------------------------------------------------------|-----------------------|
| rate_limit | 429, 529, overload or rate limit inside a 200             | wait, uses no attempt |
| transient  | 408, 409, 425, 5xx, 3xx, timeout, reset, cut, HTML,       | backoff, 6 attempts,  |
|            | not JSON, no choices                                      | breaker               |
| content    | null or empty text, cut by length: a reply like any other | the agents' repairs   |
| refused    | a content filter                                          | a result, not retried |
| fatal      | other 4xx: bad request, context length, no such model     | this call is over     |
"""

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from colloquia.models.faults.errors import Cause, Fault
from colloquia.models.faults.redactor import redact

LONGEST_WAIT_S = 600.0  # who asks for more is answered by a resumable stop, not by a sleeping run
READ_CHARS = 10_000  # of a provider's message: what names the trouble stands at its beginning
SHOWN_CHARS = 300  # of a provider's message: enough to act on, too little to flood a log
WEB_PAGE = "a web page instead of JSON"

_RATE_STATUS = frozenset({429, 529})
_TRANSIENT_STATUS = frozenset({408, 409, 425})
# Providers name the same trouble in `type`, `code`, `status` or only in the message.
_RATE = re.compile(r"rate.?limit|overloaded|too many requests|resource.?exhausted|throttl", re.I)
_REFUSED = re.compile(
    r"content.?filter|content.?policy|content management policy|responsibleai|safety|moderation"
    r"|blocked.{0,20}content|inappropriate",
    re.I,
)
_EXHAUSTED = re.compile(r"insufficient.?(quota|balance|credit|funds)|credit balance|billing", re.I)
_TRANSIENT = re.compile(
    r"internal.?server|server.?error|unavailable|time.?out|timed out|try again|bad gateway"
    r"|api.?error|connection|upstream",
    re.I,
)
_SCHEMA = re.compile(r"response_?format|json_?schema|structured.?output|output_?format", re.I)
_STREAM = re.compile(r"\bstream(ing|ed|s)?\b|stream_options", re.I)
_FATAL = re.compile(
    r"context.?length|maximum context|too long|invalid.?request|not.?found|authentication"
    r"|permission|unsupported|invalid.?api.?key",
    re.I,
)


def of_status(status: int, body: Any, *, headers: Mapping[str, str], date: float = 0.0) -> Fault:
    """Return why a reply other than 200 failed.

    Args:
        status: HTTP status.
        body: the body, parsed where it was JSON.
        headers: with lower-case or case-insensitive names.
        date: now, in seconds since 1970, for a Retry-After that names a date.
    """
    named = error_words(body)
    detail = f"HTTP {status}{_reason(status)}: {message_of(body)}"
    wait = retry_after(headers, date=date)
    exhausted = status in {401, 402} or (
        status in {400, 403, 429} and bool(_EXHAUSTED.search(named))
    )
    return Fault(
        cause="fatal" if exhausted else _cause_of_status(status, named),
        detail=detail,
        status=status,
        retry_after_s=wait,
        exhausted=exhausted,
    )


def _cause_of_status(status: int, named: str) -> Cause:
    if status in _RATE_STATUS or (status >= 500 and _RATE.search(named)):
        return "rate_limit"
    if status in _TRANSIENT_STATUS or status >= 500 or status < 400:
        return "transient"
    if _REFUSED.search(named):
        return "refused"
    return "fatal"


def of_error_body(error: Any, *, headers: Mapping[str, str], date: float = 0.0) -> Fault:
    """Return why a 200 failed whose body is an error: gateways do that when their upstream fails.

    A numeric `code` in it is the status the gateway swallowed.
    """
    body = {"error": error}
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, str) and code.isdigit():
        code = int(code)
    if isinstance(code, int) and 400 <= code < 600:
        return of_status(code, body, headers=headers, date=date)
    named = error_words(body)
    cause: Cause = "transient"  # an unknown error inside a 200 is the gateway's, not the request's
    exhausted = bool(_EXHAUSTED.search(named))
    if exhausted:
        cause = "fatal"
    elif _RATE.search(named):
        cause = "rate_limit"
    elif _REFUSED.search(named):
        cause = "refused"
    elif _FATAL.search(named) and not _TRANSIENT.search(named):
        cause = "fatal"
    return Fault(
        cause=cause,
        detail=f"an error inside HTTP 200: {message_of(body)}",
        status=200,
        retry_after_s=retry_after(headers, date=date),
        exhausted=exhausted,
    )


def is_about_schema(fault: Fault) -> bool:
    """Return whether a request was refused because the model takes no JSON Schema."""
    return fault.status in {400, 404, 422} and bool(_SCHEMA.search(fault.detail))


def is_about_streaming(fault: Fault) -> bool:
    """Return whether a request was refused because its reply can't come in pieces."""
    return fault.status in {400, 404, 405, 422, 501} and bool(_STREAM.search(fault.detail))


def not_json(text: str, *, status: int = 200) -> Fault:
    """Return the fault of a 200 whose body isn't JSON: a proxy's page, or a cut."""
    start = text.lstrip()[:15].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<head")):
        detail = f"{WEB_PAGE}, from another address than the API's or from a proxy"
    elif start.startswith(("{", "[")):
        detail = f"the reply was cut off in the middle of its JSON ({len(text)} characters)"
    else:
        detail = f"the reply isn't JSON: {short(text)!r}"
    return Fault(cause="transient", detail=detail, status=status)


def empty(what: str) -> Fault:
    """Return the fault of a well-formed reply that holds no answer at all."""
    return Fault(cause="transient", detail=f"the reply holds {what}", status=200)


def broken_off() -> Fault:
    """Return the fault of a streamed reply that stopped before its end."""
    return Fault(cause="transient", detail="the reply broke off before its end", status=200)


def retry_after(headers: Mapping[str, str], *, date: float = 0.0) -> float | None:
    """Return how many seconds to wait, at most `LONGEST_WAIT_S`; None where nothing usable is said.

    Understands seconds, HTTP dates and `retry-after-ms`; a negative number, a past date or garbage
    says nothing.
    """
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name)
        if not text:
            continue
        seconds = _seconds(text.strip(), unit_s=unit_s, date=date)
        if seconds is not None and seconds > 0:
            return min(seconds, LONGEST_WAIT_S)
    return None


def _seconds(text: str, *, unit_s: float, date: float) -> float | None:
    if re.fullmatch(r"-?\d{1,12}(\.\d{0,9})?", text, re.ASCII):
        return float(text) * unit_s
    try:
        return parsedate_to_datetime(text).timestamp() - date
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def error_words(body: Any) -> str:
    """Return everything in an error body that names the error, to be searched."""
    if not isinstance(body, dict):
        return short(str(body or ""))
    error = body.get("error", body)
    if isinstance(error, dict):
        named = (error.get(key) for key in ("type", "code", "status", "message", "innererror"))
        return " ".join(str(word)[:READ_CHARS] for word in (*named, body.get("message")) if word)
    return str(error)[:READ_CHARS]


def message_of(body: Any) -> str:
    """Return the message in an error body, on one short line."""
    if isinstance(body, dict):
        error = body.get("error", body.get("detail", body))
        message = error.get("message") if isinstance(error, dict) else error
        return short(message if isinstance(message, str) else json.dumps(body, default=str))
    text = str(body or "")
    if text.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<?xml", "<head")):
        return "a web page"
    return short(text) or "no message"


def short(text: str) -> str:
    """Return a message on one line of at most 300 characters."""
    line = " ".join(redact(text[:READ_CHARS]).split())
    return line if len(line) <= SHOWN_CHARS else line[: SHOWN_CHARS - 1] + "…"


def _reason(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
