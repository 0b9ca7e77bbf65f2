"""Model folders: code and kernels to fetch, absurd sizes, odd files, templates that never end.

Each is tried with the commands that read a model: `run`, `doctor`, `evaluate`, `train`. Beside what
any command keeps to: no planted code runs, and nothing asks the network.
"""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.faults.nursery import Nursery
from benchmarks.hostile.model_configs import CODE, KERNEL, LOADED, MARKER, SIZES, Spoil
from benchmarks.hostile.model_files import (
    FILES,
    GGUF,
    HUGE_FILES,
    TOKENISERS,
    hub_beyond,
    write_hub,
)
from benchmarks.hostile.model_parts import change_json, gguf, write_model
from benchmarks.hostile.model_templates import TEMPLATES
from benchmarks.hostile.variant import ENGLISH_MB, Stage, Variant

TORCH_MB = 900.0  # what torch and transformers take by themselves is some 500
TORCH = ("torch", "colloquia.models.local.text_generator")
LOOKED_AT, OPENED = "looked at", "opened"  # refused from its files alone, or when it is loaded
RECIPE = """\
snippets: snippets.txt
models:
  student: {{model: {model}}}
agents:
  answerer: {{model: student, max_tokens: 16}}
"""
REFUSED = (2,)


def _looked_at(
    stage: Stage, *, spoil: Spoil, says: str, name: str = "m", by_all: bool = True
) -> None:
    """Refused before torch is imported, whoever asks for it."""
    spoil(write_model(stage.folder / "m"))
    _recipe(stage, name)
    with _watched(stage) as env:
        stage.holds("run", "recipe.yaml", "--dry-run", codes=REFUSED, says=says, env=env)
        if not by_all:  # so that what is tried in small needs no corpus
            return
        corpus = _corpus()
        stage.holds("evaluate", name, corpus, codes=REFUSED, says=says, env=env)
        stage.holds("train", corpus, "--base", name, "-o", "s", codes=REFUSED, env=env)


def _opened(
    stage: Stage, *, spoil: Spoil, says: str, codes: tuple[int, ...], name: str = "m"
) -> None:
    """Refused when it is opened, with little memory and in little time."""
    spoil(write_model(stage.folder / "m"))
    _recipe(stage, name)
    with _watched(stage) as env:
        hub = {"huggingface_hub.constants:ENDPOINT": env["HF_ENDPOINT"]}  # read at its import
        stage.holds("doctor", "recipe.yaml", codes=codes, says=says, env=env, constants=hub)


def _trained(stage: Stage, *, spoil: Spoil, codes: tuple[int, ...]) -> None:
    """Refused as the base of a training, which takes bases without a template too."""
    spoil(write_model(stage.folder / "m"))
    options = ("--base", "m", "-o", "s", "--steps", "1", "--max-length", "512")
    with _watched(stage) as env:
        stage.holds("train", _corpus(), *options, codes=codes, env=env)


def _hub(stage: Stage, *, write: Callable[[Path], Path], code: int, says: str) -> None:
    _recipe(stage, str(write(stage.folder)))
    with _watched(stage) as env:
        stage.holds("run", "recipe.yaml", "--dry-run", codes=[code], says=says, env=env)


def _with_kernels(stage: Stage) -> None:
    """The package that fetches kernels is there, and would run what it is told to fetch."""
    change_json(write_model(stage.folder / "m") / "config.json", _attn_implementation=KERNEL)
    _recipe(stage, "m")
    package = stage.folder / "site" / "kernels"
    info = package.with_name("kernels-9.9.9.dist-info")
    for folder in (package, info):
        folder.mkdir(parents=True)
    (package / "__init__.py").write_text(f"open({str(stage.folder / MARKER)!r}, 'w')\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kernels\nVersion: 9.9.9\n")
    with _watched(stage) as env:
        found = {"sys:path": [str(package.parent), *sys.path]}
        stage.holds("doctor", "recipe.yaml", codes=REFUSED, says=KERNEL, env=env, constants=found)


def _recipe(stage: Stage, name: str) -> None:
    (stage.folder / "snippets.txt").write_text("The mill at Aldreth was built in 1851.", "utf-8")
    (stage.folder / "recipe.yaml").write_text(
        RECIPE.format(model=json.dumps(f"hf:{name}")), "utf-8"
    )


