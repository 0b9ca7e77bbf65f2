"""What is settled before anything is trained: base, tokens and rows of every stage, all checked."""

import math
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, assert_never

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.corpus.splits import TRAIN, VALIDATION
from colloquia.finetune.data.corpus_files import Corpus, Row
from colloquia.finetune.data.examples import Examples
from colloquia.finetune.data.mixture import Corpora, mixed, side_by_side
from colloquia.finetune.data.questions import read_questions
from colloquia.finetune.data.thought_marks import add_marks, have_thoughts
from colloquia.finetune.data.token_pairs import refuse_other_tokenizer, refuse_pairs_of_tokens
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.machine import Machine
from colloquia.finetune.settings import (
    EchoSettings,
    GrpoSettings,
    Method,
    StageSettings,
    TrainSettings,
)
from colloquia.finetune.train.base import (
    base_identity,
    load_tokenizer,
    refuse_beyond_window,
)
from colloquia.finetune.train.chosen_order import rates_sha256
from colloquia.finetune.train.methods.dpo import dpo_examples
from colloquia.finetune.train.methods.echo import echo_examples
from colloquia.finetune.train.methods.grpo import grpo_examples
from colloquia.finetune.train.methods.kto import kto_examples
from colloquia.finetune.train.methods.sft import sft_examples
from colloquia.finetune.train.tiny import make_tiny
from colloquia.models.local.model_folder import ModelFolder

