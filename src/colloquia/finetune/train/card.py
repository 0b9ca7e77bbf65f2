"""The model card: what the model was trained on, how, and what was measured on the way."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from colloquia.core.text import printable
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.data.examples import CorpusShare
from colloquia.finetune.settings import TINY, TrainSettings
from colloquia.finetune.train.log import Measurement, losses_by_corpus

CARD_FILE = "README.md"


def model_card(
    settings: TrainSettings,
    *,
    identity: Mapping[str, Any],
    fits: Mapping[str, Mapping[str, Mapping[str, Any]]],
    shares: Mapping[str, Sequence[CorpusShare]],
    log: Sequence[Measurement],
) -> str:
    """Return the text of the card.

    Args:
        settings: all of them.
        identity: corpus, base, machine and versions, as in `training.json`.
        fits: stage -> split -> what became of its rows.
        shares: stage -> what was drawn of each of several corpora.
        log: what was measured.
    """
    corpora = list(identity.get("corpora", {"": identity.get("corpus")}).values())
    names = " and ".join(filter(None, (_plain(corpus["name"]) for corpus in corpora)))
    hashes = " and ".join(f"`{corpus['manifest_sha256']}`" for corpus in corpora)
    named = identity["base"].get("hub", settings.base)  # with the commit, where it is on the Hub
    base = "a model with random weights" if settings.base == TINY else f"`{_plain(named)}`"
    parts = [
        "---\nlibrary_name: transformers\npipeline_tag: text-generation\n"
        f"tags: [colloquia, {', '.join(settings.method)}]\n---\n",
        f"# A student of {names or 'dialogues'}\n",
        f"{base}, trained with {', then '.join(settings.method)} on "
        f"{'a corpus' if len(corpora) == 1 else f'{len(corpora)} corpora'} made with colloquia "
        f"(`manifest.json` has sha256 {hashes})"
        + (", through low-rank adapters that are merged in" if settings.lora else "")
        + ". Loads with plain `transformers`:\n",
        _LOAD,
        "## Rows\n",
        _rows(fits),
        *_corpora(shares),
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


def _corpora(shares: Mapping[str, Sequence[CorpusShare]]) -> list[str]:
    if not any(shares.values()):
        return []
    lines = ["| stage | corpus | weight | rows | drawn | epochs |", "|---" * 6 + "|"]
    for stage, drawn in shares.items():
        lines += [
            f"| {stage} | {_plain(one.corpus)} | {one.weight:.3f} | {one.rows:,} | {one.drawn:,} "
            f"| {one.epochs:.2f} |"
            for one in drawn
        ]
    return ["Drawn of each corpus, by its weight:\n", "\n".join([*lines, ""])]


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
        own = [one.values for one in log if one.stage == stage]
        for key, name in _GRPO_FIGURES if method == "grpo" else _figures(own, method):
            values = [measured[key] for measured in own if key in measured]
            if values:
                lines.append(f"| {stage}-{method} | {name} | {values[0]:.3f} | {values[-1]:.3f} |")
    return "\n".join([*lines, *_groups(log), ""])


def _figures(measured: Sequence[Mapping[str, float]], method: str) -> list[tuple[str, str]]:
    losses = losses_by_corpus(key for values in measured for key in values)
    return [
        ("loss", "training loss"),
        *(
            (key, f"validation loss, {_plain(corpus)}" if corpus else "validation loss")
            for key, corpus in losses.items()
        ),
        *(_ECHO_FIGURES if method == "echo" else ()),
    ]


_GRPO_FIGURES = (
    ("reward", "mean reward"),
    ("eval_reward", "mean reward, validation"),
    ("right", "share of right answers"),
    ("completions/mean_length", "tokens per answer"),
    ("kl", "KL divergence from the base, per token"),
)

_ECHO_FIGURES = (
    ("observation_loss", "surprise at what came back, nats per token"),
    ("reward", "mean reward"),
)


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
