"""What the JSON files of a model folder may ask for: code, packages, the network, absurd sizes."""

import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.hostile.model_parts import CONFIG, SHAPES, change_json, safetensors, write_json

Spoil = Callable[[Path], object]
KERNEL = "kernels-community/flash-attn2"
MARKER = "ran"  # what planted code writes beside the model's folder


def plant(file: Path) -> None:
    """Write Python that leaves a mark if anybody runs it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    mark = next(place for place in file.parents if place.name == "m").parent / MARKER
    file.write_text(f"open({str(mark)!r}, 'w').write('ran')\nclass Evil: pass\ngenerate = Evil\n")


def config(**changes: object) -> Spoil:
    """Change `config.json`."""
    return lambda folder: change_json(folder / "config.json", **changes)


def other(name: str, **changes: object) -> Spoil:
    """Change another JSON file, with planted code beside it."""

    def spoil(folder: Path) -> None:
        change_json(folder / name, **changes)
        plant(folder / "evil.py")
        plant(folder / "custom_generate" / "generate.py")

    return spoil


def adapter(weights: bool = True, **changes: object) -> Spoil:
    """Put a LoRA adapter in the folder's place, the model becomes its base."""

    def spoil(folder: Path) -> None:
        folder.rename(folder.with_name("base"))
        plain = {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": "../base",
            "r": 2,
            "lora_alpha": 4,
            "target_modules": ["q_proj"],
        }
        write_json(folder / "adapter_config.json", plain | changes)
        start = "base_model.model.model.layers.0.self_attn.q_proj.lora_"
        shapes = {f"{start}A.weight": (2, 8), f"{start}B.weight": (8, 2)}
        (folder / "adapter_model.safetensors").write_bytes(safetensors(shapes if weights else {}))
        plant(folder / "evil.py")

    return spoil


def _raw(name: str, content: Callable[[], str]) -> Spoil:
    return lambda folder: (folder / name).write_text(content(), "utf-8")


def _without(key: str, value: str) -> Spoil:
    """Put something into `config.json` that `json.dumps` doesn't write."""
    return _raw("config.json", lambda: json.dumps(CONFIG | {key: "@"}).replace('"@"', value))


def _deep(value: object, depth: int = 40) -> object:
    for _ in range(depth):
        value = {"inner": [value]}
    return value


def _quantised(method: str, **more: object) -> Spoil:
    return config(quantization_config={"quant_method": method, "bits": 4, "group_size": 8} | more)


