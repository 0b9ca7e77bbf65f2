"""The evidence check: quotes that are really there, and no number, date or name from nowhere.

No model is asked. A factual answer must carry at least one verbatim quote; a quote that isn't in
the snippet, or a fact in neither snippet nor question, fails the turn. Where the question asks for
a figure to be worked out, one that follows is no stranger; the rationale says from what.
"""

import re

from colloquia.agents.reviewer import Check
from colloquia.core.roles import ReviewInput
from colloquia.core.types import Span, Verdict
from colloquia.language.derivation.weighing import Stray, weigh_facts
from colloquia.language.facts.quotes import locate

_NO_NAMES = "leave such names out, in an explanation too"


def spans_of(quotes: tuple[str, ...], text: str) -> tuple[Span, ...]:
    """Return where each quote stands in the text; quotes that aren't there are left out."""
    spans = (locate(quote, text) for quote in quotes)
    return tuple(dict.fromkeys(span for span in spans if span is not None))


class EvidenceCheck(Check):
    """Checks quotes and facts against the snippet, without a model."""

    def __init__(self, *, name: str = "evidence") -> None:
        """Make the check."""
        super().__init__(name=name)

    def judge(self, case: ReviewInput) -> Verdict:
        """Fail missing and false quotes and facts from nowhere; say which, or what follows."""
        false_quotes = [q for q in case.quotes if locate(q, case.snippet.text) is None]
        weighed = weigh_facts(
            case.answer, passage=case.snippet.text, title=case.snippet.title or "",
            question=case.question, quotes=case.quotes, language=case.snippet.language,
        )  # fmt: skip
        faults = [f"the quote {quote!r} is not in the passage" for quote in false_quotes]
        if not case.quotes and not case.declined:
            faults.append("no quote backs the answer")
        if weighed.strays:
            told = ", ".join(_told(stray) for stray in weighed.strays)
            named = any(not re.search(r"\d", stray.text) for stray in weighed.strays)
            out = f": {_NO_NAMES}" if named else ""
            faults.append(f"neither passage nor question has {told}{out}")
        follows = dict.fromkeys(f"{d.text} follows: {d.steps}" for d in weighed.derived)
        return Verdict(
            decision="revise" if faults else "accept",
            scores={"evidence": 0.0 if faults else 1.0},
            rationale="; ".join(faults or follows),
        )


def _told(stray: Stray) -> str:
    return f"{stray.text} ({stray.hint})" if stray.hint else stray.text
