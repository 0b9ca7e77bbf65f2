"""A local transformers model that answers many chats at once.

Own decoding, because each row keeps its own temperature, top_p, length and seed: a row's words
depend on its chat and its seed, not on who else is in the batch. The limit of that is arithmetic:
other row and batch sizes, and a beginning that was read before, round sums differently. In fp32
(CPU) it takes a near tie of two tokens to show, in bf16 (GPU) it happens now and then; `batch=1`
without kept prefixes rules it out.
"""

import inspect
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
import transformers

from colloquia.core.ports import StopReason
from colloquia.core.text import shown
from colloquia.core.types import Message
from colloquia.models.faults.causes import short
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.local.chat_prompts import ChatPrompts
from colloquia.models.local.decoding_row import DecodingRow, choose_tokens
from colloquia.models.local.model_folder import ModelFolder
from colloquia.models.local.prefix_cache import BLOCK, PrefixCache, can_share, joined
from colloquia.models.local.reply_form import ReplyForms
from colloquia.models.local.threads import worthwhile_threads
from colloquia.models.local.weights import (
    is_out_of_memory,
    load_model,
    load_tokenizer,
    memory_bytes,
    translated_faults,
    window_of,
)
from colloquia.models.wire.thoughts import THOUGHT_ENDS, THOUGHT_MARKS

DEFAULT_MAX_TOKENS = 1024
BATCH_ON_GPU, BATCH_ON_CPU = 64, 8
SHARE_FOR_PREFIXES = 1 / 8  # of the memory, for what is kept of prompts
_TAIL = 8  # tokens at a prompt's end among which a template may open a thought


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How one chat is answered; None stands for the model's own generation_config.json."""

    temperature: float | None = None
    """0 takes the likeliest token each time."""
    top_p: float | None = None
    top_k: int | None = None
    """0 draws from all tokens."""
    max_tokens: int = DEFAULT_MAX_TOKENS
    seed: int | None = None
    """None draws another each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Messages to answer."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer is held to while it is written; None for free text."""
    ids: tuple[int, ...] | None = None
    """Their tokens, where they are known already; the messages aren't read then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model said to one chat."""

    text: str
    ids: tuple[int, ...]
    """Its tokens, without the one that ended it."""
    stop: StopReason
    tokens_in: int
    end: int | None = None
    """The token that ended it; None where its form or its limit did."""


