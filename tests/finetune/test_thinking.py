"""A student is taught to think first: the marks are tokens of their own, and the answer counts."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from made_corpus import Scripted
from made_questions import question
from made_thoughts import thinking_corpus, thought_for
from tiny_model import save_tiny_model

from colloquia.core.errors import UserError
from colloquia.corpus.thinking import SYSTEM, with_thought
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import book_of, read_questions
from colloquia.finetune.data.thought_marks import MARKS, pieces_of
from colloquia.finetune.measure.asking import AskSettings, ask
from colloquia.finetune.measure.cells import cell_of
from colloquia.finetune.measure.refusal_data import RefusalSettings
from colloquia.finetune.measure.selection import Attempts, probe, rate
from colloquia.finetune.measure.solve_rate import Band
from colloquia.finetune.train.base import load_model, load_tokenizer
from colloquia.finetune.train.training import train

STEPS: dict[str, Any] = {"sft": {"steps": 3, "batch_size": 4, "warmup_steps": 0}}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return thinking_corpus(tmp_path_factory.mktemp("thinking") / "out")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has never seen a mark."""
    return save_tiny_model(tmp_path_factory.mktemp("base") / "base", window=1024)


def rows_of(place: Path) -> Any:
    return load_model(place).get_input_embeddings().weight.detach()


def marks_of(place: Path) -> list[list[int]]:
    tokenizer = load_tokenizer(place)
    return [pieces_of(mark, tokenizer) for mark in MARKS]


@pytest.mark.parametrize("method", ["sft", "dpo", "sft,dpo"])
def test_the_marks_are_single_tokens_with_rows_of_their_own(
    corpus: Path, base: Path, tmp_path: Path, method: str
) -> None:
    out = tmp_path / "student"
    dpo = {"steps": 2, "batch_size": 2, "warmup_steps": 0}
    train(corpus, output=out, base=str(base), method=method, dpo=dpo, **STEPS)
    assert [len(pieces) for pieces in marks_of(base)] > [1, 1] == [len(p) for p in marks_of(out)]
    assert rows_of(out).shape[0] == rows_of(base).shape[0] + len(MARKS)


def test_a_new_row_begins_as_the_mean_of_what_the_mark_was_written_with(
    corpus: Path, base: Path, tmp_path: Path
) -> None:
    still = {"steps": 1, "learning_rate": 1e-12}
    train(corpus, output=tmp_path / "still", base=str(base), sft=still)
    before, after = rows_of(base), rows_of(tmp_path / "still")
    for pieces, (token,) in zip(marks_of(base), marks_of(tmp_path / "still"), strict=True):
        assert after[token].allclose(before[pieces].mean(dim=0), atol=1e-6)


def test_a_row_to_spare_is_taken_before_a_new_one(corpus: Path, base: Path, tmp_path: Path) -> None:
    model = load_model(base)
    padded = rows_of(base).shape[0] + 8
    model.resize_token_embeddings(padded)
    model.save_pretrained(tmp_path / "padded")
    load_tokenizer(base).save_pretrained(tmp_path / "padded")
    train(corpus, output=tmp_path / "student", base=str(tmp_path / "padded"), **STEPS)
    assert rows_of(tmp_path / "student").shape[0] == padded


@pytest.mark.parametrize("tied", [True, False])
def test_adapters_train_the_new_rows_and_no_others(
    corpus: Path, base: Path, tmp_path: Path, tied: bool
) -> None:
    torch = importlib.import_module("torch")
    model = load_model(base)
    if not tied:
        model.config.tie_word_embeddings = False
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone() + 0.01)
    model.save_pretrained(tmp_path / "base")
    load_tokenizer(base).save_pretrained(tmp_path / "base")
    settings: dict[str, Any] = {"base": str(tmp_path / "base"), "lora": True}
    train(corpus, output=tmp_path / "still", sft={"steps": 1, "learning_rate": 1e-12}, **settings)
    train(corpus, output=tmp_path / "student", **settings, **STEPS)
    for layer in ("get_input_embeddings", "get_output_embeddings"):
        still, learnt = (
            getattr(load_model(tmp_path / name), layer)().weight.detach()
            for name in ("still", "student")
        )
        changed = (still != learnt).any(dim=1).nonzero().flatten().tolist()
        assert changed == [token for (token,) in marks_of(tmp_path / "student")]


