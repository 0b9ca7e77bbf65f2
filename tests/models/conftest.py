"""A key that must be seen nowhere, and a transport that is closed."""

from collections.abc import AsyncIterator

import pytest

from colloquia.models.wire.transport import Transport

CANARY = "sk-canary/42+7f=="


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key in CANARY_KEY that must be seen nowhere but in a request's headers."""
    monkeypatch.setenv("CANARY_KEY", CANARY)
    return CANARY


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """A transport that is closed after the test."""
    made = Transport()
    yield made
    await made.close()
