"""The command as tests use it: called in this process, in a folder of its own."""

from pathlib import Path

import pytest
from command import Command, Result

from colloquia.authoring.starter import starter_files
from colloquia.cli import main


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLLOQUIA_STORE", "COLLOQUIA_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def colloquia(capsys: pytest.CaptureFixture[str]) -> Command:
    """`colloquia("run", "recipe.yaml")` runs a command line and returns what came of it."""

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Result(code=code, out=out, err=err)

    return call


@pytest.fixture
def project(workplace: Path) -> Path:
    """What `colloquia init` makes, in the working folder."""
    for name, text in starter_files().items():
        file = workplace / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return workplace


@pytest.fixture(scope="session")
def finished_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one finished run of six dialogues."""
    folder = tmp_path_factory.mktemp("finished")
    for name in ("recipe.yaml", "snippets.jsonl"):
        (folder / name).write_text(starter_files()[name], encoding="utf-8")
    store = folder / "done.db"
    assert (
        main(["run", str(folder / "recipe.yaml"), "--limit", "6", "--store", str(store), "-q"]) == 0
    )
    return store
