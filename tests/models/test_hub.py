"""Models of the Hub come from its cache, by name and revision, and say which commit they are."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hub_cache import COMMIT, NAME, make_hub_cache
from tiny_model import needs_torch, save_tiny_model

import colloquia
from colloquia.core.model_options import hub_name
from colloquia.core.recipe import Recipe
from colloquia.models.catalogue import Catalogue, make_model, options_of
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.hub import find_model
from tests.models.parts import request

pytestmark = [needs_torch, pytest.mark.filterwarnings("ignore")]  # the libraries' own


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return make_hub_cache(tmp_path / "cache", monkeypatch)


@pytest.mark.parametrize("revision", ["", "@main", "@v1", f"@{COMMIT}"])
def test_each_name_of_a_commit_is_that_commit(snapshot: Path, revision: str) -> None:
    found = find_model(NAME + revision)
    assert (found.path, found.hub) == (snapshot, f"{NAME}@{COMMIT}")


async def test_a_model_of_the_hub_answers(snapshot: Path) -> None:
    model = make_model(f"hf:{NAME}@v1")
    assert (await model.complete(request(max_tokens=5))).tokens_out == 5
    await model.close()


def test_a_folder_that_is_here_comes_first(snapshot: Path, tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path / NAME)
    found = find_model(NAME, base=tmp_path)
    assert (found.path, found.hub) == (folder, None)


@pytest.mark.parametrize("name", ["lamp/unknown", f"{NAME}@v2"])
def test_what_is_not_there_is_told_with_the_way_to_bring_it(snapshot: Path, name: str) -> None:
    with pytest.raises(ModelError, match=r"snapshot_download\('lamp/") as error:
        Catalogue().make(options_of(f"hf:{name}"))
    assert "\n" not in str(error.value)
    assert ("revision='v2'" in str(error.value)) == name.endswith("@v2")


def test_pickles_and_python_and_other_formats_stay_on_the_hub() -> None:
    hub = importlib.import_module("huggingface_hub.utils")
    module = importlib.import_module("colloquia.models.local.hub")
    wanted = ["config.json", "model.safetensors", "model-00001-of-00002.safetensors", "merges.txt"]
    wanted += ["model.safetensors.index.json", "tokenizer.model", "chat_template.jinja"]
    others = ["pytorch_model.bin", "model.pt", "modeling_x.py", "onnx/model.onnx", "README.md"]
    others += ["onnx/config.json", "original/consolidated.00.pth", "consolidated.safetensors"]
    fetched = hub.filter_repo_objects(
        [*wanted, *others], allow_patterns=module.FETCHED, ignore_patterns=module.PASSED_OVER
    )
    assert list(fetched) == wanted


@pytest.mark.parametrize(
    ("text", "repository", "revision"),
    [
        ("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B", None),
        ("Qwen/Qwen3-0.6B@main", "Qwen/Qwen3-0.6B", "main"),
        ("a/b@refs/pr/1", "a/b", "refs/pr/1"),
    ],
)
def test_a_name_is_read_with_its_revision(text: str, repository: str, revision: str | None) -> None:
    found = hub_name(text)
    assert found is not None
    assert (found.repository, found.revision, str(found)) == (repository, revision, text)


@pytest.mark.parametrize(
    "text", ["student", "./a/b", "/a/b", "a/b/c", "../a", "a/m.gguf", "a/b@", "a/" + 300 * "b"]
)
def test_a_path_is_no_name(text: str) -> None:
    assert hub_name(text) is None


def test_the_command_line_leaves_a_name_as_it_is(tmp_path: Path) -> None:
    recipe = Recipe.from_content({"snippets": "s.txt"}, folder=tmp_path / "project")
    assert recipe.override(model=f"hf:{NAME}").agents.critic.model == f"hf:{NAME}"


def test_manifest_and_card_of_a_corpus_name_the_commit(snapshot: Path, tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "snippets": {"path": "s.txt"},
        "models": {"small": {"model": f"hf:{NAME}"}},
        "agents": {"critic": {"model": "small"}},
    }
    Path("s.txt").write_text(
        "The lamp of the old lighthouse was lit in 1851. Its keeper lived below the lamp with his "
        "daughter, and the oil was brought by boat every second week.\n"
    )
    run = colloquia.run(content)
    assert colloquia.run(content).id == run.id
    run.export("corpus", only="all")
    named = f"hf:{NAME}@{COMMIT}"
    manifest = json.loads(Path("corpus/manifest.json").read_text())
    assert manifest["run"]["recipe"]["models"]["small"]["model"] == named
    assert named.removeprefix("hf:") in Path("corpus/README.md").read_text()
