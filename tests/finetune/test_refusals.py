"""What can't be trained is told in one line with the fix, and nothing is left behind."""

import importlib
import json
import math
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_dialogues import dialogues, manifest

from colloquia.core.errors import UserError, WorldError
from colloquia.corpus.export import export
from colloquia.finetune.machine import translated
from colloquia.finetune.settings import merged, resolve_settings
from colloquia.finetune.train import libraries
from colloquia.finetune.train.masks import show_masks

Change = Callable[[Path], object]


@pytest.fixture
def base(student: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(student, tmp_path / "base"))


def _set(name: str, **values: Any) -> Change:
    def change(base: Path) -> None:
        file = base / name
        file.write_text(json.dumps({**json.loads(file.read_text()), **values}))

    return change


def _half(base: Path) -> None:
    file = base / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def _a_file(base: Path) -> None:
    shutil.rmtree(base)
    base.write_text("snippets: {path: x}")


def _without_a_layer(base: Path) -> None:
    tensors = importlib.import_module("safetensors.torch")
    weights = tensors.load_file(base / "model.safetensors")
    del weights["model.norm.weight"]
    tensors.save_file(weights, base / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shutil.rmtree, "name the one that holds a model's config.json"),
        (_a_file, "is a file; name the folder that holds config.json"),
        (lambda base: (base / "pytorch_model.bin").touch(), "pickled weights can run code"),
        (lambda base: (base / "optimizer.pt").touch(), "pickled weights can run code"),
        (lambda base: (base / "x.pkl").touch(), "pickled weights can run code"),
        (lambda base: (base / "modeling_x.py").touch(), "brings its own code"),
        (_set("config.json", auto_map={"AutoModel": "x.Y"}), "Python of its own"),
        (_set("tokenizer_config.json", auto_map={"AutoTokenizer": "x.Y"}), "Python of its own"),
        (lambda base: (base / "adapter_config.json").touch(), "merge it into its base"),
        (lambda base: (base / "config.json").unlink(), "no config.json"),
        (lambda base: (base / "config.json").write_text("{"), "isn't JSON, or is cut off"),
        (lambda base: (base / "model.safetensors").unlink(), "has no model.safetensors"),
        (lambda base: (base / "tokenizer.json").unlink(), "has no tokeniser"),
        (_set("config.json", model_type="bert"), "is incomplete or no causal"),
        (_set("config.json", model_type="nothing"), "can't be loaded"),
        (_half, "copy it again"),
        (_without_a_layer, "lacks weights, model.norm.weight"),
    ],
)
def test_a_base_that_is_harmful_or_broken_is_refused(
    run: Any, base: Path, tmp_path: Path, change: Change, told: str
) -> None:
    change(base)
    with pytest.raises(UserError) as caught:
        run(base=str(base), sft={"steps": 1})
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("student*"))


def _exported(place: Path, *formats: str, split: dict[str, float] | None = None) -> Path:
    rows = dialogues(4, draft=None) if "no pairs" in formats else dialogues(4)
    named = [name for name in formats if name != "no pairs"]
    export(rows, manifest=manifest(), to=named, out=place, split=split or {"train": 1.0})
    return place


def test_a_corpus_without_the_needed_format_names_the_export(run: Any, tmp_path: Path) -> None:
    corpus = _exported(tmp_path / "corpus", "trl-sft")
    for method in ("dpo", "kto"):
        with pytest.raises(UserError, match=r"no trl-dpo rows.*colloquia export --to trl-dpo"):
            run(corpus=corpus, method=method)


def test_an_empty_split_is_told(run: Any, tmp_path: Path) -> None:
    corpus = _exported(tmp_path / "corpus", "trl-sft", split={"test": 1.0})
    with pytest.raises(UserError, match=r"split named train \(there is: test\)"):
        run(corpus=corpus)


def test_a_corpus_that_isn_t_one_is_told(run: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"isn't an export: .*colloquia export"):
        run(corpus=tmp_path)
    damaged = '{"schema": "colloquia.export/1", "run": {"name": "x"}, "files": [], "settings": []}'
    for manifest_text in ('{"schema": "other"}', damaged):
        (tmp_path / "manifest.json").write_text(manifest_text)
        with pytest.raises(UserError, match=r"manifest\.json is damaged: (schema|settings)"):
            run(corpus=tmp_path)


