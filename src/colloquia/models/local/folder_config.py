"""What the JSON files of a model folder may say: sizes its weights can have, and no code.

transformers takes every name in `config.json` for a setting. Some of them bring code: kernels from
the Hub (`_attn_implementation`), Python files (`auto_map`), packages that unpack quantised weights.
They are refused wherever they stand, so that nothing depends on which part reads them.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from colloquia.core.text import shown
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.folder_files import read_json
from colloquia.models.local.safetensors_header import WeightsSize

_CODE = ("auto_map", "custom_generate", "custom_pipelines")
_ELSEWHERE = (
    "backbone",
    "fusion_config",
    "kernel_config",
    "transformers_weights",
    "use_kernels",
    "use_pretrained_backbone",
    "use_timm_backbone",
)
_QUANTISED = ("compression_config", "quantization_config")
#: Of transformers itself; `load_model` names the one that is used, whatever a file says.
_IMPLEMENTATIONS = frozenset(
    {"batched_mm", "eager", "flash_attention_2", "flash_attention_3", "grouped_mm", "sdpa"}
)
_IMPLEMENTATION = re.compile(r"_implementation(_internal)?$")

#: Whole numbers in every architecture that has them; others may be lists, one for each layer.
_WHOLE = frozenset(
    {
        "d_model",
        "hidden_size",
        "max_position_embeddings",
        "n_embd",
        "n_head",
        "n_layer",
        "n_positions",
        "num_attention_heads",
        "num_hidden_layers",
        "num_layers",
        "vocab_size",
    }
)
_POSITIONS = re.compile(r"position|^n_ctx$|max_seq|length$")
_PARTS = re.compile(r"layer|block|expert")  # a module or more for each
_SIZES = re.compile(
    r"(^|_)(size|dim|rank|embd|inner|channels|count)$|^(num|n|d)_|(heads?|labels?)$"
)
_SAMPLING = {"temperature": 100.0, "top_p": 1.0, "top_k": 2**31, "eos_token_id": 2**31}
_MOST_POSITIONS = 100_000_000  # ten times what any model of 2026 takes
#: What the unused settings of small models come to.
_LEAST_PARTS, _LEAST_WHOLE, _LEAST_SIZES = 512, 4096, 1_048_576


def refuse_code(folder: Path) -> None:
    """Refuse a folder whose files ask for code, or for anything that isn't in the folder.

    Raises:
        ModelError: one line with the fix.
    """
    for file in sorted(folder.glob("*config.json")):
        for name, value in _settings(read_json(file)):
            _refuse_setting(file, name, value)


def _refuse_setting(file: Path, name: str, value: Any) -> None:
    key = name.rpartition(".")[2]
    if _IMPLEMENTATION.search(key):
        for one in _texts(value):
            if one not in _IMPLEMENTATIONS:
                raise ModelError(
                    f"{shown(file)} names code from elsewhere ({shown(name)}: {_brief(one)}), "
                    f"which is never fetched; delete {shown(key)} from the file"
                )
    if not value:
        return
    if key in _CODE:
        raise ModelError(
            f"{shown(file)} asks to run Python of its own ({shown(name)}), which is never done; if "
            f"transformers knows this model by itself, delete {key} from the file"
        )
    if key in _ELSEWHERE:
        raise ModelError(
            f"{shown(file)} asks for what isn't in its weights ({shown(name)}), which is never "
            f"fetched; delete {key} from the file"
        )
    if key in _QUANTISED:
        raise ModelError(
            f"{shown(file)}: the weights are quantised ({shown(name)}), which other packages' code "
            "unpacks; take the plain model, or a .gguf file of it"
        )


def refuse_absurd_sizes(config: Mapping[str, Any], weights: WeightsSize, *, file: Path) -> None:
    """Refuse sizes that the weights can't have, before memory is taken for them.

    Raises:
        ModelError: one line with the fix.
    """
    for name, value in _settings(config):
        key = name.rpartition(".")[2]
        if _POSITIONS.search(key):
            most = _MOST_POSITIONS
        elif _PARTS.search(key):
            most = max(_LEAST_PARTS, weights.tensors)
        elif key in _WHOLE or _SIZES.search(key):
            least = _LEAST_WHOLE if key in _WHOLE else _LEAST_SIZES
            most = max(least, 4 * weights.largest)
        else:
            continue
        single = key in _WHOLE and value is not None
        if (single and type(value) is not int) or not _fits(value, key in _WHOLE, most):
            raise ModelError(
                f"{shown(file)}: {shown(name)} is {_brief(value)}; with these weights it is a "
                f"whole number up to {most:,}; copy the file again"
            )


def refuse_odd_sampling(folder: Path) -> None:
    """Refuse settings of generation that are no numbers of their kind.

    Raises:
        ModelError: one line with the fix.
    """
    file = folder / "generation_config.json"
    said = read_json(file, needed=False)
    for name, most in _SAMPLING.items():
        value = said.get(name)
        if value is None:
            continue
        numbers = value if name == "eos_token_id" and isinstance(value, list) else [value]
        kinds = (int, float) if name in ("temperature", "top_p") else (int,)
        if not all(type(one) in kinds and -1 <= one <= most for one in numbers):
            raise ModelError(
                f"{shown(file)}: {name} is {_brief(value)}; copy the file again, or delete {name}"
            )


def _fits(value: Any, is_size: bool, most: int) -> bool:
    """Say whether all numbers in a value are small enough; -1 often stands for none."""
    if isinstance(value, list):
        return all(_fits(one, is_size, most) for one in value)
    if isinstance(value, int | float):
        return (0 if is_size else -1) <= value <= most
    return True


def _settings(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield each name, with those of the parts that it stands in, and its value."""
    if depth > 100:
        raise ModelError("a model's configuration has parts in parts in parts; copy it again")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            full = f"{name}.{key}" if name else key
            yield full, inner
            yield from _settings(inner, full, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _settings(inner, name, depth + 1)


def _texts(value: Any) -> Iterator[Any]:
    """Yield what is set for a part or for several."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif value is not None:
        yield value


def _brief(value: Any) -> str:
    told = f"{value:,}" if type(value) is int else shown(value)
    return told if len(told) <= 60 else f"{told[:60]}…"
