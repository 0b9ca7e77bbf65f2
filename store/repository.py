"""The store: core values in, core values out, durable when awaited."""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Self

from sqlalchemy.sql.dml import Insert

from colloquia.core.commit import Commit
from colloquia.core.heartbeat import Heartbeat
from colloquia.core.record import DialogueRecord
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import ModelCall, Outcome, Persona
from colloquia.store import heartbeats, reading, records, writing
from colloquia.store.batches import RunBatches, open_batches
from colloquia.store.budgets import RunBudget
from colloquia.store.database import Database
from colloquia.store.location import Location, Where
from colloquia.store.ownership import Owner, Ownership, Worker, worker
from colloquia.store.reading import RunCounts
from colloquia.store.recent import Recent
from colloquia.store.usage import CallUsage, usage
from colloquia.store.writer import Writer
from colloquia.store.writing import Claimed, Planned, Statements, Step

MESSAGES_KNOWN = 2**14  # a few for each dialogue in flight


class Store:
    """An open store; a context manager.

    What reads is plain and answers from one consistent snapshot; it never waits for a writer. What
    writes is awaited and is on disk when it returns. Many tasks may use one store at a time.
    """

    def __init__(self, database: Database, *, token: str | None = None) -> None:
        """Wrap an open database; `Store.open` is the way in."""
        self._database = database
        self._writer = Writer(database)
        self._statements = Statements(database.dialect)
        self._owner = Owner.this_process(token)
        self._messages = Recent(MESSAGES_KNOWN)  # that are on disk: prompts begin alike

    @classmethod
    def open(
        cls,
        where: Where,
        *,
        create: bool = False,
        token: str | None = None,
        untouched: bool = False,
    ) -> Self:
        """Open a store at a path, `sqlite:///PATH` or `postgresql://…`.

        Args:
            where: the place.
            create: make the store if there is none.
            token: the name under which this process claims dialogues; one of its own by default.
            untouched: don't upgrade an older file, but read from an upgraded copy of it.

        Raises:
            WrongStore: it is no store, or there is none; nothing was created or changed.
            StoreError: it can't be opened; nothing was created or changed.
        """
        return cls(Database(Location.of(where), create=create, untouched=untouched), token=token)

    def close(self) -> None:
        """Commit what is under way and let go of the file."""
        self._writer.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def check_place(self) -> None:
        """See that the store's files are still where they were opened.

        Raises:
            StoreError: one was deleted, moved or replaced.
        """
        self._database.check_place()

    def refuse_damaged(self) -> None:
        """Read all of the store, for what only shows where indexes and tables are compared.

        Raises:
            StoreError: it is damaged.
        """
        self._database.refuse_damaged()

    def __str__(self) -> str:
        return self._database.location.shown

    # --- reading

    def runs(self) -> list[RunManifest]:
        """Return all runs in the order they were begun."""
        with self._database.reading() as connection:
            return reading.runs(connection)

    def run(self, prefix: str) -> RunManifest:
        """Return the run that an id, or the beginning of one, means.

        Raises:
            UserError: there is none, or more than one.
        """
        with self._database.reading() as connection:
            return reading.find_run(connection, prefix)

    def latest_run(self, recipe_hash: str | None = None) -> RunManifest | None:
        """Return the run begun last, of this recipe or of any; None where there is none."""
        with self._database.reading() as connection:
            return reading.latest_run(connection, recipe_hash)

    def counts(self, run_id: str) -> RunCounts:
        """Return where a run stands; planned = accepted + rejected + failed + pending."""
        with self._database.reading() as connection:
            return reading.counts(connection, run_id)

    def records(
        self,
        run_id: str,
        *,
        outcomes: Collection[Outcome] | None = None,
        min_score: float | None = None,
    ) -> Iterator[DialogueRecord]:
        """Yield a run's dialogues in the order of their ids, in constant memory.

        All come from the moment of the first one: what is written meanwhile isn't seen.

        Args:
            run_id: the run's whole id.
            outcomes: only dialogues that ended so; None for all.
            min_score: only dialogues with a mean score (0..1) of at least this.
        """
        with self._database.reading() as connection:
            for record in records.records(connection, run_id, outcomes):
                if min_score is None or (record.score is not None and record.score >= min_score):
                    yield record

    def record(self, prefix: str, run_id: str | None = None) -> DialogueRecord:
        """Return the dialogue that an id, or the beginning of one, means.

        Args:
            prefix: the id or its beginning, with or without the part before `_`.
            run_id: the run's whole id; None for the latest run that holds the dialogue.

        Raises:
            UserError: there is none, or more than one.
        """
        with self._database.reading() as connection:
            dialogue = reading.find_dialogue(connection, prefix, run_id)
            return records.whole(connection, dialogue)

    def calls(self, run_id: str, dialogue_id: str) -> list[ModelCall]:
        """Return a dialogue's model calls in the order they were made."""
        with self._database.reading() as connection:
            return records.calls(connection, run_id, dialogue_id)

    def shorter(self, run_id: str, *, exchanges: int) -> int:
        """Return how many accepted dialogues of a run have fewer exchanges than this."""
        with self._database.reading() as connection:
            return reading.shorter(connection, run_id, exchanges=exchanges)

    def snippet_ids(self, run_id: str) -> Iterator[str]:
        """Yield the ids of the snippets that a run has dialogues about."""
        with self._database.reading() as connection:
            yield from reading.snippet_ids(connection, run_id)

    def latest_question(self, run_id: str) -> str | None:
        """Return the question that was asked last in a run; None where none was."""
        with self._database.reading() as connection:
            return reading.latest_question(connection, run_id)

    def open_batches(self, run_id: str) -> dict[str, int]:
        """Return how many requests are in batches at providers, by model."""
        with self._database.reading() as connection:
            return open_batches(connection, run_id)

    def usage(self, recipe_hash: str, *, most: int) -> list[tuple[CallUsage, ...]]:
        """Return what the calls of a recipe's finished dialogues took, of `most` of them."""
        with self._database.reading() as connection:
            return usage(connection, recipe_hash, most=most)

    # --- ownership

    def own(self, run_id: str) -> Ownership:
        """Hold a run for a `with` block; exactly one process does.

        Entering frees what a dead owner had claimed.

        Raises:
            RunOwned: a live process holds it (on entering).
            UserError: there is no such run (on entering).
        """
        return Ownership(self._writer, self._owner, run_id)

    def worker(self, run_id: str) -> Worker | None:
        """Return the living process that works on a run; None where there is none."""
        with self._database.reading() as connection:
            return worker(connection, run_id)

    def ask_to_stop(self, run_id: str) -> bool:
        """Ask the process that works on a run to finish its calls and stop; it does in a second.

        Returns False where no living process works on it.
        """
        asked = self._writer.submit(lambda c: heartbeats.ask_to_stop(c, run_id))
        return asked.result()

    def heartbeat(self, run_id: str) -> Heartbeat | None:
        """Return what a run's processes are doing, summed; None where none was heard for 10 s."""
        with self._database.reading() as connection:
            return heartbeats.sum_of_heartbeats(connection, run_id)

    # --- writing

    async def send_heartbeat(self, run_id: str, heartbeat: Heartbeat) -> bool:
        """Say what this process is doing, for others to read; once a second is often enough.

        Returns whether the run has been asked to stop.
        """
        token = self._owner.token
        return await self._writer.do(
            lambda c: heartbeats.send_heartbeat(c, run_id, heartbeat, token=token)
        )

    async def begin_run(self, manifest: RunManifest, personas: Iterable[Persona]) -> None:
        """Store a manifest and its personas; a run that has begun keeps what it has."""
        await self._write_steps(self._statements.run(manifest, personas))

    async def add_dialogues(self, run_id: str, planned: Iterable[Planned]) -> int:
        """Add pending dialogues; return how many were new.

        A snippet that is known by its text keeps the title and source it came with first.
        """
        return await self._write_steps(self._statements.dialogues(run_id, planned))

    async def dismiss(self, run_id: str, token: str) -> None:
        """Free what a process had claimed that no longer works on a run, and drop its heartbeat."""
        await self._writer.do(lambda c: heartbeats.dismiss_process(c, run_id, token))

    async def claim(self, run_id: str, limit: int) -> list[Claimed]:
        """Take up to `limit` pending dialogues that nobody works on, the longest first.

        They stay this process's until they have an outcome or it gives up the run.
        """
        owner = self._owner.token
        return await self._writer.do(
            lambda connection: writing.claim_dialogues(connection, run_id, limit=limit, owner=owner)
        )

    async def put(self, run_id: str, dialogue_id: str, commit: Commit) -> None:
        """Commit what a dialogue has come to, all of it or nothing.

        What is there already stays as it is, so the same may be put again.

        Raises:
            RunOwned: another process has taken the dialogue over.
            StoreError: the store takes no more, or doesn't know the run or the dialogue.
        """
        await self.submit(run_id, dialogue_id, commit)

    def submit(self, run_id: str, dialogue_id: str, commit: Commit) -> "asyncio.Future[None]":
        """Begin to commit what a dialogue has come to; the future is done when it is on disk.

        See `put` for what it may raise.
        """
        write = self._statements
        steps = [*write.calls(run_id, commit.calls, known=self._messages)]
        if commit.plan is not None:
            steps += write.plan(run_id, dialogue_id, commit.plan)
        steps += [
            write.turns(run_id, dialogue_id, commit.turns),
            write.reviews(run_id, dialogue_id, commit.reviews),
            write.wasted(run_id, commit.wasted),
        ]
        if commit.dialogue is not None:
            steps.append(write.dialogue(commit.dialogue, owner=self._owner.token))
        due = [step for step in steps if step.rows]
        rows = [(step.statement, step.rows) for step in due if isinstance(step.statement, Insert)]
        if len(rows) == len(due):
            done = self._writer.begin(rows)
        else:
            done = self._writer.begin(lambda connection: writing.execute(connection, due))
        if commit.calls:
            done.add_done_callback(lambda done: self._note_messages(done, commit.calls))
        return done

    def _note_messages(self, done: "asyncio.Future[None]", calls: Iterable[ModelCall]) -> None:
        """Remember which messages are on disk."""
        if not done.cancelled() and done.exception() is None:
            self._messages.update(message.id for call in calls for message in call.messages)

    async def retry(self, run_id: str, causes: Collection[str] | None = None) -> int:
        """Make failed dialogues pending again, their calls kept; return how many.

        Args:
            run_id: the run.
            causes: only those that failed so; None for all.
        """
        return await self._writer.do(
            lambda connection: writing.retry_failed(connection, run_id, causes)
        )

    async def begin_budget(self, budget: RunBudget, run_id: str) -> None:
        """Let a budget count in this store, on from what the run has spent so far."""
        await budget.begin(self._writer, run_id)

    async def begin_batches(self, batches: RunBatches, run_id: str) -> None:
        """Let batches be kept in this store."""
        await batches.begin(self._database, self._writer, run_id)

    def ledger(self, run_id: str) -> "RunLedger":
        """Return a run's calls as the models' ledger wants them."""
        return RunLedger(self, run_id)

    async def _write_steps(self, steps: Iterable[Step]) -> int:
        due = [step for step in steps if step.rows]
        return await self._writer.do(lambda connection: writing.execute(connection, due))


class RunLedger:
    """The calls of one run: `core.ports.CallStore`."""

    def __init__(self, store: Store, run_id: str) -> None:
        """Keep calls in this store under this run."""
        self._store = store
        self._run_id = run_id

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        """Return a dialogue's calls in the order they were made."""
        return self._store.calls(self._run_id, dialogue_id)  # under 1 ms, and waits for no writer

    async def record(self, call: ModelCall) -> None:
        """Commit one call."""
        await self._store.put(self._run_id, call.dialogue_id, Commit(calls=(call,)))
