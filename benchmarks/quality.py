"""What a run's dialogues are worth, in figures: `python -m benchmarks.quality STORE [RUN]`.

Prints every figure with its n. With `--snippets FILE` it first runs the offline teacher on that
file in a store of its own. Nothing here asks a model: each figure is counted from rows.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import colloquia
from colloquia.core.recipe import Snippets
from colloquia.core.record import DialogueRecord
from colloquia.corpus.pairs import preference_pairs
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import FUNCTION_WORDS

SHORT = 8  # sentences of a snippet of which a dialogue should touch most
_SOURCE = re.compile(
    r"\b(?:the|this|that|my|your) (?:passage|source|snippet|excerpt|paragraph|document)\b|"
    r"\bwhat I have\b|\b(?:the|this) text\b", re.I,
)  # fmt: skip


@dataclass(kw_only=True)
class Tally:
    """Counts over a run's dialogues."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    personas: Counter[str] = field(default_factory=Counter)
    pair_sources: Counter[str] = field(default_factory=Counter)
    bigrams: Counter[tuple[str, str]] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=list)
    questions: int = 0
    duplicates: int = 0
    drafts: int = 0
    failed_drafts: int = 0
    answered: int = 0
    answered_with_span: int = 0
    unanswerable: int = 0
    unanswerable_declined: int = 0
    answerable: int = 0
    answerable_declined: int = 0
    sentences: int = 0
    """Of short snippets, no more of each than its dialogue has exchanges."""
    touched: int = 0
    """How many of them some answer quotes."""
    requoted: int = 0
    """Answers that quote nothing new."""
    mentions: int = 0
    """Questions and answers that speak of a source."""
    near_misses: Counter[str] = field(default_factory=Counter)
    """How they are phrased, by their small words."""
    near_misses_about: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    """The same, of each subject: the title of its snippets."""

    def add(self, record: DialogueRecord) -> None:
        """Count one dialogue."""
        dialogue = record.dialogue
        self.outcomes[dialogue.outcome] += 1
        if dialogue.reason:
            self.reasons[f"{dialogue.outcome}: {dialogue.reason}"] += 1
        self.personas[record.persona.name] += 1
        self.lengths.append(len(record.exchanges))
        self._add_questions(record)
        self._add_answers(record)
        self._add_coverage(record)
        for pair in preference_pairs(record):
            self.pair_sources[pair.source] += 1

    def _add_questions(self, record: DialogueRecord) -> None:
        texts = [exchange.question.text for exchange in record.exchanges]
        self.questions += len(texts)
        self.duplicates += len(texts) - len({text.casefold().strip(" ?!.") for text in texts})
        for text in texts:
            words = text.casefold().split()
            self.bigrams.update(pairwise(words))

    def _add_answers(self, record: DialogueRecord) -> None:
        drafts = [turn for turn in record.tree if turn.speaker == "answerer"]
        self.drafts += len(drafts)
        for draft in drafts:
            verdicts = [review.verdict for review in record.reviews_of(draft)]
            self.failed_drafts += any(verdict != "accept" for verdict in verdicts)
        for exchange in record.exchanges:
            self.kinds[exchange.kind or "unplanned"] += 1
            if not exchange.declined:
                self.answered += 1
                self.answered_with_span += bool(exchange.answer.spans)
            if exchange.answerable:
                self.answerable += 1
                self.answerable_declined += exchange.declined
            else:
                self.unanswerable += 1
                self.unanswerable_declined += exchange.declined

    def _add_coverage(self, record: DialogueRecord) -> None:
        quoted: set[int] = set()
        sentences = split_sentences(record.snippet.text)
        for exchange in record.exchanges:
            said = (exchange.question.text, exchange.answer.text)
            self.mentions += sum(_SOURCE.search(text) is not None for text in said)
            if exchange.kind == "near_miss":
                phrasing = _phrasing(exchange.question.text)
                self.near_misses[phrasing] += 1
                self.near_misses_about[record.snippet.title, phrasing] += 1
            now = {
                number
                for span in exchange.answer.spans
                for number, sentence in enumerate(sentences)
                if span.start < sentence.end and sentence.start < span.end
            }
            self.requoted += bool(now) and not exchange.declined and now <= quoted
            quoted |= now
        if record.exchanges and len(sentences) <= SHORT:
            self.sentences += min(len(sentences), len(record.exchanges))
            self.touched += min(len(quoted), len(record.exchanges))


def _phrasing(question: str) -> str:
    asked = re.split(r"(?<=[.!?:]) ", question)[-1]
    words = (word if word in FUNCTION_WORDS else "_" for word in asked.casefold().split())
    return re.sub(r"_(?: _)+", "_", " ".join(words))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    n: int
    goal: str
    met: bool | None

    def __str__(self) -> str:
        """Align the line for reading."""
        mark = {True: "met", False: "MISSED", None: ""}[self.met]
        value = f"{self.value:.0f}" if self.value == int(self.value) > 1 else f"{self.value:.4f}"
        return f"{self.name:<48} {value:>9}  n={self.n:<6} goal {self.goal:<12} {mark}"


