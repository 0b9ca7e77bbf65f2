"""Rows that teach a student to answer what it knows and to decline what it doesn't.

After Phi-4 (arXiv 2412.08905, section 4.4 and appendix A.1), from what the student itself says:

| a question that …                  | SFT row              | preference pair                    |
|------------------------------------|----------------------|------------------------------------|
| it usually answers right           | question, reference  |                                    |
| it usually doesn't                 | question, a refusal  |                                    |
| can't be answered (bogus)          | question, a refusal  |                                    |
| it sometimes answers right         |                      | reference over a refusal           |
| it sometimes answers wrong         |                      | a refusal over its own wrong answer|

So correct > refusal > wrong. How many pairs of the second kind come on one of the first is the dial
between inventing and over-refusing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from colloquia.core.control_tokens import find_control_token
from colloquia.core.hashing import seed_for
from colloquia.core.text import clean_text
from colloquia.corpus.derived import Rows
from colloquia.corpus.formats import Format, row_id
from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.questions import Book
from colloquia.finetune.measure.asking import AskedQuestion
from colloquia.finetune.settings import Numbers

#: What a student is taught to say; Phi-4 has a model write them. Their first words differ from
#: those of answers, since only the first five tokens of each are compared in the preference stage.
REFUSALS = (
    "I don't know that.",
    "I don't know, and I'd rather not guess.",
    "I'm not sure about that, so I won't guess.",
    "I can't answer that; I don't know it.",
    "I don't have that information.",
    "I have no reliable answer to that.",
)


class RefusalSettings(Numbers):
    """How rows are made."""

    usual: float = Field(default=0.5, ge=0, le=1)
    """From this share of right answers on a question counts as known."""
    pair_ratio: float = Field(default=1.0, gt=0)
    """Most pairs `refusal over wrong` per pair `correct over refusal`, and the other way round: the
    surplus of either kind is left out. More of the first kind refuse more, and invent less."""
    book: Book = "closed"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalData:
    """What was made, by format."""

    rows: dict[Format, Rows]
    answers: int
    """SFT rows that answer."""
    refusals: int
    """SFT rows that decline."""
    correct_over_refusal: int
    refusal_over_wrong: int


def refusal_data(asked: Sequence[AskedQuestion], settings: RefusalSettings) -> RefusalData:
    """Make the rows, in the order of the questions.

    Args:
        asked: the training questions, each with the student's samples.
        settings: thresholds and the dial.
    """
    answered = [one for one in asked if one.attempts]
    sft = [_sft_row(one, settings) for one in answered]
    right = [_right_pair(one, settings) for one in answered if _sometimes(one, "correct")]
    wrong = [_wrong_pair(one, settings) for one in answered if _sometimes(one, "incorrect")]
    usable = [pair for pair in wrong if pair is not None]
    right_kept, wrong_kept = _balanced(right, usable, settings)
    declined = sum(row["source"] == "refusal" for row in sft)
    pairs = [*right_kept, *wrong_kept]
    surplus = len(right) + len(usable) - len(pairs)
    left_out = {"surplus": surplus, "control_tokens": len(wrong) - len(usable)}
    return RefusalData(
        rows={
            "trl-sft-turns": Rows(
                rows=sft,
                candidates=len(asked),
                excluded=_counted({"unasked": len(asked) - len(answered)}),
            ),
            "trl-dpo": Rows(
                rows=pairs,
                candidates=len(right) + len(wrong),
                excluded=_counted(left_out),
            ),
        },
        answers=len(sft) - declined,
        refusals=declined,
        correct_over_refusal=len(right_kept),
        refusal_over_wrong=len(wrong_kept),
    )


def _sometimes(one: AskedQuestion, verdict: str) -> bool:
    return one.question.answerable and one.share(verdict) > 0


def _sft_row(one: AskedQuestion, settings: RefusalSettings) -> Row:
    known = one.question.answerable and one.share("correct") >= settings.usual
    said = one.question.reference if known else _refusal(one, settings, use="sft")
    about = {
        name: one.question.row[name] for name in ("snippet_ids", "persona", "difficulty", "score")
    }
    return {
        **one.question.turn(settings.book, answer=said, with_history=not one.alone),
        **about,
        "attempts": 1,
        "source": one.question.row["source"] if known else "refusal",
    }


def _right_pair(one: AskedQuestion, settings: RefusalSettings) -> Row:
    return _pair(one, settings, one.question.reference, _refusal(one, settings, use="pair"))


def _wrong_pair(one: AskedQuestion, settings: RefusalSettings) -> Row | None:
    """Return the pair with one of the wrong samples; None where none is fit for a corpus."""
    wrong = [clean_text(a.text) for a in one.attempts if a.graded.verdict == "incorrect"]
    fit = [text for text in wrong if text and not find_control_token(text)]
    if not fit:
        return None
    said = fit[seed_for(settings.seed, one.question.id, "wrong") % len(fit)]
    return _pair(one, settings, _refusal(one, settings, use="pair"), said)


def _pair(one: AskedQuestion, settings: RefusalSettings, chosen: str, rejected: str) -> Row:
    row = {
        "prompt": one.question.prompt(settings.book, with_history=not one.alone),
        "chosen": [{"role": "assistant", "content": chosen}],
        "rejected": [{"role": "assistant", "content": rejected}],
    }
    return {
        "id": row_id(row, "trl-dpo"),
        **row,
        "score_chosen": None,
        "score_rejected": None,
        "source": "refusal",
    }


def _refusal(one: AskedQuestion, settings: RefusalSettings, *, use: Literal["sft", "pair"]) -> str:
    """Return a refusal; both pairs of a question have the same, which stands between them."""
    return REFUSALS[seed_for(settings.seed, one.question.id, use) % len(REFUSALS)]


def _balanced(
    right: list[Row], wrong: list[Row], settings: RefusalSettings
) -> tuple[list[Row], list[Row]]:
    """Return as many of both kinds as the ratio allows; all of one where the other is missing."""
    if not right or not wrong:
        return right, wrong
    fewer_right = min(len(right), math.ceil(len(wrong) / settings.pair_ratio))
    fewer_wrong = min(len(wrong), math.ceil(fewer_right * settings.pair_ratio))
    return _drawn(right, fewer_right, settings), _drawn(wrong, fewer_wrong, settings)


def _drawn(rows: list[Row], number: int, settings: RefusalSettings) -> list[Row]:
    ranked = sorted(rows, key=lambda row: seed_for(settings.seed, row["id"]))
    kept = {row["id"] for row in ranked[:number]}
    return [row for row in rows if row["id"] in kept]


def _counted(excluded: dict[str, int]) -> dict[str, int]:
    return {reason: number for reason, number in excluded.items() if number}
