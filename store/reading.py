"""Queries about runs: which there are, where each stands, what a prefix of an id means.

Each function runs inside the caller's snapshot.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import CTE, ColumnElement, Connection, func, select
from sqlmodel import col

from colloquia.core.errors import UserError
from colloquia.core.ports import Spending
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, Value
from colloquia.core.wording import THE_LAST_BEGINS, did_you_mean
from colloquia.store.budgets import charged
from colloquia.store.rows import from_row, tokens_in, usd_in
from colloquia.store.tables import CallRow, DialogueRow, RunRow, TurnRow

MOST_FAILURES = 3  # told in words; enough to act on
MOST_READ = 2_000  # characters of a reason


class Failure(Value):
    """What several dialogues failed of, word for word but for how the last reply began."""

    cause: str
    why: str
    dialogues: int
    example: str
    """The id of one of them."""


class RunCounts(Value):
    """Where a run stands; `planned` is always the sum of the four outcomes."""

    planned: int
    accepted: int
    rejected: dict[str, int]
    """Reason -> dialogues."""
    failed: dict[str, int]
    """Cause -> dialogues."""
    failures: tuple[Failure, ...] = ()
    """What they failed of, at most 3, the commonest first."""
    pending: int
    exchanges: int
    """Questions answered, in dialogues of any outcome; drafts and revisions count once."""
    calls: int
    retries: int = 0
    """Requests beyond the first of each call."""
    wasted_calls: int = 0
    """Of these, made ahead for a question that was never put."""
    tokens_in: int
    """Over the calls whose backend counted them."""
    tokens_out: int
    cost_usd: float | None
    """None as soon as one answered call's cost is unknown: a sum of the rest would mislead."""
    charged: Spending | None = None
    """Spent or set aside, lost replies included; None where the run never had a ceiling."""

    @property
    def summary(self) -> str:
        """One line that adds up: `planned 100 = accepted 91 + rejected 7 + failed 2`."""
        others = {
            "rejected": sum(self.rejected.values()),
            "failed": sum(self.failed.values()),
            "pending": self.pending,
        }
        more = "".join(f" + {name} {number}" for name, number in others.items() if number)
        return f"planned {self.planned} = accepted {self.accepted}{more}"

    @property
    def finished(self) -> bool:
        """Whether every dialogue that was added has its outcome."""
        return self.pending == 0


def runs(connection: Connection) -> list[RunManifest]:
    """Return all runs in the order they were begun."""
    rows = connection.execute(select(RunRow).order_by(col(RunRow.seq)))
    return [from_row(RunManifest, row) for row in rows.mappings()]


def latest_run(connection: Connection, recipe_hash: str | None) -> RunManifest | None:
    """Return the run begun last, of this recipe or of any."""
    query = select(RunRow).order_by(col(RunRow.seq).desc()).limit(1)
    if recipe_hash is not None:
        query = query.where(col(RunRow.recipe_hash) == recipe_hash)
    row = connection.execute(query).mappings().first()
    return None if row is None else from_row(RunManifest, row)


def find_run(connection: Connection, prefix: str) -> RunManifest:
    """Return the run whose id is or begins with `prefix`, or whose hash part does.

    Raises:
        UserError: there is none, or more than one.
    """
    known = runs(connection)
    meant = _only_match("run", prefix, [run.id for run in known])
    return next(run for run in known if run.id == meant)


def find_dialogue(connection: Connection, prefix: str, run_id: str | None) -> Dialogue:
    """Return the dialogue that `prefix` means, from the latest run that holds it.

    Raises:
        UserError: there is none, or more than one.
    """
    id_, of_run = col(DialogueRow.id), col(DialogueRow.run_id)
    query = select(id_).distinct().order_by(id_)
    if run_id is not None:
        check_run(connection, run_id)
        query = query.where(of_run == run_id)
    alike = query.where(
        id_.startswith(prefix, autoescape=True) | id_.contains(f"_{prefix}", autoescape=True)
    )
    matching = connection.scalars(alike).all()
    # Nothing matches: a few thousand ids are enough to find one that looks alike.
    known = matching or connection.scalars(query.limit(5000)).all()
    holders = (
        select(DialogueRow)
        .join(RunRow, col(RunRow.id) == of_run)
        .where(id_ == _only_match("dialogue", prefix, known))
        .order_by(col(RunRow.seq).desc())
    )
    if run_id is not None:
        holders = holders.where(of_run == run_id)
    return from_row(Dialogue, connection.execute(holders.limit(1)).mappings().one())


def check_run(connection: Connection, run_id: str) -> None:
    """Raise UserError where a run's exact id isn't in the store."""
    id_ = col(RunRow.id)
    if connection.scalar(select(id_).where(id_ == run_id)) is None:
        known = list(connection.scalars(select(id_)))
        raise UserError(f"there is no run {run_id!r} in this store{did_you_mean(run_id, known)}")


