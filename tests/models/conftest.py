"""A key that must be seen nowhere, and an endpoint that runs beside the tests."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from benchmarks.endpoint import Answer, Endpoint, completion
from colloquia.models.transport import Transport

CANARY = "sk-canary/42+7f=="


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key in CANARY_KEY that must be seen nowhere but in a request's headers."""
    monkeypatch.setenv("CANARY_KEY", CANARY)
    return CANARY


@pytest.fixture(scope="session")
def side_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own: litellm's client sometimes asks Ollama and blocks its loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="endpoint")
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def endpoint(side_loop: asyncio.AbstractEventLoop) -> Iterator[Endpoint]:
    """An endpoint that says yes to everything; a test sets `decide`."""
    made = Endpoint(lambda request: Answer(body=completion(request)))

    def there(step: object) -> None:
        asyncio.run_coroutine_threadsafe(step, side_loop).result(10)  # type: ignore[arg-type]

    there(made.__aenter__())
    yield made
    there(made.__aexit__())


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """A transport that is closed after the test."""
    made = Transport()
    yield made
    await made.close()
