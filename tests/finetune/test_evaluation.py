"""An evaluation of a real model on a real export: cells, perplexity, files and errors."""

import importlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from made_corpus import Scripted, made_corpus
from made_questions import question
from tiny_model import CHAT, needs_torch, save_tiny_model

from colloquia.core.errors import UserError, WorldError
from colloquia.corpus.check import check
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import read_questions
from colloquia.finetune.measure.asking import AskSettings, ask, open_student
from colloquia.finetune.measure.cells import cell_of
from colloquia.finetune.measure.evaluation import evaluate
from colloquia.finetune.measure.perplexity import perplexity, rows_for_perplexity
from colloquia.finetune.measure.refusal_data import RefusalSettings
from colloquia.finetune.measure.results import Evaluation
from colloquia.finetune.measure.selection import Attempts, probe, rate
from colloquia.finetune.measure.solve_rate import Band

pytestmark = needs_torch


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny") / "model", window=700)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_corpus(tmp_path_factory.mktemp("corpus") / "out")


@pytest.fixture(scope="module")
def found(model: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    base = save_tiny_model(tmp_path_factory.mktemp("base") / "base", window=700, seed=1)
    out = tmp_path_factory.mktemp("made") / "out"
    evaluated = evaluate(model, corpus, against=base, max_tokens=8, out=out)
    return evaluated, out


class TestCells:
    def cell(self, *answers: tuple[str, bool], book: Any = "closed") -> Any:
        questions = [
            question(f"When was it, {n}?", "In 1904." if able else "No date.", answerable=able)
            for n, (_, able) in enumerate(answers)
        ]
        said = {one.text: answer for one, (answer, _) in zip(questions, answers, strict=True)}
        student: Any = Scripted(says=lambda text, turn: said[text])
        return cell_of(ask(student, questions, AskSettings(book=book)), split="test", book=book)

    def test_shares_are_by_kind_of_question(self) -> None:
        cell = self.cell(
            ("In 1904.", True),
            ("In 1904.", True),
            ("In 1914.", True),
            ("I don't know.", True),
            ("I don't know.", False),
            ("I don't know.", False),
            ("In 1904.", False),
            ("In 1881.", False),
        )
        assert cell.answerable.plain() == {
            "correct": 0.5,
            "not_attempted": 0.25,
            "incorrect": 0.25,
            "invalid": 0.0,
        }
        assert cell.unanswerable.plain() == {
            "correct": 0.0,
            "not_attempted": 0.5,
            "incorrect": 0.5,
            "invalid": 0.0,
        }
        assert (cell.refusal_precision.value, cell.refusal_recall.value) == (0.6667, 0.5)
        assert (cell.exact.value, cell.n) == (0.5, 8)
        assert cell.answerable.correct.low < 0.5 < cell.answerable.correct.high

    def test_an_empty_answer_is_no_refusal_and_no_attempt(self) -> None:
        cell = self.cell(("", True), ("I don't know.", False), ("", False), book="open")
        assert cell.answerable.plain() == {
            "correct": 0.0,
            "not_attempted": 0.0,
            "incorrect": 0.0,
            "invalid": 1.0,
        }
        assert (cell.unanswerable.not_attempted.value, cell.unanswerable.invalid.value) == (
            0.5,
            0.5,
        )
        assert (cell.refusal_precision.value, cell.refusal_recall.value) == (1.0, 0.5)
        assert cell.grounded.value is None

    def test_no_exact_match_among_few_is_still_uncertain(self) -> None:
        exact = self.cell(*[("In 1914.", True)] * 5).exact
        assert (exact.value, exact.low) == (0, 0)
        assert exact.high == pytest.approx(0.4345, abs=1e-3)  # Wilson's, of 0 in 5

    def test_grounded_counts_attempts_with_the_book_open(self) -> None:
        answers = (("In 1904.", True), ("In 1914.", True), ("I don't know.", True))
        assert self.cell(*answers, book="open").grounded.value == 0.5
        assert self.cell(*answers).grounded is None

    def test_what_was_not_asked_is_no_wrong_answer(self) -> None:
        cell = self.cell(("In 1904.", True), ("too long", True))
        assert (cell.n, cell.unasked, cell.answerable.correct.value) == (1, 1, 1.0)

    def test_why_something_was_not_asked_is_kept(self) -> None:
        answers = (("In 1904.", True), ("too long", True), ("too long", True))
        assert self.cell(*answers).problem == "context too long"
        assert self.cell(*answers[:1]).problem is None

    def test_without_such_questions_nothing_is_known(self) -> None:
        assert self.cell(("In 1904.", True)).unanswerable.incorrect.value is None


class TestEvaluation:
    def test_both_splits_are_asked_by_both_books(self, found: tuple[Evaluation, Path]) -> None:
        evaluation, _ = found
        assert evaluation.before is not None
        for measured in evaluation.models():
            assert [(cell.split, cell.book) for cell in measured.cells] == [
                ("train", "closed"),
                ("train", "open"),
                ("test", "closed"),
                ("test", "open"),
            ]
            for cell in measured.cells:
                assert cell.n == cell.answerable.n + cell.unanswerable.n > 0
                for kind in (cell.answerable, cell.unanswerable):
                    shares = [share or 0 for share in kind.plain().values()]
                    assert math.isclose(sum(shares), 1.0, abs_tol=1e-3) or kind.n == 0

    def test_the_document_begins_with_the_headline(self, found: tuple[Evaluation, Path]) -> None:
        document = found[0].document()
        assert list(document)[:5] == ["model", "n", "answerable", "unanswerable", "before"]
        shares = {"correct", "not_attempted", "incorrect", "invalid"}
        for part in (document, document["before"]):
            assert part["answerable"].keys() == part["unanswerable"].keys() == shares
        assert (document["split"], document["book"]) == ("test", "closed")

    def test_files_hold_document_answers_and_picture(self, found: tuple[Evaluation, Path]) -> None:
        evaluation, out = found
        assert json.loads((out / "evaluation.json").read_text()) == evaluation.document()
        rows = [json.loads(line) for line in (out / "answers.jsonl").read_text().splitlines()]
        asked = sum(c.n + c.unasked for m in evaluation.models() for c in m.cells)
        assert len(rows) == asked
        assert (out / "evaluation.png").read_bytes().startswith(b"\x89PNG")

    def test_the_same_again_is_the_same(
        self, found: tuple[Evaluation, Path], model: Path, corpus: Path
    ) -> None:
        assert evaluate(model, corpus, max_tokens=8).after == found[0].after


class TestPerplexity:
    def test_it_is_what_transformers_computes(self, model: Path, corpus: Path) -> None:
        torch = importlib.import_module("torch")
        student = open_student(model)
        (row,) = rows_for_perplexity(open_corpus(corpus), "test", limit=1)
        measured = perplexity(student, [row], place=model)
        template = student.tokenizer.apply_chat_template(
            row["messages"], return_dict=True, return_assistant_tokens_mask=True
        )
        ids = torch.tensor([template["input_ids"]])
        labels = ids.masked_fill(torch.tensor([template["assistant_masks"]]) == 0, -100)
        with torch.inference_mode():
            loss = float(student.model(input_ids=ids, labels=labels).loss)
        assert measured is not None
        assert measured.value == pytest.approx(math.exp(loss), rel=1e-3)
        assert (measured.rows, measured.left_out) == (1, 0)

    def test_one_row_has_no_interval(self, model: Path, corpus: Path) -> None:
        student, rows = (
            open_student(model),
            rows_for_perplexity(open_corpus(corpus), "test", limit=2),
        )
        one, two = (perplexity(student, rows[:n], place=model) for n in (1, 2))
        assert one is not None
        assert two is not None
        assert (one.low, one.high) == (None, None)
        assert two.low is not None
        assert two.high is not None
        assert two.low < two.value < two.high

    def test_a_limit_draws_rows_by_the_seed(self, corpus: Path) -> None:
        opened = open_corpus(corpus)
        everything = rows_for_perplexity(opened, "train", limit=None)
        drawn = [rows_for_perplexity(opened, "train", limit=3, seed=seed) for seed in range(4)]
        assert drawn[0] == rows_for_perplexity(opened, "train", limit=3, seed=0)
        assert all(len(rows) == 3 for rows in drawn)
        assert len({row["id"] for rows in drawn for row in rows}) > 3
        assert everything == rows_for_perplexity(opened, "train", limit=len(everything))

    def test_it_tells_how_far_it_is_to_the_end(self, model: Path, corpus: Path) -> None:
        rows = rows_for_perplexity(open_corpus(corpus), "test", limit=2)
        seen: list[tuple[int, int]] = []
        perplexity(open_student(model), rows, place=model, watch=lambda *done: seen.append(done))
        assert seen == [(1, 2), (2, 2)]

    def test_memory_that_isn_t_there_is_told_with_what_needs_less(
        self, model: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        torch = importlib.import_module("torch")
        student, rows = (
            open_student(model),
            rows_for_perplexity(open_corpus(corpus), "test", limit=1),
        )
        monkeypatch.setattr(student.model, "forward", lambda **_: torch.empty(1 << 60))
        told = r"out of memory while measuring the perplexity of .*model on \d+ tokens; try shorter"
        with pytest.raises(WorldError, match=told):
            perplexity(student, rows, place=model)

    def test_a_template_that_refuses_the_rows_is_told_before_anything_is_asked(
        self, model: Path, corpus: Path, tmp_path: Path
    ) -> None:
        stern = save_tiny_model(tmp_path / "stern", template=CHAT.replace("<end>", ""))
        told: list[str] = []
        with pytest.raises(UserError, match=r"stern: its chat template ends .* no special token"):
            evaluate(stern, corpus, against=model, watch=lambda what, *_: told.append(what))
        assert told
        assert not any("questions" in what for what in told)

    def test_what_does_not_fit_is_counted(self, corpus: Path, tmp_path: Path) -> None:
        student = open_student(save_tiny_model(tmp_path / "m", window=10))
        rows = rows_for_perplexity(open_corpus(corpus), "test", limit=None)
        assert perplexity(student, rows, place="m") is None


class TestSelection:
    def test_probe_writes_a_corpus_that_is_sound(
        self, model: Path, corpus: Path, tmp_path: Path
    ) -> None:
        made = probe(
            model,
            corpus,
            out=tmp_path / "out",
            attempts=Attempts(ask=AskSettings(samples=2, temperature=1.0, max_tokens=6)),
            refusals=RefusalSettings(usual=0.0),
        )
        assert made.tally.usually_right == made.tally.answerable > 0
        report = check(tmp_path / "out")
        assert report.ok, report.problems
        number = len(read_questions(open_corpus(corpus), "train"))
        assert made.answers + made.refusals == made.tally.questions == number
        assert len(open_corpus(tmp_path / "out").rows("trl-sft-turns", "train")) == number
        lines = (tmp_path / "out/probe.jsonl").read_text().splitlines()
        assert [len(json.loads(line)["samples"]) for line in lines] == [2] * number
        assert made.manifest.derived is not None
        assert made.manifest.derived["from"] == open_corpus(corpus).manifest_sha256
        (tmp_path / "out/probe.jsonl").write_text("{}\n")
        (problem,) = check(tmp_path / "out", load=False).problems
        assert (problem.file, problem.code) == ("probe.jsonl", "changed")

    def test_solve_rate_writes_what_is_kept(
        self, model: Path, corpus: Path, tmp_path: Path
    ) -> None:
        made = rate(
            model,
            corpus,
            out=tmp_path / "out",
            attempts=Attempts(ask=AskSettings(samples=2, temperature=1.0, max_tokens=6)),
            band=Band(low=0.0, high=1.0),
        )
        assert check(tmp_path / "out").ok
        assert made.kept == made.tally.questions == sum(made.histogram.values())
        assert read_questions(open_corpus(tmp_path / "out"), "train")

    def test_nothing_within_the_band_leaves_the_rates(
        self, model: Path, corpus: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(
            UserError,
            match=r"within .*too hard.*all rates are in .*out/solve_rate.jsonl; .*`keep=LOW..HIGH`",
        ):
            rate(
                model,
                corpus,
                out=tmp_path / "out",
                attempts=Attempts(ask=AskSettings(samples=1, temperature=1.0, max_tokens=4)),
                band=Band(low=0.9, high=0.95),
            )
        (file,) = (tmp_path / "out").iterdir()
        rates = [json.loads(line)["solve_rate"] for line in file.read_text().splitlines()]
        assert len(rates) == len(read_questions(open_corpus(corpus), "train"))
        assert not any(0.9 <= rate <= 0.95 for rate in rates)

    def test_a_window_too_small_for_any_question_is_one_line(
        self, corpus: Path, tmp_path: Path
    ) -> None:
        small = save_tiny_model(tmp_path / "m", window=8)
        with pytest.raises(UserError, match="no question could be asked: context too long"):
            evaluate(small, corpus, max_tokens=4)


class TestErrors:
    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({"to": ("trl-sft",)}, "export --to trl-sft,trl-grpo"),
            ({"split": {"train": 1.0}}, "--split train=.9,test=.1"),
        ],
    )
    def test_a_corpus_that_lacks_something_is_told_with_the_fix(
        self, settings: dict[str, Any], says: str, model: Path, tmp_path: Path
    ) -> None:
        corpus = made_corpus(tmp_path / "corpus", **settings)
        with pytest.raises(UserError) as error:
            evaluate(model, corpus, out=tmp_path / "out")
        assert says in str(error.value)
        assert not (tmp_path / "out").exists()

    def test_an_unknown_split_is_told_with_those_there_are(self, model: Path, corpus: Path) -> None:
        with pytest.raises(UserError, match="only in train, test"):
            evaluate(model, corpus, split="dev")
