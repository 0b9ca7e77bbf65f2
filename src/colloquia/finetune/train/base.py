"""The model that a training begins with, held to stricter rules than one that is only asked.

A trained model is passed on, so nothing that could run code may lie in the folder it comes from:
pickles and Python are refused by their files' names, also where safetensors lie beside them.
"""

import json
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.finetune.settings import TINY
from colloquia.models.local.gguf_file import SUFFIX as GGUF
from colloquia.models.local.gguf_file import read_head
from colloquia.models.local.hub import find_model
from colloquia.models.local.model_folder import ADAPTER, PICKLED, ModelFolder, check_model_folder


def find_base(name: str) -> ModelFolder | None:
    """Return the base of that name, checked and not loaded; None for `tiny`, which is yet to be.

    Args:
        name: `tiny`, the path of a folder or `.gguf` file, or `ORG/NAME@REVISION` on the Hub, from
            where its safetensors are fetched if the cache hasn't got them.

    Raises:
        UserError: it isn't there, or isn't a complete and harmless model; what to do.
    """
    if name == TINY:
        return None
    place = Path(name)
    if place.is_dir():
        return _checked_folder(place)
    if place.is_file() and place.suffix != GGUF:
        raise UserError(
            f"`base={shown(place)}` is a file; name the folder that holds config.json, or a .gguf"
        )
    return find_model(name)


def _checked_folder(place: Path) -> ModelFolder:
    for file in sorted(path for path in place.iterdir() if not path.is_dir()):
        if file.suffix in PICKLED:
            raise UserError(
                f"{shown(file)}: pickled weights can run code; convert the model to safetensors "
                "and remove this file"
            )
        if file.suffix == ".py":
            raise UserError(
                f"{shown(file)}: the model brings its own code, which is never run; use one without"
            )
    if (place / ADAPTER).exists():
        raise UserError(f"{shown(place)} is an adapter; merge it into its base first")
    return check_model_folder(place)


def base_identity(base: ModelFolder) -> dict[str, Any]:
    """Return what tells a base from another at the same place, its kind, and its files' sizes."""
    if base.gguf is not None:
        model_type = read_head(base.gguf).architecture
    else:
        model_type = json.loads((base.path / "config.json").read_bytes())["model_type"]
    return {
        "model_type": model_type,
        "fingerprint": base.fingerprint(),
        "files": {file.name: file.stat().st_size for file in base.files()},
        **({} if base.hub is None else {"hub": base.hub}),
    }


def refuse_beyond_window(place: Path, max_length: int) -> None:
    """Refuse rows longer than a folder's model was made for: it takes them and knows no such place.

    Raises:
        UserError: with the longest that fits, or its config can't be read.
    """
    from colloquia.models.local import weights

    with weights.translated_faults(shown(place)):
        window = weights.window_of(weights.load_config(check_model_folder(place)))
    if window is not None and max_length > window:
        raise UserError(
            f"max_length {max_length}: {shown(place)} takes {window} tokens; "
            f"give at most `max_length={window}`"
        )


def load_tokenizer(place: Path) -> Any:
    """Return a folder's tokenizer.

    Raises:
        UserError: it has none that can be read.
    """
    from colloquia.models.local import weights

    with weights.translated_faults(shown(place)):
        return weights.load_tokenizer(check_model_folder(place))


def load_model(place: Path, *, half: bool = False) -> Any:
    """Return a folder's causal language model in this machine's memory, with 32-bit weights.

    Args:
        place: of a base that `find_base` has passed, or what a stage has written.
        half: bfloat16 weights instead, where they are frozen.

    Raises:
        UserError: its files are damaged, incomplete or of another kind of model.
        WorldError: it doesn't fit into memory.
    """
    import torch

    from colloquia.models.local import weights

    dtype = torch.bfloat16 if half else torch.float32
    with weights.translated_faults(shown(place)):
        return weights.load_model(check_model_folder(place), dtype=dtype, device="cpu")
