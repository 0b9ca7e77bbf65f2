"""The dataset card: `README.md`, whose YAML header makes `datasets.load_dataset(OUT)` work.

Names and licenses come from the user's files: they are shown as code, where no markup works.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from colloquia.core.model_options import LOCAL_PREFIX
from colloquia.core.text import printable
from colloquia.corpus.canonical import CANONICAL_FILE
from colloquia.corpus.card_header import card_header
from colloquia.corpus.formats import ROW_FORMATS, Format
from colloquia.corpus.line_sorter import CardFacts, LineSorter
from colloquia.corpus.manifest import Count, ExportManifest
from colloquia.corpus.rows import REASONS

MOST_LISTED = 20

_COMMIT = re.compile(r"@[0-9a-f]{40}$")

# The hub's own names for licenses that passages often have; anything else is "other".
_HUB_LICENSES = {
    "cc0-1.0": "cc0-1.0",
    "cc by 4.0": "cc-by-4.0",
    "cc-by-4.0": "cc-by-4.0",
    "cc by-sa 3.0": "cc-by-sa-3.0",
    "cc-by-sa-3.0": "cc-by-sa-3.0",
    "cc by-sa 4.0": "cc-by-sa-4.0",
    "cc-by-sa-4.0": "cc-by-sa-4.0",
    "mit": "mit",
    "apache-2.0": "apache-2.0",
}

_TRAINING: dict[Format, str] = {
    "trl-sft": """\
`sft`: whole dialogues. Train on the assistant's words alone; TRL trains on the user's too unless
told otherwise:

```python
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

corpus = load_dataset(".", "sft")
trainer = SFTTrainer(
    model="Qwen/Qwen3-0.6B",
    args=SFTConfig(assistant_only_loss=True),
    train_dataset=corpus["train"],
)
trainer.train()
```
""",
    "trl-sft-turns": """\
`sft-turns`: one row per answer, with all that was said before as its prompt. TRL trains on the
completion alone, so this one needs no `assistant_only_loss`.
""",
    "trl-dpo": """\
`dpo`: preference pairs for `trl.DPOTrainer`: two answers to the same question, of which `chosen`
stood and `rejected` was turned down. `source` says by what: `revision` (the critic or the evidence
check asked for another), `refusal` (the refusal checker did), `judge` (it scored less), `human`.
""",
    "trl-grpo": """\
`grpo`: one question per row, with what is needed to grade an answer to it: `reference` is the
answer that stood, `answerable` says whether that wasn't a refusal, `evidence` what it quotes.
`system` is the message that shows the passage. For `colloquia evaluate`, or a reward function of
`trl.GRPOTrainer`.
""",
    "echo-jsonl": """\