#: Validation rows that are measured; more cost time at each checkpoint and hardly say more.
MOST_MEASURED = 200
#: The packages whose versions decide the weights: they compute, shuffle, batch and cut into tokens.
_DECIDING = (
    "colloquia",
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "tokenizers",
    "datasets",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRows:
    """The rows of one stage in tokens."""

    method: Method
    train: Examples
    validation: Examples


def training_identity(
    corpora: Corpora, settings: TrainSettings, machine: Machine, *, base: ModelFolder | None
) -> dict[str, Any]:
    """Return what decides the weights that come out, as plain JSON; without a base, of `tiny`."""
    made_from_nothing = {"model_type": "llama", "made_from": "nothing"}
    return {
        "schema": "colloquia.training/1",
        **_corpora_identity(corpora, settings),
        "settings": settings.model_dump(mode="json"),
        "base": made_from_nothing if base is None else base_identity(base),
        "machine": machine.as_dict(),
        "versions": {name: metadata.version(name) for name in _DECIDING},
    }


def _corpora_identity(corpora: Corpora, settings: TrainSettings) -> dict[str, Any]:
    told = {
        name: {"name": corpus.name, "manifest_sha256": corpus.manifest_sha256}
        for name, corpus in corpora.items()
    }
    if len(corpora) > 1:
        return {"corpora": told}
    ((name, corpus),) = corpora.items()
    return {"corpus": {**told[name], "rates_sha256": rates_sha256(corpus, settings)}}


def training_rows(corpus: Corpus, method: Method) -> list[Row]:
    """Return the rows that a method learns from.

    Raises:
        UserError: the corpus has none.
    """
    name = corpus.format_for(method)
    rows = corpus.rows(name, TRAIN)
    if not rows:
        there = ", ".join(corpus.splits(name))
        raise UserError(
            f"{shown(corpus.folder)} has no {name} rows in a split named {TRAIN} (there is: "
            f"{there}); make some with: colloquia export --split {TRAIN}=.9,{VALIDATION}=.1"
        )
    if method == "grpo":
        read_questions(corpus, TRAIN)  # tells what is wrong with them
    return rows


def base_place(
    corpora: Corpora, settings: TrainSettings, work: Path, *, base: ModelFolder | None
) -> Path:
    """Return where the model to begin with lies; without a base `tiny` is made in `work`.

    Raises:
        UserError: the base takes fewer tokens than `max_length`, or a new tokenizer can't have the
            tokens of the corpus.
    """
    if base is not None:
        refuse_beyond_window(base.named, settings.max_length)
        return base.named
    for corpus in corpora.values():
        refuse_pairs_of_tokens(corpus, settings.method)
    place = work / "base"
    if not place.exists():
        partial = work / "base.partial"
        shutil.rmtree(partial, ignore_errors=True)
        make_tiny(
            partial,
            _texts(corpora.values(), settings),
            settings=settings.tiny,
            context=settings.max_length,
            seed=settings.seed,
        )
        partial.rename(place)
    return place


def open_tokens(base: Path, *, thinking: bool = False) -> ChatTokens:
    """Return the tokenizer of a base.

    Args:
        base: its folder.
        thinking: whether it needs the marks of a thought as tokens.
    """
    tokenizer = load_tokenizer(base)
    if thinking:
        add_marks(tokenizer)
    return ChatTokens(tokenizer, place=base)


def teaches_to_think(corpora: Corpora, settings: TrainSettings) -> bool:
    """Return whether any stage's answers begin with a thought."""
    return any(
        have_thoughts(training_rows(corpus, method))
        for corpus in corpora.values()
        for method in settings.method
    )


def prepare_rows(
    corpora: Corpora, settings: TrainSettings, tokens: ChatTokens, method: Method
) -> PreparedRows:
    """Encode a method's rows; those of several corpora are drawn by weight.

    Raises:
        UserError: a corpus has none, none that fits into `max_length`, or another tokenizer's.
    """
    train = {
        name: _encode_training_rows(corpus, settings, tokens, method)
        for name, corpus in corpora.items()
    }
    validation = {
        name: _encode_rows(
            corpus.rows(corpus.format_for(method), VALIDATION)[:MOST_MEASURED],
            settings,
            tokens,
            method,
        )
        for name, corpus in corpora.items()
    }
    if len(corpora) == 1:
        (learnt,), (measured,) = train.values(), validation.values()
        return PreparedRows(method=method, train=learnt, validation=measured)
    draws = _draws(settings.stage(method), sum(len(part.rows) for part in train.values()))
    return PreparedRows(
        method=method,
        train=mixed(train, settings.weights, draws=draws, seed=settings.seed),
        validation=side_by_side(validation),
    )


def _draws(own: StageSettings, rows: int) -> int:
    """Return how many rows a stage goes through; an epoch is as many as all corpora have."""
    if own.steps is None:
        return max(1, round((own.epochs or 1) * rows))
    offline = isinstance(own, EchoSettings) and own.environment is None
    if isinstance(own, GrpoSettings) and not offline:
        return math.ceil(own.steps / own.iterations) * own.questions
    return own.steps * own.batch_size * own.accumulate


def _encode_training_rows(
    corpus: Corpus, settings: TrainSettings, tokens: ChatTokens, method: Method
) -> Examples:
    refuse_other_tokenizer(corpus, tokens.tokenizer, method, place=tokens.place)
    train = _encode_rows(training_rows(corpus, method), settings, tokens, method)
    if not train.rows:
        fit = train.fit
        reasons = {
            f"are longer than max_length {settings.max_length}; raise it": fit.left_out,
            "pairs begin alike; raise prefix_tokens": fit.alike,
            "answers are preferred by one pair and turned down by another": fit.contradictory,
        }
        causes = ", and ".join(f"{number:,} {why}" for why, number in reasons.items() if number)
        raise UserError(
            f"{shown(corpus.folder)}: none of {fit.read:,} rows can be used for {method}: {causes}"
        )
    return train


def _encode_rows(
    rows: list[Row], settings: TrainSettings, tokens: ChatTokens, method: Method
) -> Examples:
    most = settings.max_length
    match method:
        case "sft":
            return sft_examples(tokens, rows, max_length=most)
        case "dpo":
            return dpo_examples(tokens, rows, max_length=most, settings=settings.dpo)
        case "kto":
            return kto_examples(tokens, rows, max_length=most, seed=settings.seed)
        case "grpo":
            return grpo_examples(tokens, rows, max_length=most, settings=settings.grpo)
        case "echo":
            return echo_examples(tokens, rows, max_length=most, settings=settings.echo)
        case _:
            assert_never(method)


def _texts(corpora: Iterable[Corpus], settings: TrainSettings) -> Iterable[str]:
    """Yield the texts that a tokenizer is learnt from: the training rows of all stages."""
    methods = dict.fromkeys(settings.method)
    rows = (row for one in corpora for method in methods for row in training_rows(one, method))
    for row in rows:
        for column in ("messages", "prompt", "completion", "chosen", "rejected"):
            yield from (message["content"] for message in row.get(column, ()))
        yield row.get("reference", "")
