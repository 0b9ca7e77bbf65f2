"""What may be loaded from a local model folder, decided from its files alone, without torch.

A model folder comes from anywhere, and two of its formats run code when they are loaded: pickled
weights (.bin, .pt, .pkl) and Python files that `auto_map` names. Neither is ever opened here; only
safetensors and what transformers itself knows are.
"""

import hashlib
import importlib.util
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from colloquia.core.text import shown
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.adapter_config import refuse_more_than_lora, refuse_other_kinds
from colloquia.models.local.folder_config import (
    refuse_absurd_sizes,
    refuse_code,
    refuse_odd_sampling,
)
from colloquia.models.local.folder_files import (
    LARGEST_INDEX,
    read_json,
    refuse_odd_file,
    refuse_odd_files,
)
from colloquia.models.local.gguf_file import SUFFIX as GGUF
from colloquia.models.local.gguf_file import read_head
from colloquia.models.local.safetensors_header import WeightsSize, read_header

INSTALL = "pip install 'colloquia[finetune]', or '.[finetune]' in a checkout"
PICKLED = (".bin", ".ckpt", ".h5", ".joblib", ".msgpack", ".pickle", ".pkl", ".pt", ".pth")
INDEX = "model.safetensors.index.json"
ADAPTER = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"

_GENERATES = ("CausalLM", "LMHead", "ConditionalGeneration")  # in the names of architectures
_LONGEST_NAME = 100  # characters of a kind, class or file
_WHOLE_BYTES = 1024 * 1024  # up to here a file is hashed in full
_SAMPLES, _SAMPLE_BYTES = 256, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """A folder whose files are safe to load; nothing of it has been."""

    path: Path
    """Weights and `config.json`: the base model's, where there is an adapter."""
    adapter: Path | None = None
    """A LoRA adapter to put on top."""
    gguf: Path | None = None
    """The file that holds all of it; `path` is where it lies."""
    hub: str | None = None
    """`ORG/NAME@COMMIT`, where it is a model of the Hub."""

    @property
    def named(self) -> Path:
        """The folder or file that was asked for."""
        return self.adapter or self.gguf or self.path

    @property
    def gguf_options(self) -> dict[str, str]:
        """What transformers' `from_pretrained` is told beside the folder."""
        return {} if self.gguf is None else {"gguf_file": self.gguf.name}

    @property
    def tokenizer(self) -> Path:
        """Where the tokeniser is: an adapter's own counts, since its template may be new."""
        own = self.adapter
        return own if own is not None and _has_tokenizer(own) else self.path

    def missing_libraries(self) -> list[str]:
        """Return what loading it needs and isn't installed; `INSTALL` brings it."""
        needed = ["torch", "transformers", "llguidance"]
        needed += [*(["peft"] if self.adapter else []), *(["gguf"] if self.gguf else [])]
        return [name for name in needed if importlib.util.find_spec(name) is None]

    def require_chat_template(self) -> None:
        """Refuse a folder whose tokeniser has no chat template.

        Raises:
            ModelError: one line with the fix.
        """
        if self.gguf is not None:
            if read_head(self.gguf).chat_template is None:
                raise ModelError(_no_template(self.gguf, "take the instruction-tuned model"))
            return
        folder = self.tokenizer
        known = ("chat_template.jinja", "chat_template.json")
        if any((folder / name).is_file() for name in known):
            return
        if not read_json(folder / "tokenizer_config.json", needed=False).get("chat_template"):
            fix = "take the instruction-tuned model, or add its chat_template.jinja"
            raise ModelError(_no_template(folder, fix))

    def fingerprint(self) -> str:
        """Return what tells these weights from others at the same place, in well under a second.

        Files above 1 MB count by size and 256 blocks spread over them: training moves nearly every
        weight, so a block that stayed the same by chance doesn't hide a change.
        """
        hashed = hashlib.sha256()
        for file in self.files():
            if file.suffix in {".safetensors", ".json", ".jinja", ".model", GGUF}:
                hashed.update(f"{file.name}\0{file.stat().st_size}\0".encode())
                hashed.update(_sampled(file))
        return hashed.hexdigest()[:20]

    def weights(self) -> WeightsSize:
        """Return how much its base model's files hold, from their headers."""
        return read_head(self.gguf).weights if self.gguf is not None else _weights_of(self.path)

    def files(self) -> list[Path]:
        """Return its files, in the order of their names; an adapter's after its base's."""
        if self.gguf is not None:
            return [self.gguf]
        folders = filter(None, (self.path, self.adapter))
        return [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]


