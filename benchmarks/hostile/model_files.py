"""What the files of a model folder may be: endless, elsewhere, damaged, or full of promises."""

import base64
import json
import math
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.hostile.model_configs import Spoil
from benchmarks.hostile.model_parts import (
    CONFIG,
    SHAPES,
    change_json,
    gguf,
    number,
    safetensors,
    text,
    tokenizer,
    write_json,
    write_model,
)

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
LINKED = "a link out of the folder"
HUGE = 2**62


def _fifo(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return spoil


def _socket(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        here = Path.cwd()
        os.chdir(folder)  # a socket's path may have a hundred characters
        try:
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(name)
        finally:
            os.chdir(here)

    return spoil


def _linked(name: str, target: str = "") -> Spoil:
    """Move a file out of the folder and link it from there, or link something of the machine's."""

    def spoil(folder: Path) -> None:
        file, away = folder / name, folder.parent / "away"
        if file.exists():
            file.rename(away)
        file.symlink_to(target or away)

    return spoil


def _folder(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return spoil


def _bytes(name: str, content: Callable[[], bytes]) -> Spoil:
    return lambda folder: (folder / name).write_bytes(content())


def _header(change: Callable[[dict[str, Any]], None]) -> Spoil:
    return _bytes(WEIGHTS, lambda: safetensors(SHAPES, change=change))


def _head(raw: Callable[[], bytes], body: int = 16) -> Spoil:
    """Write weights with a header of one's own."""

    def content() -> bytes:
        head = raw()
        return struct.pack("<Q", len(head)) + head + bytes(body)

    return _bytes(WEIGHTS, content)


def _entry(**changes: object) -> Callable[[dict[str, Any]], None]:
    return lambda header: header["model.norm.weight"].update(changes)


def _index(value: object) -> Spoil:
    return lambda folder: write_json(folder / INDEX, {"weight_map": value})


def _shard_linked(folder: Path) -> None:
    name = "model-00001-of-00001.safetensors"
    (folder / WEIGHTS).rename(folder.parent / "away")
    (folder / name).symlink_to(folder.parent / "away")
    _index(dict.fromkeys(SHAPES, name))(folder)


def _sparse(folder: Path) -> None:
    """Promise 4 TB of weights that fit the configuration and take no room on the disk."""
    rows = 10**12 // 8
    change_json(folder / "config.json", vocab_size=rows)
    shapes = SHAPES | {"model.embed_tokens.weight": (rows, 8)}
    entries, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * math.prod(shape)
        entries[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    head = json.dumps(entries).encode()
    with (folder / WEIGHTS).open("wb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        file.truncate(8 + len(head) + end)


def _twice() -> bytes:
    one = '"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}'
    return f"{{{one},{one}}}".encode()


FILES: dict[str, tuple[Spoil, str]] = {
    "config.json is a fifo": (_fifo("config.json"), "config.json"),
    "config.json is a folder": (_folder("config.json"), "config.json"),
    "config.json is a socket": (_socket("config.json"), "config.json"),
    "config.json never ends": (_linked("config.json", "/dev/zero"), "config.json"),
    "config.json is a link to itself": (_linked("config.json", "config.json"), "config.json"),
    "config.json is elsewhere": (_linked("config.json"), LINKED),
    "generation_config.json is a fifo": (_fifo("generation_config.json"), "regular file"),
    "generation_config.json is /etc/passwd": (
        _linked("generation_config.json", "/etc/passwd"),
        LINKED,
    ),
    "the tokeniser is a fifo": (_fifo("tokenizer.json"), "tokenizer.json"),
    "the tokeniser is elsewhere": (_linked("tokenizer.json"), LINKED),
    "merges.txt is a device": (_linked("merges.txt", "/dev/zero"), "merges.txt"),
    "the template is a fifo": (_fifo("chat_template.jinja"), "chat_template.jinja"),
    "the template never ends": (_linked("chat_template.jinja", "/dev/zero"), LINKED),
    "more templates are elsewhere": (_linked("additional_chat_templates", "/etc"), LINKED),
    "weights are a fifo": (_fifo(WEIGHTS), WEIGHTS),
    "weights are a folder": (_folder(WEIGHTS), WEIGHTS),
    "weights are elsewhere": (_linked(WEIGHTS), LINKED),
    "a part of the weights is elsewhere": (_shard_linked, LINKED),
    "pickles are elsewhere": (_linked("pytorch_model.bin", "/etc/passwd"), LINKED),
    "an index to /etc/passwd": (_index({"w": "/etc/passwd"}), "/etc/passwd"),
    "an index out of the folder": (_index({"w": "../../etc/passwd"}), "../../etc/passwd"),
    "an index to numbers": (_index({"w": 7}), "index"),
    "an index to lists": (_index({"w": ["model.safetensors"]}), "index"),
    "an index that is a list": (_index([WEIGHTS]), "index"),
    "an index to escapes": (_index({"w": "\x1b[31m\u202e.safetensors"}), "lacks"),
    "an index of 40 MB": (
        _index({str(n): "model-x.safetensors" for n in range(1_500_000)}),
        "too large",
    ),
    "weights of no bytes": (_bytes(WEIGHTS, lambda: b""), "cut off"),
    "a header of 2^63": (_bytes(WEIGHTS, lambda: struct.pack("<Q", 2**63) + b"{}"), "cut off"),
    "a header of 100 MB": (_head(lambda: b'{"a":"' + b" " * 100_000_000 + b'"}'), WEIGHTS),
    "a header of 10^7 lists": (
        _head(lambda: b'{"a":[' + b"[]," * 9_000_000 + b"0]}"),
        WEIGHTS,
    ),
    "a header 10^5 deep": (_head(lambda: b"[" * 100_000), WEIGHTS),
    "a tensor twice": (_head(_twice), "twice"),
    "tensors one over the other": (_header(_entry(data_offsets=[0, 32])), WEIGHTS),
    "offsets that go back": (_header(_entry(data_offsets=[32, 0])), WEIGHTS),
    "offsets below zero": (_header(_entry(data_offsets=[-32, 0])), WEIGHTS),
    "offsets that are text": (_header(_entry(data_offsets=["0", "32"])), WEIGHTS),
    "offsets of 2^64": (_header(_entry(data_offsets=[2**64, 2**64 + 32])), WEIGHTS),
    "a shape of 2^40 by 2^40": (_header(_entry(shape=[2**40, 2**40])), WEIGHTS),
    "a shape below zero": (_header(_entry(shape=[-8])), WEIGHTS),
    "a shape of 10^5 ones": (_header(_entry(shape=[8] + [1] * 100_000)), WEIGHTS),
    "a kind of number that there isn't": (_header(_entry(dtype="F7\x1b[31m")), WEIGHTS),
    "a tensor that is a number": (_header(lambda header: header.update(w=7)), WEIGHTS),
    "a hole before a tensor": (
        _bytes(WEIGHTS, lambda: safetensors(SHAPES, change=lambda h: h.pop("model.norm.weight"))),
        WEIGHTS,
    ),
}
HUGE_FILES: dict[str, tuple[Spoil, str]] = {"weights that no memory holds": (_sparse, "memory")}


def _tokens(change: Callable[[dict[str, Any]], object]) -> Spoil:
    def spoil(folder: Path) -> None:
        made = tokenizer()
        change(made)
        write_json(folder / "tokenizer.json", made)

    return spoil


def _laughs(made: dict[str, Any]) -> None:
    grow = {"type": "Replace", "pattern": {"String": "e"}, "content": "ee"}
    made["normalizer"] = {"type": "Sequence", "normalizers": [grow] * 34}


def _pads(made: dict[str, Any]) -> None:
    made["padding"] = {
        "strategy": {"Fixed": 10**10},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "<pad>",
    }


def _splits(pattern: str) -> Spoil:
    rule = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    return _tokens(lambda made: made.update(pre_tokenizer=rule))


def _charsmap(made: dict[str, Any]) -> None:
    table = struct.pack("<I", 4) + bytes(4) + b"a" * 10**6 + b"\0"
    made["normalizer"] = {
        "type": "Precompiled",
        "precompiled_charsmap": base64.b64encode(table).decode(),
    }


TOKENISERS: dict[str, tuple[Spoil, str]] = {
    "a tokeniser that is cut off": (_bytes("tokenizer.json", lambda: b'{"model":'), "m"),
    "a normaliser that laughs": (_tokens(_laughs), "tokenizer.json"),
    "a pattern in exponential time": (_splits("(a+)+$"), "take for ever"),
    "a pattern of alternatives alike": (_splits("(?:a|a|aa)*b"), "take for ever"),
    "a pattern of 10^6 characters": (_splits("a?" * 500_000), "take for ever"),
    "100,000 rules": (
        _tokens(
            lambda made: made.update(
                normalizer={"type": "Sequence", "normalizers": [{"type": "Lowercase"}] * 100_000}
            )
        ),
        "rules",
    ),
    "a table of letters that become a million": (_tokens(_charsmap), "tokenizer.json"),
    "padding to 10^10 tokens": (_tokens(_pads), "tokenizer.json"),
    "a text that begins with a million": (
        _tokens(lambda made: made.update(normalizer={"type": "Prepend", "prepend": "a" * 10**7})),
        "tokenizer.json",
    ),
    "ids beyond the vocabulary": (
        _tokens(lambda made: made["model"]["vocab"].update(e=2**31)),
        "m",
    ),
    "a special token beyond the vocabulary": (
        _tokens(lambda made: made["added_tokens"][2].update(id=2**32 - 1)),
        "m",
    ),
    "a class that there isn't": (
        lambda folder: change_json(folder / "tokenizer_config.json", tokenizer_class="os.system"),
        "",
    ),
    "a class of another package": (
        lambda folder: change_json(
            folder / "tokenizer_config.json", tokenizer_class="MistralCommonBackend"
        ),
        "",
    ),
    "a class that is a list": (
        lambda folder: change_json(folder / "tokenizer_config.json", tokenizer_class=["evil"]),
        "tokenizer_class",
    ),
}


def _gguf(**spoilt: Any) -> Spoil:
    return lambda folder: folder.with_suffix(".gguf").write_bytes(gguf(**spoilt))


def _value(name: str, raw: bytes) -> Spoil:
    return _gguf(more={name: raw})


def _gguf_link(folder: Path) -> None:
    folder.with_suffix(".gguf").symlink_to("/etc/passwd")


def _sparse_array(folder: Path) -> None:
    """Claim a list of 2 * 10^9 truths, and have the bytes for it."""
    file = folder.with_suffix(".gguf")
    claimed = 2 * 10**9
    file.write_bytes(
        b"GGUF"
        + struct.pack("<IQQ", 3, 0, 1)
        + text("general.truths")
        + struct.pack("<IIQ", 9, 7, claimed)
    )
    os.truncate(file, file.stat().st_size + claimed)


_STRING, _ARRAY = struct.pack("<I", 8), struct.pack("<I", 9)
GGUF: dict[str, tuple[Spoil, str]] = {
    "2^63 values": (_gguf(counts=(11, 2**63)), "damaged"),
    "2^63 tensors": (_gguf(counts=(2**63, 16)), "damaged"),
    "no values": (_gguf(counts=(0, 0)), "m.gguf"),
    "a text of 2^62": (_value("general.name", _STRING + struct.pack("<Q", HUGE)), "damaged"),
    "a list of 2^62": (_value("general.list", _ARRAY + struct.pack("<IQ", 0, HUGE)), "damaged"),
    "a list of 2^62 nothings": (
        _value("general.list", _ARRAY + struct.pack("<IQ", 8, HUGE)),
        "damaged",
    ),
    "a list of 2 * 10^9, all there": (_sparse_array, "m.gguf"),
    "lists in lists in lists": (
        _value("general.list", _ARRAY + struct.pack("<IQ", 9, 1) * 20_000),
        "damaged",
    ),
    "a kind of value that there isn't": (_value("general.odd", struct.pack("<I", 99)), "damaged"),
    "an alignment of 0": (_value("general.alignment", struct.pack("<II", 4, 0)), "alignment"),
    "an alignment of 3": (_value("general.alignment", struct.pack("<II", 4, 3)), "alignment"),
    "an alignment of 2^31": (
        _value("general.alignment", struct.pack("<II", 4, 2**31)),
        "alignment",
    ),
    "a tensor of 2^40 by 2^40": (_gguf(tensors=[("w", (2**40, 2**40), 0)]), "damaged"),
    "a tensor beyond the end": (_gguf(tensors=[("w", (8,), HUGE)]), "damaged"),
    "a tensor of 10^5 dimensions": (_gguf(tensors=[("w", (1,) * 100_000, 0)]), "damaged"),
    "a tensor twice": (_gguf(tensors=[("w", (8,), 0), ("w", (8,), 0)]), "damaged"),
    "10^9 blocks": (_value("llama.block_count", number(10**9)), "block_count"),
    "an embedding of 10^12": (_value("llama.embedding_length", number(10**12)), "embedding"),
    "an architecture of escapes": (
        _value("general.architecture", _STRING + text("\x1b]0;t\x07\u202e")),
        "m.gguf",
    ),
    "an architecture that is a number": (_value("general.architecture", number(7)), "damaged"),
    "no bytes but the name": (_bytes("../m.gguf", lambda: b"GGUF"), "cut off"),
    "a link out of its folder": (_gguf_link, LINKED),
    "a fifo": (lambda folder: os.mkfifo(folder.with_suffix(".gguf")), "m.gguf"),
}


def write_hub(folder: Path) -> Path:
    """Write a model as the Hub's cache holds it: links to blobs beside its snapshots."""
    repository = folder / "models--org--name"
    snapshot, blobs = repository / "snapshots" / ("0" * 40), repository / "blobs"
    made = write_model(folder / "made")
    for place in (snapshot, blobs):
        place.mkdir(parents=True)
    for count, file in enumerate(sorted(made.iterdir())):
        file.rename(blobs / f"{count:040x}")
        (snapshot / file.name).symlink_to(f"../../blobs/{count:040x}")
    return snapshot


def hub_beyond(folder: Path) -> Path:
    """Write the same with one link that leads past the blobs."""
    snapshot = write_hub(folder)
    (folder / "away").write_text(json.dumps(CONFIG), "utf-8")
    (snapshot / "config.json").unlink()
    (snapshot / "config.json").symlink_to("../../../away")
    return snapshot
