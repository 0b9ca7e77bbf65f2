"""From labelled snippets to a classifier in a folder, with a card that says how good it is.

After phi-1 (arXiv 2306.11644, section 2.1): a random forest on the output embedding of a pretrained
language model, learnt from labels on a small share of the data. Scale, threshold and settings of
the forest aren't stated there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from colloquia.core.atomic_folder import atomic_folder, require_room
from colloquia.core.errors import UserError
from colloquia.core.hashing import canonical_json, digest
from colloquia.core.text import printable, shown
from colloquia.core.types import Value
from colloquia.finetune.measure.intervals import Z
from colloquia.finetune.seeds.classifier import Kind, Scorer, estimator, learnt_scorer
from colloquia.finetune.seeds.embedder import Embedder, Watch, Words, learn_words
from colloquia.finetune.seeds.labels import Labelled, read_labels
from colloquia.finetune.settings import TINY
from colloquia.finetune.train.libraries import quiet_libraries, require_libraries
from colloquia.models.local.hub import find_model
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

CLASSIFIER_FILE, CARD_FILE, EMBEDDER_FOLDER = "classifier.json", "README.md", "embedder"
FOLDS = 5
LARGEST_FILE = 500_000_000  # bytes; a forest of 200 trees of 12 levels has a tenth of it


class LabelsTold(Value):
    """How well labels are told by a classifier that hasn't seen them: five folds, each left out."""

    auc: float
    """How likely a good snippet scores above another one, 0..1."""
    low: float
    high: float
    """Its 95 % interval (Hanley and McNeil 1982)."""
    precision: float | None
    """Of those that score at least 0.5: the share that is good; None where there are none."""
    recall: float
    """Of the good ones: the share that scores at least 0.5."""


