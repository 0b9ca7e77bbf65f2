"""Replies held to a JSON Schema while they are written: which tokens may come next, and how to end.

llguidance reads the schema and the tokeniser. Objects are written on one line, keys in the schema's
order, so that nothing but values is left to the model; a reply is whole with its last brace.
"""

import json
from collections.abc import Mapping
from typing import Any

import llguidance.hf
import torch
from llguidance import LLMatcher

from colloquia.core.ports import ANY_OF

_MOST_ENDING = 512  # tokens; no reply of ours needs a tenth of that to end
_ENDS = ('"', "}", "]", ",", "0")  # in this order they lead out of any value, the shortest way
_WRITING = {
    "whitespace_flexible": False,  # white space without end is a small model's favourite
    "item_separator": ", ",
    "key_separator": ": ",
    "lenient": True,  # what it can't hold a reply to is left to whoever reads it
}


class ReplyForms:
    """The forms of one tokeniser's replies."""

    def __init__(self, tokenizer: Any) -> None:
        """Take a tokeniser; reading it takes a second, so that is left to the first form."""
        self._source = tokenizer
        self._read = False
        self._tokenizer: Any = None
        self._ends: tuple[int, ...] = ()
        self._grammars: dict[str, str] = {}

    def of(self, schema: Mapping[str, Any]) -> "ReplyForm | None":
        """Return the form of one reply at its beginning; None where it can't be held to one.

        That is where the tokeniser writes neither bytes nor a fallback to them (the form's marks
        may be missing then), or the schema is none.
        """
        if not self._read:
            self._read_tokenizer()
        if self._tokenizer is None:
            return None
        text = json.dumps(_as_held(schema))
        if text not in self._grammars:
            self._grammars[text] = LLMatcher.grammar_from_json_schema(text, overrides=_WRITING)
        matcher = LLMatcher(self._tokenizer, self._grammars[text], log_level=0)
        return None if matcher.is_error() else ReplyForm(matcher, self._ends)

    def _read_tokenizer(self) -> None:
        self._read = True
        try:
            self._tokenizer = llguidance.hf.from_tokenizer(self._source)
        except ValueError:
            return
        single = (self._tokenizer.tokenize_str(mark) for mark in _ENDS)
        self._ends = tuple(tokens[0] for tokens in single if len(tokens) == 1)


class ReplyForm:
    """One reply on its way."""

    def __init__(self, matcher: LLMatcher, ends: tuple[int, ...]) -> None:
        """Take a matcher and the tokens that lead out of values."""
        self._matcher, self._ends = matcher, ends

    @property
    def is_whole(self) -> bool:
        """Whether nothing can follow."""
        return bool(self._matcher.is_stopped())

    @property
    def is_lost(self) -> bool:
        """Whether the schema turned out to be more than can be followed."""
        return bool(self._matcher.is_error())

    def allowed(self, vocabulary: int) -> Any:
        """Return a boolean tensor: for each of the model's tokens whether it may come next."""
        allowed = torch.zeros(vocabulary, dtype=torch.bool)  # models have more rows than tokens
        known = _bits(self._matcher)[:vocabulary]
        allowed[: len(known)] = known
        return allowed

    def take(self, token: int) -> None:
        """Go on by one token that is allowed."""
        self._matcher.consume_token(token)

    def after(self, token: int) -> "ReplyForm":
        """Return the form as it would be after a token; this one stays."""
        ahead = self._matcher.deep_copy()
        ahead.consume_token(token)
        return ReplyForm(ahead, self._ends)

    def ending(self) -> list[int] | None:
        """Return tokens that end the reply from here; None where no end is found.

        What is open is closed, and what is required is added in its plainest form; so it is short,
        though not always the shortest.
        """
        ahead, tokens = self._matcher.deep_copy(), list[int]()
        while len(tokens) <= _MOST_ENDING:
            if ahead.is_error():
                return None
            if ahead.is_accepting():
                return tokens
            some = ahead.compute_ff_tokens() or [self._way_out(ahead)]
            ahead.consume_tokens(some)
            tokens += some
        return None

    def _way_out(self, matcher: LLMatcher) -> int:
        for token in self._ends:
            if matcher.validate_tokens([token]):
                return token
        return int(_bits(matcher).int().argmax())


def _bits(matcher: LLMatcher) -> Any:
    """Return for each token whether it may come next, as booleans."""
    packed = torch.frombuffer(bytearray(matcher.compute_bitmask()), dtype=torch.uint8)
    return (packed.unsqueeze(1) >> torch.arange(8) & 1).flatten().bool()


def _as_held(schema: Any) -> Any:
    """Return a schema with our own key as the `anyOf` that llguidance holds replies to."""
    if isinstance(schema, Mapping):
        return {"anyOf" if key == ANY_OF else key: _as_held(one) for key, one in schema.items()}
    return schema
