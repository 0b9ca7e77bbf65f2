"""Loads a base model from a folder: safetensors only, no code of its own, nothing fetched.

A pickle runs whatever it holds when it is read, and so does a model that brings its own Python.
Both are refused by their files' names, before a library opens anything.
"""

import json
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.text import shown

_PICKLED = {".bin", ".ckpt", ".h5", ".joblib", ".msgpack", ".pickle", ".pkl", ".pt", ".pth"}
_CONFIGS = ("config.json", "tokenizer_config.json", "generation_config.json")


def check_base(place: Path) -> None:
    """Refuse a folder that isn't a complete and harmless model, without loading it.

    Raises:
        UserError: which file it is about, and what to do.
    """
    name = shown(place)
    if not place.is_dir():
        raise UserError(
            f"--base {name}: no such folder; nothing is downloaded, so give the path of a model "
            "that is here, or 'tiny'"
        )
    files = sorted(path for path in place.iterdir() if not path.is_dir())
    for file in files:
        if file.suffix in _PICKLED:
            raise UserError(
                f"{shown(file)}: pickled weights can run code; convert the model to safetensors "
                "and remove this file"
            )
        if file.suffix == ".py":
            raise UserError(_brings_code(file))
    for config in (place / known for known in _CONFIGS):
        if config.exists() and "auto_map" in _read(config):
            raise UserError(_brings_code(config))
    if (place / "adapter_config.json").exists():
        raise UserError(f"{name} is an adapter; merge it into its base first")
    if not (place / "config.json").exists():
        raise UserError(f"{name} is no Hugging Face model: it has no config.json")
    if not any(file.suffix == ".safetensors" for file in files):
        raise UserError(f"{name} has no *.safetensors file; convert its weights to that format")


def base_identity(place: Path) -> dict[str, Any]:
    """Return what a model card says of a base: names and sizes of its files, and its kind."""
    return {
        "model_type": _read(place / "config.json").get("model_type"),
        "files": {
            file.name: file.stat().st_size for file in sorted(place.iterdir()) if file.is_file()
        },
    }


def load_tokenizer(place: Path) -> Any:
    """Return a folder's tokenizer.

    Raises:
        UserError: it has none that can be read.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(
            str(place), local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # a library that meets broken files raises anything
        raise UserError(
            f"{shown(place)}: no tokenizer can be read; {_first_line(error)}"
        ) from error


def load_model(place: Path, *, half: bool = False) -> Any:
    """Return a folder's causal language model, with 32-bit weights.

    Args:
        place: a folder that `check_base` has passed.
        half: bfloat16 weights instead, where they are frozen.

    Raises:
        UserError: its files are damaged, incomplete or of another kind of model.
    """
    import torch
    from transformers import AutoModelForCausalLM

    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            str(place),
            dtype=torch.bfloat16 if half else torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    except (MemoryError, RuntimeError) as error:
        if "memory" in str(error):
            raise
        raise UserError(_unreadable(place, error)) from error
    except Exception as error:  # a library that meets broken files raises anything
        raise UserError(_unreadable(place, error)) from error
    if missing := sorted(found["missing_keys"]):
        raise UserError(
            f"{shown(place)} lacks weights, {missing[0]} first of {len(missing)}; it is incomplete "
            "or no causal language model"
        )
    return model


def _unreadable(place: Path, error: Exception) -> str:
    return f"{shown(place)}: not readable as a causal language model; {_first_line(error)}"


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {line}"[:200]


def _brings_code(file: Path) -> str:
    return f"{shown(file)}: the model brings its own code, which is never run; use one without"


def _read(config: Path) -> dict[str, Any]:
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{shown(config)} can't be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{shown(config)} holds no JSON object")
    return content
