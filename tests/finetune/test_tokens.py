"""What is learnt is the assistant's words, whole, and no row sees another."""

import importlib
import json
import logging
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tiny_model import trainer_arguments

from benchmarks.hostile.variant import grows
from colloquia.core.errors import UserError
from colloquia.finetune.data.examples import Examples
from colloquia.finetune.data.tokens import PLAIN_TEMPLATE, ChatTokens, Encoded
from colloquia.finetune.settings import DpoSettings, SftSettings, TinySettings
from colloquia.finetune.train.base import load_model, load_tokenizer
from colloquia.finetune.train.methods.dpo import dpo_examples
from colloquia.finetune.train.methods.kto import kto_examples
from colloquia.finetune.train.methods.sft import sft_examples, sft_trainer
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs
from colloquia.finetune.train.tiny import CHAT_TEMPLATE, make_tiny
from colloquia.models.faults.errors import ModelError

CHAT = [
    {"role": "system", "content": "Answer from the passage."},
    {"role": "user", "content": "What is it?"},
    {"role": "assistant", "content": "It is thing number 3."},
    {"role": "user", "content": "Is that assistant right?"},
    {"role": "assistant", "content": "Yes \u2028 日本語 😀."},
]
UNMARKED = CHAT_TEMPLATE.replace("{%- generation -%}", "").replace("{%- endgeneration -%}", "")


