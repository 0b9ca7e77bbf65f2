"""What a student did and heard, token by token: which of it is learnt, and how much.

The tokens of ECHO (arXiv 2605.24517): actions A are the student's words; observations O are all
that came back, warnings among them, and those that are learnt have a weight. A weight here is over
|O| of its own conversation already, so a loss is a plain sum: L_env = sum of weight * -log p.
Words are found by rendering the chat template once with marks in their places: what stands between
the marks is the template's and is never learnt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from colloquia.core.errors import UserError
from colloquia.corpus.kinds import Kind
from colloquia.finetune.data.tokens import ChatMessage, ChatTokens

_MARK = "colloquia puts number {} here"
_JOIN = "\n"  # between messages of one role, which templates want as one


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTokens:
    """A conversation in tokens."""

    ids: list[int]
    kinds: list[Kind]
    """Per token; what is the template's is `context`, and so is all that isn't said or heard."""
    weights: list[float]
    """Per token: of actions and observations, before any division."""

    @property
    def labels(self) -> list[int]:
        """The ids, and -100 where nothing is learnt."""
        return [i if w > 0 else -100 for i, w in zip(self.ids, self.weights, strict=True)]

    @property
    def actions(self) -> list[float]:
        """Per token: the weight of an action, else 0."""
        pairs = zip(self.kinds, self.weights, strict=True)
        return [weight if kind == "action" else 0.0 for kind, weight in pairs]

    @property
    def observations(self) -> list[float]:
        """Per token: the weight of an observation over |O|, else 0."""
        return over_observed(self.kinds, self.weights)

    def cut(self, most: int) -> "HeardTokens | None":
        """Return the longest start that fits and ends with a whole action, None where none does."""
        if len(self.ids) <= most:
            return self
        ends = [
            end
            for end in range(1, most + 1)
            if self.kinds[end - 1 : end + 1] == ["action", "context"]
        ]
        if not ends:
            return None
        end = ends[-1]
        return HeardTokens(ids=self.ids[:end], kinds=self.kinds[:end], weights=self.weights[:end])

    def spans(self) -> Iterator[tuple[Kind, float, list[int]]]:
        """Yield the stretches of tokens of one kind and weight, in turn."""
        rows = zip(self.kinds, self.weights, self.ids, strict=True)
        for (kind, weight), stretch in groupby(rows, key=lambda row: row[:2]):
            yield kind, weight, [token for _, _, token in stretch]


def over_observed(kinds: Sequence[Kind], weights: Sequence[float]) -> list[float]:
    """Return the weights of observations over their number, warnings counted among them."""
    observed = sum(kind in ("observation", "warning") for kind in kinds)
    pairs = zip(kinds, weights, strict=True)
    return [weight / observed if kind == "observation" else 0.0 for kind, weight in pairs]


def heard_tokens(
    tokens: ChatTokens,
    messages: Sequence[Mapping[str, Any]],
    *,
    speakers: Mapping[str, float] = {},
) -> HeardTokens:
    """Encode the messages of an `echo-jsonl` row.

    Args:
        tokens: of the student.
        messages: with role, content, speaker, kind and weight.
        speakers: a further factor on what these say; 1 for the others.

    Raises:
        UserError: the chat template changes what is said, so that nobody can tell where it stands.
    """
    groups = [list(group) for _, group in groupby(messages, key=lambda one: one["role"])]
    folded = [
        {"role": group[0]["role"], "content": _JOIN.join(one["content"] for one in group)}
        for group in groups
    ]
    encoded = tokens.dialogue(folded)
    pieces = _around(tokens, [message["role"] for message in folded])
    text, starts = pieces[0], []
    for message, piece in zip(folded, pieces[1:], strict=True):
        starts.append(len(text))
        text += message["content"] + piece
    ids, offsets = _with_offsets(tokens, text)
    if ids != encoded.ids:
        raise UserError(
            f"{tokens.place}: its chat template changes what is said in it; take another base"
        )
    kinds: list[Kind] = ["context"] * len(ids)
    weights = [0.0] * len(ids)
    for group, start in zip(groups, starts, strict=True):
        if group[0]["role"] != "assistant":
            _mark_heard(group, start, offsets, kinds, weights, speakers)
    said = [group[0]["weight"] for group in groups if group[0]["role"] == "assistant"]
    stretches = [span for span in _stretches(encoded.trained) if encoded.trained[span[0]]]
    for (begin, end), weight in zip(stretches, said, strict=True):
        kinds[begin:end] = ["action"] * (end - begin)
        weights[begin:end] = [weight] * (end - begin)
    return HeardTokens(ids=ids, kinds=kinds, weights=weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTokens:
    """What a template puts between an action and the next, for conversations that grow."""

    tokens: ChatTokens
    before: str
    """From an action's end to the words that are heard."""
    after: str
    """From there to where the student speaks."""

    @classmethod
    def of(cls, tokens: ChatTokens) -> "TurnTokens":
        """Ask the template."""
        pieces = _around(tokens, ["user", "assistant", "user"], reply_next=True)
        return cls(tokens=tokens, before=pieces[2], after=pieces[3])

    def heard(self, words: str, kind: Kind, *, end: int | None) -> HeardTokens:
        """Return what follows an action: the template's part, the words, and where to speak.

        Args:
            words: what came back.
            kind: `observation`, with weight 1, or `warning`.
            end: the token that ended the action, if one did; it isn't said twice.
        """
        words = self.tokens.harmless(words)  # a command may print whatever it likes
        ids, offsets = _with_offsets(self.tokens, self.before + words + self.after)
        kinds: list[Kind] = ["context"] * len(ids)
        weights = [0.0] * len(ids)
        one = {"content": words, "kind": kind, "weight": float(kind == "observation")}
        _mark_heard([one], len(self.before), offsets, kinds, weights, {})
        skip = int(end is not None and ids[:1] == [end])
        return HeardTokens(ids=ids[skip:], kinds=kinds[skip:], weights=weights[skip:])


