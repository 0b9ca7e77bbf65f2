"""E1: do dialogues teach a fact better than the text it stands in, at equal training tokens?

200 invented people with four facts each. The offline teacher talks about every one of them five
times, under five seeds. Two corpora are made of that: the dialogues of four seeds, and the plain
snippets. Both also hold single questions of the fifth seed about half of the people, so that both
students know what a question looks like. Asked are the fifth seed's questions about the other half,
as far as their wording is in no training dialogue. Same student, same tokens.

The setup follows METHODS in Allen-Zhu and Li (arXiv 2309.14316): facts read often enough can be
recited, and still not be asked for unless they were met in several wordings.
"""

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import colloquia
from colloquia.core.hashing import canonical_json
from colloquia.core.recipe import Recipe, Snippets
from colloquia.core.types import Message
from colloquia.core.version import __version__
from colloquia.corpus.canonical import row_line
from colloquia.corpus.line_file import SplitFiles
from colloquia.corpus.manifest import MANIFEST_FILE, ExportManifest, ExportSettings, Origin
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.measure.intervals import wilson
from colloquia.finetune.train.preparation import open_tokens
from colloquia.models.local.model_folder import check_model_folder
from colloquia.models.local.text_generator import Chat, Sampling, TextGenerator

Arm = Literal["snippets", "dialogues"]
ARMS: tuple[Arm, ...] = ("snippets", "dialogues")

PEOPLE = 200
SEEDS = 5  # of the simulator: the last is asked, the others are read
TOKENS = 1_600_000  # chosen on seed 7: at half of that its students were still learning
QUESTIONS_SHARE = 0.3  # of the tokens
SEQUENCE = 384  # tokens, longer than any dialogue; rows are packed, so that steps cost the same
SEQUENCES = 3  # per step