def figures(tally: Tally) -> list[Figure]:
    """Return the table."""
    planned = sum(tally.outcomes.values())
    pairs = sum(tally.pair_sources.values())
    bigrams = sum(tally.bigrams.values())

    def share(name: str, part: int, whole: int, goal: str, least: float, most: float) -> Figure:
        value = part / whole if whole else 0.0
        return Figure(name=name, value=value, n=whole, goal=goal, met=least <= value <= most)

    accepted = tally.outcomes["accepted"]
    failed = tally.outcomes["failed"]
    alike = max(tally.near_misses_about.values(), default=0)
    shortest = min(tally.lengths, default=0)
    unanswerable, answerable = tally.unanswerable, tally.answerable
    return [
        share("dialogues accepted", accepted, planned, ">= 0.95", 0.95, 1),
        Figure(name="dialogues failed", value=failed, n=planned, goal="0", met=failed == 0),
        Figure(name="fewest exchanges in one dialogue", value=shortest, n=planned, goal=">= 3",
               met=shortest >= 3),
        Figure(name="mean exchanges", value=tally.questions / max(planned, 1), n=planned, goal="-",
               met=None),
        share("answered turns with a valid span", tally.answered_with_span, tally.answered,
              ">= 0.99", 0.99, 1),
        share("questions unanswerable", unanswerable, tally.questions, "0.10..0.20", 0.10, 0.20),
        share("unanswerable questions declined", tally.unanswerable_declined, unanswerable,
              ">= 0.90", 0.90, 1),
        share("answerable questions declined", tally.answerable_declined, answerable, "<= 0.05",
              0, 0.05),
        share("questions repeated in their dialogue", tally.duplicates, tally.questions, "< 0.02",
              0, 0.02),
        Figure(name="question kinds in use", value=len(tally.kinds), n=tally.questions,
               goal=">= 8", met=len(tally.kinds) >= 8),
        share("distinct-2 over all questions", len(tally.bigrams), bigrams, ">= 0.35", 0.35, 1),
        share("preference pairs per dialogue", pairs, planned, ">= 0.3333", 1 / 3, 99),
        share("sentences touched in short snippets", tally.touched, tally.sentences,
              ">= 0.70", 0.7, 1),
        share("answers that quote nothing new", tally.requoted, tally.answered,
              "<= 0.15", 0, 0.15),
        share("near misses phrased as the commonest", max(tally.near_misses.values(), default=0),
              tally.near_misses.total(), "<= 0.10", 0, 0.10),
        Figure(name="near misses phrased alike about one subject", value=alike,
               n=tally.near_misses.total(), goal="<= 3", met=alike <= 3),
        share("lines that speak of a source", tally.mentions, 2 * tally.questions, "0", 0, 0),
        share("drafts that a reviewer turned down", tally.failed_drafts, tally.drafts, "-", 0, 1),
    ]  # fmt: skip


def count(records: Iterable[DialogueRecord]) -> Tally:
    """Count all dialogues of a run."""
    tally = Tally()
    for record in records:
        tally.add(record)
    return tally


def report(run: colloquia.Run, *, as_json: bool) -> bool:
    """Print the table; return whether every goal is met."""
    tally = count(run.dialogues())
    table = figures(tally)
    if as_json:
        rows = [
            {"name": f.name, "value": f.value, "n": f.n, "goal": f.goal, "met": f.met}
            for f in table
        ]
        print(json.dumps({"run": run.id, "figures": rows, "kinds": tally.kinds}, indent=1))
    else:
        print(f"run {run.id}: {run.summary()}")
        for figure in table:
            print(figure)
        for name, counter in (
            ("kinds", tally.kinds),
            ("pairs", tally.pair_sources),
            ("reasons", tally.reasons),
            ("personas", tally.personas),
        ):
            print(f"{name}: " + ", ".join(f"{key} {n}" for key, n in counter.most_common()))
    return all(figure.met is not False for figure in table)


def main() -> int:
    """Read the arguments, run if asked to, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", nargs="?", default="colloquia.db")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--snippets", help="first run the offline teacher on this file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not args.snippets:
        return 0 if report(colloquia.find_run(args.store, args.run), as_json=args.json) else 1
    with tempfile.TemporaryDirectory() as folder:
        recipe = colloquia.Recipe(
            snippets=Snippets(path=str(Path(args.snippets).resolve())), seed=args.seed
        )
        run = colloquia.run(recipe, store=str(Path(folder) / "run.db"))
        return 0 if report(run, as_json=args.json) else 1


if __name__ == "__main__":
    sys.exit(main())
