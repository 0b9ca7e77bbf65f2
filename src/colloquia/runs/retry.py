"""Failed dialogues get another try."""

from collections.abc import Collection, Mapping

from colloquia.core.errors import UserError
from colloquia.core.text import in_words
from colloquia.core.types import Value
from colloquia.core.wording import did_you_mean
from colloquia.runs.event_loop import finish
from colloquia.runs.handle import manifest_in
from colloquia.store.location import Where
from colloquia.store.repository import Store

#: What the same request or recipe meets again.
TO_BE_MENDED = frozenset({"fatal", "loop", "agent_error"})


class Retried(Value):
    """What `retry` did."""

    run: str
    pending_again: int
    """Dialogues that the next run takes up."""
    causes: dict[str, int]
    """What they had failed of, and how many each."""

    def __repr__(self) -> str:
        of = f": {in_words(self.causes)}" if self.causes else ""
        return f"<Retried {self.run}: {self.pending_again} pending again{of}>"


def retry(
    store: Where = "colloquia.db",
    run_id: str | None = None,
    *,
    causes: str | Collection[str] | None = None,
) -> Retried:
    """Make failed dialogues pending again; the next run takes them up, each from its beginning.

    Args:
        store: SQLAlchemy URL, or a path to a SQLite file.
        run_id: the beginning of a run's id; the latest by default.
        causes: only those that failed so; all by default.

    Raises:
        UserError: there is no such run, or none of it failed of such a cause.
        WrongStore: there is no such store.
    """
    with Store.open(store) as opened:
        run = manifest_in(opened, run_id).id
        chosen = _chosen(opened.counts(run).failed, [causes] if isinstance(causes, str) else causes)
        again = finish(opened.retry(run, chosen)) if chosen else 0
    return Retried(run=run, pending_again=again, causes=chosen)


def _chosen(failed: Mapping[str, int], causes: Collection[str] | None) -> dict[str, int]:
    """Return the causes to retry and how many dialogues each has."""
    for cause in causes or ():
        if cause not in failed:
            known = in_words(failed) or "none at all"
            hint = did_you_mean(cause, failed)
            raise UserError(f"no dialogue has failed of {cause!r}{hint}; failed: {known}")
    return {cause: failed[cause] for cause in causes} if causes else dict(failed)