def _rows(corpus: Path, name: str = "sft") -> list[dict[str, Any]]:
    lines = (corpus / name / "train.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def _tokens(student: Path, template: str | None = CHAT_TEMPLATE) -> ChatTokens:
    tokenizer = load_tokenizer(student)
    tokenizer.chat_template = template
    return ChatTokens(tokenizer, place=student)


def _learnt(tokens: ChatTokens, encoded: Encoded) -> list[str]:
    return [tokens.decode(ids) for trained, ids in encoded.spans() if trained]


@pytest.mark.parametrize(
    "template", [CHAT_TEMPLATE, UNMARKED, None], ids=["marked", "unmarked", "none"]
)
def test_the_mask_decodes_to_the_assistant_s_texts(student: Path, template: str | None) -> None:
    tokens = _tokens(student, template)
    answers = [f"{m['content']}<|im_end|>" for m in CHAT if m["role"] == "assistant"]
    assert _learnt(tokens, tokens.dialogue(CHAT)) == answers


@pytest.mark.parametrize("said", ["Plain text of a snippet.", "0.5 litres", "1"])
@pytest.mark.parametrize("system", ["", "You are helpful."], ids=["bare", "with its own system"])
def test_a_row_of_the_assistant_s_text_alone_is_learnt(
    student: Path, said: str, system: str
) -> None:
    default = "{{- '<|im_start|>system<|im_sep|>" + system + "<|im_end|>' -}}"
    tokens = _tokens(student, (default if system else "") + UNMARKED)
    learnt = _learnt(tokens, tokens.dialogue([{"role": "assistant", "content": said}]))
    assert learnt == [f"{said}<|im_end|>"]


def test_an_answer_alone_is_learnt_of_rows_by_turn(student: Path, corpus: Path) -> None:
    tokens = _tokens(student)
    row = _rows(corpus, "sft-turns")[1]
    encoded = tokens.last_answer(row["prompt"], row["completion"])
    assert _learnt(tokens, encoded) == [f"{row['completion'][0]['content']}<|im_end|>"]


def test_kto_leaves_out_what_one_pair_prefers_and_another_turns_down(student: Path) -> None:
    def said(text: str) -> list[dict[str, str]]:
        return [{"role": "assistant", "content": text}]

    tokens, asked = _tokens(student), [{"role": "user", "content": "What is it?"}]
    rows = [
        {"prompt": asked, "chosen": said("It is 3."), "rejected": said("I can't say.")},
        {"prompt": asked, "chosen": said("I can't say."), "rejected": said("It is 4.")},
        {"prompt": asked, "chosen": said("It is 3."), "rejected": said("It is 4.")},
    ]
    made = kto_examples(tokens, rows, max_length=128, seed=0)
    assert (made.fit.read, made.fit.used, made.fit.contradictory, made.fit.left_out) == (3, 2, 1, 0)
    told = {tokens.decode(row["completion_ids"]): row["label"] for row in made.rows}
    assert len(told) == 2
    assert {text.partition("<")[0]: label for text, label in told.items()} == {
        "It is 3.": True,
        "It is 4.": False,
    }


@pytest.mark.parametrize("wrong", ["the user's words", "the answer without its end", "a header"])
def test_marks_at_the_wrong_words_are_not_believed(student: Path, wrong: str) -> None:
    header = "{{- '<|im_start|>' + message['role'] + '<|im_sep|>' -}}"
    said = "{{- message['content'] + '<|im_end|>' -}}"
    template = {
        "the user's words": CHAT_TEMPLATE.replace("== 'assistant'", "== 'user'"),
        "the answer without its end": CHAT_TEMPLATE.replace(
            f"{{%- generation -%}}{said}{{%- endgeneration -%}}",
            "{%- generation -%}{{- message['content'] -}}{%- endgeneration -%}{{- '<|im_end|>' -}}",
        ),
        "a header": CHAT_TEMPLATE.replace(header, "")
        .replace("{%- generation -%}", f"{{%- generation -%}}{header}")
        .replace("{%- else -%}", f"{{%- else -%}}{header}"),
    }[wrong]
    assert template != CHAT_TEMPLATE
    tokens = _tokens(student, template)
    answers = [f"{m['content']}<|im_end|>" for m in CHAT if m["role"] == "assistant"]
    assert _learnt(tokens, tokens.dialogue(CHAT)) == answers


def test_a_template_that_changes_the_words_is_refused(student: Path) -> None:
    loud = CHAT_TEMPLATE.replace("message['content']", "message['content'] | upper")
    with pytest.raises(ModelError, match="leaves the question out"):
        _tokens(student, loud)
    shy = CHAT_TEMPLATE.replace("message['content'] +", "message['content'] | replace('3', '4') +")
    assert shy != CHAT_TEMPLATE
    with pytest.raises(UserError, match="aren't the assistant's texts"):
        _tokens(student, shy).dialogue(CHAT)


def test_a_template_without_an_end_is_refused(student: Path) -> None:
    endless = PLAIN_TEMPLATE.replace(" + eos_token", "")
    with pytest.raises(UserError, match="would never learn to stop"):
        _tokens(student, endless).dialogue(CHAT)


def test_a_template_that_refuses_a_row_is_told(student: Path) -> None:
    strict = "{{- raise_exception('Roles must alternate') if messages | length > 1 -}}"
    with pytest.raises(UserError, match=r"refuses a row of this corpus: .*must alternate"):
        _tokens(student, strict + CHAT_TEMPLATE).dialogue(CHAT)


def _known(student: Path, name: str) -> ChatTokens:
    """Return tokens by a template that comes with TRL, as a model of that family has it."""
    trl = importlib.import_module("trl")
    tokenizer = load_tokenizer(student)
    tokenizer.model_max_length = 1000
    marks = ["<start_of_turn>", "<end_of_turn>", "<|end|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": marks, "bos_token": "<bos>"})
    folder = Path(str(trl.__file__)).parent / "chat_templates"
    tokenizer.chat_template = (folder / f"{name}.jinja").read_text("utf-8")
    return ChatTokens(tokenizer, place=name)


@pytest.mark.parametrize("name", ["gemma", "qwen3", "qwen2_5", "phi3"])
def test_templates_of_common_families_are_learnt_right(student: Path, name: str) -> None:
    tokens = _known(student, name)
    encoded = tokens.dialogue(CHAT)
    read = tokens.decode(encoded.ids)
    assert "Answer from the passage." in read  # where there is no system role, the user says it
    for text, message in zip(_learnt(tokens, encoded), CHAT[2::2], strict=True):
        answer, _, end = text.partition(message["content"])
        assert answer.strip() in ("", "<think>\n\n</think>")
        assert end.split()[0] in ("<|im_end|>", "<end_of_turn>", "<|end|>")


