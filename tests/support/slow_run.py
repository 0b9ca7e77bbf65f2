"""Run a recipe slowly enough to be killed: `slow_run.py RECIPE STORE`."""

import asyncio
import sys

import colloquia
from colloquia import ChatReply, ChatRequest, OfflineModel


class Slow(OfflineModel):
    """The offline teacher, one hundredth of a second slower per call."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        await asyncio.sleep(0.01)
        return await super().complete(request)


if __name__ == "__main__":
    run = colloquia.run(sys.argv[1], store=sys.argv[2], models={"offline": Slow()})
    sys.stdout.write(run.summary() + "\n")
