"""A student learns, comes out whole, and loads with plain transformers."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.train.log import read_log
from colloquia.finetune.train.training import TrainResult


def _curve(place: Path, stage: int, key: str) -> list[float]:
    lines = [line for line in read_log(place / "log.jsonl") if line.stage == stage]
    return [line.values[key] for line in lines if key in line.values]


def test_the_loss_falls_on_rows_that_were_and_weren_t_seen(student: Path) -> None:
    for key in ("loss", "eval_loss"):
        values = _curve(student, 1, key)
        assert values[-1] < values[0] / 3


def test_the_output_loads_with_plain_transformers_and_answers(student: Path) -> None:
    transformers = importlib.import_module("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(student)
    tokenizer = transformers.AutoTokenizer.from_pretrained(student)
    chat = [
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": "It is thing number 3."},
        {"role": "user", "content": "When was it made?"},
    ]
    prompt = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    answer = model.generate(**prompt, max_new_tokens=20, do_sample=False)
    read = tokenizer.decode(answer[0, prompt["input_ids"].shape[1] :])
    assert read == "It was made in 1905.<|im_end|>"


def test_the_output_holds_weights_recipe_curve_and_no_pickle(student: Path, corpus: Path) -> None:
    assert {path.name for path in student.iterdir()} == {
        "README.md",
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "log.jsonl",
        "loss.png",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "training.json",
    }
    assert (student / "loss.png").read_bytes().startswith(b"\x89PNG")
    content = json.loads((student / "training.json").read_text())
    assert content["corpus"]["manifest_sha256"] == open_corpus(corpus).manifest_sha256
    assert content["settings"]["sft"]["warmup_steps"] == 10
    assert content["settings"]["dpo"]["beta"] == 0.1
    card = (student / "README.md").read_text()
    assert content["corpus"]["manifest_sha256"] in card
    assert '"warmup_steps": 10' in card
    assert not student.with_name("student.training").exists()


def test_a_chain_begins_each_stage_with_what_the_one_before_made(run: Any, tmp_path: Path) -> None:
    result: TrainResult = run(
        method="sft,dpo,kto",
        sft={"steps": 40, "batch_size": 16, "learning_rate": 1e-2},
        dpo={"steps": 12, "learning_rate": 1e-3, "prefix_tokens": 8},
        kto={"steps": 12, "learning_rate": 1e-3},
    )
    assert [stage.method for stage in result.stages] == ["sft", "dpo", "kto"]
    place = tmp_path / "student"
    untaught = _curve(place, 1, "eval_loss")[0]
    margins = _curve(place, 2, "rewards/margins")
    assert margins[0] == pytest.approx(0, abs=1e-4)
    assert margins[-1] > 0.1
    # The anchor is part of the loss: it begins near what sft has reached, and stays there.
    dpo = _curve(place, 2, "eval_loss")
    assert dpo[0] < untaught / 2
    assert dpo[-1] < dpo[0]
    assert _curve(place, 3, "rewards/margins")[-1] > 0.1


def test_dpo_on_whole_answers_prefers_what_was_chosen(
    run: Any, student: Path, tmp_path: Path
) -> None:
    run(base=str(student), method="dpo", dpo={"steps": 12, "learning_rate": 1e-3})
    assert _curve(tmp_path / "student", 1, "rewards/margins")[-1] > 0.1


def test_the_anchor_keeps_the_chosen_answers_likely(
    run: Any, student: Path, tmp_path: Path
) -> None:
    kept = {}
    for weight in (0.0, 2.0):
        place = tmp_path / f"weight{weight}"
        dpo = {"steps": 20, "learning_rate": 2e-3, "prefix_tokens": 8, "nll_weight": weight}
        run(output=place, base=str(student), method="dpo", dpo=dpo)
        kept[weight] = _curve(place, 1, "logps/chosen")[-1]
    assert kept[2.0] > kept[0.0]


def test_lora_trains_adapters_and_merges_them(run: Any, student: Path, tmp_path: Path) -> None:
    run(base=str(student), lora=True, method="sft,dpo", sft={"steps": 8}, dpo={"steps": 8})
    place = tmp_path / "student"
    assert not list(place.glob("adapter*"))
    load = importlib.import_module("safetensors.torch").load_file
    before, after = load(student / "model.safetensors"), load(place / "model.safetensors")
    assert before.keys() == after.keys()
    changed = {name for name in before if not before[name].equal(after[name])}
    assert any("q_proj" in name for name in changed)
    assert not any("embed" in name or "norm" in name for name in changed)


def test_the_same_seed_gives_the_same_weights(run: Any, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(output=tmp_path / name, seed=seed, sft={"steps": 3})
    a, b, c = ((tmp_path / name / "model.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_rows_come_in_the_order_that_is_asked_for(run: Any, tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def backwards(ids: list[str]) -> list[int]:
        seen.append(ids)
        return list(reversed(range(len(ids))))

    run(order=backwards, sft={"steps": 2}, output=tmp_path / "ordered")
    run(sft={"steps": 2}, output=tmp_path / "shuffled")
    assert all(name.startswith("sft1_") for name in seen[0])
    ordered, shuffled = (_curve(tmp_path / n, 1, "loss") for n in ("ordered", "shuffled"))
    assert ordered != shuffled
