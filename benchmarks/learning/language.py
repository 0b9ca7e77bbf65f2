"""A student that has language, before and after: what dialogues teach it, and what else would.

The offline teacher talks about the snippets; the same dialogues are exported with the passage shown
and hidden. From one base (`base`), with low-rank adapters:

- `open`: the dialogues with the passage shown, which is to teach reading,
- `closed`: with the passage hidden, which is to teach facts,
- `snippets`: as many tokens of the bare snippets,
- `probed`: `open`, then SFT and a little DPO on what `probe`, with the passage shown, wrote of it.

With the passage hidden, `probe` would find next to nothing known and teach to decline everything.

The base and each of them are asked the same questions: held-out ones, book open and closed, and
those that they were trained on, book closed. Most snippets are held out, since few of the questions
about them can't be answered, and declining those is what is to be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import colloquia
from benchmarks.learning.facts import people, write_corpus, write_people
from colloquia.core.recipe import Recipe, Snippets
from colloquia.finetune.data.corpus_files import Corpus, open_corpus
from colloquia.finetune.data.questions import BOOKS, Book, read_questions
from colloquia.finetune.measure.asking import (
    AskedQuestion,
    AskSettings,
    ask,
    open_student,
    sampled,
)
from colloquia.finetune.measure.cells import cell_of
from colloquia.finetune.measure.intervals import Share, wilson
from colloquia.finetune.measure.perplexity import perplexity, rows_for_perplexity
from colloquia.finetune.measure.refusal_data import RefusalSettings
from colloquia.finetune.measure.results import Measured
from colloquia.finetune.measure.selection import Attempts, probe
from colloquia.finetune.train.preparation import open_tokens

ARMS = ("before", "open", "closed", "snippets", "probed")
ASKED: tuple[tuple[str, Book, bool], ...] = (
    ("train", "closed", True),
    ("test", "open", True),
    ("test", "open", False),
    ("test", "closed", True),
    ("test", "closed", False),
)
"""Split, book and whether the passage answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is."""

    snippets: int | None = None
    """Dialogues, one for each; None for all."""
    trained: float = 0.12
    """The share of them that students read."""
    questions: int = 24
    """Most of each kind of `ASKED`."""
    probed: int = 32
    """Training questions that are probed, four times each."""
    surprises: int = 12
    """Held-out dialogues for perplexity."""
    epochs: float = 2.0
    compared: int = 4
    """Steps of DPO, of four pairs each."""
    tokens: int = 64
    """Longest answer."""
    sequence: int = 512


FULL = Sizes()
SHORT = Sizes(snippets=24, trained=0.5, questions=4, probed=8, epochs=1.0, tokens=32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one student did."""

    arm: str
    seed: int
    dialogues: int
    """Trained on."""
    measured: Measured


def measure(
    seed: int, work: Path, *, base: Path, snippets: Path | None = None, sizes: Sizes = FULL
) -> list[Result]:
    """Run, export, train all arms and ask them.

    Args:
        seed: of the students, their rows' order and the questions drawn.
        work: an empty folder to work in.
        base: a folder with a model that has language.
        snippets: a file of snippets; without it, they are about the people of `facts`.
        sizes: how large all of it is.
    """
    texts = snippets or write_people(work / "people.jsonl", people())
    source = Snippets(path=str(texts.absolute()), limit=sizes.snippets)
    run = colloquia.run(Recipe(snippets=source), store=str(work / "run.db"))
    for context in BOOKS:
        formats = ["trl-sft", "trl-grpo"]
        split = {"train": sizes.trained, "test": 1 - sizes.trained}
        run.export(str(work / f"{context}-rows"), to=formats, split=split, context=context)
    settings = _settings(base, seed, sizes)
    for context in BOOKS:
        colloquia.train(work / f"{context}-rows", output=work / context, **settings)
    bare = _bare_snippets(work, base, sizes)
    colloquia.train(bare[0], output=work / "snippets", **settings | {"sft": _sft(bare[1])})
    _probe_and_train(work, seed, settings, sizes)
    corpus = open_corpus(work / "closed-rows")
    return [
        Result(
            arm=arm,
            seed=seed,
            dialogues=len(corpus.rows("trl-sft", "train")),
            measured=_measured(base if arm == "before" else work / arm, corpus, seed, sizes),
        )
        for arm in ARMS
    ]


def _measured(folder: Path, corpus: Corpus, seed: int, sizes: Sizes) -> Measured:
    rows = rows_for_perplexity(corpus, "test", limit=sizes.surprises, seed=seed)
    student = open_student(folder)
    surprise = perplexity(student, rows, place=folder)
    answers: dict[tuple[str, Book], list[AskedQuestion]] = {}
    for split, book, answerable in ASKED:
        known = [one for one in read_questions(corpus, split) if one.answerable is answerable]
        questions = sampled(known, sizes.questions, seed=seed)
        settings = AskSettings(book=book, max_tokens=sizes.tokens, seed=seed)
        answers.setdefault((split, book), []).extend(ask(student, questions, settings))
    cells = tuple(cell_of(own, split=split, book=book) for (split, book), own in answers.items())
    return Measured(model=folder.name, cells=cells, perplexity=surprise)


