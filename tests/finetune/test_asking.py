"""A student is asked as it will be used, and nothing is given away or dropped in silence."""

from pathlib import Path
from typing import Any

from made_corpus import Scripted, by_turn
from made_questions import question
from tiny_model import needs_torch, save_tiny_model

from colloquia.core.types import Message
from colloquia.finetune.measure.asking import AskSettings, ask, open_student, sampled

pytestmark = needs_torch

WHEN = question("When did they take over?", "They took over in 1904.")
BEFORE = (
    Message(role="user", content="And the French?"),
    Message(role="assistant", content="They began in 1881."),
)
TOLD = (
    Message(role="user", content="Tell me about it."),
    Message(role="assistant", content="They took over in 1904."),
)


def asked_of(student: Scripted) -> list[list[str]]:
    return [[message.role for message in chat.messages] for chat in student.asked]


def run(student: Scripted, questions: list[Any], **settings: Any) -> Any:
    return ask(student, questions, AskSettings(**settings))  # type: ignore[arg-type]


def test_the_open_book_shows_the_passage_and_the_closed_one_does_not() -> None:
    student = Scripted(says=lambda text, turn: "In 1904.")
    run(student, [WHEN])
    run(student, [WHEN], book="open")
    assert asked_of(student) == [["user"], ["system", "user"]]


def test_what_was_said_before_is_said_unless_it_gives_the_answer_away() -> None:
    student = Scripted(says=lambda text, turn: "In 1904.")
    kept = question(WHEN.text, WHEN.reference, history=BEFORE)
    dropped = question(WHEN.text, WHEN.reference, history=TOLD)
    found = run(student, [kept, dropped])
    assert asked_of(student) == [["user", "assistant", "user"], ["user"]]
    assert [one.alone for one in found] == [False, True]


def test_each_sample_is_graded_and_has_a_seed_of_its_own() -> None:
    student = Scripted(says=by_turn({WHEN.text: ["In 1904.", "In 1914.", "I don't know."]}))
    (found,) = run(student, [WHEN], samples=6, temperature=1.0)
    assert [found.share(v) for v in ("correct", "incorrect", "not_attempted")] == [1 / 3] * 3
    seeds = [chat.sampling.seed for chat in student.asked]
    assert len(set(seeds)) == 6
    again = Scripted(says=lambda text, turn: "")
    run(again, [WHEN], samples=6, temperature=1.0)
    assert [chat.sampling.seed for chat in again.asked] == seeds


def test_a_thought_before_an_answer_is_not_graded() -> None:
    student = Scripted(says=lambda text, turn: "<think>\n\n</think>\n\nI don't know.")
    [asked] = run(student, [WHEN])
    assert asked.attempts[0].text.strip() == "I don't know."
    assert asked.attempts[0].graded.verdict == "not_attempted"


def test_a_question_that_does_not_fit_is_told_and_not_graded() -> None:
    student = Scripted(says=lambda text, turn: "too long" if "French" in text else "In 1904.")
    fine, failed = run(student, [WHEN, question("And the French?", "In 1881.")], samples=2)
    assert (len(fine.attempts), failed.attempts) == (2, ())
    assert failed.problem == "context too long"


def test_progress_is_told_batch_by_batch() -> None:
    told: list[tuple[int, int]] = []
    student: Any = Scripted(says=lambda text, turn: "x", batch=4)
    questions = [question(f"When was {n}?", "In 1904.") for n in range(10)]
    ask(student, questions, AskSettings(), watch=lambda done, total: told.append((done, total)))
    assert told == [(4, 10), (8, 10), (10, 10)]


def test_like_lengths_are_asked_together_and_answers_keep_their_places() -> None:
    student: Any = Scripted(says=lambda text, turn: text, batch=4)
    questions = [
        question("When was it" + " so" * (n * 3 % 10) + "?", "In 1904.") for n in range(10)
    ]
    found = ask(student, questions, AskSettings())
    lengths = [len(chat.messages[-1].content) for chat in student.asked]
    assert lengths == sorted(lengths, reverse=True)
    assert [one.attempts[0].text for one in found] == [one.text for one in questions]


def test_a_student_on_a_cpu_is_asked_much_at_once_unless_told_otherwise(tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path / "student")
    if open_student(folder).device.type == "cpu":
        assert open_student(folder).batch == 32
    assert open_student(folder, batch=3).batch == 3


def test_a_limit_draws_the_same_questions_each_time() -> None:
    questions = [question(f"When was {n}?", "In 1904.", id=f"q{n}") for n in range(30)]
    some = sampled(questions, 7, seed=1)
    assert len(some) == 7
    assert some == sampled(questions, 7, seed=1) == [q for q in questions if q in some]
    assert some != sampled(questions, 7, seed=2)
    assert sampled(questions, None, seed=1) == questions
