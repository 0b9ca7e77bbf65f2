"""From chat rows to tokens: which of them the model has said, and which of those it learns.

(ids, trained) is the whole contract between a corpus and a trainer. A chat template with
`{% generation %}` marks says itself which tokens are the assistant's; TRL knows such a template for
many models; for any other, and where the marks are wrong, the assistant's words are what a longer
conversation adds to a shorter one. Either way the marked tokens are decoded again, row by row: they
must be the assistant's texts, each with a token that ends it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.core.types import Message
from colloquia.models.faults.causes import short
from colloquia.models.faults.errors import CallFailed
from colloquia.models.local.chat_prompts import ChatPrompts

ChatMessage = dict[str, str]

#: For a base without a chat template: plain words, since new tokens would have to be learnt first.
PLAIN_TEMPLATE = """\
{%- for message in messages -%}
{{- '### ' + message['role'] + '\\n' -}}
{%- if message['role'] == 'assistant' -%}
{%- generation -%}{{- message['content'] + eos_token -}}{%- endgeneration -%}{{- '\\n\\n' -}}
{%- else -%}
{{- message['content'] + '\\n\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '### assistant\\n' -}}{%- endif -%}
"""

_QUIET = {"verbose": False}  # a row that is too long is cut and counted, not warned of

# What templates of reasoning models put before the last answer.
_NO_THOUGHT = re.compile(r"^<think>\s*</think>\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A row in tokens."""

    ids: list[int]
    trained: list[bool]
    """Per token: does the loss count it."""

    @property
    def labels(self) -> list[int]:
        """The ids, and -100 where nothing is learnt."""
        return [i if t else -100 for i, t in zip(self.ids, self.trained, strict=True)]

    def spans(self) -> Iterator[tuple[bool, list[int]]]:
        """Yield the stretches of tokens that are trained, and not, in turn."""
        pairs = zip(self.trained, self.ids, strict=True)
        for trained, stretch in groupby(pairs, key=lambda pair: pair[0]):
            yield trained, [token for _, token in stretch]

    def cut(self, most: int) -> "Encoded | None":
        """Return the longest start of whole answers that fits, or None where not even one does.

        Half an answer would teach to stop in the middle.
        """
        if len(self.ids) <= most:
            return self
        ends = [
            end
            for end in range(1, most + 1)
            if self.trained[end - 1] and (end == len(self.ids) or not self.trained[end])
        ]
        if not ends:
            return None
        return Encoded(ids=self.ids[: ends[-1]], trained=self.trained[: ends[-1]])


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTokens:
    """A prompt with one answer to it."""

    prompt: list[int]
    answer: list[int]
    opening: int = 0
    """First tokens of the answer that only say that nothing was thought, as some templates do."""


class ChatTokens:
    """Turns chat messages into tokens with one tokenizer and its training template."""

    def __init__(self, tokenizer: Any, *, place: object) -> None:
        """Take a tokenizer.

        Args:
            tokenizer: a fast one of transformers; gets a template and a padding token if it has
                none.
            place: where it came from, for errors.

        Raises:
            UserError: it has neither a template nor an end-of-sequence token to make one with, or
                a template that can't render a single question.
        """
        self.tokenizer = tokenizer
        self.place = shown(place)
        if not tokenizer.is_fast:
            raise UserError(f"{self.place}: its tokenizer has no tokenizer.json; convert it first")
        if tokenizer.chat_template is None:
            if tokenizer.eos_token is None:
                raise UserError(
                    f"{self.place}: no chat template and no eos_token; add a chat_template.jinja"
                )
            tokenizer.chat_template = PLAIN_TEMPLATE
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        tokenizer.padding_side = "right"
        self._marked = _marked_template(tokenizer)
        self._prompts = ChatPrompts(tokenizer, name=self.place)
        self._ends = self._prompts.end_tokens()

    def dialogue(self, messages: Sequence[ChatMessage]) -> Encoded:
        """Encode a whole dialogue; all of the assistant's messages are trained on.

        Raises:
            UserError: the trained tokens don't read as the assistant's texts, or don't end.
        """
        answers = [m["content"] for m in messages if m["role"] == "assistant"]
        if self._marked:
            encoded = self._by_marks(messages)
            if self._reads_as(encoded, answers) and self._ends_each(encoded):
                return encoded
        encoded = self._by_growth(messages)
        self._verify(encoded, answers)
        return encoded

    def answer(self, prompt: Sequence[ChatMessage], answer: Sequence[ChatMessage]) -> AnswerTokens:
        """Encode a prompt, as it ends where the model is to speak, and one answer to it.

        Raises:
            UserError: the template writes the prompt otherwise once it is answered.
        """
        before = self._ids(prompt, add_generation_prompt=True)
        whole = self._ids([*prompt, *answer])
        shared = _shared(before, whole)
        trained = [False] * shared + [True] * (len(whole) - shared)
        self._verify(Encoded(ids=whole, trained=trained), [answer[-1]["content"]])
        return AnswerTokens(
            prompt=whole[:shared], answer=whole[shared:], opening=self._opening(whole[shared:])
        )

    def question(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens that an answer follows, the same as where a student is asked.

        Raises:
            UserError: the template refuses these roles.
        """
        try:
            return self._prompts.ids(messages)
        except CallFailed as error:
            raise UserError(f"{self.place}: {error}; take another base") from error

    def last_answer(self, prompt: Sequence[ChatMessage], answer: Sequence[ChatMessage]) -> Encoded:
        """Encode a row of which only the last answer is trained on."""
        tokens = self.answer(prompt, answer)
        return Encoded(
            ids=tokens.prompt + tokens.answer,
            trained=[False] * len(tokens.prompt) + [True] * len(tokens.answer),
        )

    def harmless(self, text: str) -> str:
        """Return text with its control tokens broken up, so that it can't forge a turn."""
        return self._prompts.harmless(text)

    def decode(self, ids: Sequence[int]) -> str:
        """Return what tokens read as, special ones included."""
        return str(self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    def rendered(self, messages: Sequence[ChatMessage], *, reply_next: bool = False) -> str:
        """Return the text that messages become.

        Raises:
            UserError: the template refuses them.
        """
        return str(self._apply_template(messages, add_generation_prompt=reply_next, tokenize=False))

    def _apply_template(
        self, messages: Sequence[ChatMessage], *, tokenize: bool = True, **options: Any
    ) -> Any:
        try:
            return self.tokenizer.apply_chat_template(
                self._prompts.folded(list(messages)),
                tokenize=tokenize,
                return_dict=tokenize,
                chat_template=self._marked,
                tokenizer_kwargs=_QUIET,
                **options,
            )
        except Exception as error:  # a template raises whatever its author liked
            raise UserError(
                f"{self.place}: its chat template refuses a row of this corpus: "
                f"{short(str(error))}; change chat_template.jinja or take another base"
            ) from error

    def _ids(self, messages: Sequence[ChatMessage], **options: Any) -> list[int]:
        return list(self._apply_template(messages, **options)["input_ids"])

    def _by_marks(self, messages: Sequence[ChatMessage]) -> Encoded:
        encoded = self._apply_template(messages, return_assistant_tokens_mask=True)
        trained = [bool(mark) for mark in encoded["assistant_masks"]]
        return Encoded(ids=list(encoded["input_ids"]), trained=trained)

    def _by_growth(self, messages: Sequence[ChatMessage]) -> Encoded:
        ids = self._ids(messages)
        trained = [False] * len(ids)
        for place, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            begin = _shared(self._before(messages[: place + 1]), ids)
            end = _shared(self._ids(messages[: place + 1]), ids)
            trained[begin:end] = [True] * (end - begin)
        return Encoded(ids=ids, trained=trained)

    def _before(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the tokens that lead to the last message, perhaps with some that don't."""
        *earlier, last = messages
        if earlier:
            return self._ids(earlier, add_generation_prompt=True)
        # No template renders an empty conversation: another first message has the same beginning.
        other = "1" if last["content"].lstrip().startswith("0") else "0"
        return self._ids([{"role": last["role"], "content": other}])

    def _verify(self, encoded: Encoded, answers: Sequence[str]) -> None:
        if not self._reads_as(encoded, answers):
            raise UserError(
                f"{self.place}: with its chat template the trained tokens aren't the assistant's "
                "texts; mark them in chat_template.jinja with {% generation %}"
            )
        if not self._ends_each(encoded):
            raise UserError(
                f"{self.place}: its chat template ends an answer with no special token, so a "
                "student would never learn to stop; put eos_token there in chat_template.jinja"
            )

    def _reads_as(self, encoded: Encoded, answers: Sequence[str]) -> bool:
        read = [
            self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
            for trained, ids in encoded.spans()
            if trained
        ]
        return [_plain(_NO_THOUGHT.sub("", text)) for text in read] == [_plain(a) for a in answers]

    def _ends_each(self, encoded: Encoded) -> bool:
        return all(self._ends.intersection(ids) for trained, ids in encoded.spans() if trained)

    def _opening(self, answer: Sequence[int]) -> int:
        thought = _NO_THOUGHT.match(self.decode(answer))
        if thought is None:
            return 0
        return next(
            n for n in range(1, len(answer) + 1) if len(self.decode(answer[:n])) >= thought.end()
        )


def _marked_template(tokenizer: Any) -> str | None:
    """Return a template with generation marks: its own, or TRL's for the same model."""
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = template["default"]
    if re.search(r"\{%-?\s*generation\s*-?%\}", template):
        return str(template)
    from trl.chat_template_utils import get_training_chat_template

    try:
        return get_training_chat_template(tokenizer)  # type: ignore[no-any-return]
    except Exception:  # one that TRL doesn't know, which it says in several ways
        return None


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many first tokens two sequences have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _plain(text: str) -> str:
    """Return text as far as a tokenizer keeps it: some normalise letters and outer spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
