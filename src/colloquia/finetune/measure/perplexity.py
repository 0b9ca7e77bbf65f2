"""How surprised a student is by dialogues it hasn't seen: perplexity of the assistant's tokens."""

import math
import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from colloquia.core.hashing import seed_for
from colloquia.core.text import shown
from colloquia.core.types import Value
from colloquia.corpus.formats import Format
from colloquia.finetune.data.corpus_files import Corpus, Row
from colloquia.finetune.data.tokens import ChatTokens, Encoded
from colloquia.finetune.machine import translated
from colloquia.finetune.measure.intervals import RESAMPLES

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator

FORMATS: tuple[Format, ...] = ("trl-sft", "trl-sft-turns")


class Perplexity(Value):
    """exp of the mean loss per token, with the interval of a bootstrap over rows."""

    value: float
    low: float | None
    high: float | None
    """None on one row, of which no other sample can be drawn."""
    rows: int
    tokens: int
    left_out: int
    """Rows of which not even one answer fits into the model's window."""


def rows_for_perplexity(
    corpus: Corpus, split: str, *, limit: int | None, seed: int = 0
) -> list[Row]:
    """Return whole dialogues of a split, or single answers where there are no dialogues.

    Of more than `limit` so many are drawn by the seed.
    """
    rows = next(filter(None, (corpus.rows(name, split) for name in FORMATS)), [])
    if limit is None or len(rows) <= limit:
        return rows
    return sorted(rows, key=lambda row: seed_for(seed, row["id"]))[:limit]


def perplexity(
    student: "TextGenerator",
    rows: Sequence[Row],
    *,
    place: object,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Perplexity | None:
    """Measure a student on rows of `trl-sft` or `trl-sft-turns`; None where none fits.

    Two models are comparable by it where they share a tokeniser.

    Args:
        student: loaded.
        rows: of one format.
        place: its folder, for errors.
        watch: told after every row: how many are done, and of how many.

    Raises:
        UserError: its template refuses a row, or doesn't say which tokens are the assistant's.
        WorldError: out of memory.
    """
    tokens = ChatTokens(student.tokenizer, place=place)
    losses: list[tuple[float, int]] = []
    for done, row in enumerate(rows, start=1):
        encoded = _encode_row(tokens, row)
        fitting = encoded.cut(student.window or len(encoded.ids))
        if fitting is not None and any(fitting.trained[1:]):
            losses.append(_measure_row(student, fitting, place=place))
        watch(done, len(rows))
    if not losses:
        return None
    low, high = _interval(losses)
    return Perplexity(
        value=_perplexity(losses),
        low=low,
        high=high,
        rows=len(losses),
        tokens=sum(number for _, number in losses),
        left_out=len(rows) - len(losses),
    )


def _encode_row(tokens: ChatTokens, row: Row) -> Encoded:
    if "messages" in row:
        return tokens.dialogue(row["messages"])
    return tokens.last_answer(row["prompt"], row["completion"])


def _measure_row(student: "TextGenerator", encoded: Encoded, *, place: object) -> tuple[float, int]:
    try:
        return _sum_losses(student, encoded)
    except Exception as error:  # torch names out of memory on a CPU a plain RuntimeError
        doing = f"measuring the perplexity of {shown(place)} on {len(encoded.ids):,} tokens"
        own = translated(error, doing=doing, smaller="shorter dialogues or a smaller model")
        if own is None:
            raise
        raise own from error


def _sum_losses(student: "TextGenerator", encoded: Encoded) -> tuple[float, int]:
    """Return the summed loss of the trained tokens and how many they are."""
    import torch

    ids = torch.tensor([encoded.ids], device=student.device)
    wanted = torch.tensor(encoded.trained[1:], device=student.device)
    with student.evaluating():
        logits = student.model(input_ids=ids).logits[0, :-1][wanted].float()
        losses = torch.nn.functional.cross_entropy(logits, ids[0, 1:][wanted], reduction="sum")
    return float(losses), int(wanted.sum())


def _perplexity(losses: Sequence[tuple[float, int]]) -> float:
    mean = math.fsum(loss for loss, _ in losses) / sum(number for _, number in losses)
    return round(math.exp(min(mean, 700.0)), 3)


def _interval(losses: Sequence[tuple[float, int]]) -> tuple[float, float] | tuple[None, None]:
    if len(losses) == 1:
        return None, None
    draw = random.Random(0)
    values = sorted(_perplexity(draw.choices(losses, k=len(losses))) for _ in range(RESAMPLES))
    return values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES) - 1]
