"""A language model made from nothing, for tests that need a real one: two layers, saved to disk."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest

MISSING = [
    name
    for name in ("torch", "transformers", "tokenizers")
    if importlib.util.find_spec(name) is None
]
needs_torch = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (extra 'finetune')"
)

CHAT = (
    "{% for message in messages %}<{{ message['role'] }}>"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] }}<end>{% endgeneration %}"
    "{% else %}{{ message['content'] }}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}" + CHAT
)
_TEXTS = (
    "When was the lamp of the lighthouse lit? It was lit in 1851.",
    "Who kept the lamp? The keeper lived below the lamp with his daughter.",
    "How long is the glacier? The passage doesn't say how long it is.",
)


def save_tiny_model(
    folder: Path, *, template: str | None = CHAT, window: int = 512, seed: int = 0
) -> Path:
    """Write a random Llama of about 90,000 parameters with its tokeniser to a new folder."""
    tokenizer = tiny_tokenizer(template)
    model = tiny_llama(tokenizer, window=window, seed=seed)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_tokenizer(template: str | None = CHAT) -> Any:
    """Return a byte-level tokeniser of 320 tokens."""
    tokenizers = importlib.import_module("tokenizers")
    transformers = importlib.import_module("transformers")
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<pad>", "<end>", "<assistant>", "<user>", "<system>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_TEXTS, trainer)
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, pad_token="<pad>", eos_token="<end>", padding_side="right"
    )
    made.chat_template = template
    return made


def tiny_llama(tokenizer: Any, *, window: int = 512, seed: int = 0) -> Any:
    """Return a random two-layer Llama; its weights are large enough to make it choosy."""
    torch = importlib.import_module("torch")
    transformers = importlib.import_module("transformers")
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=window,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
        initializer_range=0.3,
    )
    return transformers.LlamaForCausalLM(config)


def trainer_arguments(folder: Path, *, batch_size: int) -> dict[str, Any]:
    """Return what a trainer of TRL's is told for a batch or two on a CPU."""
    return {
        "output_dir": str(folder),
        "per_device_train_batch_size": batch_size,
        "max_length": 128,
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "remove_unused_columns": False,
        "report_to": [],
    }
