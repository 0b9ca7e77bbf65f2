"""A run that a colloquia with schema 7 left undone goes on here and makes the corpus it made there.

`interrupted/schema-7.sql.gz` is the store of a run that was killed: one dialogue accepted, one
failed, two begun and two untouched. The digests are of what the code of that time exported. Those
of the continued corpus change with the offline teacher (its canonical file with every prompt, whose
hash is part of a call's id); that of the accepted dialogue only where its format gets a new field
(`exchange`, null in turns of before).
"""

import gzip
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

import colloquia
from colloquia.core.recipe import Recipe

LEFT = Path(__file__).parent / "interrupted"
ACCEPTED_BEFORE = "04fe044f5da039c78e7bde0f517185479178cbbf63344365497c2153d37a0711"
CORPUS = {
    "sft/train.jsonl": "2066c913dede9dd075308477f917260c642be7ef049990e8b9808c1e771121ce",
    "sft/validation.jsonl": "1c56658ba259803661a01917b8764bb3e2abb6563c2572e029a9269c9486982b",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The interrupted run's project, with prompts and cards as they were then."""
    shutil.copytree(LEFT, tmp_path, dirs_exist_ok=True)
    script = gzip.decompress((LEFT / "schema-7.sql.gz").read_bytes()).decode()
    with closing(sqlite3.connect(tmp_path / "colloquia.db")) as connection:
        connection.executescript(script)
        (recipe_hash,) = connection.execute("SELECT recipe_hash FROM runs").fetchone()
    monkeypatch.setattr(Recipe, "hash", lambda self, *, parts: recipe_hash)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_what_was_accepted_is_exported_as_it_was(project: Path) -> None:
    colloquia.find_run("colloquia.db").export("corpus", to=["canonical"])
    assert digest(project / "corpus" / "dialogues.jsonl") == ACCEPTED_BEFORE


def test_the_run_goes_on_and_its_corpus_is_the_same(project: Path) -> None:
    run = colloquia.run("recipe.yaml")
    assert run.manifest.ordinal == 1, "it began another run"
    counts = run.counts()
    assert (counts.planned, counts.pending) == (6, 0), "the four left are done"
    assert counts.accepted + sum(counts.failed.values()) == 6
    assert set(counts.failed) == {"loop"}, "its limit of 14 calls holds on"
    run.export("corpus")
    written = {
        str(path.relative_to(project / "corpus")): digest(path)
        for path in (project / "corpus" / "sft").glob("*.jsonl")
    }
    assert written == CORPUS
    with closing(sqlite3.connect(project / "colloquia.db.schema-7.backup")) as copy:
        assert copy.execute("SELECT max(version) FROM schema_version").fetchone() == (7,)
        assert copy.execute("SELECT count(*) FROM dialogues").fetchone() == (6,)
