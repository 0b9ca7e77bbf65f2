"""Endpoints that ask to wait, are down for a while, or take only so many calls at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from benchmarks.faults.finding import Finding
from benchmarks.faults.replies import error
from benchmarks.faults.stage import Teacher, key_of, workplace, write_recipe
from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion

OUTAGE_S = 60.0
PROBE_EVERY_S = 15.0
WORKERS = 8


class Swift:
    """A clock on which `speed` seconds pass in one: waits are as long as told, but sooner over."""

    def __init__(self, *, speed: float) -> None:
        """Begin now."""
        self._speed = speed
        self._began = time.monotonic()
        self._date = time.time()

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return (time.monotonic() - self._began) * self._speed

    def date(self) -> float:
        """Return the date in seconds since 1970."""
        return self._date + self.now()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds / self._speed)


class Noting:
    """A backend that notes when it is asked."""

    def __init__(self, inner: Any, clock: Swift) -> None:
        """Stand before `inner`."""
        self.name = inner.name
        self.at_s: list[float] = []
        self._inner, self._clock = inner, clock

    async def complete(self, request: Any) -> Any:
        """Note the time and pass on."""
        self.at_s.append(self._clock.now())
        return await self._inner.complete(request)

    async def close(self) -> None:
        """Close what stands behind."""
        await self._inner.close()


def outage(*, speed: float, snippets: int) -> list[Finding]:
    """Take the endpoint down for a minute in the middle of a run: errors, then nobody listening."""
    found = [
        asyncio.run(_outage(kind, speed=speed, snippets=snippets))
        for kind in ("503", "nobody listens")
    ]
    rest_s = OUTAGE_S - PROBE_EVERY_S
    figures = "; ".join(
        f"{each.kind}: {each.felt} attempts in the first {PROBE_EVERY_S:.0f} s, "
        f"{each.probes} in the next {rest_s:.0f} s"
        for each in found
    )
    return [
        Finding(
            promise="an outage fails no dialogue; a dead endpoint is asked once per 15 s",
            fault=f"the endpoint is down for {OUTAGE_S:.0f} s in the middle of a run",
            n=2 * snippets,
            unit="dialogues",
            broken=sum(each.unwell for each in found),
            figures=f"{figures}; a clock {speed:g} x as fast",
            met=all(each.felt and 0 < each.probes <= rest_s / PROBE_EVERY_S for each in found),
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """What a run made of an outage."""

    kind: str
    unwell: int
    """Dialogues that didn't come to their end."""
    felt: int
    """Attempts in the first 15 s."""
    probes: int
    """Attempts after these."""


async def _outage(kind: str, *, speed: float, snippets: int) -> Outage:
    from colloquia.models.catalogue import Catalogue, options_of
    from colloquia.runs.start import arun

    clock = Swift(speed=speed)
    down: list[float] = []  # when it went, when it came back
    half_way = asyncio.Event()

    def breaks_down(_: Received) -> Answer | None:
        if len(teacher.asked) >= 5 * snippets:  # of about thirteen each
            half_way.set()
        return error(503, "down") if kind == "503" and len(down) == 1 else None

    teacher = Teacher(latency_s=0.01, fault=breaks_down)
    async with Endpoint(teacher, keep=False) as endpoint:
        catalogue = Catalogue(clock=clock)
        url = f"{endpoint.url}/v1"
        model: Any = catalogue.make(options_of("openai/any", api_base=url, structured=True))
        model.inner = noting = Noting(model.inner, clock)

        async def breaks() -> None:
            await half_way.wait()
            down.append(clock.now())
            if kind != "503":
                await endpoint.__aexit__()
            await clock.sleep(OUTAGE_S)
            if kind != "503":
                await endpoint.__aenter__()
            down.append(clock.now())

        with workplace() as folder:
            limits = {"concurrency": WORKERS}
            recipe = write_recipe(folder, None, snippets=snippets, limits=limits)
            trouble = asyncio.create_task(breaks())
            async with asyncio.timeout(OUTAGE_S / speed + 120):
                run = await arun(recipe, store=str(folder / "outage.db"), models={"teacher": model})
                await trouble
            counts = run.counts()
        await catalogue.close()
    unwell = counts.planned - counts.accepted - sum(counts.rejected.values())
    during = [at - down[0] for at in noting.at_s if down[0] <= at < down[1]]
    probes = sum(at >= PROBE_EVERY_S for at in during)
    return Outage(kind=kind, unwell=unwell, felt=len(during) - probes, probes=probes)


