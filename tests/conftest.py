"""What holds for every test: no network but loopback, and in CI no random choices; an endpoint."""

import asyncio
import gc
import ipaddress
import os
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:  # a bare `pytest` doesn't have the checkout's root on its path
    from benchmarks.faults.nursery import Nursery
    from benchmarks.servers.endpoint import Endpoint

# Tests run side by side, their models are tiny: more threads would wait for each other. Processes
# that they start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shared machine may be slow at any moment: no test fails by the clock.
patient = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", patient)
settings.register_profile("ci", patient, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


#: These start processes and wait for them: they come first, so that none of them is left to one
#: worker when the others are done.
LONGEST = {
    "test_promises.py",
    "test_docs.py",
    "test_examples.py",
    "test_workers.py",
    "test_packaging.py",
    "test_watching.py",
    "test_interrupting.py",
    "test_resuming.py",
}


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by no bytes: gzip's hold the time, and workers that differ in names run nothing.

    Where two then have one name, pytest numbers them.
    """
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """Leave out of garbage collection what imports made: walking it costs a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


class NetworkRefused(AssertionError):
    """A test reached for the network."""


def _is_near(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refuse_network(event: str, args: tuple[object, ...]) -> None:
    match event, args:
        case "socket.getaddrinfo" | "socket.gethostbyname", (host, *_):
            pass
        case "socket.connect" | "socket.sendto" | "socket.sendmsg", (_, (host, *_)):
            pass
        case _:  # Unix sockets have a path for an address, not a tuple
            return
    if not _is_near(host):
        raise NetworkRefused(f"tests use no network but loopback; this one asked for {host!r}")


# An audit hook sees every socket, whichever library opens it, and can't be patched away.
sys.addaudithook(_refuse_network)


@pytest.fixture(scope="session")
def nursery() -> "Iterator[Nursery]":
    """Starts real `colloquia` processes without the seconds that imports take."""
    from benchmarks.faults.nursery import Nursery

    with Nursery() as made:
        yield made


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
def endpoint(side_loop: asyncio.AbstractEventLoop) -> "Iterator[Endpoint]":
    """An endpoint that says yes to everything; a test sets `decide`."""
    from benchmarks.servers.endpoint import Answer, Endpoint, completion

    made = Endpoint(lambda request: Answer(body=completion(request)))

    def there(step: object) -> None:
        asyncio.run_coroutine_threadsafe(step, side_loop).result(300)  # type: ignore[arg-type]

    there(made.__aenter__())
    yield made
    there(made.__aexit__())
