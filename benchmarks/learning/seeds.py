"""Does a filter learnt from a few labels help a student, as phi-1's did?

Planted: a quarter of the texts are sentences that follow a rule (which verb goes with a noun, which
adverb with another), the others are such sentences with their words out of order. One in twenty is
labelled. `tiny` learns the words of all of them, the classifier learns from the labels, and
students of equal size learn for equal steps from all texts, from those that the filter keeps, and
from the good ones alone (which nobody would know). Measured: the classifier on all texts without a
label, and the students' loss on new sentences that follow the rule.

Also how many of some labelled passages the rule for facts of a day catches; some of its patterns
were mended after a look at them, and the first look had found as many but four false ones.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean, stdev

from sklearn.metrics import roc_auc_score

from colloquia.finetune.measure.intervals import wilson
from colloquia.finetune.seeds.embedder import Embedder, Words, learn_words, tokens_of
from colloquia.finetune.seeds.filtering import FilterSettings, filter_snippets
from colloquia.finetune.seeds.fitting import FitSettings, fit, open_classifier
from colloquia.finetune.settings import TinySettings
from colloquia.finetune.train.libraries import quiet_libraries
from colloquia.snippets.ephemeral import ephemeral_sign

NOUNS = (
    "baker",
    "miller",
    "pilot",
    "nurse",
    "weaver",
    "fisher",
    "potter",
    "guard",
    "clerk",
    "smith",
)
VERBS = ("calls", "helps", "follows", "greets", "hears", "finds", "meets", "asks", "pays", "leads")
ADVERBS = ("often", "never", "slowly", "gladly", "twice", "late", "early", "alone", "again", "well")
ARMS = ("all", "filtered", "good alone")
TINY = TinySettings(hidden_size=64, layers=2, heads=2, intermediate_size=128, vocabulary=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; chosen on seeds 100 to 102."""

    texts: int = 2000
    good: float = 0.25
    labelled: float = 0.05
    sentences: int = 3
    words_steps: int = 400
    steps: int = 200
    held_out: int = 200


QUICK = Sizes(texts=200, labelled=0.5, words_steps=4, steps=4, held_out=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one seed gave."""

    seed: int
    auc: float
    labels: int
    kept: int
    kept_good: int
    losses: dict[str, float]
    """Arm -> mean loss per word on new good texts, in nats."""
    seconds: float


def text(draw: Random, *, good: bool, sentences: int) -> str:
    """Return sentences that follow the rule, or the same words in any order."""
    words = []
    for _ in range(sentences):
        who, whom = draw.randrange(len(NOUNS)), draw.randrange(len(NOUNS))
        words += ["the", NOUNS[who], VERBS[who], "the", NOUNS[whom], ADVERBS[whom]]
    if not good:
        draw.shuffle(words)
    return " ".join(words)


def measure(seed: int, folder: Path, sizes: Sizes = Sizes()) -> list[Result]:
    """Label, fit, filter, and train a student in each way.

    Args:
        seed: of texts, labels, weights and orders.
        folder: an empty one.
        sizes: how much of everything.
    """
    started, draw = time.process_time(), Random(seed)
    number_good = round(sizes.good * sizes.texts)
    rows = {
        text(draw, good=n < number_good, sentences=sizes.sentences): n < number_good
        for n in range(sizes.texts)
    }
    texts = list(rows)
    draw.shuffle(texts)
    source = _write(folder / "snippets.jsonl", [{"text": one} for one in texts])
    labelled = texts[: round(sizes.labelled * len(texts))]
    labels = _write(
        folder / "labels.jsonl", [{"text": one, "label": rows[one]} for one in labelled]
    )
    words = Words(steps=sizes.words_steps, batch_size=32, settings=TINY, context=96)
    fit(
        labels,
        out=folder / "classifier",
        settings=FitSettings(seed=seed, words=words),
        snippets=source,
    )
    filter_snippets(
        source,
        out=folder / "kept.jsonl",
        settings=FilterSettings(),
        classifier=folder / "classifier",
    )
    kept = [json.loads(line)["text"] for line in (folder / "kept.jsonl").open(encoding="utf-8")]
    new = [text(draw, good=True, sentences=sizes.sentences) for _ in range(sizes.held_out)]
    own = Words(steps=sizes.steps, batch_size=32, settings=TINY, context=96)
    losses = {}
    chosen = {"all": texts, "filtered": kept, "good alone": [t for t in texts if rows[t]]}
    for arm, taught in chosen.items():
        place = folder / f"student {arm}"
        with quiet_libraries():
            learn_words(place, taught, words=own, seed=seed)
        losses[arm] = _loss(place, new)
    return [
        Result(
            seed=seed,
            auc=_auc(folder / "classifier", {t: rows[t] for t in texts[len(labelled) :]}),
            labels=len(labelled),
            kept=len(kept),
            kept_good=sum(rows[one] for one in kept),
            losses=losses,
            seconds=time.process_time() - started,
        )
    ]


def _write(place: Path, rows: Sequence[dict[str, object]]) -> Path:
    place.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return place


def _auc(classifier: Path, rows: dict[str, bool]) -> float:
    made, embedder = open_classifier(classifier)
    scores = [made.scorer.score(vector) for vector in embedder.embed(list(rows))]
    return float(roc_auc_score(list(rows.values()), scores))


def _loss(student: Path, texts: Sequence[str]) -> float:
    """Return the mean loss per word, which tokenizers can't bend."""
    import torch

    read = Embedder.load(student)
    batch = tokens_of(read.tokenizer, texts, read.context)
    with torch.no_grad():
        loss = float(read.model(**batch).loss)
    tokens = int((batch["labels"][:, 1:] != -100).sum())
    return loss * tokens / sum(len(one.split()) for one in texts)


def table(results: Sequence[Result]) -> str:
    """Return the figures over all seeds, and by seed."""
    aucs = [one.auc for one in results]
    kept, good = sum(one.kept for one in results), sum(one.kept_good for one in results)
    lines = [
        f"classifier: AUC {_shown(aucs)} on texts without a label, "
        f"{results[0].labels} labels, {len(results)} seeds; goal > 0.95: "
        f"{'met' if min(aucs) > 0.95 else 'MISSED'}",
        f"kept: {kept / len(results):.0f} texts, good {good / kept:.3f}",
    ]
    for arm in ARMS:
        losses = [one.losses[arm] for one in results]
        each = " ".join(f"{loss:.2f}" for loss in losses)
        lines.append(f"{arm:<12} loss per word on new good ones {_shown(losses)} ({each})")
    wins = sum(one.losses["filtered"] < one.losses["all"] for one in results)
    lines.append(
        f"goal: filtered below all, every seed: {wins} of {len(results)}: "
        f"{'met' if wins == len(results) else 'MISSED'}"
    )
    return "\n".join([*lines, *_facts_of_a_day()])


def _shown(values: Sequence[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"


def _facts_of_a_day() -> list[str]:
    lines = Path(__file__).with_name("ephemeral.jsonl").read_text("utf-8").splitlines()
    told = [(json.loads(line), ephemeral_sign(json.loads(line)["text"])) for line in lines]
    found = []
    for kind, name in ((True, "facts of a day left out"), (False, "lasting facts left out")):
        signs = [sign is not None for row, sign in told if row["ephemeral"] is kind]
        share = wilson(sum(signs), len(signs))
        found.append(f"{name}: {sum(signs)} of {share.n} ({share.low:.2f}..{share.high:.2f})")
    return found
