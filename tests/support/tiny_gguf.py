"""The tiny Llama as llama.cpp keeps it: one GGUF file."""

import importlib
import json
from pathlib import Path
from typing import Any

from tiny_model import CHAT, tiny_llama, tiny_tokenizer

_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_NORMAL, _CONTROL = 1, 3  # kinds of tokens


def save_tiny_gguf(file: Path, *, template: str | None = CHAT, window: int = 512) -> Path:
    """Write the model that `save_tiny_model` writes, unquantised."""
    gguf = importlib.import_module("gguf")
    tokenizer = tiny_tokenizer(template)
    model = tiny_llama(tokenizer, window=window)
    config = model.config
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_name("tiny")
    writer.add_context_length(window)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer, tokenizer, template)
    for name, weights in model.state_dict().items():
        if name != "lm_head.weight":  # tied
            writer.add_tensor(*_tensor(name, weights, heads=config.num_attention_heads))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _add_tokenizer(writer: Any, tokenizer: Any, template: str | None) -> None:
    made = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    special = set(tokenizer.all_special_tokens) | {"<assistant>", "<user>", "<system>"}
    tokens = sorted(made["vocab"], key=made["vocab"].__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([_CONTROL if token in special else _NORMAL for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in made["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    if template is not None:
        writer.add_chat_template(template)


def _tensor(name: str, weights: Any, *, heads: int) -> tuple[str, Any]:
    """Return llama.cpp's name of a tensor, and its values in llama.cpp's order of rows."""
    parts = name.removeprefix("model.").removesuffix(".weight").split(".", 2)
    if parts[0] != "layers":
        named = {"embed_tokens": "token_embd", "norm": "output_norm"}[parts[0]]
        return f"{named}.weight", weights.numpy()
    named = _NAMES[parts[2]]
    if named in ("attn_q", "attn_k"):  # halves of a head side by side, for another form of RoPE
        rows, columns = weights.shape
        halves = weights.reshape(heads, 2, rows // heads // 2, columns)
        weights = halves.swapaxes(1, 2).reshape(rows, columns)
    return f"blk.{parts[1]}.{named}.weight", weights.contiguous().numpy()
