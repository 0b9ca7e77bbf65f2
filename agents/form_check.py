"""The form check: an answer is what a person would be told, and no markup of prompts and chats.

No model is asked. Exports leave out what holds a control token; here it is mended before that.
"""

import json
import re
from collections.abc import Iterator

from colloquia.agents.reviewer import Check
from colloquia.core.control_tokens import ANY_CONTROL_TOKEN
from colloquia.core.roles import ReviewInput
from colloquia.core.types import Verdict

# Tags that models put around thoughts and answers and that no tokeniser takes for its own, too.
_TOKEN = re.compile(
    rf"{ANY_CONTROL_TOKEN}"
    r"|</?(?:thinking|thought|reasoning|reflection|answer|response|output|final|seed:think)>"
    r"|◁/?think▷|</?data\b[^>\n]{0,40}>?"
)
_LABEL = re.compile(
    r"\s*+(?:#++\s*+|\*{1,3}|_{1,3})?"
    r"(?:(?i:assistant|answer(?:er)?|(?:final|revised) answer|response|reply|ai|bot|user|human|"
    r"question(?:er)?)|[AQ])"
    r"[^\S\n]*+(?:\*{1,3}|_{1,3})?[^\S\n]*+(?::|\n)"
)
_NEXT_TURN = re.compile(
    r"^[*_#\s]{0,4}(?:User|Human|Assistant|Question|Questioner|Answer|Answerer|Q|A)[*_]{0,3}:", re.M
)
_KEY = re.compile(r"\"(?:answer|quotes|declined)\"\s*:")
_FENCED = re.compile(r"\s*```.*```\s*", re.DOTALL)


class FormCheck(Check):
    """Checks that an answer is plain words, without a model."""

    def __init__(self, *, name: str = "form") -> None:
        """Make the check."""
        super().__init__(name=name)

    def judge(self, case: ReviewInput) -> Verdict:
        """Turn down markup that the passage doesn't have; a form has no score.

        Quotes aren't looked at: markup in them isn't in the passage, which the evidence check says.
        """
        faults = list(_faults(case.answer, passage=f"{case.snippet.title}\n{case.snippet.text}"))
        return Verdict(decision="revise" if faults else "accept", rationale="; ".join(faults))


def _faults(answer: str, *, passage: str) -> Iterator[str]:
    tokens = dict.fromkeys(found[0] for found in _TOKEN.finditer(answer))
    strange = [f"{token!r}" for token in tokens if token not in passage]
    if strange:
        yield f"the answer holds {', '.join(strange)}; leave out such marks, and any thinking aloud"
    if label := _LABEL.match(answer):
        yield f"the answer begins with the label {label[0].strip()!r}; begin with what it says"
    elif (turn := _NEXT_TURN.search(answer)) and turn[0].strip() not in passage:
        yield f"the answer goes on with another turn, {turn[0].strip()!r}; end before that"
    if "{" not in passage and (_is_json(answer) or _KEY.search(answer)):
        yield "the answer holds JSON of its own; say it in plain words"
    if "```" not in passage and _FENCED.fullmatch(answer):
        yield "the answer is a code fence; say it in plain words"


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
