"""One client's share of `throughput.py`, in a process of its own; prints what it cost as JSON.

`python -m benchmarks.clients NAME URL IN_FLIGHT`
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

EXCHANGES, PARTS = 4, 3
CALLS = EXCHANGES * PARTS
WAVES = 2  # dialogues per place in flight: a run has a beginning and a tail, as real ones do
PASSAGE = (
    "The tower was built in 1851 by Anne Hart. It stands on the left bank of the river Tay and is "
    "thirty metres high. The town paid two hundred pounds for it, because the old one had burned "
    "down. Anne Hart also designed the hall. It was closed in 1923 and is a museum since 1950. "
)
SYSTEM = (
    "You answer questions about a passage, from the passage alone, and quote what you rely on. "
) * 6
ROLES = ("questioner", "answerer", "critic")
Talk = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one client took."""

    calls: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    kb_per_dialogue: float
    """How much the peak grew after a first dialogue alone, over the dialogues in flight."""


async def side_by_side(talk: Talk, *, dialogues: int, in_flight: int) -> None:
    """Hold `in_flight` dialogues at a time."""
    numbers = iter(range(dialogues))

    async def work() -> None:
        for number in numbers:
            await talk(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(work())


def messages(number: int, call: int) -> list[dict[str, str]]:
    """Return a prompt of about the length that colloquia sends."""
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": f"Dialogue {number}. {PASSAGE}" * 2 + f"Call {call}."},
    ]


async def with_aiohttp(url: str, *, dialogues: int, in_flight: int) -> None:
    """The floor: a bare session, nothing kept."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def talk(number: int) -> None:
            for call in range(CALLS):
                body = {"model": "fake", "max_tokens": 256, "messages": messages(number, call)}
                async with session.post(f"{url}/v1/chat/completions", json=body) as reply:
                    assert (await reply.json())["choices"][0]["message"]["content"]

        await side_by_side(talk, dialogues=dialogues, in_flight=in_flight)


async def with_litellm(url: str, *, dialogues: int, in_flight: int) -> None:
    """Through litellm's own client, retries off."""
    from colloquia.models.wire.providers import import_litellm

    litellm = import_litellm()

    async def talk(number: int) -> None:
        for call in range(CALLS):
            reply = await litellm.acompletion(
                model="openai/fake",
                api_base=f"{url}/v1",
                api_key="none",
                messages=messages(number, call),
                max_tokens=256,
                max_retries=0,
                num_retries=0,
                timeout=120,
            )
            assert reply.choices[0].message.content

    await side_by_side(talk, dialogues=dialogues, in_flight=in_flight)


async def with_autogen(url: str, *, dialogues: int, in_flight: int) -> None:
    """A round-robin team of three assistants per dialogue, over AutoGen's OpenAI client."""
    from autogen_agentchat.agents import AssistantAgent
    from autogen_agentchat.conditions import MaxMessageTermination
    from autogen_agentchat.teams import RoundRobinGroupChat
    from autogen_ext.models.openai import OpenAIChatCompletionClient

    info: Any = {
        "vision": False,
        "function_calling": False,
        "json_output": False,
        "family": "unknown",
        "structured_output": False,
    }
    client = OpenAIChatCompletionClient(
        model="fake", base_url=f"{url}/v1", api_key="none", model_info=info, max_retries=0
    )

    async def talk(number: int) -> None:
        names = ("questioner", "answerer", "critic")
        agents: list[Any] = [
            AssistantAgent(name, model_client=client, system_message=SYSTEM) for name in names
        ]
        team = RoundRobinGroupChat(agents, termination_condition=MaxMessageTermination(1 + CALLS))
        await team.run(task=f"Dialogue {number}. {PASSAGE}")

    await side_by_side(talk, dialogues=dialogues, in_flight=in_flight)
    await client.close()


async def with_colloquia(url: str, *, dialogues: int, in_flight: int, store: str) -> None:
    """Our way to a model: limiter, breaker, retries, and a durable ledger row per call."""
    from colloquia.core.ports import ChatRequest
    from colloquia.core.recipe import Recipe, Snippets
    from colloquia.core.run_manifest import RunManifest
    from colloquia.core.types import Dialogue, Persona, Snippet
    from colloquia.models.catalogue import make_model
    from colloquia.models.ledger.ledger import Ledger
    from colloquia.store.repository import Store
    from colloquia.store.writing import Planned

    model = make_model("openai/fake", api_base=f"{url}/v1")
    manifest = RunManifest(
        id="run1_throughput",
        recipe_hash="r",
        name="throughput",
        recipe=Recipe(snippets=Snippets(path="")),
        seed=0,
        code_version="1",
    )
    persona = Persona(id="pers1_asker", name="asker")

    def planned(number: int) -> Planned:
        snippet = Snippet.of(f"{PASSAGE}It has the number {number}.")
        dialogue = Dialogue(
            id=f"dlg1_{number}",
            run_id=manifest.id,
            snippet_id=snippet.id,
            persona_id=persona.id,
            seed=number,
        )
        return Planned(snippet, dialogue)

    with Store.open(store, create=True) as opened:
        await opened.begin_run(manifest, [persona])
        await opened.add_dialogues(manifest.id, [planned(number) for number in range(dialogues)])
        rows = opened.ledger(manifest.id)

        async def talk(number: int) -> None:
            name = f"dlg1_{number}"
            ledger = Ledger(dialogue_id=name, known=await rows.calls(name), store=rows, limit=CALLS)
            for call in range(CALLS):
                request = ChatRequest.model_validate(
                    {
                        "role": ROLES[call % PARTS],
                        "prompt": "answerer@1",
                        "messages": messages(number, call),
                        "max_tokens": 256,
                        "seed": number * CALLS + call,
                    }
                )
                assert (await ledger.ask(model, request, place=f"{call}.answerer.0")).reply

        await side_by_side(talk, dialogues=dialogues, in_flight=in_flight)
    await model.close()


