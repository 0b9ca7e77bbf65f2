"""What students learn: `python -m benchmarks.learning [--only facts,refusal] [--seeds 0,1,2]`.

Small from-scratch students on a CPU: `facts` (do dialogues teach more than snippets), `refusal` (do
they decline what they don't know), `order` (in which order rows are shown) and `corpus` (before and
after on an export, which needs `--snippets FILE`). Every table comes with its n and 95 % intervals;
`--json FILE` writes the raw results too.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

PARTS = ("facts", "refusal", "order", "corpus")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for, and print a table after each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--snippets", type=Path, help="a file of snippets, for 'corpus'")
    parser.add_argument("--json", type=Path, help="write the raw results here")
    asked = parser.parse_args(arguments)
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    chosen = asked.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if "corpus" in chosen and asked.snippets is None:
        parser.error("corpus needs --snippets FILE; leave it out with --only facts,refusal,order")
    found: dict[str, Any] = {}
    for part in chosen:
        started = time.process_time()
        results, table = _MEASURES[part](seeds, asked.snippets)
        found[part] = to_jsonable_python(results)
        print(f"{table}\n{time.process_time() - started:,.0f} CPU s\n", flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


Measured = tuple[Sequence[Any], str]


def _facts(seeds: Sequence[int], _: Path | None) -> Measured:
    from benchmarks import learning_facts as part

    results = [result for seed in seeds for result in part.measure(seed)]
    return results, part.table(results)


def _refusal(seeds: Sequence[int], _: Path | None) -> Measured:
    from benchmarks import learning_refusal as part

    results = [result for seed in seeds for result in _in_a_folder(part.measure, seed)]
    return results, part.table(results)


def _order(seeds: Sequence[int], _: Path | None) -> Measured:
    from benchmarks import learning_order as part

    results = [result for seed in seeds for result in _in_a_folder(part.measure, seed)]
    return results, part.table(results)


def _in_a_folder(measure: Callable[[int, Path], list[Any]], seed: int) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        return measure(seed, Path(folder))


def _corpus(seeds: Sequence[int], snippets: Path | None) -> Measured:
    from benchmarks import learning_corpus as part

    assert snippets is not None
    results = [part.measure(snippets, seed, context="closed") for seed in seeds]
    return results, part.table(results)


_MEASURES: dict[str, Callable[[Sequence[int], Path | None], Measured]] = {
    "facts": _facts,
    "refusal": _refusal,
    "order": _order,
    "corpus": _corpus,
}


if __name__ == "__main__":
    main(sys.argv[1:])
