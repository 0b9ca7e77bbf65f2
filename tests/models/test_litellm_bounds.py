"""Replies that litellm's own client reads: bounded as those are that we read."""

import gzip

import pytest

from benchmarks.hostile.endpoint_lines import GOOD, STREAM, chunk, ever, head, reply
from benchmarks.hostile.raw_server import RawServer, Script
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.wire.litellm_bounds import LONGEST
from colloquia.models.wire.providers import READ_ONLY
from tests.models.parts import request
from tests.models.routes import theirs
from tests.models.test_bodies import MB

pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{READ_ONLY}"),
    pytest.mark.usefixtures("canary"),
]
BOMB = gzip.compress(bytes(LONGEST + 1))
#: litellm asks the one through OpenAI's library, the other through a client of its own.
MODELS = ("openai/any", "anthropic/claude-3-5-haiku-20241022")


async def _fault(name: str, script: Script, **more: object) -> Fault:
    with RawServer(script) as server:
        model = theirs(name, server.url, **more)
        with pytest.raises(CallFailed) as failed:
            await model.complete(request())
        await model.close()
    return failed.value.fault


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "script",
    [ever(head("Transfer-Encoding: chunked"), chunk(MB)), reply(BOMB, "Content-Encoding: gzip")],
    ids=["endless", "packed"],
)
async def test_a_reply_without_end_is_a_transient_fault(name: str, script: Script) -> None:
    fault = await _fault(name, script, stream=False)
    assert (fault.cause, fault.detail) == ("transient", "a reply of more than 4 MB")


async def test_so_is_a_stream_without_end() -> None:
    fault = await _fault("openai/any", ever(STREAM, chunk(b": on\n\n" * 9999)), stream=True)
    assert (fault.cause, fault.detail) == ("transient", "a reply of more than 4 MB")


@pytest.mark.parametrize("name", MODELS)
async def test_an_error_without_end_is_the_error_it_says(name: str) -> None:
    endless = ever(head("Transfer-Encoding: chunked", status="400 No"), chunk(MB))
    assert (await _fault(name, endless)).cause == "fatal"


async def test_a_reply_that_drips_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colloquia.models.wire.litellm_client.SILENCES", 2)
    drips = ever(head("Transfer-Encoding: chunked"), chunk(b" "), wait_s=0.05)
    fault = await _fault("openai/any", drips, timeout_s=1)
    assert (fault.cause, fault.detail) == ("transient", "no whole reply within 2 s")


async def test_a_packed_reply_is_read() -> None:
    with RawServer(reply(gzip.compress(GOOD), "Content-Encoding: gzip")) as server:
        model = theirs("openai/any", server.url, stream=False)
        assert (await model.complete(request())).text == "x"
        await model.close()