def _gpt2(folder: Path) -> None:
    shape = {"n_embd": 8, "n_layer": 1, "n_head": 2, "vocab_size": 261, "n_positions": 2_000_000}
    write_json(
        folder / "config.json",
        {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", **shape},
    )


CODE: dict[str, tuple[Spoil, str]] = {
    "a kernel as attention": (config(_attn_implementation=KERNEL), "_attn_implementation"),
    "a kernel as attention, without underscore": (config(attn_implementation=KERNEL), KERNEL),
    "a kernel as internal attention": (config(_attn_implementation_internal=KERNEL), KERNEL),
    "a kernel with revision and function": (
        config(_attn_implementation=f"{KERNEL}@main:attention"),
        KERNEL,
    ),
    "a paged kernel": (config(_attn_implementation=f"paged|{KERNEL}"), KERNEL),
    "a kernel in text_config": (config(text_config={"_attn_implementation": KERNEL}), KERNEL),
    "a kernel in vision_config": (config(vision_config={"attn_implementation": KERNEL}), KERNEL),
    "a kernel far inside": (config(audio=_deep({"_attn_implementation": KERNEL})), KERNEL),
    "kernels by part": (config(attn_implementation={"": "sdpa", "text_config": KERNEL}), KERNEL),
    "a kernel for experts": (config(experts_implementation="org/experts"), "org/experts"),
    "a kernel for experts of a part": (
        config(text_config={"_experts_implementation": "sonicmoe"}),
        "sonicmoe",
    ),
    "a list as attention": (config(_attn_implementation=[KERNEL]), KERNEL),
    "use_kernels": (config(use_kernels=True, kernel_config={"RMSNorm": "org/norm:N"}), "kernel"),
    "auto_map": (other("config.json", auto_map={"AutoConfig": "evil.Evil"}), "auto_map"),
    "auto_map to a repository": (
        other("config.json", auto_map={"AutoModelForCausalLM": "org/repo--evil.Evil"}),
        "auto_map",
    ),
    "auto_map in a part": (
        other("config.json", text_config={"auto_map": {"AutoConfig": "evil.Evil"}}),
        "auto_map",
    ),
    "auto_map of the tokeniser": (
        other("tokenizer_config.json", auto_map=["evil.Evil", None]),
        "auto_map",
    ),
    "auto_map of a processor": (
        other("processor_config.json", auto_map={"AutoProcessor": "evil.Evil"}),
        "auto_map",
    ),
    "auto_map of a preprocessor": (
        other("preprocessor_config.json", auto_map={"AutoImageProcessor": "evil.Evil"}),
        "auto_map",
    ),
    "generation code of its own": (
        other("generation_config.json", custom_generate="org/generates"),
        "custom_generate",
    ),
    "pipelines of its own": (
        other("config.json", custom_pipelines={"text-generation": {"impl": "evil.Evil"}}),
        "custom_pipelines",
    ),
    "fused modules": (config(fusion_config={"patch_embeddings": True}), "fusion_config"),
    "weights elsewhere": (config(transformers_weights="../x.safetensors"), "transformers_weights"),
    "a timm backbone": (config(backbone="resnet50", use_timm_backbone=True), "backbone"),
    "quantised by bitsandbytes": (_quantised("bitsandbytes", load_in_4bit=True), "quantised"),
    "quantised by gptq": (_quantised("gptq"), "quantised"),
    "quantised by awq": (_quantised("awq"), "quantised"),
    "quantised by mxfp4": (_quantised("mxfp4"), "quantised"),
    "quantised by fp8": (_quantised("fp8"), "quantised"),
    "quantised by nobody": (_quantised("../../evil"), "quantised"),
    "a quantised part": (
        config(text_config={"quantization_config": {"quant_method": "gptq"}}),
        "quantised",
    ),
    "compressed": (config(compression_config={"quant_method": "compressed-tensors"}), "quantised"),
    "an adapter of a model on the Hub": (adapter(base_model_name_or_path="org/base"), "org/base"),
    "an adapter that imports a library": (
        adapter(auto_mapping={"base_model_class": "Evil", "parent_library": "evil"}),
        "auto_mapping",
    ),
    "an adapter that copies layers": (
        adapter(layer_replication=[[0, 1]] * 10_000),
        "layer_replication",
    ),
    "an adapter of absurd rank": (adapter(r=1_000_000_000), "r is 1,000,000,000"),
    "an adapter of absurd rank for some": (
        adapter(rank_pattern={"q_proj": 1_000_000_000}),
        "rank_pattern",
    ),
    "an adapter whose pattern never ends": (adapter(target_modules="(([a-z_.])+)+!"), "target_mod"),
    "an adapter with other starting weights": (
        adapter(init_lora_weights="pissa_niter_1000000"),
        "init_lora_weights",
    ),
    "an adapter of megatron": (adapter(megatron_config={"a": 1}, megatron_core="evil"), "LoRA"),
    "an adapter of another kind": (adapter(peft_type="PROMPT_TUNING"), "only LoRA"),
    "an adapter of an adapter": (adapter(base_model_name_or_path="."), "merge it"),
    "an adapter with a base that is a number": (adapter(base_model_name_or_path=7), "adapter"),
}

_ABSURD: dict[str, dict[str, object]] = {
    "vocab_size of 10^12": {"vocab_size": 10**12},
    "hidden_size of 10^9": {"hidden_size": 10**9},
    "intermediate_size of 10^10": {"intermediate_size": 10**10},
    "head_dim of 10^9": {"head_dim": 10**9},
    "10^7 layers": {"num_hidden_layers": 10**7},
    "10^9 layers": {"num_hidden_layers": 10**9},
    "10^12 positions": {"max_position_embeddings": 10**12},
    "10^9 labels": {"num_labels": 10**9},
    "10^6 heads": {"num_attention_heads": 10**6},
    "10^40 as a size": {"hidden_size": 10**40},
    "a negative size": {"hidden_size": -8},
    "a negative number of layers": {"num_hidden_layers": -1},
    "a size that is a text": {"hidden_size": "8"},
    "a size that is no whole number": {"hidden_size": 8.5},
    "a size that is a list": {"vocab_size": [261]},
    "a size that is true": {"num_hidden_layers": True},
    "10^7 layers in a part": {"text_config": {"num_hidden_layers": 10**7}},
    "10^6 experts": {"model_type": "mixtral", "num_local_experts": 10**6},
}
SIZES: dict[str, tuple[Spoil, str]] = {
    "a temperature that is text": (
        other("generation_config.json", temperature="hot", do_sample=True),
        "temperature",
    ),
    "an end that is text": (other("generation_config.json", eos_token_id=["end"]), "eos_token_id"),
    **{
        name: (config(**changes), next(iter(changes)) if "text_config" not in changes else "layers")
        for name, changes in _ABSURD.items()
        if name != "10^6 experts"
    },
    "10^6 experts": (config(**_ABSURD["10^6 experts"]), "num_local_experts"),
    "a size that is NaN": (_without("hidden_size", "NaN"), "hidden_size"),
    "a size that is endless": (_without("vocab_size", "1e999"), "vocab_size"),
    "a number of 10^6 digits": (_without("vocab_size", "9" * 1_000_000), "config.json"),
    "a config of 100 MB": (
        _raw("config.json", lambda: json.dumps(CONFIG | {"x": "y" * 100_000_000})),
        "too large",
    ),
    "a config of 10^7 lists": (_without("x", "[" + "[]," * 9_000_000 + "0]"), "too large"),
    "a config 10^5 deep": (_without("x", "[" * 100_000 + "]" * 100_000), "isn't JSON"),
    "a config that is a list": (_raw("config.json", lambda: "[]"), "no JSON object"),
    "a config that is no text": (
        lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe\0\x80"),
        "isn't JSON",
    ),
    "a model_type that is a list": (config(model_type=["llama"]), "model_type"),
    "a model_type of 10^6 letters": (config(model_type="x" * 1_000_000), "model_type"),
    "escapes in architectures": (config(architectures=["\x1b]0;t\x07Bert\u202e"]), "doesn't chat"),
    "architectures that are no list": (config(architectures="LlamaForCausalLM"), "architectures"),
}

LOADED: dict[str, tuple[Spoil, str]] = {
    "a mask of 4 * 10^12": (_gpt2, "memory"),
    "hidden_size beyond the weights": (config(hidden_size=4096), "m"),
    "200 layers where there is one": (config(num_hidden_layers=200), "m"),
    "a vocabulary beyond the weights": (config(vocab_size=100_000), "m"),
    "a vocabulary below the weights": (config(vocab_size=100), "m"),
    "no heads": (config(num_attention_heads=0), "m"),
    "heads that don't divide": (config(num_attention_heads=3), "m"),
    "the method of a config as a number": (config(get_text_config=1, to_dict=2), "m"),
    "a dtype that is a function": (config(dtype="load"), "m"),
    "an unknown model_type": (config(model_type="evil"), "m"),
    "a rope of 10^308": (
        config(rope_scaling={"rope_type": "yarn", "factor": 1e308, "beta_fast": "x"}),
        "m",
    ),
    "another architecture": (config(model_type="gpt2", architectures=["GPT2LMHeadModel"]), "m"),
    "weights that aren't numbers of this model": (
        lambda folder: (folder / "model.safetensors").write_bytes(
            safetensors({f"{name}.evil": shape for name, shape in SHAPES.items()})
        ),
        "lacks weights",
    ),
}
