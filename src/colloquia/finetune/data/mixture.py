"""Several corpora as one: rows are drawn by the corpora's weights, each corpus again and again.

A corpus is gone through as a whole before any row of it comes again, in an order of its own each
time; so what a weight means can be told in epochs, as the Phi-4 report does for its mixture
(arXiv 2412.08905, table 5).
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.finetune.data.corpus_files import Corpus, open_corpus
from colloquia.finetune.data.examples import CorpusShare, Examples, Fit

#: By the names that card and log have for them; of one corpus alone nothing is drawn.
Corpora = Mapping[str, Corpus]


def open_corpora(folders: Sequence[Path]) -> Corpora:
    """Read the manifests of exports, by their folders' names; one that comes again is numbered.

    Raises:
        UserError: there is no export in one of them, or the same one is given twice.
    """
    opened: dict[str, Corpus] = {}
    for folder in folders:
        corpus = open_corpus(folder)
        twin = next(
            (c for c in opened.values() if c.manifest_sha256 == corpus.manifest_sha256), None
        )
        if twin is not None:
            raise UserError(
                f"{folder} and {twin.folder} are the same corpus; give it once, with more weight"
            )
        name = folder.resolve().name
        alike = sum(other.folder.resolve().name == name for other in opened.values())
        opened[f"{name}-{alike + 1}" if alike else name] = corpus
    return opened


def check_weights(corpora: Corpora, weights: Sequence[float] | None) -> None:
    """Raise UserError where there are more or fewer weights than corpora."""
    if weights is not None and len(weights) != len(corpora):
        raise UserError(
            f"weights: {len(weights)} for {len(corpora)} corpora ({', '.join(corpora)}); "
            "give one for each, in their order"
        )


def mixed(
    parts: Mapping[str, Examples], weights: Sequence[float] | None, *, draws: int, seed: int
) -> Examples:
    """Return the rows that are drawn, shuffled, with what was drawn of each corpus.

    Args:
        parts: each corpus's examples; none is empty.
        weights: of the corpora; each row weighs the same where there are none.
        draws: how many rows in all.
        seed: draws and shuffles.
    """
    given = weights or [len(part.rows) for part in parts.values()]
    counts = _apportioned([weight / sum(given) for weight in given], draws)
    rows: list[dict[str, Any]] = []
    shares = []
    for (name, part), weight, count in zip(parts.items(), given, counts, strict=True):
        endless = _again_and_again(part.rows, seed=seed_for(seed, "mixture", name))
        rows += [next(endless) for _ in range(count)]
        shares.append(
            CorpusShare(
                corpus=name,
                weight=round(weight / sum(given), 6),
                rows=len(part.rows),
                drawn=count,
                epochs=round(count / len(part.rows), 3),
            )
        )
    random.Random(seed_for(seed, "mixture")).shuffle(rows)
    return Examples(rows, Fit.total(part.fit for part in parts.values()), shares=tuple(shares))


def side_by_side(parts: Mapping[str, Examples]) -> Examples:
    """Return all rows, and which of them are whose; a corpus without any is left out."""
    return Examples(
        [row for part in parts.values() for row in part.rows],
        Fit.total(part.fit for part in parts.values()),
        parts={name: part.rows for name, part in parts.items() if part.rows},
    )


def _apportioned(shares: Sequence[float], total: int) -> list[int]:
    """Return whole numbers with this sum, as near to the shares as can be (largest remainders)."""
    exact = [share * total for share in shares]
    counts = [int(number) for number in exact]
    left = sorted(range(len(exact)), key=lambda place: counts[place] - exact[place])
    for place in left[: total - sum(counts)]:
        counts[place] += 1
    return counts


def _again_and_again(rows: Sequence[dict[str, Any]], *, seed: int) -> Iterator[dict[str, Any]]:
    order, dice = list(rows), random.Random(seed)
    while True:
        dice.shuffle(order)
        yield from order
