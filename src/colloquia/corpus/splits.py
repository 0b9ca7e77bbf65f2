"""Splits by snippet: all dialogues about one passage fall into one split, so no fact crosses.

Each snippet's place is a hash of its id and the seed. So it stays where it is when a corpus grows,
and neither order nor number of the others matters, with one exception: where chance leaves a
split empty, the snippet nearest to it by that same hash moves in. That happens to small corpora.
"""

import heapq
import math
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from colloquia.core.errors import ExportError
from colloquia.core.hashing import digest

#: The splits that training goes by: rows to learn from, and rows to watch its loss on.
TRAIN, VALIDATION = "train", "validation"

MOST_SPLITS = 100  # each is a file in every format
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")  # a file's name and `datasets`' own rule for splits


def checked_shares(shares: Mapping[str, float]) -> dict[str, float]:
    """Return the shares if they make sense.

    Raises:
        ExportError: too many, an odd name, a share that isn't above 0, or a sum other than 1.
    """
    if len(shares) > MOST_SPLITS:
        raise ExportError(f"{len(shares):,} splits: {MOST_SPLITS} are the most; name fewer")
    for name, share in shares.items():
        if not _NAME.fullmatch(name) or name == "all":
            raise ExportError(
                f"split {name!r}: use a short lower-case name such as train or validation"
            )
        if not 0 < share <= 1:
            raise ExportError(f"split {name}={share}: a share is above 0 and at most 1")
    if not math.isclose(math.fsum(shares.values()), 1, abs_tol=1e-6):
        asked = ",".join(f"{name}={share:g}" for name, share in shares.items()) or "none"
        raise ExportError(f"split {asked}: shares add up to 1, as in train=0.9,validation=0.1")
    return dict(shares)


def split_of(snippet_id: str, shares: Mapping[str, float], *, seed: int) -> str:
    """Return the split that a snippet's hash falls into."""
    here = place_of(snippet_id, seed=seed)
    for name, (_, end) in _bounds(shares).items():
        if here < end:
            return name
    return list(shares)[-1]  # the shares' sum may be a hair below 1


def place_of(snippet_id: str, *, seed: int) -> float:
    """Return the snippet's place, evenly spread over 0..1."""
    return int(digest(["split1", seed, snippet_id])[:13], 16) / 16**13


def moved_snippets(
    snippet_ids: Iterable[str], shares: Mapping[str, float], *, seed: int
) -> dict[str, str]:
    """Return the few snippets that go to another split than their hash says, and where to.

    Without them a split would be empty. Larger splits are filled first where there are fewer
    snippets than splits. Order doesn't matter, and memory doesn't grow with the number of ids,
    which must be distinct.
    """
    bounds = _bounds(shares)
    counts = dict.fromkeys(shares, 0)
    # As many as there are splits: at most all but one can be a split's only snippet.
    nearest: dict[str, list[tuple[float, str]]] = {name: [] for name in shares}
    for snippet_id in snippet_ids:
        here = place_of(snippet_id, seed=seed)
        counts[split_of(snippet_id, shares, seed=seed)] += 1
        for name, (start, end) in bounds.items():
            away = max(start - here, here - end, 0.0)
            heapq.heappush(nearest[name], (-away, snippet_id))
            if len(nearest[name]) > len(shares):
                heapq.heappop(nearest[name])
    moved: dict[str, str] = {}
    for name in sorted(shares, key=lambda name: (-shares[name], name)):
        if counts[name]:
            continue
        for _, snippet_id in sorted(nearest[name], key=lambda entry: (-entry[0], entry[1])):
            home = moved.get(snippet_id) or split_of(snippet_id, shares, seed=seed)
            if counts[home] > 1 or shares[home] < shares[name]:
                moved[snippet_id] = name
                counts[home] -= 1
                counts[name] += 1
                break
    return moved


def _bounds(shares: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    ends = [0.0]
    for share in shares.values():
        ends.append(ends[-1] + share)
    return dict(zip(shares, pairwise(ends), strict=True))
