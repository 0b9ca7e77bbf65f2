"""Whatever sees text from outside takes time in proportion to it: measured at n and at 2n.

The table pairs functions with what is worst for them. A function that is new to outside text gets
its line here; what needs a parse is tried by `benchmarks.hostile.snippets`.
"""

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks.hostile.variant import grows
from colloquia.agents.form_check import FormCheck
from colloquia.agents.reply import MOST_OF_A_QUESTION, parse_reply
from colloquia.authoring.prompts.reading import read_template
from colloquia.cli.view.printable import json_text, one_line
from colloquia.core.control_tokens import find_control_token
from colloquia.core.errors import ColloquiaError
from colloquia.core.roles import AnswererReply, Passage, ReviewInput
from colloquia.core.strict_yaml import load_yaml
from colloquia.core.text import brief, clean_text, clean_value, printable, shown
from colloquia.language.asking.declining import corrects, declines
from colloquia.language.asking.questions import (
    asking_sentences,
    bare_question,
    marked_pieces,
    separate_questions,
)
from colloquia.language.derivation.asked import operations_asked
from colloquia.language.facts.finding import find_figures
from colloquia.language.facts.quotes import locate, unwrapped
from colloquia.language.figures.elsewhere import find_places
from colloquia.language.figures.moments import find_moments
from colloquia.language.figures.quantities import find_quantities
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import content_words, words
from colloquia.models.faults.redactor import redact
from colloquia.models.wire.nearly_json import mended
from colloquia.models.wire.thoughts import thought_apart
from colloquia.models.wire.tools import arguments_text
from colloquia.offline.reviews.misplaced import exchanged
from colloquia.snippets.markup import plain_text
from colloquia.snippets.prose.headings import without_heading
from colloquia.snippets.prose.tables import is_table
from colloquia.snippets.prose.turns import is_talk, without_labels
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

N = 5_000  # characters at n; a snippet, an answer or a quote has at most 4n
LINES = 2_000
_ANEW = count()  # what was read before may be remembered, and would take no time

Hostile = Callable[[int], str]


