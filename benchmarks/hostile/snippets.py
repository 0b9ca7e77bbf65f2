"""Files of snippets: huge, deep, repetitive, binary, or with what terminals obey."""

import json
from collections.abc import Callable
from functools import partial

from benchmarks.hostile.variant import ENGLISH_MB, Stage, Variant

SAID = "The mill at Aldreth was built in 1851 by Ann Hart. It ground oats until 1903."


def _file(stage: Stage, *, name: str, content: Callable[[], bytes]) -> None:
    source = stage.folder / name
    source.write_bytes(content())
    recipe = stage.folder / "recipe.yaml"
    recipe.write_text(f"snippets: {json.dumps(name)}\n", "utf-8")
    for how in ("--dry-run", "--quiet"):
        stage.holds("run", recipe, "--limit", "3", how)


def _rows(*rows: object) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "alternating combining marks in a title": (
        "a.jsonl",
        lambda: _rows({"text": SAID, "title": "a" + "\u0301\u0316" * 100_000}),
    ),
    "nested brackets as a row": ("a.jsonl", lambda: b"[" * 2_000_000),
    "nested objects as a row": ("a.jsonl", lambda: b'{"text":' * 300_000),
    "a key given twice": ("a.jsonl", lambda: b'{"text": "One.", "text": "Two."}'),
    "a text of one word": ("a.txt", lambda: b"a" * 20_000_000),
    "a text of full stops": ("a.txt", lambda: b". " * 2_000_000),
    "control characters in title and text": (
        "a.jsonl",
        lambda: _rows({"text": f"\x1b[31m{SAID}\x07", "title": "\x1b]0;t\x07 \u202e \U000e0041"}),
    ),
}
VARIANTS = [
    Variant(
        family="snippets",
        name=name,
        attack=partial(_file, name=file, content=content),
        peak_mb=ENGLISH_MB,
        short=name in {"a key given twice", "nested brackets as a row"},
    )
    for name, (file, content) in _FILES.items()
]
