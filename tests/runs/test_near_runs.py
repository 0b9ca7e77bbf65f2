"""A slip in a recipe begins no new run unseen: what differs from an old one is told at once."""

import logging
from pathlib import Path
from typing import Any

import pytest

import colloquia
from colloquia.core.recipe import Recipe
from colloquia.core.run_manifest import RunManifest
from colloquia.runs.dry_run import dry_run
from colloquia.runs.near_runs import nearest

BASE: dict[str, Any] = {
    "snippets": "mills.txt",
    "models": {"cheap": {"model": "openai/any", "api_base": "http://localhost:8000/v1"}},
    "agents": {"critic": {"model": "cheap"}},
}


def manifest(name: str, recipe: dict[str, Any] | None = None, **fields: Any) -> RunManifest:
    content = BASE | (recipe or {})
    return RunManifest(
        **{
            "id": f"run1_{name}",
            "recipe_hash": name,
            "name": "mills",
            "recipe": Recipe.model_validate(content),
            "seed": 0,
            "code_version": "1",
            "prompts": {"critic": "critic@1", "answerer": "answerer@1"},
            "personas": {"teen": "per1_1"},
        }
        | fields
    )


OLD = manifest("old")
OTHER_PORT = {"cheap": {"model": "openai/any", "api_base": "http://localhost:8001/v1"}}

DIFFERENCES: list[tuple[RunManifest, str]] = [
    (
        manifest("new", {"models": OTHER_PORT}),
        "models.cheap.api_base is 'http://localhost:8001/v1', there 'http://localhost:8000/v1'",
    ),
    (
        manifest("new", {"snippets": "mill.txt"}),
        "snippets.path is 'mill.txt', there 'mills.txt'",
    ),
    (
        manifest("new", {"agents": {role: {"model": "m"} for role in ("planner", "questioner")}}),
        "agents.planner.model (and 1 more) is 'm', there 'offline', agents.critic.model is",
    ),
    (manifest("new", {"prompts": "mine"}), "prompts is 'mine', there not set"),
    (
        manifest("new", prompts={"critic": "critic@2", "answerer": "answerer@1"}),
        "the template of critic differs",
    ),
    (manifest("new", personas={"teen": "per1_2"}), "the card teen differs"),
    (
        manifest("new", {"personas": ["teen"]}, personas={}),
        "personas is ['teen'], there []; set it back",
    ),
    (manifest("new", code_version="2"), "colloquia is 2, there 1"),
    (manifest("new"), "the graph, an agent or a model's files differ"),
]


@pytest.mark.parametrize(("new", "says"), DIFFERENCES, ids=[says for _, says in DIFFERENCES])
def test_what_differs_from_an_old_run_is_told(new: RunManifest, says: str) -> None:
    near = nearest(new, [OLD])
    assert near is not None
    assert str(near).startswith(f"a new run beside run1_old: {says}")
    assert str(near).endswith("; set it back to go on with that one")


def test_what_never_makes_another_run_is_no_difference() -> None:
    priced = {"cheap": BASE["models"]["cheap"] | {"price": {"input": 1, "output": 2}}}
    new = manifest("new", {"models": priced, "name": "m", "export": {"split": {"train": 1}}})
    near = nearest(new, [OLD])
    assert near is not None and near.differences == (
        "the graph, an agent or a model's files differ",
    )


def test_the_nearest_is_told_and_the_latest_of_these() -> None:
    far = manifest("far", {"seed": 4, "dialogue": {"revisions": 1}})
    near, later = manifest("near", {"seed": 1}), manifest("later", {"seed": 2})
    found = nearest(manifest("new", {"seed": 3}), [far, near, later])
    assert found is not None and found.run == "run1_later"


def test_another_recipe_is_none_that_was_meant() -> None:
    other = {"seed": 1, "accept": {"grounded": 0.5, "helpful": 0.5}, "dialogue": {"revisions": 1}}
    assert nearest(manifest("new", other), [OLD]) is None


def test_a_run_that_goes_on_is_near_none() -> None:
    assert nearest(OLD, [manifest("other", {"seed": 1}), OLD]) is None


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    text = "The Harrow lighthouse was built in 1851 on a chalk cliff above the village of Harrow."
    (tmp_path / "mills.txt").write_text(text)
    (tmp_path / "recipe.yaml").write_text("snippets: mills.txt\n")
    return tmp_path / "recipe.yaml"


def test_it_is_told_when_a_run_begins_and_in_a_dry_run(
    recipe: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = str(recipe.parent / "store.db")
    assert dry_run(colloquia.load(recipe), store=store).near is None
    first = colloquia.run(recipe, store=store)
    colloquia.run(recipe, store=store)
    colloquia.run(recipe, store=store, fresh=True)
    assert caplog.messages == []

    other = colloquia.load(recipe).override(seed=1)
    latest = colloquia.find_run(store).id
    assert latest != first.id
    says = f"a new run beside {latest}: seed is 1, there 0; set it back to go on with that one"
    assert dry_run(other, store=store).near == says
    assert dry_run(other, store=store, fresh=True).near is None
    colloquia.run(other, store=store)
    assert caplog.record_tuples == [("colloquia.runs.start", logging.WARNING, says)]
    colloquia.run(other, store=store)
    assert len(caplog.messages) == 1, "it goes on"
