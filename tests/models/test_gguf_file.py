"""A `.gguf` file is a model like a folder: it answers, it is trained, and what it isn't is told."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import save_tiny_gguf
from tiny_model import needs_torch, save_tiny_model

from colloquia.core.types import Message
from colloquia.models.catalogue import make_model
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.model_folder import check_model_folder
from tests.models.parts import request

pytestmark = [needs_torch, pytest.mark.filterwarnings("ignore")]  # the libraries' own


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


def said_by(place: Path, *questions: str) -> list[Any]:
    module = importlib.import_module("colloquia.models.local.text_generator")
    generator = module.TextGenerator.load(check_model_folder(place))
    sampling = module.Sampling(temperature=0.0, max_tokens=12)
    chats = [
        module.Chat(messages=(Message(role="user", content=text),), sampling=sampling)
        for text in questions
    ]
    return list(generator.answer(chats))


def test_it_says_what_the_same_model_in_a_folder_says(file: Path, tmp_path: Path) -> None:
    questions = ("When was the lamp lit?", "Who kept it?")
    folder = save_tiny_model(tmp_path / "model")
    assert said_by(file, *questions) == said_by(folder, *questions)


def test_it_can_be_saved_as_a_plain_folder(file: Path, tmp_path: Path) -> None:
    weights = importlib.import_module("colloquia.models.local.weights")
    checked = check_model_folder(file)
    weights.load_model(checked).save_pretrained(tmp_path / "plain")
    weights.load_tokenizer(checked).save_pretrained(tmp_path / "plain")
    assert said_by(tmp_path / "plain", "When?") == said_by(file, "When?")


def test_loading_it_says_nothing(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said_by(file, "When?")
    assert capfd.readouterr() == ("", "")


async def test_a_recipe_names_it_by_its_path(file: Path) -> None:
    model = make_model(f"hf:{file}")
    assert (await model.complete(request(max_tokens=5))).tokens_out == 5
    await model.close()


def test_other_weights_have_another_fingerprint(file: Path, tmp_path: Path) -> None:
    other = save_tiny_gguf(tmp_path / "tiny.gguf", window=256)
    first, second = (check_model_folder(one).fingerprint() for one in (file, other))
    assert first == check_model_folder(file).fingerprint() != second


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.gguf", b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        ("m.gguf", b"PK\x03\x04", "isn't GGUF"),
        ("m-00001-of-00002.gguf", b"GGUF\x03\0\0\0", "llama-gguf-split"),
    ],
)
def test_what_is_no_whole_model_is_told(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=says):
        check_model_folder(tmp_path / name)


def test_a_damaged_head_is_told(file: Path, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(file.read_bytes()[:200])
    with pytest.raises(ModelError, match="damaged, or cut off"):
        check_model_folder(tmp_path / "m.gguf").require_chat_template()


def test_a_base_model_without_chat_template_is_refused(tmp_path: Path) -> None:
    file = save_tiny_gguf(tmp_path / "base.gguf", template=None)
    with pytest.raises(ModelError, match=r"base\.gguf: its tokeniser has no chat template"):
        make_model(f"hf:{file}")
