"""A model folder is looked at before anything of it is loaded; what could run code is refused."""

import json
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from colloquia.models.faults.errors import ModelError
from colloquia.models.local.model_folder import check_model_folder

CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
LORA = {"peft_type": "LORA", "base_model_name_or_path": "../base"}


class Bomb:
    """What a pickle may hold."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return (Path.touch, (Path("exploded"),))  # type: ignore[return-value]


def write(file: Path, value: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value))


def write_weights(file: Path, *, cut: int = 0) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    whole = struct.pack("<Q", len(header)) + header + bytes(16)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(whole[: len(whole) - cut])


def model(folder: Path, **config: object) -> Path:
    write(folder / "config.json", CONFIG | config)
    write(folder / "tokenizer.json", {})
    write(folder / "tokenizer_config.json", {"chat_template": "{{ messages }}"})
    write_weights(folder / "model.safetensors")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as error:
        check_model_folder(folder).require_chat_template()
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2
    return str(error.value)


def test_what_save_pretrained_writes_is_fine(tmp_path: Path) -> None:
    folder = check_model_folder(model(tmp_path / "m"))
    folder.require_chat_template()
    assert (folder.named, folder.tokenizer, folder.adapter) == (tmp_path / "m",) * 2 + (None,)


def test_an_adapter_is_loaded_on_its_local_base(tmp_path: Path) -> None:
    base, adapter = model(tmp_path / "base"), tmp_path / "adapter"
    write(adapter / "adapter_config.json", LORA)
    write_weights(adapter / "adapter_model.safetensors")
    folder = check_model_folder(adapter)
    assert folder.path.resolve() == base
    assert (folder.named, folder.tokenizer) == (adapter, folder.path)
    write(adapter / "tokenizer.json", {})
    assert folder.tokenizer == adapter


def test_only_an_adapter_needs_peft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, adapter = model(tmp_path / "base"), tmp_path / "adapter"
    write(adapter / "adapter_config.json", LORA)
    write_weights(adapter / "adapter_model.safetensors")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    needed = ["torch", "transformers", "llguidance"]
    assert check_model_folder(base).missing_libraries() == needed
    assert check_model_folder(adapter).missing_libraries() == [*needed, "peft"]


def _no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _inside(folder: Path) -> None:
    _no_config(folder)
    model(folder / "snapshots" / "abc")


def _pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))


def _auto_map(folder: Path) -> None:
    model(folder, auto_map={"AutoModelForCausalLM": "modeling.Evil"})
    (folder / "modeling.py").write_text("open('exploded', 'w')")


def _tokenizer_auto_map(folder: Path) -> None:
    write(folder / "tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["t.Evil", None]}})


def _cut(folder: Path) -> None:
    write_weights(folder / "model.safetensors", cut=1)


def _header_cut(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 2**60) + b"{}")


def _pointer(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n")


def _no_shard(folder: Path) -> None:
    index = {"weight_map": {"w": "model-00001-of-00002.safetensors"}}
    write(folder / "model.safetensors.index.json", index)


def _shard_elsewhere(folder: Path) -> None:
    write(folder / "model.safetensors.index.json", {"weight_map": {"w": "../other.safetensors"}})
    write_weights(folder.parent / "other.safetensors")


def _no_template(folder: Path) -> None:
    write(folder / "tokenizer_config.json", {})


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _reads_only(folder: Path) -> None:
    model(folder, architectures=["BertForMaskedLM"])


def _not_json(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _adapter_of_hub(folder: Path) -> None:
    write(folder / "adapter_config.json", LORA | {"base_model_name_or_path": "Qwen/Qwen3-0.6B"})
    write_weights(folder / "adapter_model.safetensors")


def _pickled_adapter(folder: Path) -> None:
    write(folder / "adapter_config.json", LORA)
    (folder / "adapter_model.bin").write_bytes(pickle.dumps(Bomb()))


def _other_adapter(folder: Path) -> None:
    write(folder / "adapter_config.json", LORA | {"peft_type": "PROMPT_TUNING"})


def _adapter_of_itself(folder: Path) -> None:
    write(folder / "adapter_config.json", LORA | {"base_model_name_or_path": "."})
    write_weights(folder / "adapter_model.safetensors")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_no_config, "no config.json"),
        (_inside, "did you mean"),
        (_pickle_only, "pytorch_model.bin may run code"),
        (_auto_map, "never done"),
        (_tokenizer_auto_map, "delete auto_map"),
        (_cut, "copy it again"),
        (_header_cut, "copy it again"),
        (_pointer, "git lfs pull"),
        (_no_shard, "lacks model-00001-of-00002.safetensors"),
        (_shard_elsewhere, "lacks ../other.safetensors"),
        (_no_template, "chat_template.jinja"),
        (_no_tokenizer, "tokenizer.save_pretrained"),
        (_reads_only, "BertForMaskedLM doesn't chat"),
        (_not_json, "isn't JSON"),
        (_adapter_of_hub, "base_model_name_or_path"),
        (_pickled_adapter, "adapter_model.bin may run code"),
        (_other_adapter, "only LoRA"),
        (_adapter_of_itself, "merge it"),
    ],
)
def test_what_can_not_be_loaded_safely_is_refused_with_the_fix(
    spoil: Callable[[Path], None],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = model(tmp_path / "m")
    spoil(folder)
    assert says in refusal(folder)
    assert not (tmp_path / "exploded").exists()


def test_a_path_that_is_no_folder_is_named(tmp_path: Path) -> None:
    gguf, other = tmp_path / "m.gguf", tmp_path / "weights.safetensors"
    gguf.write_text("")
    other.write_text("")
    assert "no folder" in refusal(tmp_path / "nowhere")
    assert "isn't GGUF" in refusal(gguf)
    assert "is a file" in refusal(other)
    assert "no name" in refusal(Path("a" * 5000))


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    folder = check_model_folder(model(tmp_path / "m"))
    before = folder.fingerprint()
    assert folder.fingerprint() == before
    (folder.path / "trainer_state.json").touch()
    weights = folder.path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    assert folder.fingerprint() != before


def test_looking_at_a_folder_imports_no_torch(tmp_path: Path) -> None:
    model(tmp_path / "m")
    code = (
        "import sys; from colloquia.models.catalogue import make_model; "
        f"make_model('hf:{tmp_path}/m'); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False" or "pip install 'colloquia[finetune]'" in done.stderr