def retry_after(*, speed: float, calls: int) -> list[Finding]:
    """Refuse each call once, with a Retry-After in each of its forms."""
    headers: dict[str, Callable[[float], str]] = {
        "seconds": lambda date: "7",
        "a date": lambda date: format_datetime(datetime.fromtimestamp(date + 9, UTC), usegmt=True),
        "300": lambda date: "300",
        "negative": lambda date: "-5",
        "garbage": lambda date: "soon",
    }
    broken, earliest = 0, []
    for name, header in headers.items():
        waits = asyncio.run(_refused_once(header, speed=speed, calls=calls))
        broken += sum(waited < asked for asked, waited in waits) + calls - len(waits)
        asked, waited = min(waits, key=lambda wait: wait[1] - wait[0])
        earliest.append(f"{name}: {waited:.1f} s" + (f" for {asked:.1f}" if asked else ""))
    return [
        Finding(
            promise="who asks to wait is asked again no sooner",
            fault="429 with Retry-After: 7, a date, 300, -5, soon",
            n=len(headers) * calls,
            unit="calls",
            broken=broken,
            figures=f"earliest: {', '.join(earliest)}; a clock {speed:g} x as fast",
        )
    ]


async def _refused_once(
    header: Callable[[float], str], *, speed: float, calls: int
) -> list[tuple[float, float]]:
    """Return how long each call was asked to wait, and how long it waited."""
    from colloquia.core.ports import ChatRequest
    from colloquia.models.catalogue import Catalogue, options_of

    clock = Swift(speed=speed)
    first: dict[str, tuple[float, float]] = {}
    waits: list[tuple[float, float]] = []

    def decide(request: Received) -> Answer:
        now, key = clock.now(), key_of(request)
        if key in first:
            asked, at = first[key]
            waits.append((asked, now - at))
            return Answer(body=completion(request))
        said = header(clock.date())
        first[key] = (_asked_for(said, clock.date()), now)
        refusal = error(429, "slow down")
        return Answer(status=429, body=refusal.body, headers={"Retry-After": said})

    async with Endpoint(decide, keep=False) as endpoint:
        catalogue = Catalogue(clock=clock)
        model = catalogue.make(options_of("openai/any", api_base=f"{endpoint.url}/v1"))

        async def ask(number: int) -> None:
            message = {"role": "user", "content": f"Call {number}."}
            request = {"role": "critic", "prompt": "critic@1", "messages": [message]}
            await model.complete(ChatRequest.model_validate(request))

        async with asyncio.TaskGroup() as group:
            for number in range(calls):
                group.create_task(ask(number))
        await catalogue.close()
    return waits


def _asked_for(header: str, date: float) -> float:
    """Return the seconds that a header asks for; 0 for one that says nothing."""
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(header).timestamp() - date
    except ValueError:
        return 0.0


def limits(*, seconds: float, speed: float) -> list[Finding]:
    """Take 20 calls at once for so many seconds, then only 5."""
    return [asyncio.run(_limits(seconds=seconds, speed=speed))]


async def _limits(*, seconds: float, speed: float) -> Finding:
    from colloquia.core.ports import ChatRequest
    from colloquia.models.catalogue import Catalogue, options_of

    latency_s, callers = 0.2, 64
    room = 20
    said: Counter[tuple[int, str]] = Counter()
    settled = False

    def decide(request: Received) -> Answer:
        over = endpoint.in_flight > room
        if settled:
            said[room, "refused" if over else "served"] += 1
        refusal = error(429, "too many at once")
        return refusal if over else Answer(body=completion(request), delay_s=latency_s)

    async with Endpoint(decide, keep=False) as endpoint:
        catalogue = Catalogue(clock=Swift(speed=speed))
        model = catalogue.make(options_of("openai/any", api_base=f"{endpoint.url}/v1"))
        message = {"role": "user", "content": "Say yes."}
        request = ChatRequest.model_validate(
            {"role": "critic", "prompt": "critic@1", "messages": [message]}
        )

        async def call_on() -> None:
            while True:
                await model.complete(request)

        tasks = [asyncio.create_task(call_on()) for _ in range(callers)]
        for room, settled in ((20, False), (20, True), (5, False), (5, True)):  # noqa: B007
            await asyncio.sleep(seconds / 2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await catalogue.close()
    shares = {room: said[room, "served"] * latency_s / (room * seconds / 2) for room in (20, 5)}
    refused = {
        room: said[room, "refused"] / max(1, said[room, "refused"] + said[room, "served"])
        for room in (20, 5)
    }
    return Finding(
        promise="the pace finds the endpoint's limit: 85 % of it used, under 5 % refused",
        fault=f"{callers} callers, room for 20 calls at once, then for 5",
        n=said.total(),
        unit="requests",
        broken=0,
        figures=", ".join(
            f"room {room}: {shares[room]:.0%} used, {refused[room]:.1%} refused" for room in (20, 5)
        )
        + f"; after {seconds / 2:g} s to settle, pauses {speed:g} x as fast",
        met=min(shares.values()) >= 0.85 and max(refused.values()) < 0.05,
    )