class Classifier(Value):
    """What is written to `classifier.json`."""

    version: Literal["colloquia.seeds/1"] = "colloquia.seeds/1"
    scorer: Scorer
    embedder: str | None
    """The model's name; None for the one that lies beside it."""
    fingerprint: str
    """Of the embedder's files."""
    good_from: float
    good: int
    """Labelled snippets that count as good."""
    bad: int
    measured: LabelsTold

    @property
    def id(self) -> str:
        """A hash of all of it."""
        return digest(self.model_dump(mode="json"))[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """How a classifier is learnt."""

    kind: Kind = "forest"
    embedder: str = TINY
    """The folder of a causal language model, its name on the Hub, or `tiny`, from nothing."""
    good_from: float = 0.5
    """The label from which a snippet is good, 0..1."""
    drop_ephemeral: bool = False
    """Whether what is labelled ephemeral counts as not good (arXiv 2404.14219)."""
    seed: int = 0
    words: Words = field(default_factory=Words)


def fit(
    labels: Path,
    *,
    out: Path,
    settings: FitSettings,
    snippets: Path | None = None,
    watch: Watch = lambda done, total: None,
) -> Classifier:
    """Learn from labelled snippets which ones are worth teaching from; needs the extra `finetune`.

    Args:
        labels: a snippet file whose rows have a `label`.
        out: a new folder.
        settings: how.
        snippets: more texts for `tiny` to learn its words from; labels aren't needed.
        watch: told how far the words are.

    Raises:
        UserError: labels, model or place don't fit; too few are good, or not good.
        WorldError: memory or disk isn't enough.
    """
    require_room(out)
    known = read_labels(labels)
    good = [_is_good(one, settings) for one in known]
    for what, number in (("good", sum(good)), ("not good", len(good) - sum(good))):
        if number < FOLDS:
            raise UserError(
                f"{shown(labels)}: {number} of {len(good)} labelled snippets are {what}; at least "
                f"{FOLDS} of both kinds are needed (`good_from={settings.good_from:g}`)"
            )
    require_libraries()
    with quiet_libraries(), atomic_folder(out) as place:
        embedder, name, print_ = _embedder(place, known, snippets, settings, watch)
        embeddings = embedder.embed([one.snippet.text for one in known])
        made = Classifier(
            scorer=learnt_scorer(settings.kind, embeddings, good, seed=settings.seed),
            embedder=name,
            fingerprint=print_,
            good_from=settings.good_from,
            good=sum(good),
            bad=len(good) - sum(good),
            measured=measured(settings.kind, embeddings, good, seed=settings.seed),
        )
        content = canonical_json(made.model_dump(mode="json")) + "\n"
        (place / CLASSIFIER_FILE).write_text(content, encoding="utf-8")
        (place / CARD_FILE).write_text(_card(made, settings), encoding="utf-8")
    return made


def open_classifier(folder: Path) -> tuple[Classifier, Embedder]:
    """Return a classifier with its embedder; nothing of the folder is run.

    Raises:
        UserError: there is none, it isn't one, or its embedder is another than it was learnt with.
        WorldError: the embedder doesn't fit into memory.
    """
    file = folder / CLASSIFIER_FILE
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise UserError(f"{shown(file)} is no classifier: it is too large")
        made = Classifier.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UserError(
            f"{shown(file)}: {error.strerror}; make one with: colloquia seeds fit"
        ) from error
    except (ValidationError, RecursionError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "nested"
        raise UserError(f"{shown(file)} is no classifier: {shown(first)}") from error
    require_libraries()
    named = made.embedder or str(folder / EMBEDDER_FOLDER)
    if find_model(named).fingerprint() != made.fingerprint:
        raise UserError(
            f"{shown(named)} is another model than {shown(folder)} was learnt with; fit it again"
        )
    with quiet_libraries():
        embedder = Embedder.load(named)
    if not made.scorer.fits(embedder.width):
        raise UserError(f"{shown(file)} is no classifier of what {shown(named)} makes of a text")
    return made, embedder


def measured(
    kind: Kind, embeddings: Sequence[Sequence[float]], good: Sequence[bool], *, seed: int
) -> LabelsTold:
    """Return how well each fifth is told by what is learnt from the other four."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    told = cross_val_predict(
        estimator(kind, seed=seed), embeddings, good, cv=folds, method="predict_proba"
    )
    scores = [float(share) for _, share in told]
    auc = float(roc_auc_score(good, scores))
    taken = [is_good for is_good, score in zip(good, scores, strict=True) if score >= 0.5]
    spread = Z * _auc_error(auc, sum(good), len(good) - sum(good))
    return LabelsTold(
        auc=round(auc, 4),
        low=round(max(0.0, auc - spread), 4),
        high=round(min(1.0, auc + spread), 4),
        precision=round(sum(taken) / len(taken), 4) if taken else None,
        recall=round(sum(taken) / sum(good), 4),
    )


def _auc_error(auc: float, good: int, bad: int) -> float:
    """Return the standard error of an area under the curve (Hanley and McNeil 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    variance = (auc * (1 - auc) + (good - 1) * (q1 - auc * auc) + (bad - 1) * (q2 - auc * auc)) / (
        good * bad
    )
    return math.sqrt(max(0.0, variance))


def _is_good(one: Labelled, settings: FitSettings) -> bool:
    return one.label >= settings.good_from and not (settings.drop_ephemeral and one.ephemeral)


def _embedder(
    place: Path,
    known: Sequence[Labelled],
    snippets: Path | None,
    settings: FitSettings,
    watch: Watch,
) -> tuple[Embedder, str | None, str]:
    """Return the embedder, its name and its fingerprint; `tiny` is made inside the folder."""
    if settings.embedder != TINY:
        print_ = find_model(settings.embedder).fingerprint()
        return Embedder.load(settings.embedder), settings.embedder, print_
    texts = [one.snippet.text for one in known]
    if snippets is not None:
        texts += [one.text for one in read_snippets(snippets, report=SnippetReport())]
    own = place / EMBEDDER_FOLDER
    learn_words(
        own, list(dict.fromkeys(texts)), words=settings.words, seed=settings.seed, watch=watch
    )
    return Embedder.load(own), None, find_model(str(own)).fingerprint()


def _card(made: Classifier, settings: FitSettings) -> str:
    kind = {"forest": "A random forest", "logistic": "A logistic regression"}[settings.kind]
    named = printable(made.embedder or "").replace("`", "")
    on = f"`{named}`" if made.embedder else "`embedder/`, a small model made from nothing"
    ephemeral = "; what is labelled ephemeral counts as not good" if settings.drop_ephemeral else ""
    found = made.measured
    precision = "none" if found.precision is None else f"{found.precision:.3f}"
    return f"""\
# Which snippets are worth teaching from

{kind} on mean embeddings by {on} (fingerprint `{made.fingerprint}`), learnt from \
{made.good + made.bad:,} labelled snippets, {made.good:,} of them good (label from \
{made.good_from:g} on{ephemeral}). Seed {settings.seed}. Use it with: `colloquia seeds filter`.

`classifier.json` holds numbers alone; reading it runs no code.

| measured on labels left out, five folds | |
|---|---|
| area under the ROC curve | {found.auc:.3f} ({found.low:.3f} to {found.high:.3f}) |
| precision at 0.5 | {precision} |
| recall at 0.5 | {found.recall:.3f} |

It repeats the labels' taste, errors included, and knows nothing of texts unlike the labelled ones.
"""
