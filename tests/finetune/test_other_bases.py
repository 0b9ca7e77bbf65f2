"""Bases that aren't a plain Llama, and trainings that go wrong in a library's own way."""

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hub_cache import COMMIT, NAME, make_hub_cache
from tiny_gguf import save_tiny_gguf

from colloquia.core.errors import UserError
from colloquia.finetune.machine import find_machine
from colloquia.finetune.train.base import load_model, load_tokenizer
from colloquia.finetune.train.methods.sft import keeps_rows_apart

SHAPES: dict[str, dict[str, Any]] = {
    "gpt_neo": {
        "hidden_size": 32,
        "num_layers": 2,
        "num_heads": 2,
        "attention_types": [[["global", "local"], 1]],
        "intermediate_size": 64,
        "max_position_embeddings": 128,
    },
    "opt": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "ffn_dim": 64,
        "word_embed_proj_dim": 32,
        "max_position_embeddings": 128,
    },
}


def _base(student: Path, place: Path, kind: str) -> Path:
    transformers = importlib.import_module("transformers")
    tokenizer = load_tokenizer(student)
    config = transformers.AutoConfig.for_model(
        kind,
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **SHAPES[kind],
    )
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


@pytest.mark.parametrize("kind", SHAPES)
def test_other_architectures_are_trained(
    run: Any, student: Path, tmp_path: Path, kind: str
) -> None:
    base = _base(student, tmp_path / "base", kind)
    result = run(base=str(base), sft={"steps": 12, "learning_rate": 3e-3})
    first, last = result.stages[0].loss
    assert last < first
    assert load_model(tmp_path / "student").config.model_type == kind


def test_packing_is_refused_where_rows_would_see_each_other(
    run: Any, student: Path, tmp_path: Path
) -> None:
    assert keeps_rows_apart(load_model(student))
    base = _base(student, tmp_path / "base", "opt")
    with pytest.raises(UserError, match="opt model lets packed rows see each other"):
        run(base=str(base), sft={"steps": 2, "learning_rate": 1e-3, "packing": True})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base"]


def test_a_loss_that_is_no_number_ends_it(run: Any, student: Path, tmp_path: Path) -> None:
    model = load_model(student)
    model.model.norm.weight.data.mul_(1e38)
    model.save_pretrained(tmp_path / "base")
    load_tokenizer(student).save_pretrained(tmp_path / "base")
    with pytest.raises(UserError, match=r"sft diverged by step \d+: .* below 0\.003"):
        run(base=str(tmp_path / "base"), sft={"steps": 12, "learning_rate": 3e-3})
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_tokenizer_with_several_templates_is_passed_on(
    run: Any, student: Path, tmp_path: Path
) -> None:
    base = shutil.copytree(student, tmp_path / "base")
    tokenizer = load_tokenizer(base)
    template = tokenizer.chat_template
    tokenizer.chat_template = {"default": template, "tools": template}
    tokenizer.save_pretrained(base)
    assert any(path.is_dir() for path in base.iterdir())
    run(base=str(base), sft={"steps": 1, "learning_rate": 1e-3})
    assert load_tokenizer(tmp_path / "student").chat_template.keys() == {"default", "tools"}


def test_several_gpus_are_told_how_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = importlib.import_module("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UserError, match=r"2 GPUs are visible.*CUDA_VISIBLE_DEVICES=0"):
        find_machine()


def test_a_base_of_the_hub_is_told_with_its_commit(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_hub_cache(tmp_path / "cache", monkeypatch)
    run(base=f"{NAME}@v1", sft={"steps": 2})
    student = tmp_path / "student"
    assert json.loads((student / "training.json").read_text())["base"]["hub"] == f"{NAME}@{COMMIT}"
    assert f"`{NAME}@{COMMIT}`, trained with sft" in (student / "README.md").read_text()


def test_a_gguf_file_is_trained_to_a_plain_folder(run: Any, tmp_path: Path) -> None:
    base = save_tiny_gguf(tmp_path / "tiny.gguf")
    result = run(base=str(base), method="sft,dpo", lora=True, sft={"steps": 6})
    first, last = result.stages[0].loss
    assert last < first
    config = json.loads((tmp_path / "student/config.json").read_text())
    assert (config["model_type"], "quantization_config" in config) == ("llama", False)
    assert load_model(tmp_path / "student").config.model_type == "llama"
