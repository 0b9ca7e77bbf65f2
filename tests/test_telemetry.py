"""No library that comes along reports anything or fetches anything by itself."""

import subprocess
import sys

import pytest

WATCHED = """
import sys
asked = []

def watch(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        asked.append(str(args[0]))
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        asked.append(str(args[1][0]))
    else:
        return
    if asked[-1] not in ("127.0.0.1", "localhost", "None"):
        raise OSError("no network here")

sys.addaudithook(watch)
from colloquia.core.telemetry import switch_off
switch_off()
"""
LITELLM = """
from colloquia.models.catalogue import make_model
make_model("openai/any", api_base="http://127.0.0.1:9/v1")
make_model("openrouter/any", api_base="http://127.0.0.1:9/v1")
import litellm
assert litellm.telemetry is False
"""
AUTOGEN = """
import asyncio
from colloquia import team, ScriptedModel
import autogen_agentchat.teams
from opentelemetry import trace
assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"  # exports nothing
"""
TRL = """
import threading
from huggingface_hub.utils import send_telemetry
from trl.trainer.base_trainer import _BaseTrainer
send_telemetry("colloquia/test", library_name="trl")
assert not any("telemetry" in (thread._target or str).__name__ for thread in threading.enumerate())
"""


@pytest.mark.parametrize(
    ("libraries", "code"),
    [((), LITELLM), ((), AUTOGEN), (("trl",), TRL)],
    ids=["litellm", "autogen", "trl"],
)
def test_nothing_is_sent_or_fetched_that_nobody_asked_for(
    libraries: tuple[str, ...], code: str
) -> None:
    for library in libraries:
        pytest.importorskip(library)
    told = f"{WATCHED}{code}\nprint(asked)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
