"""A whole language model of one layer, written by hand so that any byte of it can be spoilt."""

import json
import math
import random
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

SPECIAL = ("<pad>", "<end>", "<user>", "<assistant>", "<system>")
TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}<end>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
VOCABULARY, WIDTH, INNER, WINDOW = 261, 8, 16, 4096
CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": WINDOW,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": True,
    "bos_token_id": None,
    "eos_token_id": 1,
    "pad_token_id": 0,
    "dtype": "float32",
}
_LAYER = {
    "input_layernorm": (WIDTH,),
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (WIDTH, WIDTH),
    "self_attn.v_proj": (WIDTH, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (INNER, WIDTH),
    "mlp.up_proj": (INNER, WIDTH),
    "mlp.down_proj": (WIDTH, INNER),
    "post_attention_layernorm": (WIDTH,),
}
SHAPES: dict[str, tuple[int, ...]] = {
    "model.embed_tokens.weight": (VOCABULARY, WIDTH),
    **{f"model.layers.0.{name}.weight": shape for name, shape in _LAYER.items()},
    "model.norm.weight": (WIDTH,),
}


def write_json(file: Path, value: object) -> None:
    """Write a JSON file; its folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), "utf-8")


def change_json(file: Path, **changes: object) -> None:
    """Put values into a JSON file; it is made if it isn't there."""
    before = json.loads(file.read_text("utf-8")) if file.exists() else {}
    write_json(file, before | changes)


def write_model(folder: Path) -> Path:
    """Write a Llama that can be loaded, asked and trained; its answers mean nothing."""
    write_json(folder / "config.json", CONFIG)
    write_json(folder / "tokenizer.json", tokenizer())
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "pad_token": "<pad>",
            "eos_token": "<end>",
            "chat_template": TEMPLATE,
        },
    )
    (folder / "model.safetensors").write_bytes(safetensors(SHAPES))
    return folder


def safetensors(
    shapes: Mapping[str, Sequence[int]], *, change: Callable[[dict[str, Any]], None] | None = None
) -> bytes:
    """Return a safetensors file of 32-bit weights; `change` spoils its header."""
    header: dict[str, Any] = {}
    end = 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    if change is not None:
        change(header)
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + _weights(end // 4)


def tokenizer() -> dict[str, Any]:
    """Return a `tokenizer.json` that cuts text into its bytes."""
    tokens = [*SPECIAL, *_byte_letters()]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    marks = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [{"id": n, "content": t, "special": True} | marks for n, t in enumerate(SPECIAL)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": {t: n for n, t in enumerate(tokens)}, "merges": []},
    }


def gguf(
    *,
    tensors: Iterable[tuple[str, Sequence[int], int]] | None = None,
    counts: tuple[int, int] | None = None,
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the same model as a GGUF file.

    Args:
        tensors: name, dimensions and offset of each, in place of the right ones.
        counts: how many tensors and values it claims to have.
        more: values in their raw form, over the right ones.
    """
    values = _gguf_values() | dict(more or {})
    infos = list(tensors or _gguf_tensors())
    claimed = counts or (len(infos), len(values))
    head = b"GGUF" + struct.pack("<IQQ", 3, *claimed)
    head += b"".join(text(key) + value for key, value in values.items())
    for name, dimensions, offset in infos:
        head += text(name) + struct.pack("<I", len(dimensions))
        head += struct.pack(f"<{len(dimensions)}QIQ", *dimensions, 0, offset)
    head += bytes(-len(head) % 32)
    return head + _weights(sum(-(-math.prod(shape) // 8) * 8 for shape in SHAPES.values()))


def text(value: str) -> bytes:
    """Return a text as GGUF writes it."""
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def number(value: int) -> bytes:
    """Return a whole number as a value of GGUF's."""
    return struct.pack("<IQ", 10, value)


def _weights(count: int) -> bytes:
    draw = random.Random(0)
    return struct.pack(f"<{count}f", *(draw.uniform(-0.5, 0.5) for _ in range(count)))


def _byte_letters() -> list[str]:
    """Return a letter for each byte: itself where it can be seen, else one from 256 on."""
    seen = {*range(33, 127), *range(161, 173), *range(174, 256)}
    unseen = [byte for byte in range(256) if byte not in seen]
    return [chr(byte if byte in seen else 256 + unseen.index(byte)) for byte in range(256)]


def _gguf_values() -> dict[str, bytes]:
    tokens = [*SPECIAL, *_byte_letters()]
    words = struct.pack("<IIQ", 9, 8, len(tokens)) + b"".join(map(text, tokens))
    kinds = [3 if token in SPECIAL else 1 for token in tokens]

    def said(value: str) -> bytes:
        return struct.pack("<I", 8) + text(value)

    def size(value: int) -> bytes:
        return struct.pack("<II", 4, value)

    return {
        "general.architecture": said("llama"),
        "llama.context_length": size(WINDOW),
        "llama.embedding_length": size(WIDTH),
        "llama.block_count": size(1),
        "llama.feed_forward_length": size(INNER),
        "llama.attention.head_count": size(2),
        "llama.attention.head_count_kv": size(2),
        "llama.attention.layer_norm_rms_epsilon": struct.pack("<If", 6, 1e-6),
        "llama.vocab_size": size(VOCABULARY),
        "tokenizer.ggml.model": said("gpt2"),
        "tokenizer.ggml.tokens": words,
        "tokenizer.ggml.token_type": struct.pack(f"<IIQ{len(kinds)}i", 9, 5, len(kinds), *kinds),
        "tokenizer.ggml.merges": struct.pack("<IIQ", 9, 8, 0),
        "tokenizer.ggml.eos_token_id": size(1),
        "tokenizer.ggml.padding_token_id": size(0),
        "tokenizer.chat_template": said(TEMPLATE),
    }


_GGUF_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "post_attention_layernorm": "ffn_norm",
}


def _gguf_tensors() -> list[tuple[str, Sequence[int], int]]:
    tensors: list[tuple[str, Sequence[int], int]] = []
    offset = 0
    for name, shape in SHAPES.items():
        inside = name.removeprefix("model.layers.0.").removesuffix(".weight")
        block = "blk.0." if ".layers." in name else ""
        tensors.append((f"{block}{_GGUF_NAMES[inside]}.weight", tuple(reversed(shape)), offset))
        offset += -(-4 * math.prod(shape) // 32) * 32
    return tensors