_FIRST = """
    Ada Boris Clara Dario Elif Farid Greta Hugo Ines Jonas Karin Luca Mara Nils Olga Pavel Rosa Sven
    Tilda Uwe Vera Wim Xenia Yusuf Zora
"""
_LAST = """
    Abend Brandt Castell Dorn Ekman Falk Gruber Holt Ivers Jansen Koval Lindt Moser Novak Orban
    Petrov Quist Rossi Sander Thorn Ulmer Voss Weiss Yilmaz Zeller
"""
_VALUES = {
    "city": """
        Lisbon Vienna Oslo Prague Dublin Athens Bergen Geneva Malmo Turin Seville Krakow Ghent Porto
        Riga Tallinn Zagreb Bern Lyon Basel
    """,
    "job": """
        botanist chemist painter novelist surgeon composer historian physicist sculptor printer
        geologist carpenter glassmaker violinist cartographer watchmaker linguist lawyer poet baker
    """,
    "animal": """
        falcon donkey spaniel tortoise parrot goat canary ferret raven beagle pony goose hare lynx
        badger heron magpie stork hedgehog turtle
    """,
    "year": " ".join(str(year) for year in range(1800, 1900, 5)),
}
CHANCE = 1 / 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An invented person."""

    name: str
    facts: dict[str, str]

    @property
    def snippet(self) -> str:
        """What there is to read about them."""
        fact = self.facts
        return (
            f"{self.name} was born in {fact['city']}. {self.name} worked as a {fact['job']}. "
            f"{self.name} kept a {fact['animal']} as a pet. {self.name} died in {fact['year']}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question about one fact, and the fact."""

    person: str
    question: str
    answer: str
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one student knew."""

    arm: Arm
    seed: int
    tokens: int
    """Read in all, again and again; the last step may bring a few more."""
    steps: int
    right: int
    asked: int
    before: int
    """Right before any training."""


def people(number: int = PEOPLE) -> list[Person]:
    """Invent people; always the same ones."""
    draw = random.Random(0)
    names = [f"{first} {last}" for first in _FIRST.split() for last in _LAST.split()]
    draw.shuffle(names)
    return [
        Person(
            name=name,
            facts={kind: draw.choice(values.split()) for kind, values in _VALUES.items()},
        )
        for name in names[:number]
    ]


def measure(seed: int, work: Path, *, tokens: int = TOKENS, number: int = PEOPLE) -> list[Result]:
    """Train both students with one seed, and ask them.

    Args:
        seed: decides who is taught by question and who is asked, weights and order.
        work: an empty folder to work in.
        tokens: how much each student reads in all.
        number: people.
    """
    known = people(number)
    talks = _talks(number)
    read = [row["messages"] for rows in talks[:-1] for row in rows]
    names = [person.name for person in known]
    random.Random(seed).shuffle(names)
    taught = set(names[: number // 2])
    worded = {message["content"] for messages in read for message in messages}
    found = list(askings(known, talks[-1]))
    lessons = [_lesson(one) for one in found if one.person in taught]
    exam = [one for one in found if one.person not in taught and one.question not in worded]
    snippets = [[{"role": "assistant", "content": person.snippet}] for person in known]
    books: dict[Arm, list[Any]] = {"snippets": snippets, "dialogues": read}
    return [
        _student(arm, books[arm], lessons, exam, work / arm, seed=seed, tokens=tokens)
        for arm in ARMS
    ]


@cache
def _talks(number: int) -> list[list[dict[str, Any]]]:
    """Let the teacher talk about everybody under each of its seeds, once for all students."""
    known = people(number)
    with tempfile.TemporaryDirectory() as folder:
        return [talk_about(known, Path(folder) / str(seed), seed=seed) for seed in range(SEEDS)]


def talk_about(known: Sequence[Person], folder: Path, *, seed: int) -> list[dict[str, Any]]:
    """Let the offline teacher talk about everybody; return the rows of `trl-sft`.

    Sorted by what is said: an export's order hangs on where the snippets lay.
    """
    folder.mkdir()
    source = write_people(folder / "people.jsonl", known)
    recipe = Recipe(snippets=Snippets(path=str(source)), seed=seed)
    run = colloquia.run(recipe, store=str(folder / "talk.db"))
    run.export(str(folder / "corpus"), to=["trl-sft"], split={"train": 1.0})
    rows = open_corpus(folder / "corpus").rows("trl-sft", "train")
    return sorted(rows, key=lambda row: canonical_json(row["messages"]))


def write_people(file: Path, known: Sequence[Person]) -> Path:
    """Write what there is to read about people as a file of snippets; return the file."""
    lines = [json.dumps({"text": person.snippet, "title": person.name}) for person in known]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def askings(known: Sequence[Person], rows: Sequence[dict[str, Any]]) -> Iterator[Asking]:
    """Yield the questions that name a person, and whose answer holds exactly one fact they lack."""
    by_name = {person.name: person for person in known}
    for row in rows:
        turns = row["messages"]
        for asked, answered in zip(turns[::2], turns[1::2], strict=True):
            question, answer = asked["content"], answered["content"]
            person = next((by_name[name] for name in by_name if name in question), None)
            if person is None:
                continue
            told = person.facts.values()
            new = [fact for fact in told if fact in answer and fact not in question]
            if len(new) == 1:
                yield Asking(person=person.name, question=question, answer=answer, fact=new[0])


def write_corpus(folder: Path, rows: Sequence[dict[str, Any]], *, name: str) -> Path:
    """Write rows of `trl-sft` as an export's folder."""
    folder.mkdir(parents=True)
    with SplitFiles(folder, "trl-sft", {"train": "sft/train.jsonl"}) as files:
        for row in rows:
            files.write("train", row_line(row))
    manifest = ExportManifest(
        settings=ExportSettings(
            to=("trl-sft",), split={"train": 1.0}, only="all", min_score=None, context="closed"
        ),
        dialogues={},
        counts=(),
        empty=(),
        files=tuple(files.entries()),
        run=Origin(
            name=name,
            recipe_hash="",
            seed=0,
            code_version=__version__,
            prompts={},
            personas={},
            recipe={},
        ),
    )
    (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")
    return folder


def _lesson(one: Asking) -> list[dict[str, str]]:
    return [{"role": "user", "content": one.question}, {"role": "assistant", "content": one.answer}]


def _student(
    arm: Arm,
    book: Sequence[Any],
    lessons: Sequence[Any],
    exam: Sequence[Asking],
    folder: Path,
    *,
    seed: int,
    tokens: int,
) -> Result:
    folder.mkdir()
    # A student of one step at no rate to speak of: the weights that training begins with.
    blank = folder / "blank"
    rows = [*book, *lessons]
    first = write_corpus(folder / "once", _rows(rows), name=arm)
    colloquia.train(first, output=blank, seed=seed, **_settings(steps=1, learning_rate=1e-12))
    sizes = [len(open_tokens(blank).dialogue(row).ids) for row in rows]
    lengths, asked_lengths = sizes[: len(book)], sizes[len(book) :]
    times = round(
        QUESTIONS_SHARE / (1 - QUESTIONS_SHARE) * sum(lengths) / max(1, sum(asked_lengths))
    )
    mixed = [*book, *(lesson for lesson in lessons for _ in range(max(1, times)))]
    once = sum(lengths) + max(1, times) * sum(asked_lengths)
    corpus = write_corpus(folder / "corpus", _rows(mixed), name=arm)
    result = colloquia.train(
        corpus, output=folder / "student", seed=seed, **_settings(epochs=tokens / once)
    )
    return Result(
        arm=arm,
        seed=seed,
        tokens=tokens,
        steps=result.stages[0].steps,
        right=_right(folder / "student", exam),
        asked=len(exam),
        before=_right(blank, exam),
    )


def _settings(**sft: Any) -> dict[str, Any]:
    stage = {"learning_rate": 3e-3, "batch_size": SEQUENCES, "packing": True} | sft
    return {
        "method": "sft",
        "max_length": SEQUENCE,
        "checkpoints": 1,
        "tiny": {"vocabulary": 740},
        "sft": stage,
    }


def _rows(dialogues: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"id": f"row{n}", "messages": messages} for n, messages in enumerate(dialogues)]