def test_the_first_tokens_compared_are_those_of_the_answer(student: Path) -> None:
    tokens = _known(student, "qwen3")
    said = ("It is thing number 3.", "I don't know that.")
    chosen, rejected = ([{"role": "assistant", "content": text}] for text in said)
    row = {
        "id": "1",
        "prompt": CHAT[:2],
        "chosen": chosen,
        "rejected": rejected,
        "source": "refusal",
    }
    settings = DpoSettings(prefix_tokens=2, learning_rate=1e-4, steps=1)
    [made] = dpo_examples(tokens, [row], max_length=500, settings=settings).rows
    assert tokens.decode(made["prompt_ids"]).endswith("<think>\n\n</think>\n\n")
    assert said[0].startswith(tokens.decode(made["chosen_ids"]))
    assert said[1].startswith(tokens.decode(made["rejected_ids"]))


def test_a_long_row_loses_whole_answers(student: Path) -> None:
    tokens = _tokens(student)
    whole = tokens.dialogue(CHAT)
    cut = whole.cut(len(whole.ids) - 1)
    assert cut is not None
    assert _learnt(tokens, cut) == ["It is thing number 3.<|im_end|>"]
    assert whole.cut(len(whole.ids)) == whole
    assert whole.cut(10) is None


def test_rows_that_were_cut_or_left_out_are_counted(student: Path) -> None:
    tokens = _tokens(student)
    length = len(tokens.dialogue(CHAT).ids)
    short, long = CHAT[:3], [*CHAT[:1], {"role": "user", "content": "x" * 200}, CHAT[2]]
    rows = [{"id": str(n), "messages": chat} for n, chat in enumerate([CHAT, short, long])]
    fit = sft_examples(tokens, rows, max_length=length - 1).fit
    assert (fit.read, fit.used, fit.cut, fit.left_out) == (3, 2, 1, 1)


def test_a_base_without_a_template_talks_in_plain_words(student: Path) -> None:
    tokens = _tokens(student, None)
    assert tokens.tokenizer.chat_template == PLAIN_TEMPLATE


@pytest.mark.parametrize("packing", [False, True])
def test_packing_isolates_rows(student: Path, corpus: Path, tmp_path: Path, packing: bool) -> None:
    torch = importlib.import_module("torch")
    tokens = _tokens(student)
    examples = sft_examples(tokens, _rows(corpus)[:6], max_length=128)
    model = load_model(student)
    alone = []
    for row in examples.rows:
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row["input_ids"]])).logits[0, :-1]
        labels = torch.tensor(row["labels"])[1:]
        lost = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        alone += lost[labels != -100].tolist()
    inputs = TrainerInputs(
        model=load_model(student),
        tokens=tokens,
        train=examples,
        validation=Examples(),
        arguments=trainer_arguments(tmp_path, batch_size=6),
    )
    settings = SftSettings(steps=1, learning_rate=1e-3, packing=packing, batch_size=6)
    trainer = sft_trainer(inputs, settings)
    batches = list(trainer.get_train_dataloader())
    with torch.no_grad():
        lost = [
            float(trainer.compute_loss(trainer.model, batch, num_items_in_batch=len(alone)))
            for batch in batches
        ]
    if packing:
        assert len(batches) < 6
        assert trainer.args.gradient_accumulation_steps == 6
        assert all(batch["input_ids"].shape[0] == 1 for batch in batches)
        assert all("attention_mask" not in batch for batch in batches)
    assert sum(lost) == pytest.approx(sum(alone) / len(alone), rel=1e-4)


@pytest.mark.parametrize("template", [CHAT_TEMPLATE, UNMARKED])
def test_a_row_beyond_the_window_is_encoded_without_a_word(
    student: Path,
    template: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = _tokens(student, template)
    tokens.tokenizer.model_max_length = 4
    monkeypatch.setattr(logging.getLogger("transformers"), "handlers", [caplog.handler])
    assert len(tokens.dialogue(CHAT).ids) > 4
    assert caplog.text == ""


def test_a_word_without_end_is_learnt_from_in_pieces(tmp_path: Path) -> None:
    made = count()

    def learn(n: int) -> None:
        sizes = TinySettings(layers=1, heads=1, hidden_size=8, intermediate_size=8)
        make_tiny(tmp_path / f"{next(made)}", ["a" * n], settings=sizes, context=64, seed=0)

    grows(learn, 80_000)
