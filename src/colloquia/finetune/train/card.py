"""The model card: what the model was trained on, how, and what was measured on the way."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from colloquia.core.text import printable
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.settings import TINY, TrainSettings
from colloquia.finetune.train.log import Measurement

CARD_FILE = "README.md"


def model_card(
    settings: TrainSettings,
    *,
    identity: Mapping[str, Any],
    fits: Mapping[str, Mapping[str, Mapping[str, Any]]],
    log: Sequence[Measurement],
) -> str:
    """Return the text of the card.

    Args:
        settings: all of them.
        identity: corpus, base, machine and versions, as in `training.json`.
        fits: stage -> split -> what became of its rows.
        log: what was measured.
    """
    corpus = identity["corpus"]
    named = identity["base"].get("hub", settings.base)  # with the commit, where it is on the Hub
    base = "a model with random weights" if settings.base == TINY else f"`{_plain(named)}`"
    parts = [
        "---\nlibrary_name: transformers\npipeline_tag: text-generation\n"
        f"tags: [colloquia, {', '.join(settings.method)}]\n---\n",
        f"# A student of {_plain(corpus['name']) or 'dialogues'}\n",
        f"{base}, trained with {', then '.join(settings.method)} on a corpus made with colloquia "
        f"(`manifest.json` has sha256 `{corpus['manifest_sha256']}`)"
        + (", through low-rank adapters that are merged in" if settings.lora else "")
        + ". Loads with plain `transformers`:\n",
        _LOAD,
        "## Rows\n",
        _rows(fits),
        *_sources(fits),
        "## Measured\n",
        _measured(log),
        "`log.jsonl` has every measurement, `loss.png` the curve. A loss says how well "
        "the rows were learnt, not whether answers are true.\n",
        "## Recipe\n",
        f"```json\n{json.dumps(settings.model_dump(mode='json'), indent=1)}\n```\n",
        f"Machine: `{json.dumps(identity['machine'])}`\n\n"
        f"Versions: `{json.dumps(identity['versions'])}`\n",
    ]
    return "\n".join(parts)


_LOAD = """\
```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
chat = [{"role": "user", "content": "What do you know?"}]
prompt = tokenizer.apply_chat_template(
    chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
)
answer = model.generate(**prompt, max_new_tokens=100)[0, prompt["input_ids"].shape[1] :]
print(tokenizer.decode(answer, skip_special_tokens=True))
```
"""


def _rows(fits: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    lines = [
        "| stage | split | read | used | of these cut | left out | alike | contradictory |",
        "|---" * 8 + "|",
    ]
    for stage, splits in fits.items():
        lines += [
            f"| {stage} | {split} | {fit['read']:,} | {fit['used']:,} | {fit['cut']:,} "
            f"| {fit['left_out']:,} | {fit['alike']:,} | {fit['contradictory']:,} |"
            for split, fit in splits.items()
        ]
    return "\n".join([*lines, ""])


def _sources(fits: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Return what made the pairs that were learnt, a line for each stage that had some."""
    return [
        f"Pairs of {stage} by what made them: "
        + ", ".join(f"{_plain(name)} {number:,}" for name, number in sorted(sources.items())[:20])
        + ".\n"
        for stage, splits in fits.items()
        if (sources := splits[TRAIN]["sources"])
    ]


def _measured(log: Sequence[Measurement]) -> str:
    lines = ["| stage | measured | first | last |", "|---|---|---|---|"]
    for stage, method in sorted({(one.stage, one.method) for one in log}):
        for key, name in _FIGURES_OF.get(method, _FIGURES):
            values = [one.values[key] for one in log if one.stage == stage and key in one.values]
            if values:
                lines.append(f"| {stage}-{method} | {name} | {values[0]:.3f} | {values[-1]:.3f} |")
    return "\n".join([*lines, *_groups(log), ""])


_FIGURES = (("loss", "training loss"), ("eval_loss", "validation loss"))
_GRPO_FIGURES = (
    ("reward", "mean reward"),
    ("eval_reward", "mean reward, validation"),
    ("right", "share of right answers"),
    ("completions/mean_length", "tokens per answer"),
    ("kl", "KL divergence from the base, per token"),
)

_FIGURES_OF = {
    "grpo": _GRPO_FIGURES,
    "echo": (
        *_FIGURES,
        ("observation_loss", "surprise at what came back, nats per token"),
        ("reward", "mean reward"),
    ),
}


def _groups(log: Sequence[Measurement]) -> list[str]:
    counted = {
        name: round(sum(one.values.get(name, 0) for one in log))
        for name in ("groups", "mixed_groups", "groups_all_right", "groups_none_right", "redrawn")
    }
    if not counted["groups"]:
        return []
    return [
        f"\nOf {counted['groups']:,} groups of answers {counted['mixed_groups']:,} had different "
        f"rewards and so a gradient; in {counted['groups_all_right']:,} all answers were right, in "
        f"{counted['groups_none_right']:,} none. {counted['redrawn']:,} were replaced before."
    ]


def _plain(text: str) -> str:
    shown = " ".join(printable(text).split())
    return "".join(char for char in shown[:200] if char not in "<>[]`")