def _right(student: Path, exam: Sequence[Asking]) -> int:
    generator = TextGenerator.load(check_model_folder(student), batch=32)
    sampling = Sampling(temperature=0.0, max_tokens=40)
    chats = [
        Chat(messages=(Message(role="user", content=one.question),), sampling=sampling)
        for one in exam
    ]
    answers = generator.answer(chats)
    texts = [getattr(answer, "text", "") for answer in answers]
    return sum(one.fact in text for one, text in zip(exam, texts, strict=True))


def table(results: Sequence[Result]) -> str:
    """Return what was found, per seed and in all."""
    lines = [
        "E1  held-out questions answered with the right fact, by what the student has read",
        "read       seed    tokens  steps     n  before   after  95 %",
    ]
    for arm in ARMS:
        mine = [result for result in results if result.arm == arm]
        for one in mine:
            lines.append(_line(arm, str(one.seed), one.right, one.asked, one))
        right, asked = sum(one.right for one in mine), sum(one.asked for one in mine)
        lines.append(_line(arm, "all", right, asked, None))
    lines.append(f"chance {CHANCE:.2f}")
    return "\n".join(lines)


def _line(arm: str, seed: str, right: int, asked: int, one: Result | None) -> str:
    share = wilson(right, asked)
    cost = f"{one.tokens:>9,} {one.steps:>6,}" if one else f"{'':>9} {'':>6}"
    before = f"{one.before / max(1, one.asked):>7.3f}" if one else f"{'':>7}"
    return (
        f"{arm:<10} {seed:>4} {cost} {asked:>5} {before} {share.value or 0:>7.3f}  "
        f"{share.low or 0:.3f}..{share.high or 0:.3f}"
    )
