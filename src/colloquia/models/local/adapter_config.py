"""What the configuration of a LoRA adapter may say: which layers, which rank, and nothing else.

peft takes patterns for regular expressions, starts decompositions and copies layers by it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from colloquia.core.text import shown
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.safetensors_header import WeightsSize

_STARTS = (None, True, False, "gaussian")  # the others compute, or need packages
_UNSET = (
    "alora_invocation_tokens",
    "arrow_config",
    "corda_config",
    "eva_config",
    "layer_replication",
    "loftq_config",
    "use_qalora",
)
_PATTERNS = ("alpha_pattern", "exclude_modules", "layers_pattern", "rank_pattern", "target_modules")
_LONGEST_PATTERN, _MOST_REPEATS = 2000, 5
_REPEATED_GROUP = re.compile(r"\)\s*[*+{]")  # what makes a match take exponential time


def refuse_other_kinds(config: Mapping[str, Any], folder: Path) -> None:
    """Refuse an adapter that isn't LoRA.

    Raises:
        ModelError: one line.
    """
    kind = str(config.get("peft_type"))
    if kind.upper() != "LORA" or config.get("megatron_config"):
        raise ModelError(
            f"{shown(folder)}: an adapter of kind {shown(kind)[:60]}; only LoRA is loaded"
        )


def refuse_more_than_lora(config: Mapping[str, Any], weights: WeightsSize, *, file: Path) -> None:
    """Refuse an adapter that does more than LoRA on the layers it names.

    Raises:
        ModelError: one line with the fix.
    """
    for name in _UNSET:
        if config.get(name):
            raise _refusal(file, name, "is set")
    if config.get("init_lora_weights") not in _STARTS:
        raise _refusal(file, "init_lora_weights", f"is {shown(config['init_lora_weights'])[:60]}")
    mapping = config.get("auto_mapping") or {}
    library = mapping.get("parent_library", "") if isinstance(mapping, Mapping) else None
    if library is None or not str(library or "transformers").startswith("transformers"):
        raise _refusal(file, "auto_mapping", f"names the library {shown(library)[:60]!r}")
    for name in _PATTERNS:
        if any(_may_never_end(pattern) for pattern in _patterns(config.get(name))):
            raise _refusal(file, name, "holds a pattern that may never end")
    for name, rank in _ranks(config):
        if type(rank) is not int or not 1 <= rank <= weights.largest:
            told = f"{rank:,}" if type(rank) is int else shown(rank)[:60]
            raise _refusal(file, name, f"is {told}, and the weights have another")


def _refusal(file: Path, name: str, what: str) -> ModelError:
    return ModelError(f"{shown(file)}: {name} {what}; save the adapter again as plain LoRA")


def _ranks(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "r" in config:
        yield "r", config["r"]
    by_layer = config.get("rank_pattern") or {}
    values = by_layer.values() if isinstance(by_layer, Mapping) else [by_layer]
    yield from (("rank_pattern", rank) for rank in values)


def _patterns(value: Any) -> Iterator[str]:
    """Yield what peft takes for patterns: a text, a list's texts, or an object's names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        yield from (str(one) for one in value)


def _may_never_end(pattern: str) -> bool:
    repeats = sum(pattern.count(mark) for mark in "*+{")
    return (
        len(pattern) > _LONGEST_PATTERN
        or repeats > _MOST_REPEATS
        or _REPEATED_GROUP.search(pattern) is not None
    )