async def with_product(
    url: str,
    *,
    dialogues: int,
    in_flight: int,
    store: str,
    file: Path,
    timeout_s: float | None = None,
    fixed: int | None = None,
) -> None:
    """A whole run: also prompts, typed replies, checks, turns and reviews.

    Only the plan is made without a call, so that there are as many calls as elsewhere. The pace is
    found out, unless a `fixed` number of calls may be in flight.
    """
    from colloquia.core.ports import ChatReply, ChatRequest
    from colloquia.core.recipe import Recipe
    from colloquia.models.catalogue import Catalogue, options_of
    from colloquia.models.pace.limiter import Limiter
    from colloquia.runs.start import arun
    from colloquia.simulator.graph import Graph

    kinds = ("overview", "when", "who", "where")
    exchanges = [{"kind": kind, "aim": f"aim-{n}"} for n, kind in enumerate(kinds)]
    plan = {"difficulty": 0.5, "exchanges": exchanges}

    class Planner:
        name = "planner"

        async def complete(self, request: ChatRequest) -> ChatReply:
            return ChatReply(text=json.dumps(plan))

        async def close(self) -> None:
            return None

    role = {"model": "fake", "max_tokens": 256}
    recipe = Recipe.model_validate(
        {
            "snippets": {"path": str(file)},
            "agents": {"planner": {"model": "planner"}}
            | dict.fromkeys(("questioner", "answerer", "critic"), role),
            "dialogue": {"exchanges": EXCHANGES, "unanswerable_share": 0},
            "limits": {"concurrency": in_flight},
        }
    )
    settings: dict[str, Any] = {"structured": True, "timeout_s": timeout_s}
    catalogue = Catalogue()
    fake = catalogue.make(options_of("openai/fake", api_base=f"{url}/v1", **settings))
    if fixed is not None:
        fake.limiter = Limiter(clock=catalogue.clock, start=fixed, learns=False)
    models: Any = {"fake": fake, "planner": Planner()}
    graph = Graph.default().remove("refusal_checker")
    try:
        run = await arun(recipe, store=store, graph=graph, models=models)
        counts = run.counts()
        assert counts.accepted == counts.planned == dialogues, run.summary()
    finally:
        await catalogue.close()


def write_snippets(file: Path, *, count: int) -> None:
    """Write distinct passages."""
    with file.open("w") as out:
        for number in range(count):
            out.write(json.dumps({"text": f"{PASSAGE}It has the number {number}."}) + "\n")


async def run(name: str, url: str, *, dialogues: int, in_flight: int, folder: Path) -> Spent:
    """Run one client; return what it took, imports and a first dialogue aside."""
    file = folder / "snippets.jsonl"
    write_snippets(file, count=dialogues)
    sizes = {"dialogues": dialogues, "in_flight": in_flight}
    warm: dict[str, Any] = {"dialogues": 1, "in_flight": 1}
    client: Any
    if name in {"colloquia", "colloquia-run"}:
        client = with_colloquia if name == "colloquia" else with_product
        extra = {"file": folder / "first.jsonl"} if name == "colloquia-run" else {}
        if extra:
            write_snippets(extra["file"], count=1)
        await client(url, **warm, store=str(folder / "first.db"), **extra)
        started, began, before_mb = time.perf_counter(), time.process_time(), peak_mb()
        extra = dict.fromkeys(extra, file)
        await client(url, **sizes, store=str(folder / "runs.db"), **extra)
    else:
        client = {
            "aiohttp": with_aiohttp,
            "litellm": with_litellm,
            "autogen": with_autogen,
        }[name]
        await client(url, **warm)
        started, began, before_mb = time.perf_counter(), time.process_time(), peak_mb()
        await client(url, **sizes)
    return Spent(
        wall_s=time.perf_counter() - started,
        cpu_s=time.process_time() - began,
        calls=dialogues * CALLS,
        peak_mb=peak_mb(),
        kb_per_dialogue=(peak_mb() - before_mb) * 1024 / in_flight,
    )


def peak_mb() -> float:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run, and print what it cost."""
    name, url, in_flight = sys.argv[1:4]
    many = int(in_flight)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * many + 256)), hard))
    dialogues = many * WAVES
    with tempfile.TemporaryDirectory() as folder:
        spent = asyncio.run(
            run(name, url, dialogues=dialogues, in_flight=many, folder=Path(folder))
        )
    print(json.dumps(asdict(spent)))


if __name__ == "__main__":
    main()
