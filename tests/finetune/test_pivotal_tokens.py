"""Pivotal tokens of a real student, the pairs that come of them, and what trains on those."""

import json
from pathlib import Path
from typing import Any

import pytest
from made_corpus import made_corpus
from made_questions import question
from tiny_model import save_tiny_model

from colloquia.core.errors import RunOwned, UserError
from colloquia.corpus.check import check
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.measure.asking import open_student
from colloquia.finetune.measure.grading import answer_spans
from colloquia.finetune.pivotal.journal import journal_of, open_journal
from colloquia.finetune.pivotal.rollouts import Rollouts, RolloutSettings
from colloquia.finetune.pivotal.run import PIVOTS_FILE, PivotalSettings, pivotal
from colloquia.finetune.pivotal.search import Pivot, SearchSettings
from colloquia.finetune.pivotal.tasks import Task, read_tasks, task_of
from colloquia.finetune.pivotal.tokens import PivotalToken, TokenSearch, answer_places, surprises
from colloquia.finetune.settings import resolve_settings
from colloquia.finetune.train.methods.dpo import dpo_examples
from colloquia.finetune.train.training import train


def even(task: Task, text: str) -> bool:
    """An oracle that a random student satisfies now and then."""
    return sum(map(ord, text[:2])) % 2 == 0


def wordy(task: Task, text: str) -> str:
    return "quite right"


def broken(task: Task, text: str) -> bool:
    raise ValueError("no idea")


