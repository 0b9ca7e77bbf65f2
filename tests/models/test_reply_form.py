"""Replies of a local model fit their schema, whatever the model would rather say."""

import importlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tiny_model import needs_torch, save_tiny_model, tiny_llama, tiny_tokenizer

from colloquia.agents.reply import reply_schema
from colloquia.core import roles
from colloquia.core.ports import ANY_OF
from colloquia.core.types import Message
from colloquia.models.catalogue import make_model
from colloquia.models.local.model_folder import check_model_folder
from tests.models.parts import request

pytestmark = [needs_torch, pytest.mark.filterwarnings("ignore")]  # the libraries' own

REPLIES = (
    roles.PlannerReply,
    roles.QuestionerReply,
    roles.AnswererReply,
    roles.CriticReply,
    roles.RefusalReply,
    roles.WriterReply,
    roles.JointReply,
)
TEXT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    module = importlib.import_module("colloquia.models.local.text_generator")
    folder = save_tiny_model(tmp_path_factory.mktemp("tiny") / "model", window=2048)
    return module.TextGenerator.load(check_model_folder(folder), batch=8)


def chat(schema: Any, *, seed: int = 0, max_tokens: int = 160, temperature: float = 1.0) -> Any:
    module = importlib.import_module("colloquia.models.local.text_generator")
    sampling = module.Sampling(temperature=temperature, max_tokens=max_tokens, seed=seed)
    messages = (Message(role="user", content="Who kept the lamp?"),)
    return module.Chat(messages=messages, sampling=sampling, schema=schema)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.__name__)
def test_each_reply_of_a_model_that_knows_nothing_can_be_read(made: Any, reply: Any) -> None:
    chats = [chat(reply_schema(reply), seed=seed) for seed in range(4)]
    for answer in made.answer(chats):
        reply.model_validate_json(answer.text)
        assert answer.stop == "stop"
        assert len(answer.ids) <= 160


def test_without_a_schema_it_says_what_it_likes(made: Any) -> None:
    (free,) = made.answer([chat(None)])
    with pytest.raises(ValueError, match="JSON"):
        roles.QuestionerReply.model_validate_json(free.text)


def test_a_reply_that_would_not_end_is_ended_in_time(made: Any) -> None:
    lengths = Counter(
        len(answer.ids)
        for answer in made.answer([chat(TEXT, seed=n, max_tokens=40) for n in range(4)])
    )
    assert max(lengths) == 40
    for answer in made.answer([chat(TEXT, seed=n, max_tokens=40) for n in range(4)]):
        assert set(json.loads(answer.text)) == {"a"}


def test_forms_and_free_texts_share_a_batch(made: Any) -> None:
    chats = [chat(TEXT, seed=1), chat(None, seed=2), chat(reply_schema(roles.CriticReply), seed=3)]
    assert made.answer(chats) == [made.answer([one])[0] for one in chats]


def test_findings_and_labels_fit_each_other(made: Any) -> None:
    assert ANY_OF in reply_schema(roles.RefusalReply)
    chats = [chat(reply_schema(roles.RefusalReply), seed=seed) for seed in range(12)]
    found = [roles.RefusalReply.model_validate_json(one.text) for one in made.answer(chats)]
    assert {one.snippet_answers for one in found} == {True, False}


def test_a_thought_that_the_template_opens_comes_before_the_form() -> None:
    module = importlib.import_module("colloquia.models.local.text_generator")
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<think>", "</think>"]})
    tokenizer.chat_template = tokenizer.chat_template.replace("}<assistant>", "}<assistant><think>")
    end = tokenizer.convert_tokens_to_ids("</think>")

    class Thinking(module.TextGenerator):  # type: ignore[misc, name-defined]
        """Ends its thought with the third token."""

        def _next_logits(self, ids: Any, mask: Any, cache: Any) -> Any:
            logits, cache = super()._next_logits(ids, mask, cache)
            if mask.shape[1] == length + 2:
                logits[:, end] = 1000
            return logits, cache

    generator = Thinking(tiny_llama(tokenizer), tokenizer)
    length = len(generator.prompts.ids(chat(TEXT).messages))
    (answer,) = generator.answer([chat(TEXT, max_tokens=40)])
    assert answer.ids.index(end) == 2
    thought, _, said = answer.text.partition("</think>")
    assert thought
    assert set(json.loads(said)) == {"a"}


@pytest.mark.parametrize("decoder", ["Metaspace", "WordPiece"])
def test_a_tokeniser_without_bytes_is_not_held(decoder: str) -> None:
    module = importlib.import_module("colloquia.models.local.reply_form")
    tokenizers = importlib.import_module("tokenizers")
    tokenizer = tiny_tokenizer()
    tokenizer.backend_tokenizer.decoder = getattr(tokenizers.decoders, decoder)()
    assert module.ReplyForms(tokenizer).of(TEXT) is None
    assert module.ReplyForms(tiny_tokenizer()).of(TEXT) is not None


def test_a_schema_that_can_not_be_held_is_left_to_the_prompt(made: Any) -> None:
    endless = {"$ref": "#/$defs/no-such"}
    assert made.forms.of(endless) is None
    (answer,) = made.answer([chat(endless, max_tokens=5)])
    assert len(answer.ids) == 5


async def test_a_recipe_may_leave_the_form_to_the_prompt(tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path / "model")
    said = []
    for structured in (True, False):
        model = make_model(f"hf:{folder}", structured=structured)
        asked = request(max_tokens=60, seed=1).model_copy(update={"reply_schema": TEXT})
        said.append((await model.complete(asked)).text)
        await model.close()
    assert set(json.loads(said[0])) == {"a"}
    assert "{" not in said[1][:1]