def _repeated(piece: str, *, first: str = "", last: str = "") -> Hostile:
    return lambda n: first + piece * (n // len(piece)) + last


def _refused(work: Callable[[str], object]) -> Callable[[str], object]:
    """Let work refuse what it is given."""

    def tried(text: str) -> object:
        try:
            return work(text)
        except (ValueError, ColloquiaError) as refused:
            return refused

    return tried


_PIECES: Mapping[str, Hostile] = {
    "marks": _repeated("\u0301\u0316", first="a"),
    "marks that come apart": _repeated("\u0f73"),
    "spaces": _repeated(" ", first="a", last="b"),
    "line ends": _repeated("\n", first="a", last="b"),
    "letters": _repeated("a"),
    "short words": _repeated("ab "),
    "capitals": _repeated("Ann Hart "),
    "digits": _repeated("1"),
    "figures": _repeated("1,260.5 km "),
    "thousands": _repeated("111 ", last="1111"),
    "times": _repeated("9:30-10 a.m. "),
    "dates": _repeated("1 May 1851 to "),
    "full stops": _repeated(".", last="a"),
    "abbreviations": _repeated("e.g. "),
    "question marks": _repeated("?", last="a"),
    "quotation marks": _repeated('"'),
    "brackets": _repeated("[", last="]"),
    "citation marks": _repeated(" [1]", first="a"),
    "opening tags": _repeated("<sup>"),
    "tags": _repeated("<sup>1</sup><sub>"),
    "entities": _repeated("&#128512;"),
    "escapes": _repeated("\x1b["),
    "escapes of titles": _repeated("\x1b]0;"),
    "what nobody sees": _repeated("\u200b\u202e\ufe0f"),
    "emoji": _repeated("👩‍❤️‍👨"),
    "labels": _repeated("Q: a? A: b. "),
    "turns": _repeated("[10:02] ann: hi\n"),
    "speakers": _repeated("Ann Ann Ann Ann\n"),
    "rows": _repeated("For a mill, "),
    "numbered headings": _repeated("1.1 "),
    "control tokens": _repeated("<|im_start|>"),
    "halves of tokens": _repeated("<|"),
    "refusals": _repeated("I'm sorry, but I can't "),
    "commas": _repeated("a mill, "),
    "numbers in words": _repeated("twenty-one hundred "),
    "years": _repeated("In 1851 and "),
}
_ON_TEXT: Mapping[str, Callable[[str], object]] = {
    "clean_text": clean_text,
    "clean_value": lambda text: clean_value({text: [text]}),
    "printable": printable,
    "one_line": one_line,
    "json_text": json_text,
    "shown": shown,
    "brief": brief,
    "plain_text": plain_text,
    "without_heading": without_heading,
    "without_labels": without_labels,
    "is_talk": is_talk,
    "is_table": is_table,
    "find_control_token": find_control_token,
    "split_sentences": split_sentences,
    "words": words,
    "content_words": content_words,
    "find_figures": lambda text: list(find_figures(text)),
    "find_places": find_places,
    "find_moments": find_moments,
    "find_quantities": find_quantities,
    "declines": declines,
    "corrects": corrects,
    "locate": lambda text: locate(text + "!", text + " " + text + "?"),
    "unwrapped": lambda text: unwrapped(text, "A mill."),
    "redact": redact,
    "form check": lambda answer: FormCheck().judge(_case(answer)),
    "thought_apart": thought_apart,
    "exchanged": lambda text: exchanged(text, f"{text} Ann"),
}
_ON_QUESTIONS: Mapping[str, Callable[[str], object]] = {
    "asking_sentences": asking_sentences,
    "bare_question": bare_question,
    "marked_pieces": marked_pieces,
    "separate_questions": separate_questions,
    "operations_asked": operations_asked,
}
_REPLIES: Mapping[str, Hostile] = {
    "fences": _repeated("```json\n", first="{"),
    "braces": _repeated("{"),
    "objects": _repeated('{"a": 1} '),
    "keys": _repeated('{"a":'),
    "quotation marks": _repeated('"', first='{"a": "'),
    "round brackets": _repeated("}(1", first='{"a": [\\'),
    "brackets": _repeated("["),
    "refusals": _repeated("I'm sorry, but I can't "),
    "spaces": _repeated(" ", first="{", last="}"),
    "digits": _repeated("1", first='{"a": '),
    "ends of thoughts": _repeated("</think>{}"),
    "ends of turns": _repeated("<|end|>", first="<think>a</think>b"),
    "calls of tools": _repeated("<tool_call>"),
}
_ON_REPLIES: Mapping[str, Callable[[str], object]] = {
    "parse_reply": lambda text: parse_reply(text, AnswererReply),
    "mended": mended,
    "thought_apart": thought_apart,
    "arguments_text": arguments_text,
}
_YAML: Mapping[str, Hostile] = {
    "brackets": _repeated("[", first="a: "),
    "maps": _repeated("{a: ", first="a: "),
    "settings": lambda n: "".join(f"k{number}: 1\n" for number in range(n // 8)),
    "dashes": _repeated("- "),
    "questions": _repeated("? "),
    "digits": _repeated("9", first="a: "),
    "an open quote": _repeated("a\n", first='a: "'),
    "comments": _repeated("# a\n", last="a: 1"),
    "anchors": _repeated("&a ", first="a: "),
    "tags": _repeated("!!a ", first="a: "),
    "base 60": _repeated("1:", first="a: ", last="x"),
    "hexadecimal": _repeated("f", first="a: 0x"),
    "underscores": _repeated("1_", first="a: ", last="x"),
}
_TEMPLATES: Mapping[str, Hostile] = {
    "brackets": _repeated("(", first="{{ "),
    "braces": _repeated("{{"),
    "comments": _repeated("{# "),
    "filters": _repeated("|upper", first="{{ snippet", last=" }}"),
    "additions": _repeated("1 + ", first="{{ ", last="1 }}"),
    "conditions": _repeated("{% if snippet %}"),
    "blocks": _repeated("<<user>>\na\n"),
    "line ends": _repeated("\n"),
}
_LINES: Mapping[str, tuple[str, str, str]] = {
    "answers": (".md", "A: a mill.\n", ""),
    "answers with blank lines": (".md", "A: a mill.\n\n", ""),
    "a list in a list": (".md", "  - b\n", "- a\n"),
    "headings": (".md", "# A mill\n", ""),
    "rows": (".md", "| a | b |\n", "| a | b |\n|---|---|\n"),
    "comments": (".md", "<!-- a -->", ""),
    "spaces in a heading": (".md", " ", "# a"),
    "spaces in a rule": (".md", " ", "|-"),
    "backticks": (".md", "`" * 8, ""),
    "emphasis": (".md", "*a_ **b__ ", ""),
    "links": (".md", "[![a](", ""),
    "definitions": (".md", "[a]: b\n", ""),
    "quotes": (".md", "> ", ""),
    "words": (".txt", "ab ", ""),
    "lines": (".txt", "ab\n", ""),
    "turns": (".txt", "Ann: hi\n", ""),
    "timed turns": (".txt", "10:30 Ann: hi\n", ""),
    "quotation marks": (".csv", '""', 'text\n"'),
    "cells": (".csv", ",a", "text"),
    "rows of cells": (".csv", "a,b\n", "text,b\n"),
    "objects": (".jsonl", '{"text":', ""),
    "bad rows": (".jsonl", "{}\n", ""),
    "blank rows": (".jsonl", " \n", ""),
}


@pytest.mark.parametrize("text", _PIECES)
@pytest.mark.parametrize("work", _ON_TEXT)
def test_a_text_takes_linear_time(work: str, text: str) -> None:
    grows(lambda n: _ON_TEXT[work](f"{_PIECES[text](n)} {next(_ANEW)}"), N)


@pytest.mark.parametrize("text", _PIECES)
@pytest.mark.parametrize("work", _ON_QUESTIONS)
def test_a_question_takes_linear_time(work: str, text: str) -> None:
    most = MOST_OF_A_QUESTION // 2
    grows(lambda n: _ON_QUESTIONS[work](f"{_PIECES[text](n)} {next(_ANEW)}"), most)


@pytest.mark.parametrize("text", _REPLIES)
@pytest.mark.parametrize("work", _ON_REPLIES)
def test_a_reply_takes_linear_time_or_is_refused(work: str, text: str) -> None:
    grows(lambda n: _refused(_ON_REPLIES[work])(_REPLIES[text](n)), 5 * N)


@pytest.mark.parametrize("text", _YAML)
def test_yaml_takes_linear_time_or_is_refused(text: str) -> None:
    grows(lambda n: _refused(load_yaml)(_YAML[text](n)), 5 * N)


@pytest.mark.parametrize("text", _TEMPLATES)
def test_a_template_takes_linear_time_or_is_refused(text: str) -> None:
    grows(lambda n: read_template(_template(text, n), name="a", file="a"), N)


@pytest.mark.parametrize("text", _LINES)
def test_a_file_takes_linear_time(text: str) -> None:
    ending, piece, first = _LINES[text]
    with TemporaryDirectory() as folder:
        file = Path(folder, f"a{ending}")

        def read(n: int) -> Any:
            file.write_text(first + piece * n + "b", "utf-8")
            return _refused(lambda _: list(read_snippets(file, report=SnippetReport())))("")

        grows(read, LINES)


def _template(kind: str, n: int) -> str:
    return f"{FRONT}{_TEMPLATES[kind](n)}\n{next(_ANEW)}"


def _case(answer: str) -> ReviewInput:
    return ReviewInput(
        snippet=Passage(title=None, text="A mill.", language="en"),
        question="What is it?",
        answer=answer,
    )


FRONT = """---
role: questioner
description: Asks.
input:
  snippet: {type: object, untrusted: true, description: text}
output: QuestionerReply
---
<<user>>
"""
