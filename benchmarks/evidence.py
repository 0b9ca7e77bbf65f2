"""How well two rules rank: `evidence.py AUDIT SNIPPETS QUESTIONS`.

AUDIT is a JSONL file of `{"knowledge", "response", "label"}`, judged by people; `faithful` is
ranked against `hallucinated` by `colloquia.evidence_score`. SNIPPETS is one of snippets with ids,
QUESTIONS one of `{"snippet_id", "question", "answerable"}`, where the unanswerable ones were made
to look answerable; they are ranked by `answerability`. Beside each stands plain word overlap.

A row's half is the last bit of the sha256 of its passage's text or id, so that no passage is in
both. Terms and weights were chosen on half 0; half 1 is the one to quote.
"""

import argparse
import hashlib
import json
import statistics
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import colloquia
from colloquia.language.reading.parsing import parse_all
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import content_words, overlap
from colloquia.offline.reading.answerable import answerability
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

AHEAD = 256  # texts parsed as one batch
TIMED = 100  # answers graded one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One row: its half, what people say, and what the rules say."""

    half: int
    good: bool
    score: float
    overlap: float


def half_of(name: str) -> int:
    """Return 0 for the half that choices were made on, 1 for the other."""
    return hashlib.sha256(name.encode()).digest()[-1] % 2


def auroc(good: Sequence[float], bad: Sequence[float]) -> float:
    """Return how often a good one is ranked above a bad one, draws counted half; 0.5 is chance."""
    ranked = sorted(bad)
    wins = sum(bisect_left(ranked, one) + bisect_right(ranked, one) for one in good)
    return wins / (2 * len(good) * len(bad))


def grade_answers(rows: list[dict[str, Any]]) -> list[Graded]:
    """Grade the responses that people call faithful or hallucinated."""
    return [
        Graded(
            half=half_of(row["knowledge"]),
            good=row["label"] == "faithful",
            score=colloquia.evidence_score(row["response"], passage=row["knowledge"]),
            overlap=overlap(content_words(row["response"]), row["knowledge"]),
        )
        for row in _parsed(rows, "knowledge", "response")
        if row["label"] in {"faithful", "hallucinated"}
    ]


def cost_of(rows: list[dict[str, Any]]) -> float:
    """Return the median CPU seconds of a grade, passage and answer parsed for it."""
    spent = []
    colloquia.evidence_score("Bees dance.", passage="Bees dance.")  # loads the pipeline
    for row in rows:
        started = time.process_time()
        colloquia.evidence_score(row["response"], passage=row["knowledge"])
        spent.append(time.process_time() - started)
    return statistics.median(spent)


def grade_questions(passages: dict[str | None, str], rows: list[dict[str, Any]]) -> list[Graded]:
    """Grade questions by whether their passage answers them."""
    return [
        Graded(
            half=half_of(row["snippet_id"]),
            good=row["answerable"],
            score=answerability(row["question"], passage=passages[row["snippet_id"]]).score,
            overlap=max(
                overlap(content_words(row["question"]), sentence.text)
                for sentence in split_sentences(passages[row["snippet_id"]])
            ),
        )
        for row in _parsed(rows, "question")
    ]


def _parsed(rows: list[dict[str, Any]], *fields: str) -> list[dict[str, Any]]:
    """Parse what rows hold in batches; the parses are kept for whoever asks next."""
    for at in range(0, len(rows), AHEAD):
        parse_all([row[field] for row in rows[at : at + AHEAD] for field in fields])
    return rows


def lines(name: str, graded: list[Graded]) -> list[str]:
    """Return a line for each half."""
    found = []
    for half, told in enumerate(("chosen on", "held out")):
        good = [row for row in graded if row.good and row.half == half]
        bad = [row for row in graded if not row.good and row.half == half]
        rule = auroc([row.score for row in good], [row.score for row in bad])
        plain = auroc([row.overlap for row in good], [row.overlap for row in bad])
        found.append(
            f"{name}, half {half} ({told}): AUROC {rule:.3f}, word overlap {plain:.3f}, "
            f"n={len(good) + len(bad)} ({len(good)} good)"
        )
    return found


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("audit", "snippets", "questions"):
        parser.add_argument(name)
    args = parser.parse_args()
    passages = {
        snippet.external_id: snippet.text
        for snippet in read_snippets(args.snippets, report=SnippetReport())
    }
    audit = _rows(args.audit)
    print(f"evidence_score: {1000 * cost_of(audit[:TIMED]):.0f} ms CPU an answer, n={TIMED}")
    print("\n".join(lines("evidence", grade_answers(audit))))
    print("\n".join(lines("answerable", grade_questions(passages, _rows(args.questions)))))


def _rows(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