def counts(connection: Connection, run_id: str) -> RunCounts:
    """Return where a run stands."""
    check_run(connection, run_id)
    ends = _ends(run_id)
    outcome_and_reason = (ends.c.outcome, ends.c.reason)
    by_outcome = connection.execute(
        select(*outcome_and_reason, func.count()).group_by(*outcome_and_reason)
    )
    tally: dict[str, dict[str, int]] = defaultdict(dict)
    for outcome, reason, number in by_outcome:
        tally[outcome][reason or "unknown"] = number
    cost = usd_in(CallRow.cost_usd)
    calls = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(tokens_in(CallRow.tokens_in)), 0),
            func.coalesce(func.sum(tokens_in(CallRow.tokens_out)), 0),
            func.coalesce(func.sum(cost), 0.0),
            func.count().filter(cost.is_(None), col(CallRow.reply).is_not(None)),
            func.coalesce(func.sum(CallRow.attempts - 1), 0),
            func.count().filter(col(CallRow.wasted)),
        ).where(col(CallRow.run_id) == run_id)
    ).one()
    answered = select(_EXCHANGES).where(*_answers(run_id))
    return RunCounts(
        planned=sum(sum(reasons.values()) for reasons in tally.values()),
        accepted=sum(tally["accepted"].values()),
        rejected=tally["rejected"],
        failed=tally["failed"],
        failures=_failures(connection, run_id) if tally["failed"] else (),
        pending=sum(tally["pending"].values()),
        exchanges=connection.scalar(answered) or 0,
        calls=calls[0],
        retries=calls[5],
        wasted_calls=calls[6],
        tokens_in=calls[1],
        tokens_out=calls[2],
        cost_usd=None if calls[4] else calls[3],
        charged=charged(connection, run_id),
    )


def _ends(run_id: str) -> CTE:
    """Return how each dialogue of a run ended, in as many characters as anybody reads of it.

    Grouped in the same query, whole texts would be kept, whatever a stranger has made of them.
    """
    names = ("outcome", "reason", "stop_reason")
    told = [func.substr(getattr(DialogueRow, name), 1, MOST_READ).label(name) for name in names]
    of_run = select(col(DialogueRow.id), *told).where(col(DialogueRow.run_id) == run_id)
    return of_run.cte("ends").prefix_with("MATERIALIZED")


def _failures(connection: Connection, run_id: str) -> tuple[Failure, ...]:
    """Return what most dialogues failed of."""
    ends = _ends(run_id)
    number, example = func.count().label("number"), func.min(ends.c.id)
    cause_and_why = (ends.c.reason, ends.c.stop_reason)
    rows = connection.execute(
        select(*cause_and_why, number, example)
        .where(ends.c.outcome == "failed")
        .group_by(*cause_and_why)
        .order_by(number.desc(), example)
    )
    alike: dict[tuple[str, str], Failure] = {}
    for cause, why, many, one in rows:
        failure = Failure(
            cause=cause or "unknown", why=why or "unknown", dialogues=many, example=one
        )
        key = (failure.cause, failure.why.partition(THE_LAST_BEGINS)[0])
        if first := alike.get(key):
            failure = first.model_copy(update={"dialogues": first.dialogues + many})
        alike[key] = failure
    return tuple(sorted(alike.values(), key=lambda failure: -failure.dialogues)[:MOST_FAILURES])


def shorter(connection: Connection, run_id: str, *, exchanges: int) -> int:
    """Return how many accepted dialogues have fewer exchanges; earlier tries count along."""
    answers = (
        select(col(TurnRow.dialogue_id), _EXCHANGES.label("exchanges"))
        .where(*_answers(run_id))
        .group_by(col(TurnRow.dialogue_id))
        .subquery()
    )
    accepted = (
        select(func.count())
        .join_from(DialogueRow, answers, answers.c.dialogue_id == DialogueRow.id)
        .where(col(DialogueRow.run_id) == run_id, col(DialogueRow.outcome) == "accepted")
        .where(answers.c.exchanges < exchanges)
    )
    return connection.scalar(accepted) or 0


def snippet_ids(connection: Connection, run_id: str) -> Iterator[str]:
    """Yield the snippets of a run's dialogues."""
    check_run(connection, run_id)
    yield from connection.scalars(
        select(col(DialogueRow.snippet_id)).where(col(DialogueRow.run_id) == run_id)
    )


def latest_question(connection: Connection, run_id: str) -> str | None:
    """Return the question that was asked last."""
    asked = (
        select(col(TurnRow.text))
        .where(col(TurnRow.run_id) == run_id, col(TurnRow.speaker) == "questioner")
        .order_by(col(TurnRow.seq).desc())
        .limit(1)
    )
    return connection.scalar(asked)


_EXCHANGES = func.count(col(TurnRow.parent_id).distinct())


def _answers(run_id: str) -> tuple[ColumnElement[bool], ...]:
    return (col(TurnRow.run_id) == run_id, col(TurnRow.speaker) == "answerer")


def _only_match(kind: str, prefix: str, known: Sequence[str]) -> str:
    matching = [i for i in known if prefix and (i.startswith(prefix) or f"_{prefix}" in i)]
    if prefix in matching:
        return prefix
    match matching:
        case [only]:
            return only
        case []:
            listed = "colloquia ls --runs" if kind == "run" else "colloquia ls"
            hint = did_you_mean(prefix, known) or f"; {listed} lists them"
            raise UserError(f"there is no {kind} {prefix!r} here{hint}")
        case _:
            some = ", ".join(matching[:4]) + (", …" if len(matching) > 4 else "")
            raise UserError(f"{prefix!r} may be any of {len(matching)} {kind}s: {some}")
