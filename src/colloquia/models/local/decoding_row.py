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
    whole = [n for n in drawing if rows[n].top_p >= 1 and not rows[n].top_k]
    for places, draw in (
        (whole, _drawn_of_all),
        (sorted(set(drawing) - set(whole)), _drawn_of_likeliest),
    ):
        if places:
            some = [rows[n] for n in places]
            scaled = logits[places] / _column(logits, [row.temperature for row in some])
            dice = _column(logits, [row.draw.random() for row in some])
            for n, token in zip(places, draw(scaled, dice, some), strict=True):
                best[n] = token
    return best


def _drawn_of_all(scaled: Any, dice: Any, rows: Sequence[DecodingRow]) -> list[int]:
    """Draw from all tokens as they stand: to sort them would cost most of the choice."""
    sums = scaled.softmax(dim=-1, dtype=torch.float64).cumsum(dim=-1)
    places = torch.searchsorted(sums, dice * sums[:, -1:], right=True)
    tokens: list[int] = places.squeeze(1).clamp(max=scaled.shape[1] - 1).tolist()
    return tokens


def _drawn_of_likeliest(scaled: Any, dice: Any, rows: Sequence[DecodingRow]) -> list[int]:
    """Draw from those tokens that a row's `top_p` and `top_k` leave."""
    shares, tokens = scaled.softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
    before = shares.cumsum(dim=-1) - shares
    ranks = torch.arange(shares.shape[1], device=scaled.device)
    kept = before < _column(scaled, [row.top_p for row in rows])  # the first is always kept
    kept &= ranks < _column(scaled, [row.top_k or shares.shape[1] for row in rows])
    kept[:, 0] = True
    sums = (shares * kept).cumsum(dim=-1)
    places = (sums <= dice * sums[:, -1:]).sum(dim=-1, keepdim=True)
    chosen: list[int] = tokens.gather(1, places.clamp(max=shares.shape[1] - 1)).squeeze(1).tolist()
    return chosen


def _column(like: Any, values: list[float]) -> Any:
    return torch.tensor(values, device=like.device).unsqueeze(1)