def check_model_folder(path: str | os.PathLike[str]) -> ModelFolder:
    """Return a folder with a text-generating model that can be loaded without running its code.

    Takes what `save_pretrained` of transformers or peft writes: a model, or a LoRA adapter whose
    base model is a local folder too; and the path of a `.gguf` file. A chat template isn't asked
    for; see `require_chat_template`.

    Raises:
        ModelError: it isn't there, isn't a model, or could only be loaded by running what is in
            it; one line with the fix.
    """
    folder = Path(path)
    try:
        if folder.suffix == GGUF and os.path.lexists(folder) and not folder.is_dir():
            refuse_odd_file(folder, inside=folder.parent)
            read_head(folder)
            return ModelFolder(path=folder.parent, gguf=folder)
    except OSError as error:
        raise ModelError(f"{shown(folder)} can't be read: {error.strerror}") from error
    _refuse_non_folder(folder)
    try:
        refuse_odd_files(folder)
        if (folder / ADAPTER).is_file():
            return _checked_adapter(folder)
        _check_model(folder)
    except OSError as error:
        raise ModelError(f"{shown(folder)} can't be read: {error.strerror}") from error
    return ModelFolder(path=folder)


def _refuse_non_folder(folder: Path) -> None:
    try:
        if folder.is_dir():
            return
        exists = folder.exists()
    except OSError as error:  # a name too long, or a place that may not be looked at
        raise ModelError(f"{shown(folder)[:80]!r} is no name of a folder: {error.strerror}") from (
            error
        )
    if not exists:
        raise ModelError(
            f"no folder {shown(folder)}; name the one that holds a model's config.json, a .gguf "
            "file, or a model of the Hub as ORG/NAME"
        )
    raise ModelError(f"{shown(folder)} is a file; name the folder that holds config.json")