def test_a_stopped_training_goes_on_to_the_same_bits(
    corpus: Path, base: Path, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"base": str(base), "checkpoints": 3, **STEPS}
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    train(corpus, output=whole, **settings)
    assert train(corpus, output=stopped, should_stop=lambda: True, **settings).interrupted
    train(corpus, output=stopped, resume=True, **settings)
    for name in ("model.safetensors", "tokenizer.json"):
        assert (stopped / name).read_bytes() == (whole / name).read_bytes()


class Tokenizer:
    def encode(self, text: str, **_: Any) -> list[str]:
        return text.split()


class Thinker(Scripted):
    tokenizer = Tokenizer()


def asked(*answers: str) -> Any:
    questions = [
        question(f"When was it, {n}?", "In 1904.", instruction=SYSTEM)
        for n, _ in enumerate(answers)
    ]
    said = {one.text: text for one, text in zip(questions, answers, strict=True)}
    student = Thinker(says=lambda text, turn: said[text])
    return ask(student, questions, AskSettings(max_tokens=8, thought_tokens=30)), student  # type: ignore[arg-type]


def test_only_the_answer_is_graded_and_the_thought_is_measured() -> None:
    found, _ = asked(
        with_thought("Not 1914, I think.", "In 1904."),
        with_thought("It was 1904.", "In 1914."),
        "<think>\nOn and on and on it was 1904",
        "In 1904.",
    )
    assert [one.attempts[0].graded.verdict for one in found] == [
        "correct",
        "incorrect",
        "invalid",
        "correct",
    ]
    lengths = cell_of(found, split="test", book="closed").thoughts
    assert lengths is not None
    assert (lengths.answers, lengths.thought.value) == (4, 0.75)
    assert lengths.unended.value == round(1 / 3, 4)
    assert lengths.tokens.value == round((4 + 3 + 8) / 3, 4)


def test_who_is_to_think_is_told_so_and_has_room_for_it() -> None:
    _, student = asked("In 1904.")
    (chat,) = student.asked
    assert (chat.messages[0].role, chat.messages[0].content) == ("system", SYSTEM)
    assert chat.sampling.max_tokens == 38


def test_where_nothing_is_thought_and_nothing_was_to_be_nothing_is_told() -> None:
    plain = Scripted(says=lambda text, turn: "In 1904.")
    found = ask(plain, [question("When?", "In 1904.")], AskSettings())  # type: ignore[arg-type]
    assert cell_of(found, split="test", book="closed").thoughts is None


@pytest.mark.parametrize("context", ["closed", "open"])
def test_questions_keep_the_instruction_apart_from_the_passage(
    tmp_path: Path, context: Any
) -> None:
    made = open_corpus(thinking_corpus(tmp_path / "out", context=context))
    questions = read_questions(made, "train")
    assert book_of(questions) == context
    for one in questions:
        assert one.instruction == SYSTEM
        assert SYSTEM not in one.system
        assert one.thought == thought_for(one.reference)
        assert one.prompt(context) == one.row["prompt"]
    taught = {row["id"] for row in made.rows("trl-sft-turns", "train")}
    assert {one.turn(context, answer=one.reference)["id"] for one in questions} <= taught


def test_what_is_kept_at_the_edge_of_ability_keeps_its_thoughts(
    corpus: Path, base: Path, tmp_path: Path
) -> None:
    attempts = Attempts(ask=AskSettings(samples=1, temperature=1, max_tokens=2, thought_tokens=2))
    rate(base, corpus, out=tmp_path / "kept", attempts=attempts, band=Band(low=0, high=1))
    rows = open_corpus(tmp_path / "kept").rows("trl-sft-turns", "train")
    whole = open_corpus(corpus).rows("trl-sft-turns", "train")
    assert {row["id"] for row in rows} <= {row["id"] for row in whole}
    assert rows


def test_probe_says_that_it_has_no_thoughts_for_refusals(
    corpus: Path, base: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="has thoughts before its answers"):
        probe(
            base,
            corpus,
            out=tmp_path / "out",
            attempts=Attempts(ask=AskSettings()),
            refusals=RefusalSettings(),
        )
