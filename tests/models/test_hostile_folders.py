"""What a stranger's model folder may hold: each attack of the benchmark that needs no torch."""

from pathlib import Path

import pytest

from benchmarks.hostile.model_configs import CODE, MARKER, SIZES, Spoil
from benchmarks.hostile.model_files import FILES, GGUF, hub_beyond, write_hub
from benchmarks.hostile.model_parts import change_json, gguf, write_model
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.model_folder import check_model_folder

LARGE = ("MB", "10^7", "10^6 digits")  # seconds each; `python -m benchmarks.hostile` tries them
FOLDERS = {
    name: one for name, one in (CODE | SIZES | FILES).items() if not any(s in name for s in LARGE)
}


def refusal(place: Path) -> str:
    with pytest.raises(ModelError) as error:
        check_model_folder(place)
    return str(error.value)


@pytest.mark.parametrize(("spoil", "says"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_is_more_than_a_model_is_refused_in_one_line(
    spoil: Spoil, says: str, tmp_path: Path
) -> None:
    spoil(write_model(tmp_path / "m"))
    told = refusal(tmp_path / "m")
    assert says in told
    assert told.isprintable()
    assert len(told) < 500
    assert not (tmp_path / MARKER).exists()


@pytest.mark.parametrize(("spoil", "says"), GGUF.values(), ids=GGUF)
def test_a_gguf_file_that_claims_what_can_not_be_is_refused(
    spoil: Spoil, says: str, tmp_path: Path
) -> None:
    spoil(write_model(tmp_path / "m"))
    told = refusal(tmp_path / "m.gguf")
    assert says in told
    assert told.isprintable()


def test_whole_ones_pass(tmp_path: Path) -> None:
    folder = check_model_folder(write_model(tmp_path / "m"))
    (tmp_path / "m.gguf").write_bytes(gguf())
    file = check_model_folder(tmp_path / "m.gguf")
    assert folder.weights() == file.weights()
    assert folder.weights().largest == 261


def test_links_of_the_hubs_cache_stay_in_it(tmp_path: Path) -> None:
    check_model_folder(write_hub(tmp_path / "one"))
    assert "a link out of the folder" in refusal(hub_beyond(tmp_path / "other"))


@pytest.mark.parametrize(
    "harmless",
    [
        {"_attn_implementation": "flash_attention_2"},
        {"experts_implementation": None, "quantization_config": None, "auto_map": {}},
        {"max_position_embeddings": 10_485_760, "rope_theta": 3_580_165_449},
        {"pad_token_id": -1, "sliding_window": None, "max_window_layers": 28},
        {"num_experts": 0, "layer_types": ["full_attention"], "time_step_limit": [0.0, 1e30]},
    ],
)
def test_what_models_of_the_hub_say_is_fine(harmless: dict[str, object], tmp_path: Path) -> None:
    change_json(write_model(tmp_path / "m") / "config.json", **harmless)
    check_model_folder(tmp_path / "m")
