"""A classifier as plain numbers: a random forest or a logistic regression, read without running it.

A pickle would run whatever its author put into it; this is JSON, checked for its shape, and a tree
can't go in circles since each node's children come after it.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from colloquia.core.types import Value

LEAF = -1

_Numbers = tuple[float, ...]


class _Finite(Value):
    model_config = ConfigDict(allow_inf_nan=False)


class Tree(_Finite):
    """A decision tree as columns, a place per node; the root comes first."""

    feature: tuple[int, ...] = Field(min_length=1)
    """Which number of the embedding is looked at; -1 for a leaf."""
    threshold: _Numbers
    """At most so much goes left."""
    left: tuple[int, ...]
    right: tuple[int, ...]
    good: _Numbers
    """Share of good ones among the labelled snippets that came here, 0..1."""

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        n = len(self.feature)
        if any(len(column) != n for column in (self.threshold, self.left, self.right, self.good)):
            raise ValueError("the columns of a tree differ in length")
        for node, (feature, *children) in enumerate(
            zip(self.feature, self.left, self.right, strict=True)
        ):
            if feature < LEAF or (feature > LEAF and not all(node < c < n for c in children)):
                raise ValueError(f"node {node} of a tree leads nowhere")
        return self

    def score(self, embedding: Sequence[float]) -> float:
        """Return the share of good ones in the leaf that an embedding comes to, 0..1."""
        node = 0
        while self.feature[node] != LEAF:
            below = embedding[self.feature[node]] <= self.threshold[node]
            node = self.left[node] if below else self.right[node]
        return self.good[node]


class Forest(_Finite):
    """A random forest: the mean of its trees (Breiman 2001)."""

    kind: Literal["forest"] = "forest"
    trees: tuple[Tree, ...] = Field(min_length=1)

    def fits(self, width: int) -> bool:
        """Return whether it reads embeddings of so many numbers."""
        return max(feature for tree in self.trees for feature in tree.feature) < width

    def score(self, embedding: Sequence[float]) -> float:
        """Return how likely a snippet is good, 0..1."""
        return sum(tree.score(embedding) for tree in self.trees) / len(self.trees)


class Logistic(_Finite):
    """A logistic regression."""

    kind: Literal["logistic"] = "logistic"
    weights: _Numbers = Field(min_length=1)
    bias: float

    def fits(self, width: int) -> bool:
        """Return whether it reads embeddings of so many numbers."""
        return len(self.weights) == width

    def score(self, embedding: Sequence[float]) -> float:
        """Return how likely a snippet is good, 0..1."""
        pairs = zip(self.weights, embedding, strict=True)
        odds = self.bias + math.fsum(weight * value for weight, value in pairs)
        return 1 / (1 + math.exp(-odds)) if odds > 0 else math.exp(odds) / (1 + math.exp(odds))


Scorer = Annotated[Forest | Logistic, Field(discriminator="kind")]
Kind = Literal["forest", "logistic"]


def learnt_scorer(
    kind: Kind, embeddings: Sequence[Sequence[float]], good: Sequence[bool], *, seed: int
) -> Forest | Logistic:
    """Learn to tell good snippets from the others.

    Args:
        kind: a random forest as phi-1 has it (arXiv 2306.11644, section 2.1), whose settings the
            paper doesn't give, or a logistic regression.
        embeddings: of labelled snippets, of one length.
        good: their labels; of both kinds.
        seed: of the forest.
    """
    model = estimator(kind, seed=seed).fit(embeddings, good)
    if kind == "forest":
        return Forest(trees=tuple(_tree(one.tree_) for one in model.estimators_))
    scaler, last = model[0], model[-1]
    weights = [float(w / s) for w, s in zip(last.coef_[0], scaler.scale_, strict=True)]
    shift = math.fsum(w * float(m) for w, m in zip(weights, scaler.mean_, strict=True))
    return Logistic(weights=tuple(weights), bias=float(last.intercept_[0]) - shift)


def estimator(kind: Kind, *, seed: int) -> Any:
    """Return scikit-learn's classifier, not yet fitted."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if kind == "forest":
        # No deeper than 12: with 100,000 labels the file would have millions of nodes otherwise.
        return RandomForestClassifier(200, max_depth=12, min_samples_leaf=2, random_state=seed)
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def _tree(tree: Any) -> Tree:
    shares = [[float(part) for part in counts[0]] for counts in tree.value]
    leaf = [int(child) < 0 for child in tree.children_left]
    return Tree(
        feature=tuple(LEAF if ends else int(f) for f, ends in zip(tree.feature, leaf, strict=True)),
        threshold=tuple(float(value) for value in tree.threshold),
        left=tuple(int(child) for child in tree.children_left),
        right=tuple(int(child) for child in tree.children_right),
        good=tuple(good / (bad + good) for bad, good in shares),
    )
