"""Many dialogues at once: plan them as snippets stream in, work them off, keep count.

Snippets are read in batches while dialogues already run, so the first dialogue doesn't wait for a
long file and memory stays flat. Everything random hangs on (seed, snippet), so the order of
execution changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from math import ceil
from typing import Any, Protocol

from colloquia.core.errors import (
    AgentError,
    BudgetReached,
    DialogueFailure,
    Postponed,
    StoreError,
    UserError,
)
from colloquia.core.heartbeat import Heartbeat
from colloquia.core.ports import in_turn
from colloquia.core.recipe import Limits
from colloquia.core.types import UNWRITABLE, Dialogue, Snippet
from colloquia.models.faults.errors import ABOUT_THE_RUN
from colloquia.models.faults.redactor import redact
from colloquia.simulator import replay
from colloquia.simulator.collector import rare_collections
from colloquia.simulator.dialogue import Interrupted, Walk, side_by_side
from colloquia.simulator.journal import Journal
from colloquia.simulator.like_failures import (
    ALIKE_AT_FIRST,
    ALIKE_LATER,
    HeldBack,
    LikeFailures,
)
from colloquia.simulator.setup import Setup
from colloquia.store.repository import Store
from colloquia.store.writing import Claimed

BATCH = 256  # snippets per write: large enough to amortise a commit, small enough to start at once
LOOK_EVERY_S = 1.0  # how soon a request to stop is heard; one small commit each

log = logging.getLogger(__name__)


OnFinish = Callable[[Dialogue], None]


class Workers(Protocol):
    """Other processes that take up a run's dialogues."""

    async def work(self) -> None:
        """Return when all that was announced is done, or they were stopped."""
        ...

    def announce(self, *, all_in: bool) -> None:
        """Tell them that there are more dialogues to take up, or that these were the last."""
        ...

    def stop(self) -> None:
        """Let them finish the calls they are in."""
        ...


