"""What students learn: `python -m benchmarks.learning [--only facts,refusal] [--seeds 0,1,2]`.

Small students on a CPU, most of them made from nothing. What a part measures stands at the top of
its file. `corpus` and `language` take `--snippets FILE`; `language` needs a base that has language,
`--base FOLDER`, and some of the others take one. `--short` shows that a part runs. Every table
comes with its n. `--json FILE` writes the raw results after each seed; `--add FILE` puts those of
earlier runs into the tables.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

PARTS = (
    "facts",
    "refusal",
    "order",
    "known",
    "pivotal",
    "thinking",
    "judge",
    "grpo",
    "echo",
    "seeds",
    "mixtures",
    "improve",
    "corpus",
    "language",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for, and print a table after each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--seeds", default="0,1,2", help="'' for none: only what --add brings")
    parser.add_argument("--snippets", type=Path, help="a file of snippets, for the last two")
    parser.add_argument("--base", type=Path, help="what benchmarks.learning.base made")
    parser.add_argument("--short", action="store_true", help="'language' in a few steps")
    parser.add_argument("--json", type=Path, help="write the raw results here")
    parser.add_argument("--add", type=Path, nargs="+", default=[], help="raw results to join")
    asked = parser.parse_args(arguments)
    chosen = asked.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if "corpus" in chosen and asked.snippets is None:
        parser.error("corpus needs --snippets FILE; name the others with --only")
    if "language" in chosen and asked.base is None:
        parser.error("language needs --base FOLDER: python -m benchmarks.learning.base FOLDER")
    found: dict[str, Any] = {}
    for name in chosen:
        started = time.process_time()
        part = import_module(f"benchmarks.learning.{name}")
        results = earlier_results(part, name, asked.add)
        for seed in map(int, filter(None, asked.seeds.split(","))):
            with tempfile.TemporaryDirectory() as folder:
                results += part.measure(seed, Path(folder), **_own_settings(part, asked))
            taken = f"{time.process_time() - started:,.0f} CPU s so far"
            print(f"{name}, seed {seed}: {taken}", file=sys.stderr, flush=True)
            found[name] = to_jsonable_python(results)
            if asked.json is not None:
                asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(f"{part.table(results)}\n{time.process_time() - started:,.0f} CPU s\n", flush=True)


def earlier_results(part: Any, name: str, files: Sequence[Path]) -> list[Any]:
    """Return what `--json` has written of a part, of all these files."""
    known = TypeAdapter(get_type_hints(part.measure)["return"])
    return [
        result
        for file in files
        for result in known.validate_python(json.loads(file.read_text("utf-8")).get(name, []))
    ]


def _own_settings(part: Any, asked: argparse.Namespace) -> dict[str, Any]:
    """Return what was asked for of all that a part can be told."""
    settings = {"snippets": asked.snippets, "base": asked.base}
    if asked.short and hasattr(part, "SHORT"):
        settings["sizes"] = part.SHORT
    taken = signature(part.measure).parameters
    return {name: value for name, value in settings.items() if name in taken}


if __name__ == "__main__":
    main(sys.argv[1:])
