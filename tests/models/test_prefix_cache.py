"""Prompts that begin alike are read once; what is said doesn't change by it."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from tiny_model import needs_torch, save_tiny_model, tiny_llama, tiny_tokenizer

from colloquia.core.types import Message
from colloquia.models.local.model_folder import check_model_folder

pytestmark = [needs_torch, pytest.mark.filterwarnings("ignore")]  # the libraries' own

PASSAGE = "The lamp of the lighthouse was lit in 1851, and the keeper lived below it. " * 4
MANY = 10**9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny") / "model", window=2048)


def generator(folder: Path, **settings: Any) -> Any:
    module = importlib.import_module("colloquia.models.local.text_generator")
    return module.TextGenerator.load(check_model_folder(folder), **settings)


def chat(*said: str, passage: str = PASSAGE, seed: int = 0) -> Any:
    module = importlib.import_module("colloquia.models.local.text_generator")
    messages = (
        Message(role="system", content=passage),
        Message(role="user", content=" ".join(said)),
    )
    sampling = module.Sampling(temperature=1.0, max_tokens=12, seed=seed)
    return module.Chat(messages=messages, sampling=sampling)


def read_by(model: Any) -> list[int]:
    """Have it noted how many tokens the model is given of each batch's prompts."""
    step, read = model._next_logits, []

    def noted(ids: Any, mask: Any, cache: Any) -> Any:
        if ids.shape[1] > 1:
            read.append(ids.shape[1])
        return step(ids, mask, cache)

    model._next_logits = noted
    return read


def test_a_dialogue_that_grows_is_read_from_where_it_grew(folder: Path) -> None:
    kept, plain = generator(folder, keep_prefixes=True), generator(folder)
    read = read_by(kept)
    turns = ["When was it lit?", "It was lit in 1851.", "Who kept it?", "The keeper. " * 20]
    for end in range(1, len(turns) + 1):
        asked = [chat(*turns[:end], seed=end)]
        assert kept.answer(asked) == plain.answer(asked)
    assert read[0] > 128
    assert all(tokens <= 64 + 1 for tokens in read[1:3])
    assert kept.prefixes.share_reused > 0.5


def test_rows_with_beginnings_of_all_lengths_share_a_batch(folder: Path) -> None:
    kept, plain = generator(folder, keep_prefixes=True), generator(folder)
    kept.answer([chat("When?"), chat("Who? " * 30)])
    asked = [
        chat("Who? " * 40, seed=1),
        chat("When was it?", seed=2),
        chat("Why?", passage="Short.", seed=3),
        chat("Why?", passage="Another. " * 30, seed=4),
    ]
    assert kept.answer(asked) == plain.answer(asked)
    assert kept.answer(asked[::-1]) == plain.answer(asked)[::-1]


def test_the_same_prompt_again_is_read_but_for_its_end(folder: Path) -> None:
    kept = generator(folder, keep_prefixes=True)
    read = read_by(kept)
    first, again = kept.answer([chat("When?")]), kept.answer([chat("When?")])
    assert first == again
    assert 1 < read[1] <= 64


def test_what_is_kept_stays_within_its_share_and_the_oldest_goes_first(folder: Path) -> None:
    module = importlib.import_module("colloquia.models.local.prefix_cache")
    kept, plain = generator(folder), generator(folder)
    kept.prefixes = module.PrefixCache(most_bytes=MANY)
    kept.answer([chat("When?")])
    one = kept.prefixes.bytes
    kept.prefixes = module.PrefixCache(most_bytes=2 * one)
    for number in range(6):
        asked = [chat("When?", passage=f"{number}. {PASSAGE}")]
        assert kept.answer(asked) == plain.answer(asked)
        assert 0 < kept.prefixes.bytes <= 2 * one
    prompts = [kept.prompts.ids(chat("When?", passage=f"{n}. {PASSAGE}").messages) for n in (0, 5)]
    assert [bool(kept.prefixes.find(prompt)) for prompt in prompts] == [False, True]


def test_a_batch_larger_than_what_is_kept_is_right_all_the_same(folder: Path) -> None:
    module = importlib.import_module("colloquia.models.local.prefix_cache")
    kept, plain = generator(folder), generator(folder)
    kept.prefixes = module.PrefixCache(most_bytes=MANY)
    kept.answer([chat("When?")])
    kept.prefixes.most_bytes = kept.prefixes.bytes
    asked = [chat("When?" * n, passage=PASSAGE + "It is so. " * 9 * n, seed=n) for n in range(5)]
    for _ in range(2):
        assert kept.answer(asked) == plain.answer(asked)


def test_windows_that_slide_are_not_shared() -> None:
    module = importlib.import_module("colloquia.models.local.text_generator")
    cache = importlib.import_module("colloquia.models.local.prefix_cache")
    transformers = importlib.import_module("transformers")
    tokenizer = tiny_tokenizer()
    config = tiny_llama(tokenizer).config.to_dict() | {
        "sliding_window": 16,
        "model_type": "mistral",
    }
    model = transformers.MistralForCausalLM(transformers.MistralConfig(**config))
    kept = module.TextGenerator(model, tokenizer, prefixes=cache.PrefixCache(most_bytes=MANY))
    kept.answer([chat("When?")])
    assert kept.prefixes.bytes == 0


def test_a_model_in_training_keeps_nothing(folder: Path) -> None:
    module = importlib.import_module("colloquia.models.local.text_generator")
    tokenizer = tiny_tokenizer()
    assert module.TextGenerator(tiny_llama(tokenizer), tokenizer).prefixes is None
    assert generator(folder).prefixes is None