def _settings(base: Path, seed: int, sizes: Sizes) -> dict[str, Any]:
    return {
        "method": "sft",
        "base": str(base),
        "lora": True,
        "max_length": sizes.sequence,
        "seed": seed,
        "checkpoints": 1,
        "sft": _sft(sizes.epochs),
    }


def _sft(epochs: float) -> dict[str, Any]:
    return {"epochs": epochs, "batch_size": 4}


def _bare_snippets(work: Path, base: Path, sizes: Sizes) -> tuple[Path, float]:
    """Return the training snippets as a corpus, and the epochs that read as many tokens of them."""
    corpus, tokens = open_corpus(work / "closed-rows"), open_tokens(base)
    dialogues = [row["messages"] for row in corpus.rows("trl-sft", "train")]
    passages = {row["system"] for row in corpus.rows("trl-grpo", "train")}
    bare = [[{"role": "assistant", "content": text}] for text in sorted(passages)]
    read, once = (sum(len(tokens.dialogue(row).ids) for row in rows) for rows in (dialogues, bare))
    rows = [{"id": f"row{n}", "messages": messages} for n, messages in enumerate(bare)]
    return write_corpus(work / "snippets-rows", rows, name="snippets"), sizes.epochs * read / once


def _probe_and_train(work: Path, seed: int, settings: dict[str, Any], sizes: Sizes) -> None:
    ask = AskSettings(book="open", samples=4, temperature=1.0, max_tokens=sizes.tokens, seed=seed)
    probe(
        work / "open",
        work / "open-rows",
        out=work / "probed-rows",
        attempts=Attempts(ask=ask, limit=sizes.probed),
        refusals=RefusalSettings(book="open", seed=seed),
    )
    again = settings | {"base": str(work / "open"), "method": "sft,dpo"}
    dpo = {"steps": sizes.compared, "batch_size": 2, "accumulate": 2, "prefix_tokens": 5}
    rows = open_corpus(work / "probed-rows")
    if not rows.rows("trl-dpo", "train"):
        again["method"] = "sft"
    colloquia.train(work / "probed-rows", output=work / "probed", **again | {"dpo": dpo})


_LINES = (
    ("reads: right, passage shown", "test", "open", "answerable", "correct"),
    ("declines what it lacks, shown", "test", "open", "unanswerable", "not_attempted"),
    ("declines what it could answer", "test", "open", "answerable", "not_attempted"),
    ("knows: right, passage hidden", "train", "closed", "answerable", "correct"),
    ("admits the unknown, hidden", "test", "closed", "answerable", "not_attempted"),
    ("declines the unanswerable, hidden", "test", "closed", "unanswerable", "not_attempted"),
    ("invalid, passage shown", "test", "open", "answerable", "invalid"),
)


def table(results: Sequence[Result]) -> str:
    """Return shares over all seeds with Wilson's intervals, then each seed's, then perplexities."""
    lines = [f"{results[0].dialogues} dialogues read; questions of all seeds together"]
    lines.append(f"{'':<34} {'n':>4}  " + "".join(f"{arm:<20}" for arm in ARMS).rstrip())
    for name, split, book, kind, verdict in _LINES:
        shares = [_pooled(_of(results, arm), split, book, kind, verdict) for arm in ARMS]
        cells = "".join(f"{_shown(share):<20}" for share, _ in shares)
        lines.append(f"{name:<34} {shares[0][1]:>4}  {cells}".rstrip())
    lines.append("perplexity of held-out dialogues, by seed")
    for arm in ARMS:
        values = [one.measured.perplexity for one in _of(results, arm)]
        each = "".join(f"{value.value:>9,.2f}" if value else f"{'-':>9}" for value in values)
        lines.append(f"{arm:<9}{each}")
    return "\n".join(lines)


def _of(results: Sequence[Result], arm: str) -> list[Result]:
    return [one for one in results if one.arm == arm]


def _pooled(
    own: Sequence[Result], split: str, book: Any, kind: str, verdict: str
) -> tuple[Share, int]:
    outcomes = [getattr(one.measured.cell(split, book), kind) for one in own]
    n = sum(one.n for one in outcomes)
    hits = sum(round((getattr(one, verdict).value or 0.0) * one.n) for one in outcomes)
    return wilson(hits, n), n


def _shown(share: Share) -> str:
    if share.value is None:
        return "-"
    return f"{share.value:.2f} {share.low or 0:.2f}..{share.high or 0:.2f}"
