"""A whole simulation as an AutoGen team, shown by AutoGen's own Console."""

import asyncio

from autogen_agentchat.ui import Console

import colloquia

SNIPPET = (
    "The Bell Rock Lighthouse stands on a reef about 18 kilometres off the east coast of Scotland. "
    "Robert Stevenson built it between 1807 and 1810, and it was first lit in 1811. The reef is "
    "covered by the sea at high tide, so the workers could stand on it for only a few hours a day."
)

asyncio.run(Console(colloquia.team().run_stream(task=SNIPPET)))
