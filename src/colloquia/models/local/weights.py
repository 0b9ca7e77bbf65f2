"""Loading what `model_folder` has checked: safetensors alone, no code, nothing fetched."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psutil
import torch
import transformers
from accelerate import init_empty_weights
from transformers import modeling_gguf_pytorch_utils

from colloquia.core.errors import WorldError
from colloquia.core.text import shown
from colloquia.models.faults.causes import short
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.hub import offline
from colloquia.models.local.model_folder import ModelFolder
from colloquia.models.local.template_box import box_chat_templates
from colloquia.models.local.tokenizer_file import refuse_growth
from colloquia.models.local.within_weights import within_weights

box_chat_templates()

#: How huggingface_hub begins what a configuration's own check says.
_VALIDATED = re.compile(r"(Class v|V)alidation error for \w+ '\w+':?\s*(\w+Error: )?")


def load_tokenizer(folder: ModelFolder) -> Any:
    """Return the tokeniser of a checked folder.

    Raises:
        ModelError: it makes more of a text than a tokeniser does.
    """
    if folder.gguf is None:
        refuse_growth(folder.tokenizer)
    return transformers.AutoTokenizer.from_pretrained(
        folder.tokenizer, trust_remote_code=False, local_files_only=True, **folder.gguf_options
    )


def load_config(folder: ModelFolder) -> Any:
    """Return the configuration of a checked folder's model."""
    return transformers.AutoConfig.from_pretrained(
        folder.path, trust_remote_code=False, local_files_only=True, **folder.gguf_options
    )


def window_of(config: Any) -> int | None:
    """Return how many tokens a model takes, prompt and reply together; None for no limit."""
    window: int | None = getattr(config.get_text_config(), "max_position_embeddings", None)
    return window


def load_model(folder: ModelFolder, *, dtype: Any = None, device: str | None = None) -> Any:
    """Return the model of a checked folder in evaluation mode, a LoRA adapter on top of its base.

    Args:
        folder: checked by `check_model_folder`.
        dtype: bf16 on a GPU and fp32 on a CPU by default.
        device: the first GPU by default, where there is one.

    Raises:
        ModelError: weights are missing, which transformers would make up at random; or the
            configuration asks for other memory than the weights take.
        WorldError: they are more than the memory there is.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if dtype is None:
        dtype = torch.float32 if device == "cpu" else torch.bfloat16
    held = folder.weights()
    if held.numbers * dtype.itemsize > memory_bytes(torch.device(device)):
        raise WorldError(
            f"{shown(folder.named)} doesn't fit into memory: {held.numbers:,} weights; take a "
            "smaller one"
        )
    load = partial(
        transformers.AutoModelForCausalLM.from_pretrained,
        folder.path,
        dtype=dtype,
        trust_remote_code=False,
        local_files_only=True,
        output_loading_info=True,
        **_source_options(folder, device),
    )
    with within_weights(held, name=shown(folder.path)):
        try:  # named, since a config may name a kernel that would be downloaded
            model, loading = load(attn_implementation="sdpa")
        except ValueError as error:
            if "scaled_dot_product_attention" not in str(error):
                raise
            model, loading = load(attn_implementation="eager")  # older ones know no other
    if missing := sorted(loading["missing_keys"]):
        raise ModelError(
            f"{shown(folder.path)} lacks weights, {missing[0]} first of {len(missing)}; it is "
            "incomplete or no causal language model"
        )
    if folder.gguf is not None:
        model = _plain(model).to(device)
    if folder.adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, folder.adapter, local_files_only=True)
    return model.eval()


def _source_options(folder: ModelFolder, device: str) -> dict[str, Any]:
    if folder.gguf is None:
        where = None if device == "cpu" else {"": device}
        return {"use_safetensors": True, "device_map": where}
    # Its bar is a plain tqdm's; with transformers' own it is there or not as all others are.
    modeling_gguf_pytorch_utils.tqdm = transformers.utils.logging.tqdm
    return folder.gguf_options


def _plain(quantised: Any) -> Any:
    """Return a model read from GGUF as one that can be trained and saved like any other.

    Its weights are plain already; but transformers remembers where they come from, and refuses.
    """
    config = quantised.config
    del config.quantization_config
    with init_empty_weights():
        model = type(quantised)(config)
    model.load_state_dict(quantised.state_dict(), assign=True)
    model.tie_weights()
    model.generation_config = quantised.generation_config
    return model


def memory_bytes(device: Any) -> int:
    """Return how much memory a device has, or the machine where it is the CPU."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1])
    return int(psutil.virtual_memory().total)


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether memory ran out; on a CPU torch has no class of its own for that."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    signs = ("out of memory", "allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)


@contextmanager
def translated_faults(name: str) -> Iterator[None]:
    """Load quietly: turn what transformers, peft and torch raise into one line of ours.

    Raises:
        ModelError: the folder's files can't be loaded.
        WorldError: out of memory.
    """
    told = transformers.utils.logging
    bars, verbosity = told.is_progress_bar_enabled(), told.get_verbosity()
    told.disable_progress_bar()  # one command's stderr is one line per thing that is wrong
    told.set_verbosity_error()
    try:
        with offline():
            yield
    except (ModelError, WorldError):
        raise
    except ImportError as error:
        raise ModelError(
            f"{name} needs a package that isn't installed: {shown(short(str(error)))}"
        ) from error
    except Exception as error:  # each model class has its own ways to fail
        if is_out_of_memory(error):
            raise WorldError(
                f"{name} doesn't fit into memory; free some or take a smaller one"
            ) from error
        why = shown(short(_VALIDATED.sub("", str(error))))
        raise ModelError(
            f"{name} can't be loaded: {why}; if it is newer than transformers "
            f"{transformers.__version__}, upgrade that"
        ) from error
    finally:
        told.set_verbosity(verbosity)
        if bars:
            told.enable_progress_bar()
