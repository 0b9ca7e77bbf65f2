"""The run of one round: the recipe with the student in its role, and what is left of its limits."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from colloquia.core.errors import BudgetReached
from colloquia.core.limits import Limits
from colloquia.core.model_options import LOCAL_PREFIX
from colloquia.core.ports import Spending
from colloquia.core.recipe import Recipe
from colloquia.rounds.settings import STUDENT, RoundSettings
from colloquia.rounds.student_answerer import StudentAnswerer
from colloquia.simulator.graph import ANSWERER, FOUNDATION, Graph
from colloquia.store.reading import RunCounts


def student_recipe(
    recipe: Recipe, student: Path, settings: RoundSettings, *, number: int
) -> Recipe:
    """Return the recipe of a round in which the student plays its role.

    Args:
        recipe: the teacher's.
        student: the folder of the round before.
        settings: its role and how it is sampled.
        number: of the round; each asks about the same snippets by a seed of its own.
    """
    content: dict[str, Any] = recipe.model_dump(mode="json")
    content["models"][STUDENT] = {
        "model": f"{LOCAL_PREFIX}{student.absolute()}",
        "structured": None if settings.role == "questioner" else False,
        "max_batch": settings.batch,
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
    }
    agent = content["agents"][settings.role]
    agent |= {"model": STUDENT, "temperature": None, "max_tokens": None}
    if settings.role == "answerer":
        agent["samples"] = settings.samples
        content["dialogue"]["draft"] = "turns"  # nobody taught it to write whole conversations
    content["snippets"] = {"path": None, "limit": None}  # the training snippets are given
    content["seed"] = (recipe.seed + number) % 2**63
    return Recipe.from_content(content, folder=recipe.folder)


def graph_for(settings: RoundSettings) -> Graph | None:
    """Return the graph that the student stands in; None for the packaged one."""
    if settings.role == "questioner":
        return None
    graph = Graph.default()
    for name in (FOUNDATION, ANSWERER):
        graph = graph.replace(name, StudentAnswerer(context=settings.context, name=name))
    return graph


def limited(recipe: Recipe, *, spent: Sequence[RunCounts], since: float) -> Recipe:
    """Return the recipe with what earlier rounds have left of its limits, which hold for all.

    Args:
        recipe: of this round's run.
        spent: the counts of the earlier rounds' runs.
        since: when this command began, by `time.monotonic`; `limits.wall` is for one command.

    Raises:
        BudgetReached: nothing is left.
    """
    total = Spending.total(
        counts.charged or Spending(usd=counts.cost_usd or 0.0) for counts in spent
    )
    limits = recipe.limits
    left: dict[str, Any] = {}
    for name, cap, used in (
        ("budget_usd", limits.budget_usd, total.usd),
        ("calls", limits.calls, total.calls),
        ("tokens", limits.tokens, total.tokens),
    ):
        if cap is not None:
            left[name] = cap - used
    if limits.wall_s is not None:
        left["wall"] = limits.wall_s - (time.monotonic() - since)
    if used_up := [name for name, rest in left.items() if rest <= 0]:
        raise BudgetReached(
            f"limits.{used_up[0]} of {getattr(limits, used_up[0])} is used up by the rounds so "
            "far: what is done is kept; raise it and run the same command again"
        )
    if "wall" in left:
        left["wall"] = f"{max(left['wall'], 0.001):.3f}s"
    lower = Limits.model_validate(limits.model_dump() | left)
    return recipe.model_copy(update={"limits": lower})