SEARCH = SearchSettings(gap=0.1, samples=16, confirm=64)
SETTINGS = PivotalSettings(
    rollouts=RolloutSettings(max_tokens=4, temperature=0.7),
    tokens=TokenSearch(search=SEARCH, responses=2, answer_span=True),
    oracle=f"{__name__}:even",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pivotal")
    save_tiny_model(folder / "model", window=128)
    lines = [{"prompt": f"How long is {n}?", "reference": "two miles"} for n in range(4)]
    (folder / "asked.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    pivotal(folder / "model", folder / "asked.jsonl", out=folder / "pairs", settings=SETTINGS)
    return folder


def search(place: Path, out: Path, **changes: Any) -> Any:
    options = {
        name: changes.pop(name) for name in ("resume", "should_stop", "watch") if name in changes
    }
    settings = SETTINGS.model_copy(update=changes)
    return pivotal(place / "model", place / "asked.jsonl", out=out, settings=settings, **options)


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return open_corpus(folder).rows("token-pairs", "train")


def test_pairs_are_single_tokens_of_which_the_chosen_does_better(place: Path) -> None:
    rows = rows_of(place / "pairs")
    assert rows
    for row in rows:
        assert len(row["chosen_ids"]) == len(row["rejected_ids"]) == 1
        assert row["success_chosen"] - row["success_rejected"] >= SEARCH.gap
        assert row["success_rejected"] < row["success_before"] < row["success_chosen"]


def test_what_is_written_is_a_corpus_whose_counts_add_up(place: Path) -> None:
    assert check(place / "pairs").ok
    (count,) = open_corpus(place / "pairs").manifest.counts
    pivots = (place / "pairs" / PIVOTS_FILE).read_text().splitlines()
    assert count.candidates == len(pivots) == count.rows + sum(count.excluded.values())


def test_success_after_a_prefix_is_that_of_its_very_tokens(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = open_student(place / "model")
    (task, *_) = read_tasks(place / "asked.jsonl")
    prefix = (300, 7, 7)  # no text is taken to pieces like this
    made = Rollouts(student=student, settings=RolloutSettings(max_tokens=4))
    asked: list[Any] = []
    answer = student.answer

    def noted(chats: Any, **rest: Any) -> Any:
        asked.extend(chats)
        return answer(chats, **rest)

    monkeypatch.setattr(student, "answer", noted)
    made.after(task, prefix, 4)
    assert {chat.ids[-3:] for chat in asked} == {prefix}
    assert {chat.sampling.max_tokens for chat in asked} == {1}


def test_no_rollout_is_made_twice(place: Path) -> None:
    student = open_student(place / "model")
    (task, *_) = read_tasks(place / "asked.jsonl")
    made = Rollouts(student=student, settings=RolloutSettings(max_tokens=4))
    first = list(made.after(task, (), 8))
    assert list(made.after(task, (), 12))[:8] == first
    assert made.made == 12
    made.after(task, (), 10)
    assert made.made == 12


def test_a_search_that_was_stopped_ends_in_the_same_bytes(place: Path, tmp_path: Path) -> None:
    looks = iter(range(1000))
    stopped = search(place, tmp_path / "out", should_stop=lambda: next(looks) > 60)
    assert stopped.interrupted
    assert not (tmp_path / "out").exists()
    journal = journal_of(tmp_path / "out")
    journal.write_bytes(journal.read_bytes() + b'{"task": "half')  # as a kill leaves it
    search(place, tmp_path / "out", resume=True)
    assert not journal.exists()
    for file in ("token-pairs/train.jsonl", PIVOTS_FILE, "manifest.json"):
        assert (tmp_path / "out" / file).read_bytes() == (place / "pairs" / file).read_bytes()


def test_resuming_another_search_is_refused(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UserError, match="nothing to resume"):
        search(place, out, resume=True)
    looks = iter(range(1000))
    search(place, out, should_stop=lambda: next(looks) > 10)
    with pytest.raises(UserError, match="other settings of rollouts"):
        search(place, out, resume=True, rollouts=RolloutSettings(max_tokens=3))
    with pytest.raises(UserError, match="holds unfinished searching"):
        search(place, out)
    with (
        open_journal(tmp_path / "other", {}, resume=False),
        pytest.raises(RunOwned),
        open_journal(tmp_path / "other", {}, resume=True),
    ):
        pass
    with (
        open_journal(tmp_path / "third", {}, resume=False),
        pytest.raises(RunOwned),
        open_journal(tmp_path / "third", {}, resume=False),
    ):
        pass


def test_a_budget_ends_the_search_and_is_told(place: Path, tmp_path: Path) -> None:
    whole = search(place, tmp_path / "whole")
    part = search(place, tmp_path / "part", max_rollouts=whole.rollouts * 2 // 3)
    assert part.rollouts <= whole.rollouts * 2 // 3
    assert part.excluded["budget_spent"] >= 1
    assert part.searched + sum(part.excluded.values()) == 4
    few = search(place, tmp_path / "few", max_tokens=whole.tokens * 2 // 3)
    assert few.excluded["budget_spent"] >= 1


def test_questions_outside_the_band_are_left_out(place: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no pair was found: 0 of 4 questions searched \(4 too easy\)"
    ):
        search(place, tmp_path / "out", low=0.0, high=0.01)
    kept = journal_of(tmp_path / "out").read_bytes()
    search(place, tmp_path / "again", low=0.0, high=0.99)  # as without
    journal_of(tmp_path / "again").write_bytes(kept)
    (tmp_path / "again").rename(tmp_path / "whole")
    search(place, tmp_path / "again", low=0.0, high=0.99, resume=True)
    for file in ("token-pairs/train.jsonl", PIVOTS_FILE):
        whole, again = (tmp_path / name / file for name in ("whole", "again"))
        assert again.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("oracle", "says"),
    [
        ("nowhere:f", "can't be imported"),
        (f"{__name__}:SETTINGS", "is a PivotalSettings, no function"),
        (f"{__name__}:wordy", "said 'quite right'; it says True or False"),
        (f"{__name__}:broken", "oracle .*:broken', asked about .*, failed: .*ValueError: no idea"),
    ],
)
def test_an_oracle_that_is_none_is_told(
    place: Path, tmp_path: Path, oracle: str, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        search(place, tmp_path / "out", oracle=oracle)


def test_dpo_trains_the_very_tokens(place: Path, tmp_path: Path) -> None:
    (row, *_) = rows_of(place / "pairs")
    tokens: Any = None  # nothing is taken to pieces
    dpo = {"steps": 2, "nll_weight": 0.0}
    settings = resolve_settings({"dpo": dpo}).dpo
    (example,) = dpo_examples(tokens, [row], max_length=128, settings=settings).rows
    assert example["prompt_ids"] == row["prompt_ids"]
    assert (example["chosen_ids"], example["rejected_ids"]) == (
        row["chosen_ids"],
        row["rejected_ids"],
    )
    assert dpo_examples(tokens, [row], max_length=8, settings=settings).fit.left_out == 1
    made = train(
        place / "pairs",
        output=tmp_path / "student",
        method="dpo",
        base=str(place / "model"),
        max_length=128,
        dpo={**dpo, "learning_rate": 1e-2, "steps": 8},
        log_every=1,
    )
    loss = made.stages[0].loss
    assert loss is not None and loss[1] < loss[0]


def test_another_tokenizer_is_refused(place: Path, tmp_path: Path) -> None:
    pairs = place / "pairs"
    with pytest.raises(UserError, match="which a base from nothing doesn't have; give `base=`"):
        train(pairs, output=tmp_path / "new", method="dpo", max_length=128)
    other = save_tiny_model(tmp_path / "other")
    file = other / "tokenizer.json"
    content = json.loads(file.read_text())
    vocabulary = content["model"]["vocab"]
    first, second = list(vocabulary)[10:12]
    vocabulary[first], vocabulary[second] = vocabulary[second], vocabulary[first]
    file.write_text(json.dumps(content))
    with pytest.raises(UserError, match="of another tokenizer than that of"):
        train(pairs, output=tmp_path / "new", method="dpo", base=str(other), max_length=128)


def test_the_other_token_is_the_most_frequent_one_that_does_worse() -> None:
    def token(*others: tuple[int, int, float]) -> PivotalToken:
        pivot = Pivot(place=0, before=0.5, after=0.9)
        return PivotalToken(task="t", prefix=(), token=1, pivot=pivot, others=others)

    assert token((2, 90, 0.6), (3, 40, 0.2), (4, 30, 0.0)).pair(0.2) == (3, 0.2)
    assert token((2, 7, 0.0)).pair(0.2) is None  # seen too seldom to say
    assert token().pair(0.2) is None


def test_likelihoods_are_those_of_each_token_given_what_is_before_it(place: Path) -> None:
    student = open_student(place / "model")
    whole = surprises(student, [5, 6], (7, 8, 9), 1.0)
    assert whole[2] == pytest.approx(surprises(student, [5, 6, 7, 8], (9,), 1.0)[0], abs=1e-4)
    assert min(whole) > 0


class TestTheAnswerSpan:
    def test_is_what_the_grader_looks_at(self) -> None:
        asked = question("When did the French company fail?", "It failed in 1889.")
        text = "The 3 locks were late, so it failed in 1891."
        assert [text[a:b] for a, b in answer_spans(text, asked)] == ["1891"]
        assert answer_spans("I don't know.", asked) == []
        other = question("What does the canal link?", "It links two oceans.")
        text = "The canal links rivers."
        assert [text[a:b] for a, b in answer_spans(text, other)] == ["rivers"]

    def test_lies_after_a_thought(self) -> None:
        asked = question("When did the French company fail?", "It failed in 1889.")
        text = "<think>Not in 1904.</think>\n\nIn 1889."
        task = task_of(asked, "closed")
        assert [text[a:b] for a, b in task.answer_spans(text)] == ["1889"]
        assert task.succeeds(text)

    def test_is_as_many_last_words_as_a_reference_has(self, place: Path) -> None:
        (task, *_) = read_tasks(place / "asked.jsonl")
        text = "so it must be three miles. "
        assert [text[a:b] for a, b in task.answer_spans(text)] == ["three miles."]
        assert task.succeeds("It is Two miles.") and not task.succeeds("two miles or so")
        assert task.answer_spans("") == []

    def test_covers_every_token_that_has_a_letter_of_it(self, place: Path) -> None:
        student = open_student(place / "model")
        (task, *_) = read_tasks(place / "asked.jsonl")
        ids = tuple(student.tokenizer("so it is 2 miles", add_special_tokens=False)["input_ids"])
        places = answer_places(task, ids, student)
        said = "".join(student.text_of([ids[place]]) for place in sorted(places))
        assert said.strip() == "2 miles"
        assert len(places) < len(ids)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "has no lines"),
        ("{}\n", r"asked.jsonl:1: not a line of the form"),
        ('\n{"prompt": "a", "reference": " . "}\n', "asked.jsonl:2: a prompt and a reference with"),
        ('{"prompt": "a", "reference": 3}\n', "asked.jsonl:1: a prompt and a reference"),
        ('{"prompt": [{"role": "x"}], "reference": "a"}\n', "asked.jsonl:1: not a line"),
    ],
)
def test_a_line_that_asks_nothing_is_told_with_its_place(
    tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "asked.jsonl").write_text(content)
    with pytest.raises(UserError, match=says):
        read_tasks(tmp_path / "asked.jsonl")


def test_questions_of_an_export_are_searched_with_our_grader(place: Path, tmp_path: Path) -> None:
    corpus = made_corpus(tmp_path / "corpus", number=6)
    settings = SETTINGS.model_copy(update={"oracle": None, "limit": 2})
    with pytest.raises(UserError, match=r"0 of 2 questions searched \(2 too hard\)"):
        pivotal(place / "model", corpus, out=tmp_path / "out", settings=settings)