def _check_model(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelError(f"{shown(folder)} is no model: it has no config.json{_nearby(folder)}")
    refuse_code(folder)
    file = folder / "config.json"
    config = read_json(file)
    kind, made_of = config.get("model_type"), config.get("architectures") or []
    if not isinstance(kind, str) or not 0 < len(kind) < _LONGEST_NAME:
        raise ModelError(f"{shown(file)} has no model_type: no transformers model")
    if not isinstance(made_of, list):
        raise ModelError(f"{shown(file)}: architectures is no list; copy the file again")
    generates = any(part in str(name) for name in made_of for part in _GENERATES)
    if config.get("is_encoder_decoder") or (made_of and not generates):
        what = ", ".join(shown(name)[:_LONGEST_NAME] for name in made_of[:3])
        raise ModelError(
            f"{shown(folder)}: {what or 'an encoder-decoder'} doesn't chat; take a causal language "
            "model (…ForCausalLM)"
        )
    refuse_absurd_sizes(config, _weights_of(folder), file=file)
    refuse_odd_sampling(folder)
    if not _has_tokenizer(folder):
        raise ModelError(
            f"{shown(folder)} has no tokeniser (tokenizer.json); save it beside the model with "
            "tokenizer.save_pretrained"
        )
    named = read_json(folder / "tokenizer_config.json", needed=False).get("tokenizer_class") or ""
    if not isinstance(named, str):
        raise ModelError(
            f"{shown(folder / 'tokenizer_config.json')}: tokenizer_class is no name; copy it again"
        )


def _checked_adapter(folder: Path) -> ModelFolder:
    refuse_code(folder)
    config = read_json(folder / ADAPTER)
    refuse_other_kinds(config, folder)
    weights = folder / ADAPTER_WEIGHTS
    if not weights.is_file():
        raise ModelError(
            f"{shown(folder)} has no {ADAPTER_WEIGHTS}{_pickled_hint(folder)}; save it again with "
            "model.save_pretrained(…, safe_serialization=True)"
        )
    refuse_more_than_lora(config, read_header(weights), file=folder / ADAPTER)
    base = _base_of(folder, str(config.get("base_model_name_or_path") or ""))
    refuse_odd_files(base)
    if (base / ADAPTER).is_file():
        raise ModelError(f"{shown(base)} is an adapter itself; merge it into its base first")
    _check_model(base)
    return ModelFolder(path=base, adapter=folder)


def _base_of(folder: Path, name: str) -> Path:
    """Return the base model's folder; a relative name is tried from the adapter, then from here."""
    for base in (folder / name, Path(name)) if name else ():
        if base.is_dir():
            return base
    raise ModelError(
        f"{shown(folder)} is an adapter of {shown(name)!r}, which is no local folder; download "
        f"that model and put its path into base_model_name_or_path in {ADAPTER}"
    )


def _weights_of(folder: Path) -> WeightsSize:
    if (folder / INDEX).is_file():
        places = read_json(folder / INDEX, most=LARGEST_INDEX).get("weight_map")
        shards = list(places.values()) if isinstance(places, dict) else [None]
        names = {shard for shard in shards if isinstance(shard, str)}
        if any(not isinstance(shard, str) for shard in shards):
            raise ModelError(f"{shown(folder / INDEX)} is no index of weights; copy it again")
        held = WeightsSize()
        for shard in sorted(names):
            if Path(shard).name != shard or not (folder / shard).is_file():
                raise ModelError(
                    f"{shown(folder)} lacks {shown(shard)[:_LONGEST_NAME]}; copy it again, whole"
                )
            held += read_header(folder / shard)
        return held
    if not (folder / "model.safetensors").is_file():
        raise ModelError(
            f"{shown(folder)} has no model.safetensors{_pickled_hint(folder)}; save it again with "
            "model.save_pretrained(…, safe_serialization=True)"
        )
    return read_header(folder / "model.safetensors")


def _has_tokenizer(folder: Path) -> bool:
    names = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "tekken.json")
    return any((folder / name).is_file() for name in names)


def _pickled_hint(folder: Path) -> str:
    pickled = _first(file.name for file in folder.iterdir() if file.suffix in PICKLED)
    return f", and {shown(pickled)} may run code when it is loaded" if pickled else ""


def _nearby(folder: Path) -> str:
    """Name a folder inside that looks like what was meant."""
    if (folder / "model_index.json").is_file():
        return "; it makes pictures (diffusers)"
    inside = _first(
        file.parent.relative_to(folder).as_posix()
        for pattern in ("*/config.json", "snapshots/*/config.json", f"*/{ADAPTER}")
        for file in sorted(folder.glob(pattern), reverse=True)
    )
    return f"; did you mean {shown(folder / inside)}?" if inside else ""


def _no_template(place: Path, fix: str) -> str:
    return f"{shown(place)}: its tokeniser has no chat template, as base models have none; {fix}"


def _first(names: Iterable[str]) -> str | None:
    return next(iter(names), None)


def _sampled(file: Path) -> bytes:
    size = file.stat().st_size
    with file.open("rb") as stream:
        if size <= _WHOLE_BYTES:
            return hashlib.sha256(stream.read()).digest()
        hashed = hashlib.sha256()
        for n in range(_SAMPLES):
            stream.seek(n * (size - _SAMPLE_BYTES) // (_SAMPLES - 1))
            hashed.update(stream.read(_SAMPLE_BYTES))
        return hashed.digest()
