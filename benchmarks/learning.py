"""What students learn: `python -m benchmarks.learning [--only facts,refusal] [--seeds 0,1,2]`.

Small from-scratch students on a CPU: `facts` (do dialogues teach more than snippets), `refusal` (do
they decline what they don't know), `order` (in which order rows are shown), `known` (the same where
most is known already) and `corpus` (before and after on an export, which needs `--snippets FILE`).
Every table comes with its n; `--json FILE` writes the raw results too.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

PARTS = ("facts", "refusal", "order", "known", "corpus")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for, and print a table after each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--snippets", type=Path, help="a file of snippets, for 'corpus'")
    parser.add_argument("--json", type=Path, help="write the raw results here")
    asked = parser.parse_args(arguments)
    chosen = asked.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if "corpus" in chosen and asked.snippets is None:
        parser.error("corpus needs --snippets FILE; name the others with --only")
    found: dict[str, Any] = {}
    for name in chosen:
        started = time.process_time()
        part = import_module(f"benchmarks.learning_{name}")
        results: list[Any] = []
        for seed in map(int, asked.seeds.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                own = {"snippets": asked.snippets} if name == "corpus" else {}
                results += part.measure(seed, Path(folder), **own)
            print(f"{name}, seed {seed}: done", file=sys.stderr, flush=True)
        found[name] = to_jsonable_python(results)
        print(f"{part.table(results)}\n{time.process_time() - started:,.0f} CPU s\n", flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