def test_a_corpus_that_was_edited_isn_t_what_the_card_would_name(run: Any, tmp_path: Path) -> None:
    corpus = _exported(tmp_path / "corpus", "trl-sft")
    with (corpus / "sft" / "train.jsonl").open("a") as file:
        file.write("{}\n")
    with pytest.raises(UserError, match="was changed since it was exported"):
        run(corpus=corpus)


def test_rows_that_are_all_too_long_are_told(run: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none of \d+ rows can be used for sft: \d+ are longer"):
        run(max_length=16)
    assert not list(tmp_path.glob("student*"))


def test_pairs_that_begin_alike_are_told(run: Any) -> None:
    with pytest.raises(UserError, match="16 pairs begin alike; raise prefix_tokens"):
        run(method="dpo", dpo={"prefix_tokens": 2})


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"method": "sft,ppo"},
            "train: method: 'ppo' is unknown; choose 'sft', 'dpo', 'kto', 'grpo' or 'echo'$",
        ),
        ({"max_length": 20_000}, "max_length: 20000 is beyond the 16384 tokens of the base 'tiny'"),
        ({"sft": {"step": 3}}, "train: sft.step: unknown setting; did you mean 'steps'"),
        ({"sft": {"steps": 3, "epochs": 1}}, "give either steps or epochs"),
        ({"sft": {"epochs": math.inf}}, "sft.epochs: inf is not finite; give a number"),
        ({"dpo": {"steps": 1, "beta": math.nan}}, "dpo.beta: nan is not finite; give a number"),
        ({"lora": {"dropout": math.nan}}, "lora.dropout: nan is not finite; give a number"),
        ({"kto": {"batch_size": 1}}, "train: kto.batch_size: "),
        ({"tiny": {"hidden_size": 30, "heads": 4}}, "multiple of 2 \\* heads"),
    ],
)
def test_a_wrong_setting_is_named(run: Any, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        run(**settings)


def test_a_flag_that_switches_adapters_on_keeps_what_the_file_says_of_them() -> None:
    for below, rank in (({"rank": 64}, 64), (False, 16), ({}, 16)):
        lora = resolve_settings(merged({"lora": below}, {"lora": True})).lora
        assert lora is not None and lora.rank == rank
    assert resolve_settings(merged({"lora": {"rank": 64}}, {"lora": False})).lora is None
    assert merged({"lora": {"rank": 64}}, {"lora": {"alpha": 8}})["lora"] == {
        "rank": 64,
        "alpha": 8,
    }


def test_a_missing_library_is_told_with_the_command_that_installs_it(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "_NEEDED", ("torch", "no_such_library"))
    told = r"needs no_such_library; install with: pip install .* or '\.\[finetune\]' in a checkout"
    with pytest.raises(UserError, match=told):
        run()


def test_a_full_disk_leaves_no_model_and_says_so(run: Any, tmp_path: Path) -> None:
    # What a full disk does, but for this process alone: writing beyond 60 kB fails.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(WorldError) as caught:
            run(sft={"steps": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "the disk is full or limited" in str(caught.value)
    assert not list(tmp_path.glob("student*"))


def test_a_disk_that_is_full_before_torch_s_writer_began_is_known_too() -> None:
    said = RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 5120 vs 5012")
    own = translated(said, doing="training x", smaller="less")
    assert isinstance(own, WorldError)
    assert str(own) == "the disk is full or limited while training x; make room"


def test_memory_that_isn_t_there_is_told_with_what_needs_less() -> None:
    torch = importlib.import_module("torch")
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    own = translated(caught.value, doing="training x", smaller="--batch-size 4")
    assert isinstance(own, WorldError)
    assert str(own) == "out of memory while training x; try --batch-size 4"
    assert translated(RuntimeError("shapes differ"), doing="x", smaller="y") is None


def test_rows_longer_than_the_base_takes_are_refused(
    run: Any, base: Path, corpus: Path, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"base": str(base), "max_length": 129}
    with pytest.raises(UserError, match=r"max_length 129: .* takes 128 tokens; give at most"):
        run(**asked)
    with pytest.raises(UserError, match=r"max_length 129: .* takes 128 tokens; give at most"):
        show_masks(corpus, settings=asked)
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_an_output_that_can_t_be_made_is_told(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file is a file; name a new folder"):
        run(output=tmp_path / "file" / "student")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