def _around(tokens: ChatTokens, roles: Sequence[str], *, reply_next: bool = False) -> list[str]:
    """Return what a template writes before, between and after messages of these roles."""
    marks = [_MARK.format(n) for n in range(len(roles))]
    marked: list[ChatMessage] = [
        {"role": role, "content": mark} for role, mark in zip(roles, marks, strict=True)
    ]
    text = tokens.rendered(marked, reply_next=reply_next)
    pieces = []
    for mark in marks:
        piece, found, text = text.partition(mark)
        if not found:
            raise UserError(f"{tokens.place}: its chat template leaves messages out; take another")
        pieces.append(piece)
    return [*pieces, text]


def _with_offsets(tokens: ChatTokens, text: str) -> tuple[list[int], list[tuple[int, int]]]:
    read = tokens.tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
    )
    return list(read["input_ids"]), [tuple(pair) for pair in read["offset_mapping"]]


def _mark_heard(
    group: Sequence[Mapping[str, Any]],
    start: int,
    offsets: Sequence[tuple[int, int]],
    kinds: list[Kind],
    weights: list[float],
    speakers: Mapping[str, float],
) -> None:
    """Mark the tokens that lie wholly inside each message's words."""
    for one in group:
        end = start + len(one["content"])
        for place, (first, last) in enumerate(offsets):
            if start <= first < last <= end:
                kinds[place] = one["kind"]
                weights[place] = one["weight"] * speakers.get(one.get("speaker", ""), 1.0)
        start = end + len(_JOIN)


def _stretches(marks: Sequence[bool]) -> list[tuple[int, int]]:
    edges = [0, *(n for n in range(1, len(marks)) if marks[n] != marks[n - 1]), len(marks)]
    return list(pairwise(edges))
