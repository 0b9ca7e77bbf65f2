"""What a small language model makes of a text: the mean of its last layer's states.

The model is a folder (or one of the Hub), or `tiny`: made from nothing and taught the snippets'
own words for a little while. It knows no more of the world than these, but what reads like them.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from colloquia.core.text import shown
from colloquia.finetune.settings import TinySettings
from colloquia.finetune.train.tiny import make_tiny
from colloquia.models.local.hub import find_model
from colloquia.models.local.threads import worthwhile_threads

MAX_TOKENS = 512
"""Of a text; what comes after isn't read. A snippet is rarely longer."""
BATCH = 32

Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How `tiny` is taught the words of snippets."""

    steps: int = 200
    batch_size: int = 16
    learning_rate: float = 3e-3
    settings: TinySettings = field(default_factory=TinySettings)
    context: int = MAX_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedder:
    """A causal language model that is asked for no words."""

    model: Any
    tokenizer: Any
    context: int

    @classmethod
    def load(cls, place: str | Path) -> "Embedder":
        """Load a model; nothing in its folder is run.

        Raises:
            UserError: it is no model that may be loaded.
            WorldError: it doesn't fit into memory.
        """
        from colloquia.models.local import weights

        folder = find_model(str(place))
        with weights.translated_faults(shown(place)):
            model, tokenizer = weights.load_model(folder), weights.load_tokenizer(folder)
            window = weights.window_of(model.config)
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        tokenizer.padding_side = "right"
        return cls(model=model, tokenizer=tokenizer, context=min(window or MAX_TOKENS, MAX_TOKENS))

    @property
    def width(self) -> int:
        """How many numbers an embedding has."""
        return int(self.model.config.get_text_config().hidden_size)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a mean state for each text, in order; like lengths are read together."""
        found: dict[int, list[float]] = {}
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        with worthwhile_threads(self.model):
            for start in range(0, len(order), BATCH):
                places = order[start : start + BATCH]
                states = self._states([texts[place] for place in places])
                found |= zip(places, states, strict=True)
        return [found[place] for place in range(len(texts))]

    def _states(self, texts: list[str]) -> Any:
        import torch

        batch = self.tokenizer(
            texts, padding=True, truncation=True, max_length=self.context, return_tensors="pt"
        ).to(self.model.device)
        mask = batch["attention_mask"]
        with torch.no_grad():
            read = self.model(
                input_ids=batch["input_ids"], attention_mask=mask, output_hidden_states=True
            )
        states, weight = read.hidden_states[-1].float(), mask.unsqueeze(-1)
        return ((states * weight).sum(1) / weight.sum(1).clamp(min=1)).tolist()


def learn_words(
    place: Path,
    texts: Sequence[str],
    *,
    words: Words,
    seed: int,
    watch: Watch = lambda done, total: None,
) -> None:
    """Write a small model to a folder that has learnt how these texts go on, word by word.

    Args:
        place: a new folder.
        texts: at least one.
        words: how large, and how long it learns.
        seed: of weights and order; the same one gives the same bytes on the same machine.
        watch: told after each step.
    """
    import torch

    make_tiny(place, texts, settings=words.settings, context=words.context, seed=seed)
    embedder = Embedder.load(place)
    model, tokenizer = embedder.model.train(), embedder.tokenizer
    optimizer = torch.optim.AdamW(model.parameters(), lr=words.learning_rate, weight_decay=0.0)
    batches = _batches(texts, words.batch_size, seed=seed)
    with worthwhile_threads(model):
        for step in range(words.steps):
            for group in optimizer.param_groups:
                group["lr"] = words.learning_rate * _pace(step, words.steps)
            model_inputs = tokens_of(tokenizer, next(batches), words.context)
            loss = model(**model_inputs).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            watch(step + 1, words.steps)
    model.eval().save_pretrained(place)


def tokens_of(tokenizer: Any, texts: Sequence[str], context: int) -> dict[str, Any]:
    """Return texts as a model learns them: each ends with the token that ends an answer."""
    ended = [text + tokenizer.eos_token for text in texts]
    batch = tokenizer(ended, padding=True, truncation=True, max_length=context, return_tensors="pt")
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    return {
        "input_ids": batch["input_ids"],
        "attention_mask": batch["attention_mask"],
        "labels": labels,
    }


def _pace(step: int, steps: int) -> float:
    """Return the share of the learning rate: up for ten steps, then down on a cosine."""
    return min(1.0, (step + 1) / 10) * 0.5 * (1 + math.cos(math.pi * step / steps))


def _batches(texts: Sequence[str], size: int, *, seed: int) -> Iterator[list[str]]:
    dice, order = random.Random(seed), list(texts)
    waiting: list[str] = []
    while True:
        dice.shuffle(order)
        waiting += order
        while len(waiting) >= size:
            yield waiting[:size]
            del waiting[:size]
