"""A classifier learns from labels what is worth teaching from, and filters a snippet file by it."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from colloquia.core.errors import UserError
from colloquia.finetune.seeds.classifier import Forest, Logistic, Tree, estimator, learnt_scorer
from colloquia.finetune.seeds.embedder import Embedder, Words, learn_words
from colloquia.finetune.seeds.filtering import FilterSettings, filter_snippets
from colloquia.finetune.seeds.fitting import Classifier, FitSettings, fit, open_classifier
from colloquia.finetune.seeds.labels import read_labels, row_of
from colloquia.finetune.settings import TinySettings
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

SMALL = Words(
    steps=30,
    batch_size=8,
    context=64,
    settings=TinySettings(hidden_size=32, layers=1, heads=2, intermediate_size=64, vocabulary=400),
)
NOUNS = ("river", "tower", "bridge", "garden", "harbour", "market")


def _text(number: int, *, good: bool) -> str:
    noun = NOUNS[number % len(NOUNS)]
    if good:
        return f"The {noun} number {number} was built in {1500 + number} because people needed it."
    return f"Click here now to subscribe, login {number}, buy {noun} menu cookies accept all."


def _write(place: Path, rows: list[dict[str, Any]]) -> Path:
    place.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [{"text": _text(n, good=n % 3 == 0), "label": n % 3 == 0} for n in range(48)]
    return _write(tmp_path_factory.mktemp("labels") / "labels.jsonl", rows)


@pytest.fixture(scope="module")
def made(labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made") / "classifier"
    fit(labels, out=place, settings=FitSettings(words=SMALL))
    return place


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [
        {"id": f"row{n}", "text": _text(n + 100, good=n % 4 == 0), "title": f"T{n}", "page": n}
        for n in range(20)
    ]
    return _write(tmp_path / "snippets.jsonl", rows)


def _read(place: Path) -> list[Any]:
    return list(read_snippets(place, report=SnippetReport()))


def _embedded(seed: int = 0) -> tuple[list[list[float]], list[bool]]:
    draw = random.Random(seed)
    points = [[round(draw.gauss(0, 1), 3) for _ in range(4)] for _ in range(80)]
    return points, [p[0] + p[1] * p[2] > 0 for p in points]


@pytest.mark.parametrize("kind", ["forest", "logistic"])
def test_what_is_written_scores_as_scikit_learn_does(kind: Any) -> None:
    points, good = _embedded()
    others, _ = _embedded(seed=1)
    expected = estimator(kind, seed=3).fit(points, good).predict_proba(others)[:, 1]
    made = learnt_scorer(kind, points, good, seed=3)
    again = type(made).model_validate_json(made.model_dump_json())
    # Thresholds lie between points of 32 bits; these have three decimals, so none is on one.
    assert [again.score(one) for one in others] == pytest.approx(list(expected), abs=1e-9)


@pytest.mark.parametrize(
    "tree",
    [
        {"left": (0,), "right": (0,), "feature": (1,)},
        {"left": (-1,), "right": (5,), "feature": (1,)},
        {"left": (-1, -1), "right": (-1,), "feature": (-1,)},
        {"left": (-1,), "right": (-1,), "feature": (-7,)},
    ],
)
def test_a_tree_that_leads_nowhere_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"tree"):
        Tree(threshold=(0.0,), good=(1.0,), **tree)


def test_labels_come_as_words_numbers_and_truth_values(tmp_path: Path) -> None:
    text = "A sentence about {}, long enough to be asked about."
    given = [True, False, "good", "Bad", 0.25, 1, "0", None]
    rows = [{"text": text.format(n), "label": label} for n, label in enumerate(given)]
    found = read_labels(_write(tmp_path / "l.jsonl", rows))
    assert [one.label for one in found] == [1, 0, 1, 0, 0.25, 1, 0]


def test_a_text_labelled_twice_has_the_mean(tmp_path: Path) -> None:
    rows = [{"text": "The same words, said by two people.", "label": n} for n in (0, 1)]
    (one,) = read_labels(_write(tmp_path / "l.jsonl", rows))
    assert one.label == 0.5


def test_an_odd_label_is_told(tmp_path: Path) -> None:
    place = _write(tmp_path / "l.jsonl", [{"text": "A text that is long enough.", "label": "B+"}])
    with pytest.raises(UserError, match=r"has the label B\+; give true or false"):
        read_labels(place)


def test_a_snippet_s_row_reads_as_the_same_snippet(source: Path) -> None:
    place = source.with_name("again.jsonl")
    before = _read(source)
    _write(place, [row_of(one) for one in before])
    assert _read(place) == before


def test_the_card_says_how_labels_left_out_were_told(made: Path) -> None:
    card = (made / "README.md").read_text()
    content = Classifier.model_validate_json((made / "classifier.json").read_bytes())
    assert content.measured.auc > 0.95
    assert f"{content.measured.auc:.3f}" in card
    assert "48 labelled snippets, 16 of them good" in card
    assert {path.name for path in made.iterdir()} == {"README.md", "classifier.json", "embedder"}


def test_the_same_seed_gives_the_same_classifier(labels: Path, made: Path, tmp_path: Path) -> None:
    fit(labels, out=tmp_path / "again", settings=FitSettings(words=SMALL))
    one, other = (place / "classifier.json" for place in (made, tmp_path / "again"))
    assert one.read_bytes() == other.read_bytes()


def test_filtering_keeps_what_is_good_as_a_file_that_run_takes(made: Path, source: Path) -> None:
    out, rest = source.with_name("kept.jsonl"), source.with_name("rest.jsonl")
    found = filter_snippets(source, out=out, settings=FilterSettings(), classifier=made, rest=rest)
    assert (found.read, found.kept, found.left_out) == (20, 5, {"low_quality": 15})
    kept = _read(out)
    assert {one.external_id for one in kept} == {f"row{n}" for n in range(0, 20, 4)}
    assert all(one.metadata["quality"] >= 0.5 and "page" in one.metadata for one in kept)
    assert {one.metadata["left_out"] for one in _read(rest)} == {"low_quality"}


def test_one_file_holds_not_both_what_is_kept_and_the_rest(source: Path) -> None:
    out = source.with_name("same.jsonl")
    settings = FilterSettings(drop_ephemeral=True)
    with pytest.raises(UserError, match="name two files"):
        filter_snippets(source, out=out, settings=settings, rest=out.parent / "." / out.name)
    assert not out.exists()


def test_a_share_is_kept_of_those_that_score_highest(made: Path, source: Path) -> None:
    out = source.with_name("kept.jsonl")
    with pytest.raises(UserError, match=r"nothing would be kept .*; scores are kept for a"):
        filter_snippets(source, out=out, settings=FilterSettings(threshold=2.0), classifier=made)
    found = filter_snippets(
        source, out=out, settings=FilterSettings(keep=0.1), classifier=made, resume=True
    )
    scores = [one.metadata["quality"] for one in _read(out)]
    assert found.lowest == pytest.approx(min(scores), abs=1e-4)
    assert 2 <= found.kept <= 5  # as many as share the lowest score that is kept


def test_an_interrupted_filter_goes_on_with_its_scores(
    made: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = source.with_name("kept.jsonl")
    monkeypatch.setattr("colloquia.finetune.seeds.filtering.AT_ONCE", 8)

    def stop(done: int, total: int) -> None:
        if done == 16:
            raise KeyboardInterrupt

    given: dict[str, Any] = {"out": out, "settings": FilterSettings(), "classifier": made}
    with pytest.raises(KeyboardInterrupt):
        filter_snippets(source, **given, watch=stop)
    assert not out.exists()
    with pytest.raises(UserError, match="unfinished scores"):
        filter_snippets(source, **given)
    asked: list[int] = []
    embed = Embedder.embed

    def counting(self: Embedder, texts: list[str]) -> list[list[float]]:
        asked.append(len(texts))
        return embed(self, texts)

    monkeypatch.setattr(Embedder, "embed", counting)
    filter_snippets(source, **given, resume=True)
    assert sum(asked) == 4
    whole = source.with_name("whole.jsonl")
    filter_snippets(source, **given | {"out": whole})
    assert whole.read_bytes() == out.read_bytes()
    assert not source.with_name("kept.jsonl.scores").exists()


def test_facts_of_a_day_are_left_out_by_rule(tmp_path: Path) -> None:
    rows = [
        {"text": "Water boils at 100 degrees Celsius at sea level, and lower on mountains."},
        {"text": "Shares of the maker fell 3% on heavy trading after its results."},
    ]
    source = _write(tmp_path / "s.jsonl", rows)
    out = tmp_path / "out.jsonl"
    found = filter_snippets(source, out=out, settings=FilterSettings(drop_ephemeral=True))
    assert found.left_out == {"ephemeral": 1}
    assert "quality" not in _read(out)[0].metadata


def test_what_is_labelled_ephemeral_may_count_as_bad(tmp_path: Path, labels: Path) -> None:
    rows = [json.loads(line) for line in labels.read_text().splitlines()]
    for row in rows[:30]:
        row["ephemeral"] = True
    place = _write(tmp_path / "l.jsonl", rows)
    settings = FitSettings(words=SMALL, drop_ephemeral=True)
    assert fit(place, out=tmp_path / "c", settings=settings).good == 6


def test_another_model_than_it_was_learnt_with_is_refused(labels: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    learn_words(base, ["Some words to begin with."], words=SMALL, seed=0)
    given = FitSettings(embedder=str(base), kind="logistic")
    fit(labels, out=tmp_path / "c", settings=given)
    assert isinstance(open_classifier(tmp_path / "c")[0].scorer, Logistic)
    learn_words(tmp_path / "other", ["Some words to begin with."], words=SMALL, seed=1)
    (tmp_path / "other/model.safetensors").replace(base / "model.safetensors")
    with pytest.raises(UserError, match="is another model than"):
        open_classifier(tmp_path / "c")


@pytest.mark.parametrize(
    "content", ["", "{}", '{"version": "colloquia.seeds/2"}', "[" * 100_000, '{"scorer": NaN}']
)
def test_what_is_no_classifier_is_refused_in_a_line(content: str, tmp_path: Path) -> None:
    (tmp_path / "classifier.json").write_text(content)
    with pytest.raises(UserError, match=r"classifier.json is no classifier") as error:
        open_classifier(tmp_path)
    assert "\n" not in str(error.value)


def test_too_few_good_ones_are_told_before_any_work(tmp_path: Path) -> None:
    rows = [{"text": _text(n, good=n < 2), "label": n < 2} for n in range(20)]
    with pytest.raises(UserError, match="2 of 20 labelled snippets are good; at least 5"):
        fit(_write(tmp_path / "l.jsonl", rows), out=tmp_path / "c", settings=FitSettings())


def test_a_forest_of_another_width_is_refused(made: Path, tmp_path: Path) -> None:
    content = json.loads((made / "classifier.json").read_text())
    leaf = {"threshold": [0, 0, 0], "left": [1, -1, -1], "right": [2, -1, -1], "good": [0, 0, 1]}
    content["scorer"]["trees"] = [leaf | {"feature": [999, -1, -1]}]
    assert Forest.model_validate(content["scorer"])
    (tmp_path / "classifier.json").write_text(json.dumps(content))
    (tmp_path / "embedder").symlink_to(made / "embedder")
    with pytest.raises(UserError, match="is no classifier of what"):
        open_classifier(tmp_path)
