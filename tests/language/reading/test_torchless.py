import subprocess
import sys

import pytest

from colloquia.language.reading.torchless import without_torch

_SHOWN = "print(sorted({'spacy', 'torch'} & set(sys.modules)))"


def seen(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; {_SHOWN}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_reading_english_imports_spacy_and_no_torch() -> None:
    assert (
        seen("from colloquia.language.reading.parsing import parse; parse('It floats.')")
        == "['spacy']"
    )
    assert seen("from colloquia.language.reading.words import forms; forms('ran')") == "['spacy']"


def test_torch_is_found_again_afterwards_and_all_along_where_it_was_loaded() -> None:
    pytest.importorskip("torch")
    assert seen(
        "from colloquia.language.reading.words import forms; forms('ran'); import torch"
    ) == ("['spacy', 'torch']")
    with without_torch():
        import torch  # loaded above, so not hidden
    assert torch.tensor([1.0]).sum() == 1
