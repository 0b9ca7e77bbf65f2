"""A check that returns something else than a verdict is named, with what to return."""

from typing import Any

import pytest

from colloquia import Check, ReviewInput, Verdict
from colloquia.core.errors import GraphError
from colloquia.core.roles import Passage

CASE = ReviewInput(
    snippet=Passage(text="The lamp was lit in 1851."), question="When?", answer="1851."
)
SITE: Any = None  # a check asks nobody


class Loose(Check):
    """Returns what it is told to, as a user's own code may."""

    def __init__(self, says: Any) -> None:
        super().__init__()
        self._says = says

    def judge(self, case: ReviewInput) -> Verdict:
        said: Verdict = self._says
        return said


async def _accept() -> Verdict:
    return Verdict(decision="accept")


async def test_a_verdict_is_the_reply() -> None:
    asked = await Loose(await _accept()).ask(CASE, site=SITE)
    assert (asked.reply, asked.call_id) == (Verdict(decision="accept"), None)


@pytest.mark.parametrize("says", [True, None, "accept", {"decision": "accept"}])
async def test_anything_else_is_named_with_what_to_return(says: Any) -> None:
    with pytest.raises(GraphError) as caught:
        await Loose(says).ask(CASE, site=SITE)
    assert str(caught.value) == (
        f"Loose.judge returned {says!r}; return Verdict(decision='accept'), "
        "or 'revise' or 'reject' with a rationale"
    )


async def test_a_check_that_waits_is_told_that_it_can_t() -> None:
    with pytest.raises(GraphError, match=r"Loose\.judge is async; a check doesn't wait"):
        await Loose(_accept()).ask(CASE, site=SITE)
