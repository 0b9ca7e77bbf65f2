"""A thought before an answer, as rows for training hold it: between two marks, then the answer.

A thought belongs to one answer. It is no part of what was said: the next turn, the reviewers and
the checks never see it.
"""

import re
from dataclasses import dataclass

BEGIN, END = "<think>", "</think>"
#: As Qwen, DeepSeek and Phi-4-reasoning write it; chat templates that know thoughts part it again.
_FORM = re.compile(rf"{BEGIN}\n(?P<thought>.+?)\n{END}\n\n(?P<answer>.+)", re.DOTALL)

#: The one system message of rows with thoughts. Phi-4-reasoning keeps one throughout: partly left
#: out or reworded, it made the model worse with the original (arXiv 2504.21318). The marks aren't
#: named: a tokenizer would read them as marks.
SYSTEM = (
    "Think before you answer. Your reply has two parts. The first is a thought: find out what is "
    "asked, recall what bears on it, check whether it really holds, compare, and correct yourself "
    "or begin again where it doesn't. The second is the answer alone: correct, to the point, and "
    "complete for someone who hasn't read the thought. Where the thought finds nothing that "
    "answers the question, the answer says so."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thoughtful:
    """A message taken apart."""

    thought: str | None
    """None where it has none."""
    answer: str


def with_thought(thought: str | None, answer: str) -> str:
    """Return an answer with the thought before it, if there is one; texts are stripped."""
    return answer if thought is None else f"{BEGIN}\n{thought}\n{END}\n\n{answer}"


def parted(content: str) -> Thoughtful:
    """Take apart what `with_thought` has put together; any other text is all answer."""
    found = _FORM.fullmatch(content)
    if found is None:
        return Thoughtful(thought=None, answer=content)
    return Thoughtful(thought=found["thought"], answer=found["answer"])