class Runner:
    """Works off one run, or a share of it."""

    def __init__(
        self,
        setup: Setup,
        *,
        store: Store,
        run_id: str,
        on_finish: OnFinish,
        at_most: int | None = None,
        heartbeat: Callable[[], Heartbeat] = Heartbeat,
        workers: Workers | None = None,
        share: int = 1,
    ) -> None:
        """Make ready.

        Args:
            setup: the recipe with its names resolved.
            store: where the rows go.
            run_id: the run.
            on_finish: hears of every dialogue that ends.
            at_most: take up no more dialogues than this; None for all that are pending.
            heartbeat: tells what the models are doing.
            workers: who takes up the dialogues; None for this process itself.
            share: one of how many processes this is.
        """
        self._setup = setup
        self._store = store
        self._run_id = run_id
        self._on_finish = on_finish
        self._at_most = at_most
        self._taken_up = 0
        self._heartbeat = heartbeat
        self._workers = workers
        self._share = share
        self._in_progress = 0
        self._wasted = 0
        self._stopping = asyncio.Event()
        self._finished = asyncio.Event()
        self._asked_to_stop = False
        self._dialogues_changed = asyncio.Condition()
        self._all_in = False
        self._unreadable: UserError | None = None
        self._reached: BudgetReached | None = None
        self._broken: AgentError | None = None
        self._failures = LikeFailures()
        self._has_come_through = False
        self._may_begin = asyncio.Event()
        self._may_begin.set()

    def stop(self) -> None:
        """Let running dialogues finish the call they are in, then end; the run can be continued."""
        self._stopping.set()
        self._may_begin.set()
        self._setup.let_go()
        if self._workers is not None:
            self._workers.stop()

    @property
    def stopped(self) -> bool:
        """Whether the work was stopped, by whomever."""
        return self._stopping.is_set()

    @property
    def asked_to_stop(self) -> bool:
        """Whether another process stopped the work, see `Store.ask_to_stop`."""
        return self._asked_to_stop

    async def run(self, snippets: Iterator[Snippet]) -> None:
        """Plan a dialogue for each snippet and work off everything that is pending.

        Raises:
            UserError: the source can't be read to its end; what came before that is worked off.
            AgentError: an agent or a template fails one dialogue like the other; they stay pending.
            BudgetReached: a ceiling was reached; what was under way is finished and committed.
            WorldError: the store or a model is out of reach.
        """
        limits = self._setup.recipe.limits
        with self._time_limit(limits), rare_collections():
            planning = self._plan_dialogues(snippets)
            await side_by_side([self._send_heartbeats(), self._finish_pending(planning)])
        if self._unreadable is not None:
            raise self._unreadable
        self._check_ending()

    def _check_ending(self) -> None:
        if self._broken is not None:
            raise self._broken
        if self._reached is not None and not self._store.counts(self._run_id).finished:
            raise self._reached

    @contextmanager
    def _time_limit(self, limits: Limits) -> Iterator[None]:
        """Stop the run when its time is over."""
        if limits.wall_s is None:
            yield
            return
        over = BudgetReached(
            f"limits.wall of {limits.wall} is over: what is done is kept; run the same command "
            "again to go on, with a higher limits.wall where nothing got done"
        )
        timer = asyncio.get_running_loop().call_later(limits.wall_s, self._end_early, over)
        try:
            yield
        finally:
            timer.cancel()

    def _end_early(self, reached: BudgetReached) -> None:
        self._reached = self._reached or reached
        self.stop()

    async def work(self) -> None:
        """Work off what others plan, until `announce` has said that all is planned.

        Raises:
            AgentError, BudgetReached: as with `run`.
            WorldError: the store or a model is out of reach.
        """
        with rare_collections():
            await side_by_side([self._send_heartbeats(), self._finish_pending()])
        self._check_ending()

    async def _send_heartbeats(self) -> None:
        """Tell other processes how it goes, and hear from them, until the work is over.

        Raises:
            StoreError: the store's file isn't where it was.
        """
        is_last = False
        while not is_last:
            # Workers may hear of a stop and end before this process looks: so it looks once more.
            is_last = self._finished.is_set()
            here = {"dialogues": self._in_progress, "wasted_calls": self._wasted}
            idle = Heartbeat(workers=0)  # the workers have heartbeats of their own
            heartbeat = idle if self._workers else self._heartbeat().model_copy(update=here)
            self._store.check_place()
            with suppress(StoreError):  # the work itself says what is wrong with the store
                if await self._store.send_heartbeat(self._run_id, heartbeat) and not self.stopped:
                    self._asked_to_stop = True
                    self.stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._finished.wait()

    async def _finish_pending(self, *planning: Coroutine[Any, Any, None]) -> None:
        limits = self._setup.recipe.limits
        auto = limits.concurrency == "auto"
        at_once = self._setup.at_once if auto else ceil(limits.at_once / self._share)
        if self._workers is not None:
            working = [self._workers.work()]
        else:
            working = [self._work_off(0, at_once=at_once)]
        await side_by_side([*planning, *working])
        if not self.stopped:
            await self._record_held_back()
        self._finished.set()

    async def _plan_dialogues(self, snippets: Iterator[Snippet]) -> None:
        try:
            while batch := await asyncio.to_thread(lambda: list(islice(snippets, BATCH))):
                planned = [self._setup.planned(snippet, run_id=self._run_id) for snippet in batch]
                await self._store.add_dialogues(self._run_id, planned)
                await self.announce()
                if self.stopped:
                    break
        except UserError as error:
            self._unreadable = error
        finally:
            await self.announce(all_in=True)

    async def announce(self, *, all_in: bool = False) -> None:
        """Tell who waits for dialogues that there are more, or that these were the last."""
        self._all_in = self._all_in or all_in
        if self._workers is not None:
            self._workers.announce(all_in=all_in)
        async with self._dialogues_changed:
            self._dialogues_changed.notify_all()

    async def _work_off(self, nth: int, *, at_once: int) -> None:
        """Work off dialogues; who finds one calls in two more workers, so that few look in vain."""
        first = await self._claim_next()
        if first is not None:
            more = (n for n in (2 * nth + 1, 2 * nth + 2) if n < at_once)
            others = [self._work_off(n, at_once=at_once) for n in more]
            await side_by_side([self._walk_on(first), *others])

    async def _walk_on(self, claimed: Claimed) -> None:
        """Walk a dialogue, and then all others that are to be had."""
        following: Claimed | None = claimed
        while following is not None:
            self._in_progress += 1
            await self._walk_dialogue(following.dialogue, following.snippet)
            self._in_progress -= 1
            self._end_if_broken()
            following = await self._claim_next()

    async def _claim_next(self) -> Claimed | None:
        """Return the next dialogue, waiting until it is planned; None where there are no more."""
        while not self.stopped and self._taken_up != self._at_most:
            if not self._may_begin.is_set():
                await self._may_begin.wait()
                continue
            self._taken_up += 1
            in_turn.set(self._taken_up)  # calls of the dialogue begun first go first
            all_in = self._all_in  # before the claim: what is planned after it may be pending
            claimed = await self._store.claim(self._run_id, 1)
            if claimed:
                return claimed[0]
            self._taken_up -= 1
            if all_in:
                return None
            async with self._dialogues_changed:
                if not self._all_in:
                    await self._dialogues_changed.wait()
        return None

    async def _walk_dialogue(self, dialogue: Dialogue, snippet: Snippet) -> None:
        while True:
            journal = Journal(self._store, run_id=self._run_id, dialogue_id=dialogue.id)
            try:
                await self._walk_from_rows(dialogue, snippet, journal)
                return await journal.written()
            except replay.Rebuild:
                continue

    async def _walk_from_rows(self, dialogue: Dialogue, snippet: Snippet, journal: Journal) -> None:
        """Walk from the rows that are there; once, unless every call is to be replayed."""
        walk = self._setup.walk(
            dialogue,
            snippet,
            calls=replay.ReplayedCalls(journal) if replay.is_wanted() else journal,
            known=await journal.calls(dialogue.id),
            sink=journal,
            stopping=self._stopping,
        )
        try:
            finished = await walk.run()
        except (Interrupted, Postponed):
            return
        except BudgetReached as reached:  # nothing of this process is under way any more
            self._end_early(reached)
            return
        except (replay.Rebuild, *ABOUT_THE_RUN):  # not about this dialogue
            raise
        except DialogueFailure as error:
            finished = await _record_failure(walk, error.cause, str(error))
        except Exception as error:  # a node or a template of the user's may raise anything
            self._hold_back(HeldBack(walk=walk, dialogue=dialogue, error=error))
            return
        else:
            if finished.reason not in UNWRITABLE:  # else no agent was asked
                self._has_come_through = True
                await self._record_held_back()
        self._finish(walk, finished)

    def _finish(self, walk: Walk, finished: Dialogue) -> None:
        self._wasted += walk.wasted
        self._on_finish(finished)

    def _hold_back(self, failure: HeldBack) -> None:
        """Wait with a verdict on this dialogue; so many alike, and no other is begun."""
        self._failures.add(failure)
        alike = len(self._failures.alike)
        if alike >= ALIKE_AT_FIRST and not self._has_come_through:
            counts = self._store.counts(self._run_id)  # other processes and earlier commands too
            self._has_come_through = bool(counts.accepted or counts.rejected.keys() - UNWRITABLE)
        if alike >= (ALIKE_LATER if self._has_come_through else ALIKE_AT_FIRST):
            self._may_begin.clear()

    def _end_if_broken(self) -> None:
        """End the run where none of those under way has come through either."""
        if not self._may_begin.is_set() and not self._in_progress:
            self._broken = self._failures.as_error()
            self.stop()

    async def _record_held_back(self) -> None:
        """Record as failed what was held back: the agents do work, or nothing is left to tell."""
        held_back = self._failures.take()
        if not self.stopped:
            self._may_begin.set()
        for failure in held_back:
            log.warning("dialogue %s: %s", failure.dialogue.id, failure.says)
            failed = await _record_failure(failure.walk, "agent_error", failure.says)
            self._finish(failure.walk, failed)


async def _record_failure(walk: Walk, cause: str, says: str) -> Dialogue:
    """Record why this dialogue can't go on; the run goes on."""
    return await walk.end("failed", reason=cause, stop_reason=redact(says))
