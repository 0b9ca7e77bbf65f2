"""Exports from strangers: manifests, rows, cards and folders; and exports that are cut short."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from signal import SIGKILL
from typing import Any

from benchmarks.hostile.made import CORPUS, FORMATS, corpus_in, digests, store_in
from benchmarks.hostile.variant import Stage, Variant

SECRET = "what stands outside the folder"
ROWS = "sft/train.jsonl"
TREES = "dialogues.jsonl"
Spoil = Callable[[Path], object]


def _spoilt(stage: Stage, *, spoil: Spoil, trains: bool) -> None:
    """Hold `check`, and `train` where it reads what was spoilt, to saying what is wrong."""
    corpus = corpus_in(stage)
    (stage.folder / "outside.jsonl").write_text(f'{{"{SECRET}": 1}}\n', "utf-8")
    spoil(corpus)
    ends = [stage.holds("check", CORPUS, codes=(2,))]
    if trains:
        ends.append(stage.holds("train", CORPUS, "--method", "sft", codes=(2,)))
    assert not any(SECRET in end.out + end.err for end in ends), "shows what stands outside"
    assert len(ends[-1].err) < 2000, f"says {len(ends[-1].err):,} characters"


def _manifest(change: Callable[[dict[str, Any]], object]) -> Spoil:
    def spoil(corpus: Path) -> None:
        file = corpus / "manifest.json"
        manifest = json.loads(file.read_text("utf-8"))
        change(manifest)
        file.write_text(json.dumps(manifest), "utf-8")

    return spoil


def _first(**fields: object) -> Spoil:
    """Change what the manifest says of the file that training reads."""

    def change(manifest: dict[str, Any]) -> None:
        next(file for file in manifest["files"] if file["path"] == ROWS).update(fields)

    return _manifest(change)


def _raw(content: Callable[[bytes], bytes]) -> Spoil:
    """Write the manifest anew."""

    def spoil(corpus: Path) -> None:
        file = corpus / "manifest.json"
        file.write_bytes(content(file.read_bytes()))

    return spoil


def _lines(content: Callable[[bytes], bytes], path: str = ROWS) -> Spoil:
    """Write a file of rows anew, with its hash and number of rows in the manifest."""

    def spoil(corpus: Path) -> None:
        file = corpus / path
        data = content(file.read_bytes())
        file.write_bytes(data)
        told = {"sha256": hashlib.sha256(data).hexdigest(), "rows": data.count(b"\n") or 1}

        def change(manifest: dict[str, Any]) -> None:
            entry = next(one for one in manifest["files"] if one["path"] == path)
            entry.update(told, size=len(data))
            for count in manifest["counts"]:
                if (count["format"], count["split"]) == (entry["format"], entry["split"]):
                    count.update({"in": told["rows"], "out": told["rows"], "excluded": {}})

        _manifest(change)(corpus)

    return spoil


def _rows(change: Callable[[dict[str, Any]], object], path: str = ROWS) -> Spoil:
    """Change the first row of a file."""

    def content(data: bytes) -> bytes:
        first, rest = data.split(b"\n", 1)
        row = json.loads(first)
        changed = change(row)
        return json.dumps(row if changed is None else changed).encode() + b"\n" + rest

    return _lines(content, path)


def _instead(make: Callable[[Path], object], name: str = ROWS) -> Spoil:
    """Put something else in the place of a file."""

    def spoil(corpus: Path) -> None:
        (corpus / name).unlink()
        make(corpus / name)

    return spoil


def _linked_folder(corpus: Path) -> None:
    (corpus / "sft").rename(corpus.parent / "elsewhere")
    (corpus / "sft").symlink_to("../elsewhere")


def _many(corpus: Path) -> None:
    (corpus / "more").mkdir()
    for number in range(50_000):
        (corpus / "more" / f"{number}").touch()


def _deep(corpus: Path) -> None:
    for _ in range(200):
        corpus /= "deeper"
    corpus.mkdir(parents=True)
    (corpus / "x.jsonl").touch()


def _notes(name: str) -> Spoil:
    """Have a manifest vouch for a file that is no row."""

    def spoil(corpus: Path) -> None:
        _manifest(lambda manifest: manifest.update(derived={"notes": {name: "0" * 64}}))(corpus)
        os.mkfifo(corpus / "pipe.jsonl")
        (corpus / "link.jsonl").symlink_to("../outside.jsonl")

    return spoil


def _card(old: str, new: str) -> Spoil:
    def spoil(corpus: Path) -> None:
        file = corpus / "README.md"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    return spoil


def _nest(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def _cycle(row: dict[str, Any]) -> None:
    row["tree"][0]["parent_id"] = row["tree"][-1]["id"]


_NAMED_ELSEWHERE = {
    "a path above the folder": "../outside.jsonl",
    "a path above it through a folder": "sft/../../outside.jsonl",
    "an absolute path": "/etc/passwd",
    "a path with a zero byte": "sft/train.jsonl\0",
    "a path of Windows": "..\\outside.jsonl",
    "a drive": "C:outside.jsonl",
    "an empty path": "",
    "a path of 100,000 characters": "x" * 100_000,
    "a path with an escape sequence": "\x1b]0;t\x07",
}
#: What training has to refuse, too.
_READ: dict[str, Spoil] = {
    **{name: _first(path=path) for name, path in _NAMED_ELSEWHERE.items()},
    "rows behind a link": _instead(lambda file: file.symlink_to("../../outside.jsonl")),
    "rows in a linked folder": _linked_folder,
    "rows that are a pipe": _instead(os.mkfifo),
    "rows that are a folder": _instead(Path.mkdir),
    "rows that never end": _instead(lambda file: file.symlink_to("/dev/zero")),
    "rows that are gone": _instead(lambda file: None),
    "a file listed twice": _manifest(lambda m: m["files"].append(m["files"][0])),
    "another hash": _first(sha256="0" * 64),
    "no rows": _first(rows=0),
    "less than no rows": _first(rows=-1),
    "rows that aren't counted in numbers": _first(rows=[1]),
    "an unknown format": _first(format="parquet"),
    "a manifest behind a link": _instead(
        lambda file: file.symlink_to("/etc/passwd"), "manifest.json"
    ),
    "a manifest that never ends": _instead(
        lambda file: file.symlink_to("/dev/zero"), "manifest.json"
    ),
    "a manifest that is a pipe": _instead(os.mkfifo, "manifest.json"),
    "a manifest that is a folder": _instead(Path.mkdir, "manifest.json"),
    "an empty manifest": _raw(lambda data: b""),
    "a manifest of 100 MB": _raw(lambda data: data + b" " * 100_000_000),
    "a manifest of nested brackets": _raw(lambda data: b"[" * 1_000_000),
    "a manifest in UTF-16": _raw(lambda data: data.decode().encode("utf-16")),
    "a manifest with a recipe of 10,000 levels": _raw(
        lambda data: data.replace(b'"recipe": {', b'"recipe": {"x": ' + b"[" * 10_000, 1)
    ),
    "a manifest of another schema": _raw(lambda data: data.replace(b"export/1", b"export/9")),
    "a million files listed": _raw(
        lambda data: data.replace(b'"files": [', b'"files": [' + b"{}," * 1_000_000, 1)
    ),
    "rows of one line of 100 MB": _lines(lambda data: b'{"id": "' + b"x" * 100_000_000 + b'"}\n'),
    "rows of one line without an end": _lines(lambda data: b"\0" * 200_000_000),
    "a row of nested brackets": _lines(lambda data: b"[" * 1_000_000 + b"\n"),
    "a row with a key given twice": _lines(
        lambda data: data.replace(b'{"id"', b'{"messages": [], "id"', 1)
    ),
    "a row that is no JSON": _lines(lambda data: b"{not json}\n" + data),
    "a row that isn't UTF-8": _lines(lambda data: data.replace(b"Mill", b"M\xff\xfe", 1)),
    "a number of 100,000 digits": _lines(lambda data: b"9" * 100_000 + b"\n" + data),
    "a score that is no number": _lines(
        lambda data: data.replace(b'"difficulty": 0.5', b'"difficulty": NaN', 1)
    ),
    "compressed rows": _lines(lambda data: gzip.compress(b"0" * 100_000_000)),
    "a row that is a number": _rows(lambda row: 0),
    "a row without columns": _rows(lambda row: row.clear()),
    "a row whose messages are text": _rows(lambda row: row.update(messages="no")),
    "a message without words": _rows(lambda row: row["messages"][0].update(content=None)),
    "a message nested 900 deep": _rows(lambda row: row["messages"][0].update(content=_nest(900))),
}
#: What only a check reads, or what training can do without.
_CHECKED: dict[str, Spoil] = {
    "more rows than there are": _first(rows=10**30),
    "sums that don't add up": _manifest(lambda m: m["counts"][0].update(out=10**6)),
    "a note outside the folder": _notes("../outside.jsonl"),
    "a note that is a link": _notes("link.jsonl"),
    "a note that is a pipe": _notes("pipe.jsonl"),
    "50,000 files that aren't listed": _many,
    "200 folders in each other": _deep,
    "a script beside the rows": lambda corpus: (corpus / "corpus.py").write_text("1 / 0"),
    "a folder that holds itself": lambda corpus: (corpus / "loop").symlink_to("."),
    "a name with an escape sequence": lambda corpus: (corpus / "\x1b[31m.jsonl").touch(),
    "a card that reads elsewhere": _card('"sft/train.jsonl"', '"../outside.jsonl"'),
    "a card that reads the network": _card('"sft/train.jsonl"', '"http://127.0.0.1:9/x.jsonl"'),
    "a card that names another column of files": _card("configs:", "configs: []\nmore:"),
    "a card of anchors": _card("tags:", "x: &x [1]\ny: [*x, *x]\ntags:"),
    "a card that is a pipe": _instead(os.mkfifo, "README.md"),
    "a card that never ends": _instead(lambda file: file.symlink_to("/dev/zero"), "README.md"),
    "ids that are no list": _rows(lambda row: row.update(snippet_ids={"a": 1})),
    "ids that no text holds": _rows(lambda row: row.update(snippet_ids=["\ud800"])),
    "a control token in a message": _rows(
        lambda row: row["messages"][-1].update(content="<|im_start|>system")
    ),
    "roles in another order": _rows(lambda row: row["messages"].reverse()),
    "a turn that is its own ancestor": _rows(_cycle, TREES),
    "a dialogue whose last turn is gone": _rows(
        lambda row: row["dialogue"].update(tip_id="turn1_none"), TREES
    ),
    "a turn that was reworded": _rows(lambda row: row["tree"][0].update(text="Other."), TREES),
    "a dialogue of another schema": _rows(lambda row: row.update(schema="x"), TREES),
    "a dialogue that is a list": _rows(lambda row: [1], TREES),
}


def _to_odd_place(stage: Stage, *, make: Callable[[Path], object]) -> None:
    store_in(stage)
    make(stage.folder / "out")
    before = os.lstat(stage.folder / "out")
    stage.holds("export", "--to", "trl-sft", "-o", "out", codes=(2,))
    assert os.lstat(stage.folder / "out").st_ino == before.st_ino, "what was there is gone"


def _on_full_disk(stage: Stage, *, most: int) -> None:
    """Export where no file may grow beyond a size: what is written stands whole or not at all."""
    store_in(stage)
    limited = (
        "import resource, sys; from colloquia.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "export", "--to", FORMATS, "-o", "out"],
        cwd=stage.folder,
        capture_output=True,
        text=True,
        timeout=stage.limit_s,
        check=False,
    )
    assert done.returncode == 4, f"exit code {done.returncode}: {done.stderr[-300:]!r}"
    assert done.stderr.count("\n") == 1, f"says {done.stderr[-300:]!r}"
    assert not (stage.folder / "out").exists(), "half an export"
    assert not _leftovers(stage), "leaves a folder behind"


def _killed(stage: Stage, *, points: int) -> None:
    """Kill an export at so many moments of its time; then another one cleans up after it."""
    store_in(stage)
    command = ("export", "--to", FORMATS, "--with-stale", "-o", "out")
    whole = digests(stage.folder / CORPUS)
    seconds = stage.holds(
        "export", "--to", FORMATS, "--with-stale", "-o", "timed", codes=(0,)
    ).seconds
    for point in range(points):
        child = stage.nursery.start(*command, folder=stage.folder)
        time.sleep(seconds * point / points)
        child.signal(SIGKILL)
        child.ended()
        out = stage.folder / "out"
        if out.exists():
            assert digests(out) == whole, f"half an export at point {point}"
            out.rename(stage.folder / f"kept-{point}")
        assert len(_leftovers(stage)) <= 1, "leftovers pile up"
    stage.holds(*command, codes=(0,))
    assert digests(stage.folder / "out") == whole
    assert not _leftovers(stage), "leaves a folder behind"


def _leftovers(stage: Stage) -> list[Path]:
    return [*stage.folder.glob(".out.partial-*")]


def _variant(name: str, attack: Callable[[Stage], None], **more: Any) -> Variant:
    return Variant(
        family="exports",
        name=name,
        attack=attack,
        short=name in _SHORT,
        imports=("datasets", "colloquia.corpus.export"),  # a check reads with the one
        **more,
    )


_SHORT = {
    "rows that are a pipe",
    "a path above the folder",
    "a card that reads the network",
    "a turn that is its own ancestor",
}
VARIANTS = [
    *(_variant(name, partial(_spoilt, spoil=one, trains=True)) for name, one in _READ.items()),
    *(_variant(name, partial(_spoilt, spoil=one, trains=False)) for name, one in _CHECKED.items()),
    *(
        _variant(f"an export to {name}", partial(_to_odd_place, make=make))
        for name, make in {
            "a pipe": os.mkfifo,
            "a dangling link": lambda place: place.symlink_to("nowhere"),
            "a file": Path.touch,
            "a folder": Path.mkdir,
        }.items()
    ),
    *(
        _variant(f"an export that may write {most:,} bytes", partial(_on_full_disk, most=most))
        for most in (0, 512, 5_000, 20_000)
    ),
    _variant("an export killed at 50 moments", partial(_killed, points=50)),
]
