"""From messages to the tokens of a prompt, by a tokeniser's own chat template."""

from collections.abc import Sequence
from typing import Any

from colloquia.core.text import shown
from colloquia.core.types import Message
from colloquia.models.faults.causes import short
from colloquia.models.faults.errors import CallFailed, Fault, ModelError

_MARK = "colloquia marks this"  # any text that no template holds


class ChatPrompts:
    """A tokeniser with a chat template."""

    def __init__(self, tokenizer: Any, *, name: str = "the model") -> None:
        """Find out what the template does with a system message.

        Args:
            tokenizer: its chat template is rendered in `template_box`, as all are.
            name: the model's, for messages.

        Raises:
            ModelError: the template can't render a single question, or leaves it out.
        """
        self.tokenizer = tokenizer
        fix = "mend chat_template.jinja, or take that of the original model"
        try:
            rendered = self._render([{"role": "user", "content": _MARK}], reply_next=True)
        except Exception as error:  # a template raises whatever its author liked
            why = shown(short(str(error)))
            raise ModelError(
                f"{name}: its chat template can't render a single question: {why}; {fix}"
            ) from error
        if _MARK not in rendered:
            raise ModelError(f"{name}: its chat template leaves the question out; {fix}")
        self._special = sorted(
            (token.content for token in tokenizer.added_tokens_decoder.values() if token.special),
            key=len,
            reverse=True,
        )
        self._takes_system = self._renders_system()

    def folded(self, messages: list[dict[str, str]]) -> list[dict[str, str]]:
        """Return messages with the system's at the head of the first user's, where it must be.

        So it is where the template has no system role, refusing or dropping its message.
        """
        return messages if self._takes_system else _folded(messages)

    def ids(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens that a reply to these messages follows.

        Control tokens in a message's text are broken up, so that no text can forge a turn; see
        `folded` too.

        Raises:
            CallFailed: the template refuses these roles.
        """
        plain = [
            {"role": message.role, "content": self.harmless(message.content)}
            for message in messages
        ]
        try:
            text = self._render(self.folded(plain), reply_next=True)
        except Exception as error:  # a template raises whatever its author liked
            why = shown(short(str(error)))
            detail = f"the chat template refuses these messages: {why}"
            raise CallFailed(Fault(cause="fatal", detail=detail)) from error
        # Whether they fit is the caller's question; the tokeniser would warn on stderr by itself.
        return list(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def end_tokens(self) -> frozenset[int]:
        """Return what ends a reply: the tokeniser's end token, and what the template puts there.

        Many models were trained to end a turn with a token that their configuration doesn't name.
        """
        own = self.tokenizer.eos_token_id
        ends = set[int]() if own is None else {int(own)}
        turn = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": _MARK}]
        try:
            after = self._render(turn, reply_next=False).rpartition(_MARK)[2]
        except Exception:  # the template's own way to say no
            after = ""
        special = self.tokenizer.added_tokens_decoder
        first = self.tokenizer(after.lstrip(), add_special_tokens=False)["input_ids"][:1]
        return frozenset(ends.union(t for t in first if t in special and special[t].special))

    def harmless(self, text: str) -> str:
        """Return text with its control tokens broken up, so that it can't forge a turn."""
        for token in self._special:
            if token in text:
                text = text.replace(token, f"{token[0]} {token[1:]}")
        return text

    def _render(self, messages: list[dict[str, str]], *, reply_next: bool) -> str:
        return str(
            self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=reply_next
            )
        )

    def _renders_system(self) -> bool:
        """Whether the template has a place for a system message; some refuse it, some drop it."""
        messages = [{"role": "system", "content": _MARK}, {"role": "user", "content": "Hello."}]
        try:
            return _MARK in self._render(messages, reply_next=True)
        except Exception:  # the template's own way to say no
            return False


def _folded(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put the system message at the head of the first user message."""
    if not messages or messages[0]["role"] != "system":
        return messages
    system, *rest = messages
    if not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": system["content"]}, *rest]
    first = {"role": "user", "content": f"{system['content']}\n\n{rest[0]['content']}"}
    return [first, *rest[1:]]
