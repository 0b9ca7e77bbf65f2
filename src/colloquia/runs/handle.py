"""Runs that are in a store: to look at and to export, without loading what it takes to make one."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from colloquia.core.errors import ColloquiaError, UserError
from colloquia.core.record import DialogueRecord
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Outcome
from colloquia.core.wording import refuse_no_score, refuse_unknown
from colloquia.runs.projection import MOST_MEASURED, Projection, measured
from colloquia.runs.stale import StaleSnippets, stale_snippets
from colloquia.snippets.report import SnippetReport
from colloquia.store.location import Where, from_anywhere
from colloquia.store.reading import RunCounts
from colloquia.store.repository import Store

if TYPE_CHECKING:
    from colloquia.corpus.manifest import ExportManifest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run in a store: what it made, and doors to read and export it.

    The store is opened for each look, so a Run can be kept and passed around.
    """

    manifest: RunManifest
    store_url: str
    snippets: SnippetReport = field(default_factory=SnippetReport)
    """What became of the source's lines, where this Run was just worked on."""
    interrupted: bool = False
    """Whether it was stopped before its end, by a signal or from another process."""
    asked_to_stop: bool = False
    """Whether it was another process that stopped it."""
    seconds: float = 0.0

    def __repr__(self) -> str:
        try:
            counts = self.summary()
        except ColloquiaError as error:  # the store was moved: the run is still to be named
            counts = str(error)
        return f"<Run {self.id} {self.manifest.name!r}: {counts}>"

    @property
    def id(self) -> str:
        """The run's id."""
        return self.manifest.id

    def counts(self) -> RunCounts:
        """Return how many dialogues were planned, accepted, rejected, failed and are pending."""
        with Store.open(self.store_url, create=False) as store:
            return store.counts(self.id)

    def summary(self) -> str:
        """Return one line that adds up: `planned 100 = accepted 91 + rejected 7 + failed 2`."""
        return self.counts().summary

    def shorter(self) -> int:
        """Return how many accepted dialogues have fewer exchanges than the recipe asks for."""
        fewest = self.manifest.recipe.dialogue.exchanges[0]
        with Store.open(self.store_url, create=False) as store:
            return store.shorter(self.id, exchanges=fewest)

    def stale(self, counts: RunCounts) -> int | None:
        """Return how many dialogues are about snippets that the source no longer has.

        None where the source wasn't just read to its end.
        """
        if not self.snippets.complete:
            return None
        return max(0, counts.planned - self.snippets.distinct)

    def dialogues(
        self, *, outcome: Outcome | None = None, min_score: float | None = None
    ) -> Iterator[DialogueRecord]:
        """Return dialogues in the order of their ids, streamed.

        Args:
            outcome: only those that ended so.
            min_score: only those whose answers score at least this on average, 0..1.

        Raises:
            UserError: there is no such outcome, or no such score.
        """
        if outcome is not None:
            refuse_unknown("outcome", outcome, get_args(Outcome))
        refuse_no_score(min_score)
        return self._records(outcome, min_score)

    def _records(
        self, outcome: Outcome | None, min_score: float | None
    ) -> Iterator[DialogueRecord]:
        with Store.open(self.store_url, create=False) as store:
            outcomes = [outcome] if outcome else None
            yield from store.records(self.id, outcomes=outcomes, min_score=min_score)

    def export(
        self,
        out: str | os.PathLike[str],
        *,
        to: str | Sequence[str] | None = None,
        split: Mapping[str, float] | None = None,
        only: str = "accepted",
        min_score: float | None = None,
        context: str = "closed",
        with_stale: bool = False,
    ) -> "ExportManifest":
        """Write a corpus to a new folder.

        Args:
            out: a folder that doesn't exist yet.
            to: formats, or one; the recipe's by default.
            split: share per split; the recipe's by default.
            only: `accepted`, or `all` that were finished.
            min_score: see `dialogues`.
            context: `open` puts the snippet in a system message, `closed` leaves it out.
            with_stale: whether to take dialogues about snippets that the source no longer holds;
                by default it is read again, and they are left out and counted.

        Raises:
            UserError: the folder exists.
            StoreError: the store is damaged.
            ExportError: a format is unknown, or nothing is left to write.
        """
        from colloquia.corpus.export import export  # a run needs none of it

        recipe = self.manifest.recipe
        with Store.open(self.store_url, create=False) as store:
            store.refuse_damaged()
            stale = StaleSnippets()
            if not with_stale:
                stale = stale_snippets(self.manifest, store, read=self.snippets)
            if stale.unknown:
                log.warning("not known which snippets the source still has: %s", stale.unknown)
            return export(
                store.records(self.id),
                manifest=self.manifest,
                to=(to,) if isinstance(to, str) else tuple(to or recipe.export.to),
                out=Path(out),
                split=dict(split or recipe.export.split),
                only=only,
                min_score=min_score,
                context=context,
                stale=stale.ids,
            )


def manifest_in(store: Store, run_id: str | None = None) -> RunManifest:
    """Return the run that the start of an id means; the latest by default.

    Raises:
        UserError: there is no such run.
    """
    manifest = store.run(run_id) if run_id else store.latest_run()
    if manifest is None:
        raise UserError(f"{store} has no runs yet; make one with 'colloquia run recipe.yaml'")
    return manifest


def find_run(store: Where, run_id: str | None = None) -> Run:
    """Return a stored run by the start of its id; the latest by default.

    Raises:
        WrongStore: there is no such store.
        UserError: there is no such run.
    """
    with Store.open(store) as opened:
        return Run(manifest=manifest_in(opened, run_id), store_url=from_anywhere(store))


def rest_of(
    manifest: RunManifest,
    store: Store,
    *,
    pending: int,
    at_once: int | None,
    under_way: bool = False,
) -> Projection | None:
    """Project what a run's pending dialogues take; None where none is pending or was finished.

    Args:
        manifest: the run.
        store: where it is.
        pending: how many are left.
        at_once: how many are being worked on now; by default, as many as the recipe allows.
        under_way: whether somebody works on it.
    """
    usage = store.usage(manifest.recipe_hash, most=MOST_MEASURED) if pending else []
    if not usage:
        return None
    limits = manifest.recipe.limits
    return measured(
        usage, dialogues=pending, concurrency=at_once or limits.at_once, under_way=under_way
    )