@contextmanager
def _watched(stage: Stage) -> Iterator[dict[str, str]]:
    """Be the Hub and every proxy meanwhile; see afterwards that nobody asked and nothing ran."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                with taken:
                    asked.append("asked")

        threading.Thread(target=listen, daemon=True).start()
        here = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield {
            "HF_ENDPOINT": here,
            "HF_HOME": str(stage.folder / "hub"),
            **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), here),
            "no_proxy": "",
        }
        server.shutdown(socket.SHUT_RDWR)
    assert not asked, f"asked the network {len(asked)} times"
    assert not (stage.folder / MARKER).exists(), "planted code ran"


@cache
def _made() -> "TemporaryDirectory[str]":
    made = TemporaryDirectory(prefix="colloquia-hostile-corpus-")
    here = Path(made.name)
    formats = "trl-sft,trl-grpo"
    with Nursery() as nursery:
        for command in (
            ("init", "demo", "-q"),
            ("run", "demo/recipe.yaml", "--limit", "3", "-q"),
            ("export", "--to", formats, "--split", "train=.5,test=.5", "-o", "corpus", "-q"),
        ):
            end = nursery.run(*command, folder=here)
            assert end.code == 0, end.err
    return made


def _corpus() -> Path:
    """Return an exported corpus, the same for all variants."""
    return Path(_made().name) / "corpus"


def _variants() -> Iterator[Variant]:
    looked_at = {
        **{f"{name}: {LOOKED_AT}": one for name, one in (CODE | SIZES | FILES).items()},
        **{f"gguf: {name}: {LOOKED_AT}": one for name, one in GGUF.items()},
    }
    for name, (spoil, says) in looked_at.items():
        model = "m.gguf" if name.startswith("gguf") else "m"
        short = name in _SHORT
        attack = partial(_looked_at, spoil=spoil, says=says, name=model, by_all=not short)
        yield Variant(family="models", name=name, attack=attack, short=short)
    opened = {
        **LOADED,
        **HUGE_FILES,
        **TOKENISERS,
        **{f"a template: {name}": (spoil, "") for name, spoil in TEMPLATES.items()},
    }
    for name, (spoil, says) in opened.items():
        codes = (0, 2, 4) if name in _MAY_WORK else (4,) if name in HUGE_FILES else REFUSED
        attack = partial(_opened, spoil=spoil, says=says, codes=codes)
        yield _slow(f"{name}: {OPENED}", attack)
    for name in _TRAINED:
        attack = partial(_trained, spoil=opened[name][0], codes=REFUSED)
        yield _slow(f"{name}: trained", attack)
    yield from _whole()


def _whole() -> Iterator[Variant]:
    """Yield what must work: a folder, a file, the Hub's links, and attention's own names."""

    def file(folder: Path) -> None:
        folder.with_suffix(".gguf").write_bytes(gguf())

    yield _slow("whole: a folder", partial(_opened, spoil=lambda _: None, says="", codes=(0,)))
    yield _slow("whole: a folder, trained", partial(_trained, spoil=lambda _: None, codes=(0,)))
    attack = partial(_opened, spoil=file, says="", codes=(0,), name="m.gguf")
    yield _slow("whole: a gguf", attack)
    for name, write, code, says in (
        ("whole: the Hub's own links", write_hub, 0, ""),
        ("a link past the Hub's blobs", hub_beyond, 2, "a link out of the folder"),
    ):
        attack = partial(_hub, write=write, code=code, says=says)
        yield Variant(family="models", name=name, attack=attack, peak_mb=ENGLISH_MB)
    yield _slow("a kernel, and the package that fetches it", _with_kernels)


def _slow(name: str, attack: Callable[[Stage], None]) -> Variant:
    return Variant(
        family="models",
        name=name,
        attack=attack,
        peak_mb=TORCH_MB,
        limit_s=60.0,
        imports=TORCH,
    )


#: Harmless: what they name isn't taken, or fails one request.
_MAY_WORK = (
    "ids beyond the vocabulary",
    "a special token beyond the vocabulary",
    "a class that there isn't",
)
_TRAINED = ("a template: loops in loops", "a template: a text 10^9 times")
_SHORT = tuple(
    f"{name}: {LOOKED_AT}"
    for name in (
        "a kernel in text_config",
        "10^9 layers",
        "config.json is a fifo",
        "weights are elsewhere",
        "gguf: a list of 2^62",
    )
)
VARIANTS = list(_variants())