class TextGenerator:
    """A causal language model with its tokeniser and chat template."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str = "the model",
        batch: int | None = None,
        prefixes: PrefixCache | None = None,
    ) -> None:
        """Take a model that is loaded; it isn't changed.

        Args:
            model: a transformers causal language model, or peft's wrapper around one.
            tokenizer: its tokeniser, with a chat template.
            name: for messages.
            batch: most chats at once; by default 64 on a GPU, 8 on a CPU. Halved for good when
                memory runs out.
            prefixes: where the beginnings of prompts are kept, for a model whose weights stay.
        """
        self.model, self.tokenizer, self.name = model, tokenizer, name
        self.prefixes = prefixes
        self.forms = ReplyForms(tokenizer)
        self.device = next(model.parameters()).device
        self.batch = batch or (BATCH_ON_CPU if self.device.type == "cpu" else BATCH_ON_GPU)
        self.window = window_of(model.config)
        """Tokens that fit, prompt and reply together; None where the model sets no limit."""
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._known = int(model.get_input_embeddings().weight.shape[0])
        self._takes = inspect.signature(inner.forward).parameters
        self._cache = "cache" if "cache" in self._takes else "past_key_values"  # so till 5.23
        self._own = getattr(model, "generation_config", None) or transformers.GenerationConfig()
        self.prompts = ChatPrompts(tokenizer, name=name)
        named = self._own.eos_token_id
        own_ends = named if isinstance(named, list) else [] if named is None else [named]
        self._ends = self.prompts.end_tokens().union(own_ends)
        added = tokenizer.added_tokens_decoder.items()
        self._thought_marks = frozenset(n for n, token in added if token.content in THOUGHT_MARKS)
        self._thought_ends = frozenset(n for n, token in added if token.content in THOUGHT_ENDS)

    @classmethod
    def load(
        cls, folder: ModelFolder, *, batch: int | None = None, keep_prefixes: bool = False
    ) -> "TextGenerator":
        """Load a model folder: bf16 on a GPU where there is one, else fp32 on the CPU.

        Args:
            folder: checked.
            batch: most chats at once.
            keep_prefixes: whether what is made of prompts is kept for others that begin alike, in
                at most an eighth of the memory.

        Raises:
            ModelError: transformers doesn't know this model, or its files don't fit each other.
            WorldError: it doesn't fit into memory.
        """
        folder.require_chat_template()
        name = shown(folder.named)
        with translated_faults(name):
            tokenizer = load_tokenizer(folder)
            model = load_model(folder)
        prefixes = None
        if keep_prefixes:
            most = SHARE_FOR_PREFIXES * memory_bytes(next(model.parameters()).device)
            prefixes = PrefixCache(most_bytes=int(most))
        return cls(model, tokenizer, name=name, batch=batch, prefixes=prefixes)

    def answer(
        self, chats: Sequence[Chat], *, stopped: Callable[[], bool] = lambda: False
    ) -> list[Answer | CallFailed]:
        """Answer chats, at most `batch` at once, longest prompts first.

        Args:
            chats: any number of them.
            stopped: asked before each token; once true, what is missing fails.

        Returns:
            One per chat, in their order: what it said, or why it couldn't be asked.
        """
        results: dict[int, Answer | CallFailed] = {}
        rows: list[DecodingRow] = []
        for place, chat in enumerate(chats):
            try:
                rows.append(self._row(place, chat))
            except CallFailed as error:
                results[place] = error
        rows.sort(key=lambda row: -len(row.prompt))  # similar lengths together: little padding
        while rows and not stopped():
            some, rows = rows[: self.batch], rows[self.batch :]
            try:
                self._decode_rows(some, stopped)
            except Exception as error:  # torch names out of memory on a CPU a plain RuntimeError
                fault = self._fault_of(error, some)
                if fault is None:
                    self.batch = math.ceil(len(some) / 2)
                    rows = [self._row(row.place, chats[row.place]) for row in some] + rows
                else:
                    results |= {row.place: CallFailed(fault) for row in some}
                continue
            if not stopped():
                results |= {row.place: self._answer_in(row) for row in some}
        unfinished = CallFailed(Fault(cause="transient", detail=f"{self.name} was closed"))
        return [results.get(place, unfinished) for place in range(len(chats))]

    def _row(self, place: int, chat: Chat) -> DecodingRow:
        asked, own = chat.sampling, self._own
        prompt = self.prompts.ids(chat.messages) if chat.ids is None else list(chat.ids)
        room = asked.max_tokens if self.window is None else self.window - len(prompt)
        if room < 1:
            detail = (
                f"context too long: the prompt has {len(prompt):,} tokens and {self.name} takes "
                f"{self.window:,} with its reply; shorten the snippet or take another model"
            )
            raise CallFailed(Fault(cause="fatal", detail=detail))
        if prompt and max(prompt) >= self._known:  # a GPU would be of no use after that
            detail = f"{self.name}: its tokeniser has tokens that its weights don't have"
            raise CallFailed(Fault(cause="fatal", detail=detail))
        own_temperature = (own.temperature or 1.0) if own.do_sample else 0.0
        own_top_k = (own.top_k or 0) if own.do_sample else 0
        given = asked.temperature
        return DecodingRow(
            place=place,
            prompt=prompt,
            limit=min(asked.max_tokens, room),
            temperature=own_temperature if given is None else given,
            top_p=(own.top_p or 1.0) if asked.top_p is None else asked.top_p,
            top_k=own_top_k if asked.top_k is None else asked.top_k,
            draw=random.Random(asked.seed),
            form=None if chat.schema is None else self.forms.of(chat.schema),
            thought_ends=self._thought_ends if self._leaves_a_thought_open(prompt) else frozenset(),
        )

    def _leaves_a_thought_open(self, prompt: Sequence[int]) -> bool:
        tail = [token for token in prompt[-_TAIL:] if token in self._thought_marks]
        return bool(tail) and tail[-1] not in self._thought_ends

    def _decode_rows(self, rows: Sequence[DecodingRow], stopped: Callable[[], bool]) -> None:
        """Write the rows' tokens, one column at a time, until each has ended."""
        with self.evaluating():
            logits, mask, cache = self._read_prompts(rows)
            going = list(rows)
            while not stopped():
                chosen = choose_tokens(logits, going)
                stay = [n for n, row in enumerate(going) if row.take(chosen[n], self._ends)]
                if not stay:
                    return
                if len(stay) < len(going):
                    going = [going[n] for n in stay]
                    kept = torch.tensor(stay, device=self.device, dtype=torch.long)
                    mask = mask[kept]
                    cache.batch_select_indices(kept)
                ids = torch.tensor([[chosen[n]] for n in stay], device=self.device)
                mask = torch.cat([mask, mask.new_ones((len(stay), 1))], dim=1)
                logits, cache = self._next_logits(ids, mask, cache)

    def _read_prompts(self, rows: Sequence[DecodingRow]) -> tuple[Any, Any, Any]:
        """Return the first token's logits, the mask and the cache, which the model makes itself.

        What is known of a prompt's beginning isn't read again: it stands on the left, padded there,
        then the rest of each prompt, padded on its left too. A prompt that several rows have, as
        the samples of one question do, is read once.
        """
        numbers: dict[tuple[int, ...], int] = {}
        places = [numbers.setdefault(tuple(row.prompt), len(numbers)) for row in rows]
        logits, mask, cache = self._read_distinct(list(numbers))
        if len(numbers) < len(rows):
            copied = torch.tensor(places, device=self.device, dtype=torch.long)
            logits, mask = logits[copied], mask[copied]
            cache.batch_select_indices(copied)
        return logits, mask, cache

    def _read_distinct(self, prompts: Sequence[Sequence[int]]) -> tuple[Any, Any, Any]:
        kept = self.prefixes if "position_ids" in self._takes else None
        known = [kept.find(prompt) if kept else [] for prompt in prompts]
        starts = [BLOCK * len(blocks) for blocks in known]
        rests = [prompt[start:] for prompt, start in zip(prompts, starts, strict=True)]
        ids, mask = self._padded(rests)
        if any(starts):
            mask = torch.cat([self._padded([[0] * start for start in starts])[1], mask], dim=1)
        logits, cache = self._next_logits(ids, mask, joined(known))
        if kept is not None and can_share(cache):
            for n, prompt in enumerate(prompts):
                kept.keep(prompt, cache, n, known=len(known[n]))
        return logits, mask, cache

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """No gradients and no dropout; a model that is being trained goes on training after."""
        was_training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode(), worthwhile_threads(self.model):
                yield
        finally:
            self.model.train(was_training)

    def _next_logits(self, ids: Any, mask: Any, cache: Any) -> tuple[Any, Any]:
        """Return the next token's logits per row in fp32, and the grown cache."""
        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        optional = {"position_ids": positions, "logits_to_keep": 1}
        output = self.model(
            input_ids=ids,
            attention_mask=mask,
            use_cache=True,
            **{self._cache: cache},
            **{name: value for name, value in optional.items() if name in self._takes},
        )
        return output.logits[:, -1].float(), getattr(output, self._cache)

    def _padded(self, prompts: Sequence[Sequence[int]]) -> tuple[Any, Any]:
        """Return ids and mask, padded on the left, where new tokens don't come."""
        longest = max(map(len, prompts))
        filler = self.tokenizer.pad_token_id or 0
        gaps = [longest - len(prompt) for prompt in prompts]
        ids = [[filler] * gap + list(p) for gap, p in zip(gaps, prompts, strict=True)]
        mask = [[0] * gap + [1] * len(p) for gap, p in zip(gaps, prompts, strict=True)]
        return (
            torch.tensor(ids, device=self.device, dtype=torch.long),
            torch.tensor(mask, device=self.device, dtype=torch.long),
        )

    def _answer_in(self, row: DecodingRow) -> Answer:
        return Answer(
            text=self.text_of(row.ids),
            ids=tuple(row.ids),
            stop=row.stop,
            tokens_in=len(row.prompt),
            end=row.end,
        )

    def text_of(self, ids: Sequence[int]) -> str:
        """Return tokens as text, without special ones but for those around a thought."""
        pieces = groupby(ids, key=self._thought_marks.__contains__)
        return "".join(
            self.tokenizer.decode(list(piece), skip_special_tokens=not marks)
            for marks, piece in pieces
        )

    def _fault_of(self, error: Exception, rows: Sequence[DecodingRow]) -> Fault | None:
        """Return why these rows failed; None where fewer of them at once may do."""
        if not is_out_of_memory(error):
            return Fault(cause="fatal", detail=f"{self.name} failed: {short(str(error))}")
        if self.prefixes is not None:
            self.prefixes.clear()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if len(rows) > 1:
            return None
        detail = (
            f"out of memory on {self.device} with one chat of {len(rows[0].prompt):,} tokens; "
            "free memory there, or take a smaller model or snippet"
        )
        return Fault(cause="fatal", detail=detail)
