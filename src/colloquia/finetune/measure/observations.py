"""How well a student foresees what its environment will say: cross-entropy of observations."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colloquia.core.types import Value
from colloquia.finetune.data.heard import heard_tokens
from colloquia.finetune.data.tokens import ChatTokens

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator


class ObservationEntropy(Value):
    """Mean surprise in nats per token of what an environment said; warnings don't count."""

    nats: float
    tokens: int
    conversations: int


def observation_entropy(
    student: "TextGenerator", rows: Sequence[Mapping[str, Any]], *, place: object
) -> ObservationEntropy | None:
    """Measure a student on rows of `echo-jsonl`, whoever acted in them; None without observations.

    Two models are comparable by it where they share a tokeniser.

    Args:
        student: loaded.
        rows: held out from training. One beyond the student's window counts as far as it fits.
        place: the student's folder, for errors.

    Raises:
        UserError: its template refuses a row.
    """
    import torch

    tokens = ChatTokens(student.tokenizer, place=place)
    losses: list[float] = []
    measured = 0
    for row in rows:
        heard = heard_tokens(tokens, row["messages"])
        ids = torch.tensor([heard.ids[: student.window]], device=student.device)
        wanted = torch.tensor([k == "observation" for k in heard.kinds[1 : ids.shape[1]]])
        if not wanted.any():
            continue
        with student.evaluating():
            logits = student.model(input_ids=ids).logits[0, :-1][wanted].float()
            losses += torch.nn.functional.cross_entropy(
                logits, ids[0, 1:][wanted], reduction="none"
            ).tolist()
        measured += 1
    if not losses:
        return None
    nats = math.fsum(losses) / len(losses)
    return ObservationEntropy(nats=nats, tokens=len(losses), conversations=measured)
