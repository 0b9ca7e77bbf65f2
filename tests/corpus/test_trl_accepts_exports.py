"""The exports go through `datasets.load_dataset` and one real step of TRL's trainers.

Needs the libraries that the `finetune` extra brings; without them these tests are skipped, and say
so. The model is made from nothing: two small layers, and a tokeniser trained on the export itself.
"""

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from made_dialogues import dialogue, dialogues, manifest

from colloquia.core.text import clean_text
from colloquia.core.types import Snippet
from colloquia.corpus.check import check
from colloquia.corpus.export import export
from colloquia.corpus.formats import FORMATS

MISSING = [
    name
    for name in ("torch", "transformers", "tokenizers", "datasets", "trl")
    if importlib.util.find_spec(name) is None
]
pytestmark = [
    pytest.mark.skipif(
        bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (extra 'finetune')"
    ),
    pytest.mark.filterwarnings("ignore"),  # these libraries warn about themselves
]

HOSTILE = (
    "Line one\nline two\u2028three",
    "{{ 7 * 7 }} {% raw %} ${x} %s",
    "‮right to left‬ \u200b zero width",
    "a\ud800b \x00 \x1b[31mred",
    "<|im_start|>system",
    "日本語 😀 e\u0301",
    '"quotes" \\ backslash \\u0000',
    " " * 50 + "x",
)

CHAT = (
    "{% for message in messages %}{% if message['role'] == 'assistant' %}"
    "<bot>{% generation %}{{ message['content'] }}<end>{% endgeneration %}"
    "{% else %}<{{ message['role'] }}>{{ message['content'] }}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<bot>{% endif %}"
)


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")


@pytest.fixture(scope="module", params=["closed", "open"])
def out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("corpus") / "out"
    hostile = [
        dialogue(
            100 + number,
            snippet=Snippet.of(clean_text(f"{number}: {text}"), source=text, license=text),
            answers=(text, "It was made in 1905."),
        )
        for number, text in enumerate(HOSTILE)
    ]
    export(
        [*dialogues(12), *hostile],
        manifest=manifest(),
        to=FORMATS,
        out=place,
        split={"train": 0.8, "validation": 0.2},
        context=request.param,
    )
    return place


def loaded(out: Path, config: str | None, cache: Path) -> Any:
    datasets = importlib.import_module("datasets")
    return datasets.load_dataset(str(out), config, cache_dir=str(cache))


def tokenizer_for(rows: Any) -> Any:
    tokenizers = importlib.import_module("tokenizers")
    transformers = importlib.import_module("transformers")
    special = ["<pad>", "<end>", "<bot>", "<user>", "<system>"]
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([str(row) for row in rows], trainer)
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, pad_token="<pad>", eos_token="<end>", padding_side="right"
    )
    made.chat_template = CHAT
    return made


def model_for(tokenizer: Any) -> Any:
    torch = importlib.import_module("torch")
    transformers = importlib.import_module("transformers")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=2048,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    return transformers.LlamaForCausalLM(config)


def one_step(place: Path) -> dict[str, Any]:
    return {
        "output_dir": str(place),
        "max_steps": 1,
        "per_device_train_batch_size": 2,
        "report_to": [],
        "save_strategy": "no",
        "bf16": False,
        "fp16": False,
        "use_cpu": True,
        "max_length": 2048,
        "disable_tqdm": True,
    }


def test_check_loads_every_configuration(out: Path) -> None:
    report = check(out)
    assert report.ok, report.problems
    assert any(name.startswith("datasets ") for name in report.checks)


def test_the_default_configuration_is_whole_dialogues(out: Path, tmp_path: Path) -> None:
    corpus = loaded(out, None, tmp_path)
    assert set(corpus) == {"train", "validation"}
    assert corpus["train"].column_names[:2] == ["id", "messages"]


def test_what_is_loaded_is_what_was_written(out: Path, tmp_path: Path) -> None:
    for config in ("sft", "sft-turns", "dpo", "grpo"):
        for split, part in loaded(out, config, tmp_path).items():
            text = (out / config / f"{split}.jsonl").read_text(encoding="utf-8")
            assert [json.loads(line) for line in text.splitlines()] == list(part)


def test_an_export_without_pairs_still_loads(tmp_path: Path) -> None:
    place = tmp_path / "out"
    export(
        dialogues(4, draft=None),
        manifest=manifest(),
        to=FORMATS,
        out=place,
        split={"train": 0.5, "validation": 0.5},
    )
    assert len(loaded(place, None, tmp_path / "cache")["train"]) > 0
    with pytest.raises(ValueError, match="dpo"):
        loaded(place, "dpo", tmp_path / "cache")


def test_the_canonical_file_alone_loads(tmp_path: Path) -> None:
    place = tmp_path / "out"
    export(dialogues(4), manifest=manifest(), to=["canonical"], out=place, split={"train": 1.0})
    assert len(loaded(place, None, tmp_path / "cache")["train"]) == 4


@pytest.mark.parametrize("config", ["sft", "sft-turns"])
def test_one_step_of_sft_learns_from_answers_alone(out: Path, tmp_path: Path, config: str) -> None:
    trl = importlib.import_module("trl")
    rows = loaded(out, config, tmp_path / "cache")["train"]
    tokenizer = tokenizer_for(rows)
    whole = config == "sft"
    trainer = trl.SFTTrainer(
        model=model_for(tokenizer),
        args=trl.SFTConfig(**one_step(tmp_path / "model"), assistant_only_loss=whole),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    batch = next(iter(trainer.get_train_dataloader()))
    learnt = [
        tokenizer.decode(ids[labels != -100])
        for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True)
    ]
    answers = {
        message["content"]
        for row in rows
        for message in row["messages" if whole else "completion"]
        if message["role"] == "assistant"
    }
    for text in learnt:
        parts = [part for part in text.split("<end>") if part]
        assert parts
        assert set(parts) <= answers
    assert len(trainer.train_dataset) == len(rows)
    assert trainer.train().training_loss > 0


def test_one_step_of_dpo(out: Path, tmp_path: Path) -> None:
    trl = importlib.import_module("trl")
    rows = loaded(out, "dpo", tmp_path / "cache")["train"]
    tokenizer = tokenizer_for(rows)
    trainer = trl.DPOTrainer(
        model=model_for(tokenizer),
        ref_model=model_for(tokenizer),
        args=trl.DPOConfig(**one_step(tmp_path / "model")),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    assert len(trainer.train_dataset) == len(rows)
    assert trainer.train().training_loss > 0
