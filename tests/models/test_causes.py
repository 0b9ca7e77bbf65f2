"""One table from what came back to why it failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.models.faults import causes
from colloquia.models.faults.errors import CAUSES

NOW = 784111777.0  # Sun, 06 Nov 1994 08:49:37 GMT


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (429, {"error": {"message": "slow down"}}, "rate_limit"),
        (529, {"type": "error", "error": {"type": "overloaded_error"}}, "rate_limit"),
        (503, {"error": {"message": "The model is overloaded"}}, "rate_limit"),
        (500, "oops", "transient"),
        (502, "<html>bad gateway</html>", "transient"),
        (408, None, "transient"),
        (409, {}, "transient"),
        (302, "", "transient"),
        (400, {"error": {"message": "bad", "code": "content_filter"}}, "refused"),
        (400, {"error": {"message": "maximum context length is 4096 tokens"}}, "fatal"),
        (401, {"error": "no"}, "fatal"),
        (404, {"error": "model 'x' not found"}, "fatal"),
        (413, "too large", "fatal"),
    ],
)
def test_a_status_has_a_cause(status: int, body: object, cause: str) -> None:
    assert causes.of_status(status, body, headers={}).cause == cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ({"code": 429, "message": "upstream"}, "rate_limit"),
        ({"code": "502", "message": "upstream"}, "transient"),
        ({"type": "overloaded_error", "message": "Overloaded"}, "rate_limit"),
        ({"message": "Internal server error"}, "transient"),
        ({"message": "something odd"}, "transient"),
        ({"message": "blocked by our content policy"}, "refused"),
        ({"type": "invalid_request_error", "message": "prompt is too long"}, "fatal"),
        ("upstream connect error", "transient"),
    ],
)
def test_an_error_inside_a_200_has_a_cause(error: object, cause: str) -> None:
    assert causes.of_error_body(error, headers={}).cause == cause


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, {"error": "pay"}),
        (429, {"error": {"code": "insufficient_quota", "message": "You exceeded your quota"}}),
        (400, {"error": {"message": "Your credit balance is too low"}}),
    ],
)
def test_an_empty_account_is_not_waited_for(status: int, body: object) -> None:
    fault = causes.of_status(status, body, headers={})
    assert (fault.cause, fault.exhausted) == ("fatal", True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("300", 300.0),
        ("86400", causes.LONGEST_WAIT_S),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30.0),
        ("Sun, 06 Nov 1994 08:00:00 GMT", None),
        ("-5", None),
        ("0", None),
        ("soon", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_understood_or_ignored(text: str, seconds: float | None) -> None:
    assert causes.retry_after({"retry-after": text}, date=NOW) == seconds


def test_milliseconds_are_taken_before_seconds() -> None:
    assert causes.retry_after({"retry-after": "2", "retry-after-ms": "1500"}) == 1.5


@given(st.text())
def test_any_retry_after_is_a_sane_wait_or_none(text: str) -> None:
    wait = causes.retry_after({"retry-after": text}, date=NOW)
    assert wait is None or 0 < wait <= causes.LONGEST_WAIT_S


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.integers(100, 999), json_values)
def test_any_body_has_a_cause_and_one_line(status: int, body: object) -> None:
    for fault in (
        causes.of_status(status, body, headers={}),
        causes.of_error_body(body, headers={}),
    ):
        assert fault.cause in CAUSES
        assert len(fault.detail.splitlines()) == 1
        assert len(fault.detail) < 500


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" <!DOCTYPE html><p>Sign in", "web page"),
        ('{"choices": [{"mes', "cut off"),
        ("OK", "isn't JSON: 'OK'"),
    ],
)
def test_what_is_not_json_is_described(text: str, said: str) -> None:
    assert said in causes.not_json(text).detail
