"""How well the offline teacher reads people's questions: `reading.py SNIPPETS QUESTIONS`.

SNIPPETS is a JSONL file of snippets with ids, QUESTIONS one of `{"snippet_id", "question",
"answerable", "answers"}`, written by people, where the unanswerable ones were made to look
answerable. Nobody tells the teacher which are which. Its draft and its careful reading (what a
revision or a second sample uses) are measured apart, on two halves of the articles, taken by turns
in the order of their names: rules were tuned on the first, so the second is the one to quote.
"""

import argparse
import asyncio
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.ports import ChatRequest
from colloquia.core.roles import AnswererInput, AnswererReply, Passage
from colloquia.offline.model import OfflineModel
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport


@dataclass(kw_only=True)
class Tally:
    """Counts over questions."""

    answerable: int = 0
    answered: int = 0
    """Answerable ones that were answered, rightly or not."""
    held: int = 0
    """Answered ones whose answer holds one of people's answers."""
    unanswerable: int = 0
    declined: int = 0
    """Unanswerable ones that were declined."""

    def add(self, row: dict[str, Any], reply: AnswererReply) -> None:
        """Count one question."""
        if not row["answerable"]:
            self.unanswerable += 1
            self.declined += reply.declined
            return
        self.answerable += 1
        if not reply.declined:
            self.answered += 1
            said = plain(reply.answer)
            self.held += any(plain(answer) in said for answer in row["answers"])

    def lines(self) -> list[str]:
        """Return the figures, each with its n."""
        sensitivity = self.answered / max(1, self.answerable)
        specificity = self.declined / max(1, self.unanswerable)
        return [
            f"answerable answered {sensitivity:.3f} n={self.answerable}",
            f"of these, with one of people's answers {self.held / max(1, self.answered):.3f} "
            f"n={self.answered}",
            f"unanswerable declined {specificity:.3f} n={self.unanswerable}",
            f"balanced accuracy {(sensitivity + specificity) / 2:.3f}",
        ]


def plain(text: str) -> str:
    """Return text as words, for comparison."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(words)} "


def held_out(passages: dict[str | None, Passage]) -> set[str | None]:
    """Return the ids of the snippets whose article belongs to the second half."""
    articles = sorted({passage.title or "" for passage in passages.values()})
    second = set(articles[1::2])
    return {name for name, passage in passages.items() if (passage.title or "") in second}


async def ask(passage: Passage, question: str, *, sample: int) -> AnswererReply:
    """Ask the offline teacher one question out of the blue."""
    brief = AnswererInput(snippet=passage, question=question, sample=sample)
    request = ChatRequest(
        role="answerer",
        prompt="answerer@benchmark",
        messages=(),
        variables=brief.model_dump(mode="json"),
        seed=0,
    )
    reply = await OfflineModel().complete(request)
    return AnswererReply.model_validate_json(reply.text)


async def measure(
    passages: dict[str | None, Passage], rows: list[dict[str, Any]]
) -> dict[tuple[str, str], Tally]:
    """Ask every question twice; return the tallies by half and method."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    second = held_out(passages)
    for row in rows:
        for sample, method in enumerate(("draft", "careful")):
            reply = await ask(passages[row["snippet_id"]], row["question"], sample=sample)
            half = "held-out half" if row["snippet_id"] in second else "tuned half"
            tallies[half, method].add(row, reply)
    return tallies


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("snippets")
    parser.add_argument("questions")
    args = parser.parse_args()
    passages = {
        snippet.external_id: Passage(title=snippet.title, text=snippet.text)
        for snippet in read_snippets(args.snippets, report=SnippetReport())
    }
    rows = [json.loads(line) for line in Path(args.questions).read_text("utf-8").splitlines()]
    tallies = asyncio.run(measure(passages, rows))
    for (half, method), tally in sorted(tallies.items()):
        print(f"{half}, {method}:")
        for figure in tally.lines():
            print(f"  {figure}")


if __name__ == "__main__":
    main()