`echo`: whole dialogues as the assistant lived them, for ECHO (arXiv 2605.24517), the method `echo`
of `colloquia train`. Each message has its speaker, its `kind` (`context`, `action`, `observation`,
`warning`) and a weight; reviewers' reasons stand after the draft they are about. `task` names what
an environment asked for.
""",
}


def card(manifest: ExportManifest, sorter: LineSorter) -> str:
    """Return the text of the card."""
    parts = [
        card_header(manifest.files, license_name=_license(sorter)),
        f"# {_plain(manifest.run.name) or 'dialogues'}\n",
        _what_it_is(manifest, sorter),
        "## Files\n",
        _files(manifest),
        "## Training\n",
        *(_TRAINING[name] for name in ROW_FORMATS if name in _written(manifest)),
        "## What was left out\n",
        _left_out(manifest.counts),
        "## Sources and licenses\n",
        _sources(sorter),
        "## How it was made\n",
        _origin(manifest, sorter.facts),
    ]
    return "\n".join(parts)


def _license(sorter: LineSorter) -> str:
    names = {_HUB_LICENSES.get(name.lower(), "other") for name, _ in _ranked(sorter, "license")}
    return names.pop() if len(names) == 1 else "other"


def _what_it_is(manifest: ExportManifest, sorter: LineSorter) -> str:
    facts = sorter.facts
    share = facts.declined / facts.answers if facts.answers else 0
    context = (
        "Each passage stands in a system message."
        if manifest.settings.context == "open"
        else "The passages are not part of the rows: a model trained on them answers from memory."
    )
    return (
        f"{facts.dialogues:,} dialogues about {sorter.count_snippets():,} passages, with "
        f"{facts.answers:,} answers. Of the answers, {share:.1%} decline, because the passage "
        f"doesn't hold what was asked. Made with colloquia {manifest.run.code_version}. {context}\n"
    )


def _files(manifest: ExportManifest) -> str:
    rows = [f"| `{file.path}` | {file.rows:,} | {file.sha256[:12]} |" for file in manifest.files]
    text = "\n".join(["| file | rows | sha256 |", "|---|---|---|", *rows]) + "\n"
    if CANONICAL_FILE in {file.path for file in manifest.files}:
        text += (
            f"\n`{CANONICAL_FILE}` holds the dialogues with every draft, review and quote; it is "
            "for colloquia and your own scripts, not for a trainer.\n"
        )
    if manifest.empty:
        text += f"\nNo rows, so no files: {', '.join(manifest.empty)}.\n"
    absent = [f"`{path}`" for path in _missing_splits(manifest)]
    if absent:
        text += f"\nNo rows, so no file: {', '.join(absent)}.\n"
    text += (
        "\nAll dialogues about a passage are in the same split. "
        "`colloquia check .` validates everything here again.\n"
    )
    return text


def _missing_splits(manifest: ExportManifest) -> Iterator[str]:
    for count in manifest.counts:
        if count.rows == 0 and count.split and count.format not in manifest.empty:
            yield f"{ROW_FORMATS[count.format].folder}/{count.split}.jsonl"


def _left_out(counts: Iterable[Count]) -> str:
    lines = [
        f"| {count.format} | {count.split or 'all'} | {count.candidates:,} {count.unit} "
        f"| {count.rows:,} | {_reasons(count)} |"
        for count in counts
    ]
    return "\n".join(
        ["| format | split | in | out | left out |", "|---|---|---|---|---|", *lines, ""]
    )


def _reasons(count: Count) -> str:
    return "; ".join(f"{n:,}: {REASONS[reason]}" for reason, n in count.excluded.items()) or "-"


def _sources(sorter: LineSorter) -> str:
    lines = []
    for column in ("license", "source"):
        ranked = _ranked(sorter, column)
        lines += [f"| {column} | {_code(name)} | {number:,} |" for name, number in ranked]
        if len(ranked) == MOST_LISTED:
            lines.append(f"| {column} | more; `snippet` in `{CANONICAL_FILE}` has all | |")
    return "\n".join(["| | of the passages | passages |", "|---|---|---|", *lines, ""])


def _origin(manifest: ExportManifest, facts: CardFacts) -> str:
    ended = ", ".join(f"{name} {number:,}" for name, number in manifest.dialogues.items())
    personas = ", ".join(f"{_code(name)} {n:,}" for name, n in sorted(facts.personas.items()))
    prompts = ", ".join(_code(prompt) for _, prompt in sorted(manifest.run.prompts.items()))
    return (
        f"- run: {ended}\n"
        f"- recipe `{manifest.run.recipe_hash}`, seed {manifest.run.seed}; "
        "`manifest.json` has all of it\n"
        f"- personas: {personas or '-'}\n"
        f"- prompts: {prompts or '-'}\n"
        f"{_hub_models(manifest.run.recipe)}"
    )


def _hub_models(recipe: Mapping[str, Any]) -> str:
    """Return a line with the models of the Hub, each with its commit; nothing where none is."""
    settings = [*recipe.get("models", {}).values(), *recipe.get("agents", {}).values()]
    named = {one["model"] for one in settings if isinstance(one, dict)}
    local = (name.removeprefix(LOCAL_PREFIX) for name in named if name.startswith(LOCAL_PREFIX))
    of_hub = sorted(name for name in local if _COMMIT.search(name))
    return f"- models: {', '.join(map(_code, of_hub))}\n" if of_hub else ""


def _ranked(sorter: LineSorter, column: str) -> list[tuple[str, int]]:
    return [
        (name or "not stated", number)
        for name, number in sorter.snippets_by(column, most=MOST_LISTED)
    ]


def _written(manifest: ExportManifest) -> set[Format]:
    return {file.format for file in manifest.files}


def _code(text: str) -> str:
    """Return text as code that fits in a table cell."""
    return f"`{_plain(text).replace('`', chr(39)).replace('|', '/') or '-'}`"


def _plain(text: str) -> str:
    shown = " ".join(printable(text).split())
    return "".join(char for char in shown[:200] if char not in "<>[]")
