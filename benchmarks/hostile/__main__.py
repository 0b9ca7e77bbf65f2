"""Tries what strangers may hand in: `python -m benchmarks.hostile [--only endpoint store]`.

Each family is a module here with `VARIANTS`. Every variant runs real commands in processes of their
own, whose memory and time are measured. "0 rules out" is the rate of failures that a zero rules out
with 95 % confidence, 3/n.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.hostile.nurseries import Nurseries
from benchmarks.hostile.variant import Outcome, Variant, table, tried

FAMILIES = (
    "snippets",
    "recipes",
    "cards",
    "templates",
    "models",
    "endpoint",
    "store",
    "exports",
    "disks",
)


def variants(families: Sequence[str] = FAMILIES, *, short: bool = False) -> Iterator[Variant]:
    """Yield the variants of some families; `short` ones only, if asked."""
    for family in families:
        module = import_module(f"benchmarks.hostile.{family}")
        yield from (one for one in module.VARIANTS if one.short or not short)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try them and print a table; returns 1 if one wasn't held."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=FAMILIES, default=FAMILIES)
    parser.add_argument("--match", default="", help="a part of the variants' names")
    parser.add_argument("--short", action="store_true", help="what the tests try")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="variants")
    parser.add_argument("--json", type=Path, help="write each outcome here")
    asked = parser.parse_args(arguments)
    chosen = [one for one in variants(asked.only, short=asked.short) if asked.match in one.name]
    if not chosen:
        parser.error("no variant has such a name")
    began = time.monotonic()
    with Nurseries() as nurseries, ThreadPoolExecutor(asked.at_once) as pool:
        outcomes = list(pool.map(lambda variant: _tried(variant, nurseries), chosen))
    print(table(outcomes))
    print(f"{asked.at_once} at once, {(time.monotonic() - began) / 60:.1f} minutes")
    if asked.json is not None:
        asked.json.write_text(json.dumps([asdict(one) for one in outcomes], indent=1), "utf-8")
    return 1 if any(one.broken for one in outcomes) else 0


def _tried(variant: Variant, nurseries: Nurseries) -> Outcome:
    with TemporaryDirectory(prefix="colloquia-hostile-") as folder:
        outcome = tried(variant, nurseries.own(variant.imports), Path(folder))
    if outcome.broken:
        print(f"{variant.family}: {variant.name}: {outcome.broken}", file=sys.stderr, flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
