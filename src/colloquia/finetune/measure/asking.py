"""A student is asked the questions of a corpus, with the passage before it or without."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.finetune.data.questions import Book, Question
from colloquia.finetune.measure.grading import Graded, gives_away, grade
from colloquia.finetune.measure.thoughts import Thought, thought_in
from colloquia.models.faults.errors import CallFailed
from colloquia.models.local.hub import find_model
from colloquia.models.local.model_folder import INSTALL
from colloquia.models.wire.thoughts import thought_apart

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import Chat, TextGenerator


#: Questions at once on a CPU: a batch's next words cost little more than one row's, since each
#: reads all weights, and nobody waits for a single answer.
BATCH_ON_CPU = 32

#: Told after every batch: how many answers are there, and of how many.
Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSettings:
    """How a student is asked."""

    book: Book = "closed"
    samples: int = 1
    temperature: float = 0.0
    """0 takes the likeliest token each time."""
    top_p: float = 1.0
    """1 draws from all tokens, whatever the model's own configuration says."""
    max_tokens: int = 96
    """Of an answer."""
    thought_tokens: int = 256
    """As many more where the question's instruction asks for a thought."""
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One answer of the student's."""

    text: str
    """The answer alone."""
    graded: Graded
    thought: Thought | None = None
    """What it thought before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question with the student's answers; none where it couldn't be asked."""

    question: Question
    alone: bool
    """Asked without what was said before, which would have given the answer away."""
    attempts: tuple[Attempt, ...] = ()
    problem: str | None = None
    """Why it couldn't be asked."""

    def share(self, verdict: str) -> float:
        """Return the share of attempts with this verdict, 0..1."""
        return sum(a.graded.verdict == verdict for a in self.attempts) / len(self.attempts)


def open_student(place: Path, *, batch: int | None = None) -> "TextGenerator":
    """Load a model as `hf:` does: a folder, a `.gguf` file, or `ORG/NAME@REVISION` on the Hub.

    Raises:
        UserError: it is no model that may be loaded, or torch isn't installed.
        WorldError: it doesn't fit into memory.
    """
    checked = find_model(str(place))
    checked.require_chat_template()
    if missing := checked.missing_libraries():
        raise UserError(f"asking a student needs {' and '.join(missing)}; install with: {INSTALL}")
    from colloquia.models.local.text_generator import TextGenerator

    student = TextGenerator.load(checked, batch=batch)
    if batch is None and student.device.type == "cpu":
        student.batch = BATCH_ON_CPU
    return student


def ask(
    student: "TextGenerator",
    questions: Sequence[Question],
    settings: AskSettings,
    *,
    watch: Watch = lambda done, total: None,
) -> list[AskedQuestion]:
    """Ask all questions and grade the answers.

    What was said before a question is said to the student too, unless it gives the answer away: a
    student that copies it has learnt nothing.
    """
    alone = [is_alone(question) for question in questions]
    chats = [
        _make_chat(question, settings, sample=sample, with_history=not by_itself)
        for question, by_itself in zip(questions, alone, strict=True)
        for sample in range(settings.samples)
    ]
    answers = _answer_all(student, chats, at_once=max(student.batch, settings.samples), watch=watch)
    asked: list[AskedQuestion] = []
    for n, (question, by_itself) in enumerate(zip(questions, alone, strict=True)):
        own = answers[n * settings.samples : (n + 1) * settings.samples]
        failed = [str(answer) for answer in own if isinstance(answer, CallFailed)]
        said = [answer.text for answer in own if not isinstance(answer, CallFailed)]
        attempts = tuple(_attempt(text, question, student) for text in said if not failed)
        problem = failed[0] if failed else None
        asked.append(
            AskedQuestion(question=question, alone=by_itself, attempts=attempts, problem=problem)
        )
    return asked


def _answer_all(
    student: "TextGenerator", chats: Sequence["Chat"], *, at_once: int, watch: Watch
) -> list[Any]:
    """Return an answer or a failure per chat; like lengths are asked together, for less padding."""
    lengths = [sum(len(message.content) for message in chat.messages) for chat in chats]
    order = sorted(range(len(chats)), key=lambda place: -lengths[place])
    answers: dict[int, Any] = {}
    for start in range(0, len(order), at_once):
        places = order[start : start + at_once]
        answers |= zip(places, student.answer([chats[place] for place in places]), strict=True)
        watch(len(answers), len(chats))
    return [answers[place] for place in range(len(chats))]


def why_unasked(asked: Sequence[AskedQuestion]) -> str | None:
    """Return why the first of those that couldn't be asked couldn't; None where all could."""
    return next((one.problem for one in asked if one.problem), None)


def refuse_none_asked(asked: Sequence[AskedQuestion]) -> None:
    """Stop where nothing could be asked at all.

    Raises:
        UserError: with the first question's problem.
    """
    if asked and all(one.problem for one in asked):
        raise UserError(f"no question could be asked: {asked[0].problem}")


def sampled(questions: Sequence[Question], limit: int | None, *, seed: int) -> list[Question]:
    """Return at most `limit` of the questions, drawn by a hash of their ids, in their order."""
    if limit is None or len(questions) <= limit:
        return list(questions)
    drawn = sorted(questions, key=lambda question: seed_for(seed, question.id))[:limit]
    kept = {question.id for question in drawn}
    return [question for question in questions if question.id in kept][:limit]


def _attempt(text: str, question: Question, student: "TextGenerator") -> Attempt:
    spoken = spoken_part(text)
    thought = None if spoken == text else thought_in(text, student)
    return Attempt(text=spoken, graded=grade(spoken, question), thought=thought)


def spoken_part(text: str) -> str:
    """Return an answer without the thought that it begins with, as `hf:` hands it on."""
    parted = thought_apart(text)
    return text if parted is None else parted.answer


def is_alone(question: Question) -> bool:
    """Return whether a question has to be asked without what was said before, which answers it."""
    said = " ".join(message.content for message in question.history)
    return bool(said) and gives_away(said, question)


def _make_chat(
    question: Question, settings: AskSettings, *, sample: int, with_history: bool
) -> "Chat":
    from colloquia.models.local.text_generator import Chat, Sampling

    return Chat(
        messages=question.messages(settings.book, with_history=with_history),
        sampling=Sampling(
            temperature=settings.temperature,
            top_p=settings.top_p,
            top_k=0,
            max_tokens=settings.max_tokens
            + (settings.thought_tokens if question.instruction else 0),
            seed=seed_for(settings.seed, question.id, settings.book, sample),
        ),
    )
