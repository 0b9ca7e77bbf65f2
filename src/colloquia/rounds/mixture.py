"""What a round learns from: all of the teacher's rows, and the student's own that were accepted.

Rows accumulate: a round keeps what came before, since models that learn from their own words alone
collapse, and models that keep the first data don't (arXiv 2404.01413). The teacher's share never
falls below a floor; the student's oldest rows are the first to go.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.core.text import shown
from colloquia.core.types import Snippet, Value
from colloquia.corpus.derived import Derivation, Row, Rows, write_derived
from colloquia.corpus.formats import ROW_FORMATS, Format
from colloquia.corpus.splits import TRAIN, split_of
from colloquia.finetune.data.corpus_files import Corpus

_ALIKE, _TOO_MANY = "seen_before", "above_the_students_share"


class MixtureCount(Value):
    """Rows of a round's corpus, of the format that is learnt first."""

    teacher: int
    own: int
    """The student's, of this round and those before."""
    seen_before: int
    """Left out: the same words as another row's."""
    too_many: int
    """Left out for the teacher's share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Which snippets are learnt from and which are held out, settled once, in round 0."""

    train: tuple[Snippet, ...]
    held_out: frozenset[str]
    """Ids."""


def divide(corpus: Corpus, snippets: Sequence[Snippet], *, seed: int) -> Division:
    """Divide a run's snippets as its export divided its rows.

    A snippet without a row has none to say where it went; its hash does.
    """
    shares = corpus.manifest.settings.split
    went: dict[str, str] = {}
    for name in ROW_FORMATS:
        for split in corpus.splits(name):
            for row in corpus.rows(name, split):
                went |= dict.fromkeys(row.get("snippet_ids", ()), split)
    places = {one.id: went.get(one.id) or split_of(one.id, shares, seed=seed) for one in snippets}
    return Division(
        train=tuple(one for one in snippets if places[one.id] == TRAIN),
        held_out=frozenset(name for name, split in places.items() if split != TRAIN),
    )


def mix(
    out: Path,
    teacher: Corpus,
    own: Sequence[Corpus],
    *,
    share: float,
    seed: int,
    held_out: frozenset[str],
    settings: Mapping[str, Any],
) -> None:
    """Write the corpus of a round.

    Args:
        out: a folder that doesn't exist yet.
        teacher: round 0's corpus; of it, the training rows.
        own: what was accepted of the student, the oldest round first.
        share: least share of the teacher's rows, 0..1.
        seed: draws what stays of a round that must lose rows.
        held_out: snippets that no row may be about.
        settings: further ones, for the manifest.

    Raises:
        UserError: a row is about a held-out snippet; the corpus was meddled with.
    """
    formats: list[Format] = [name for name in teacher.manifest.settings.to if name in ROW_FORMATS]
    mixed = {
        name: _mixed_rows(name, teacher, own, share=share, seed=seed, held_out=held_out)
        for name in formats
    }
    write_derived(
        out,
        teacher.folder,
        rows=mixed,
        notes={},
        how=Derivation(
            command="improve",
            summary="All rows of the teacher's for training, and what was accepted of the "
            f"student's answers; the teacher has {share:.0%} of the rows at least.",
            settings={
                "own": [corpus.manifest_sha256 for corpus in own],
                "teacher_share": share,
                "seed": seed,
                **settings,
            },
            context=teacher.manifest.settings.context,
        ),
    )


def counted_mixture(teacher: Corpus, mixture: Corpus) -> MixtureCount:
    """Return how many rows a round's corpus has of whom."""
    first = mixture.manifest.settings.to[0]
    of_teacher = len(teacher.rows(first, TRAIN))
    (count,) = (one for one in mixture.manifest.counts if (one.format, one.split) == (first, TRAIN))
    return MixtureCount(
        teacher=of_teacher,
        own=count.rows - of_teacher,
        seen_before=count.excluded.get(_ALIKE, 0),
        too_many=count.excluded.get(_TOO_MANY, 0),
    )


def most_own(teacher: int, *, share: float) -> int | None:
    """Return how many rows may stand beside so many of the teacher's; None for any number."""
    return int(teacher * (1 - share) / share + 1e-9) if share else None


def _mixed_rows(
    name: Format,
    teacher: Corpus,
    own: Sequence[Corpus],
    *,
    share: float,
    seed: int,
    held_out: frozenset[str],
) -> Rows:
    first = list(_training_rows(teacher, name, held_out))
    rounds = [list(_training_rows(corpus, name, held_out)) for corpus in own]
    known = {row["id"] for row in first}
    new: list[Row] = []
    for rows in reversed(rounds):  # the newest student is the best, if any is
        fresh = {row["id"]: row for row in rows if row["id"] not in known}
        known |= fresh.keys()
        new += sorted(fresh.values(), key=lambda row: seed_for(seed, row["id"]))
    kept = new[: most_own(len(first), share=share)]
    candidates = len(first) + sum(map(len, rounds))
    left_out = {
        _ALIKE: candidates - len(first) - len(new),
        _TOO_MANY: len(new) - len(kept),
    }
    return Rows(
        rows=[*first, *kept],
        candidates=candidates,
        excluded={reason: number for reason, number in left_out.items() if number},
    )


def _training_rows(corpus: Corpus, name: Format, held_out: frozenset[str]) -> Iterator[Row]:
    for row in corpus.rows(name, TRAIN):
        if not held_out.isdisjoint(row.get("snippet_ids", ())):
            raise UserError(
                f"{shown(corpus.folder)}: a row to train on is about a held-out snippet; "
                "begin anew in another folder"
            )
        yield row
