import json
from typing import Any

import pytest
from pydantic import BaseModel

from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.offline.model import OfflineModel


class Teacher:
    """Asks an offline model in a test's own words."""

    def __init__(self) -> None:
        self.model = OfflineModel()

    async def request(self, role: str, variables: dict[str, Any], seed: int | None) -> ChatReply:
        return await self.model.complete(
            ChatRequest(role=role, prompt="t@0", messages=(), variables=variables, seed=seed)
        )

    async def ask(self, role: str, given: BaseModel, *, seed: int = 7) -> dict[str, Any]:
        reply = await self.request(role, given.model_dump(mode="json"), seed)
        return dict(json.loads(reply.text))


@pytest.fixture
def teacher() -> Teacher:
    return Teacher()
