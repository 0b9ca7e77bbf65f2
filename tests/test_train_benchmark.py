"""The arithmetic behind `python -m benchmarks.train`: weights, operations and bytes."""

import pytest

from benchmarks.train.__main__ import Found, line, medians
from benchmarks.train.shapes import (
    ON_GPU,
    SHAPES,
    SMALL,
    TINY,
    Shape,
    bytes_needed,
    fits,
    operations_per_token,
)

PHI_4 = SHAPES["14.7B"]
H100 = 85_000_000_000
STEP = 8192


@pytest.mark.parametrize(
    ("name", "published"),
    [("1.2B", 1_235_814_400), ("3.2B", 3_212_749_824), ("14.7B", 14_659_507_200)],
)
def test_a_shape_has_as_many_weights_as_the_model_it_is_named_after(
    name: str, published: int
) -> None:
    assert SHAPES[name].weights == published


@pytest.mark.filterwarnings("ignore")  # of the libraries themselves
@pytest.mark.parametrize("shape", [TINY, SMALL, ON_GPU[0]], ids=lambda shape: shape.name)
def test_the_arithmetic_counts_what_transformers_makes(shape: Shape) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    peft = pytest.importorskip("peft")
    config = transformers.LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        tie_word_embeddings=shape.tied,
    )
    with torch.device("meta"):  # no memory is taken
        model = transformers.LlamaForCausalLM(config)
        assert model.num_parameters() == shape.weights
        lora = peft.LoraConfig(r=16, target_modules="all-linear", task_type="CAUSAL_LM")
        adapted = peft.get_peft_model(model, lora)
    trained = sum(weight.numel() for weight in adapted.parameters() if weight.requires_grad)
    assert trained == shape.adapters


def test_all_weights_need_six_operations_and_frozen_ones_four() -> None:
    assert operations_per_token(PHI_4, lora=False) == 6 * PHI_4.multiplied
    saved = operations_per_token(PHI_4, lora=False) - operations_per_token(PHI_4, lora=True)
    assert saved == 2 * PHI_4.multiplied - 6 * PHI_4.adapters


def test_an_untied_embedding_is_kept_but_not_multiplied() -> None:
    looked_up = PHI_4.hidden * PHI_4.vocabulary
    norms = PHI_4.hidden * (2 * PHI_4.layers + 1)
    assert PHI_4.weights == PHI_4.multiplied + looked_up + norms


def test_fourteen_billion_fit_with_adapters_only() -> None:
    assert fits(PHI_4, lora=True, tokens=STEP, card_bytes=H100)
    assert not fits(PHI_4, lora=False, tokens=STEP, card_bytes=150_000_000_000)


def test_three_billion_fit_as_a_whole_on_eighty_gigabytes_and_not_on_forty() -> None:
    assert fits(SHAPES["3.2B"], lora=False, tokens=STEP, card_bytes=H100)
    assert not fits(SHAPES["3.2B"], lora=False, tokens=STEP, card_bytes=H100 // 2)


def test_more_tokens_need_more_memory() -> None:
    few, many = (bytes_needed(PHI_4, lora=True, tokens=tokens) for tokens in (STEP, 2 * STEP))
    assert many - few > STEP * 12 * PHI_4.vocabulary


def test_one_slow_run_of_three_does_not_move_the_figure() -> None:
    run: Found = {"steps": 4, "tokens": 9, "tokens_per_cpu_s": 5.0, "loss": 1.0, "peak_mb": 7.0}
    runs: list[Found] = [
        run | {"tokens_per_s": speed, "gpu_peak_gb": None, "runner": "ours"}
        for speed in (1.0, 9.0, 10.0)
    ]
    assert medians(runs) == run | {"tokens_per_s": 9.0}


def test_the_printed_ratio_is_of_cpu_seconds_without_a_gpu_and_of_wall_time_with_one() -> None:
    runner = {"steps": 4, "loss": 1.0, "peak_mb": 7.0, "gpu_peak_gb": 9.0, "share_of_peak": 0.4}
    case: Found = {
        "shape": "tiny",
        "method": "sft",
        "lora": False,
        "batch": 8,
        "n": 3,
        "ours": runner | {"tokens_per_s": 30.0, "tokens_per_cpu_s": 20.0},
        "plain": runner | {"tokens_per_s": 10.0, "tokens_per_cpu_s": 10.0},
    }
    on_cpu = {
        **case,
        **{
            name: {k: v for k, v in case[name].items() if k != "share_of_peak"}
            for name in ("ours", "plain")
        },
    }
    assert "2.00 x" in line(on_cpu)
    assert "3.00 x" in line(case | {"peak_tflops": 700.0})


def test_a_case_that_does_not_fit_says_what_it_would_need() -> None:
    assert "235 GB" in line({"shape": "14.7B", "lora": False, "needs_gb": 234.6})
