"""A key that an endpoint throws back in every bad answer, and all places it could be left in."""

import base64
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from benchmarks.faults.finding import Finding
from benchmarks.faults.nursery import Nursery
from benchmarks.faults.replies import TIMEOUT_S, Mix, error
from benchmarks.faults.stage import Teacher, served, workplace, write_recipe
from benchmarks.servers.endpoint import Answer, Received

KEY = "sk-canary/42+7f==&%Xy0Zq81"
ENV = {"CANARY_KEY": KEY, "COLLOQUIA_DEBUG": "1"}
#: Sent by us; sent by litellm's own client.
ROUTES = ("openai/any", "moonshot/any")


def forms() -> dict[str, bytes]:
    """Return how a key may be written down; in base64 whatever stands before it."""
    raw = KEY.encode()
    found = {
        "plain": raw,
        "in a URL": quote(KEY, safe="").encode(),
        "in a form": quote_plus(KEY).encode(),
        "in JSON": json.dumps(KEY)[1:-1].encode(),
    }
    for skip in range(3):
        for name, encode in (
            ("base64", base64.b64encode),
            ("url-base64", base64.urlsafe_b64encode),
        ):
            found[f"{name} {skip}"] = encode(raw[skip:]).rstrip(b"=")[:-1]
    return found


def _thrown_back(request: Received, answer: Answer) -> Answer:
    """Put the key into a bad answer that is an error or a page, in several forms, and a header."""
    if answer.fault or (answer.status == 200 and answer.type != "text/html"):
        return answer
    said = f"{KEY} {quote(KEY, safe='')} {base64.b64encode(f'u:{KEY}'.encode()).decode()}"
    if answer.type == "text/html":
        return replace(answer, body=answer.body + said.encode())
    message = json.loads(answer.body)["error"]["message"]
    told = error(answer.status, f"{message}: your key {said}")
    return replace(told, headers={"X-Your-Key": KEY})


def searched(nursery: Nursery, *, snippets: int) -> list[Finding]:
    """Log everything at DEBUG, kill a run, go on, export, be refused; then look everywhere."""
    asked = hits = places = bare = loud = 0
    where: set[str] = set()
    for route in ROUTES:
        seen: list[bool] = []
        mix = Mix(seed=snippets, spoil=_thrown_back)
        teacher = Teacher(latency_s=0.005, fault=_Watch(mix, seen))
        with workplace() as folder, served(teacher) as endpoint:
            _play(nursery, folder, endpoint.url, route=route, snippets=snippets)
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                places += 1
                text = file.read_bytes()
                loud += text.count(b"debug: ") + text.count(b"LiteLLM:DEBUG")
                found = [name for name, form in forms().items() if form in text]
                hits += len(found)
                where |= {f"{name} in {file.name}" for name in found}
        asked += len(seen)
        bare += sum(not there for there in seen)
    return [
        Finding(
            promise="a key is nowhere but in the headers of requests",
            fault="all of these faults quoting the key, every library at DEBUG, kill -9, a refusal",
            n=asked,
            unit="requests",
            broken=hits,
            figures=f"{places} files: store, write-ahead log, {loud} lines of DEBUG, tracebacks, "
            "exports" + "".join(f"; {place}" for place in sorted(where)),
            met=not bare and loud > 0,
        )
    ]


class _Watch:
    """Notes of each request whether it brought the key."""

    def __init__(self, mix: Mix, seen: list[bool]) -> None:
        """Watch before `mix` answers."""
        self._mix = mix
        self._seen = seen

    def __call__(self, request: Received) -> Answer | None:
        self._seen.append(request.headers.get("authorization") == f"Bearer {KEY}")
        return self._mix(request)


def _play(nursery: Nursery, folder: Path, url: str, *, route: str, snippets: int) -> None:
    """Kill a loud run, go on with it, export; then be refused by who quotes the key."""
    settings = {"model": route, "api_key_env": "CANARY_KEY", "timeout_s": TIMEOUT_S}
    recipe = write_recipe(
        folder, url, snippets=snippets, teacher=settings, limits={"concurrency": 16}
    )
    store = folder / "store.db"
    about: dict[str, Any] = {"folder": folder, "env": ENV, "loud": True}
    child = nursery.start("run", recipe, "--store", store, "-vv", **about)
    if child.wait(1.5) is None:  # else a quick machine was done by then
        child.signal(signal.SIGKILL)
        child.ended()
    for file in list(folder.glob("store.db*")):  # as they lie there, the log not yet merged
        (folder / f"killed-{file.name}").write_bytes(file.read_bytes())
    nursery.run("run", recipe, "--store", store, "-vv", **about)
    for arguments in (
        ("export", "-o", folder / "corpus", "--only", "all"),
        ("status", "--json"),
        ("ls", "--outcome", "failed"),
        ("show",),
    ):
        nursery.run(*arguments, "--store", store, **about)
    with served(lambda request: _thrown_back(request, error(401, "bad key"))) as strict:
        refusing = write_recipe(folder, strict.url, snippets=1, teacher=settings)
        nursery.run("run", refusing, "--store", folder / "refused.db", "-vv", **about)
