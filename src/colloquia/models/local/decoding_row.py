"""One chat on its way through a batch, and how the rows' next tokens are chosen."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from colloquia.core.ports import StopReason

if TYPE_CHECKING:
    from colloquia.models.local.reply_form import ReplyForm

#: From so many tokens before its limit on, a reply in form must be able to end in time. No reply of
#: ours needs half of that to end, wherever it is.
WATCHED = 96


@dataclass(slots=True, kw_only=True)
class DecodingRow:
    """One chat on its way through a batch."""

    place: int
    prompt: list[int]
    limit: int
    """Most tokens of the answer."""
    temperature: float
    top_p: float
    top_k: int
    draw: random.Random
    form: "ReplyForm | None" = None
    """What the answer is held to; None for free text."""
    thought_ends: frozenset[int] = frozenset()
    """The prompt leaves a thought open: the form holds from one of these tokens on."""
    ids: list[int] = field(default_factory=list)
    stop: StopReason = "length"
    end: int | None = None
    """The token that ended it; None where its form or its limit did."""
    _ending: list[int] | None = None
    """How the answer can end from here, once that is watched."""

    def hold(self, logits: Any) -> None:
        """Leave this row's logits to tokens that the form allows."""
        if self.form is None or self.thought_ends:
            return
        allowed = self.form.allowed(logits.shape[-1])
        logits.masked_fill_(~allowed.to(logits.device), -torch.inf)

    def in_time(self, token: int) -> int:
        """Return a token, or one towards the end where the form couldn't be closed after it."""
        room = self.limit - len(self.ids)
        if self.form is None or self.thought_ends or room > WATCHED:
            return token
        ending = self.form.ending() if self._ending is None else self._ending
        later = self.form.after(token).ending()
        if ending and (later is None or len(later) >= room):
            token, later = ending[0], ending[1:]
        self._ending = later
        return token

    def take(self, token: int, ends: frozenset[int]) -> bool:
        """Take the next token; return whether the answer goes on."""
        if token in ends:
            self.stop, self.end = "stop", token
            return False
        self.ids.append(token)
        if self.thought_ends:
            if token in self.thought_ends:
                self.thought_ends = frozenset()
        elif self.form is not None:
            self.form.take(token)
            if self.form.is_lost:
                self.form = None  # it is read as any text is
            elif self.form.is_whole:
                self.stop = "stop"
                return False
        return len(self.ids) < self.limit


def choose_tokens(logits: Any, rows: Sequence[DecodingRow]) -> list[int]:
    """Return each row's next token, within its form; logits, (rows, vocabulary), are changed."""
    for n, row in enumerate(rows):
        row.hold(logits[n])
    return [row.in_time(token) for row, token in zip(rows, _drawn(logits, rows), strict=True)]


def _drawn(logits: Any, rows: Sequence[DecodingRow]) -> list[int]:
    """Return each row's next token: the likeliest, or drawn with the row's own random numbers."""
    best: list[int] = logits.argmax(dim=-1).tolist()
    drawing = [n for n, row in enumerate(rows) if row.temperature > 0]
    if not drawing:
        return best
    some = [rows[n] for n in drawing]

    def column(values: list[float]) -> Any:
        return torch.tensor(values, device=logits.device).unsqueeze(1)

    scaled = logits[drawing] / column([row.temperature for row in some])
    shares, tokens = scaled.softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
    before = shares.cumsum(dim=-1) - shares
    ranks = torch.arange(shares.shape[1], device=logits.device)
    kept = before < column([row.top_p for row in some])  # the first is always kept
    kept &= ranks < column([row.top_k or shares.shape[1] for row in some])
    kept[:, 0] = True
    sums = (shares * kept).cumsum(dim=-1)
    wanted = column([row.draw.random() for row in some]) * sums[:, -1:]
    places = (sums <= wanted).sum(dim=-1, keepdim=True).clamp(max=shares.shape[1] - 1)
    for n, token in zip(drawing, tokens.gather(1, places).squeeze(1).tolist(), strict=True):
        best[n] = token
    return best
