"""How many tokens a text has, about: no tokenizer is at hand for models that run elsewhere."""

from collections.abc import Sequence

from colloquia.core.types import Message

BYTES_PER_TOKEN = 4  # of English prose in the common tokenizers; a model's own count may differ


def approximate_tokens(messages: Sequence[Message]) -> int:
    """Return about how many tokens the messages have, without any tokenizer."""
    size = sum(len(message.content.encode("utf-8", "replace")) for message in messages)
    return -(-size // BYTES_PER_TOKEN)
