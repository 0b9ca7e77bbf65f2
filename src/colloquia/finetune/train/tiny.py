"""A model made from nothing, small enough for a laptop's CPU, with a tokenizer of its own.

Byte-level BPE learnt from the corpus's training rows, and a small Llama with random weights. It
knows only what the corpus tells it, which makes it the honest subject for "does it teach?".
"""

import re
from collections.abc import Iterable
from pathlib import Path

from colloquia.finetune.settings import TinySettings

PAD, START, SEPARATOR, END = "<|pad|>", "<|im_start|>", "<|im_sep|>", "<|im_end|>"

# Merges are learnt from words of at most so many characters: time grows with their square.
_LONGER_WORD = re.compile(r"(\S{1000})(?=\S)")

# Phi-4's form of a chat (arXiv 2412.08905, section 4): roles and texts without newlines between.
CHAT_TEMPLATE = """\
{%- for message in messages -%}
{{- '<|im_start|>' + message['role'] + '<|im_sep|>' -}}
{%- if message['role'] == 'assistant' -%}
{%- generation -%}{{- message['content'] + '<|im_end|>' -}}{%- endgeneration -%}
{%- else -%}
{{- message['content'] + '<|im_end|>' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant<|im_sep|>' -}}{%- endif -%}
"""


def make_tiny(
    place: Path, texts: Iterable[str], *, settings: TinySettings, context: int, seed: int
) -> None:
    """Write a model with random weights and its tokenizer to a folder.

    Args:
        place: a folder; made if it isn't there.
        texts: what the tokenizer learns its merges from.
        settings: the model's size.
        context: the longest sequence it will be told of, in tokens.
        seed: of the random weights; the same one gives the same bytes.
    """
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(texts, vocabulary=settings.vocabulary, context=context)
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.hidden_size,
        intermediate_size=settings.intermediate_size,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.heads,
        max_position_embeddings=context,
        initializer_range=settings.initializer_range,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)


def _tokenizer(texts: Iterable[str], *, vocabulary: int, context: int):  # type: ignore[no-untyped-def]
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[PAD, START, SEPARATOR, END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bpe.train_from_iterator((_LONGER_WORD.sub(r"\1 ", text) for text in texts), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[START, SEPARATOR],
        padding_side="right",
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
