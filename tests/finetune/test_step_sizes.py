"""How many rows a step takes, and how many of them are in memory at once."""

import pytest

from colloquia.finetune.settings import resolve_settings


@pytest.mark.parametrize("lora", [True, False])
@pytest.mark.parametrize(("method", "at_once"), [("sft", 4), ("dpo", 2), ("kto", 4)])
def test_with_a_base_a_step_takes_eight_rows_in_parts(
    method: str, at_once: int, *, lora: bool
) -> None:
    settings = resolve_settings({"method": method, "base": "some/where", "lora": lora})
    own = settings.stage(settings.method[0])
    assert (own.batch_size, own.batch_size * own.accumulate) == (at_once, 8)


def test_a_batch_that_is_given_is_the_whole_step() -> None:
    given = resolve_settings({"base": "some/where", "sft": {"batch_size": 16}}).sft
    assert (given.batch_size, given.accumulate) == (16, 1)
    assert resolve_settings({"base": "some/where", "sft": {"accumulate": 4}}).sft.batch_size == 4
    assert resolve_settings({"sft": {}}).sft.batch_size == 8
