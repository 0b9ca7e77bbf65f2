"""`hf:PATH` behind the model port: batches form by themselves, and faults are told in one line."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tiny_model import needs_torch, save_tiny_model

from colloquia.core.errors import WorldError
from colloquia.core.recipe import load_recipe
from colloquia.models.catalogue import Catalogue, make_model, options_of
from colloquia.models.faults.errors import CallFailed, ModelError
from colloquia.models.local.model_folder import ModelFolder
from colloquia.models.local.transformers_model import TransformersModel
from colloquia.runs.prepare import prepare
from colloquia.runs.run_models import RunModels
from tests.models.parts import request

pytestmark = [needs_torch, pytest.mark.filterwarnings("ignore")]  # the libraries' own


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


class Watched:
    """Loads the real model and remembers how large its batches were."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.first = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, folder: ModelFolder, *, batch: int | None) -> Any:
        module = importlib.import_module("colloquia.models.local.text_generator")
        made = module.TextGenerator.load(folder, batch=batch)
        answer = made.answer

        def noted(chats: Any, **settings: Any) -> Any:
            self.batches.append(len(chats))
            self._loop.call_soon_threadsafe(self.first.set)
            return answer(chats, **settings)

        made.answer = noted
        return made


@pytest.fixture
async def watched() -> Watched:
    return Watched()


@pytest.fixture
async def model(folder: Path, watched: Watched) -> AsyncIterator[TransformersModel]:
    made = TransformersModel(
        options_of(f"hf:{folder.name}", max_batch=8), base=folder.parent, load=watched
    )
    yield made
    await made.close()


async def test_requests_that_wait_together_are_answered_together(
    model: TransformersModel, watched: Watched
) -> None:
    asked = [request(f"Question {n}?", max_tokens=3 + n % 4, seed=n) for n in range(20)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(model.complete(one)) for one in asked]
    together = [task.result() for task in tasks]
    assert watched.batches == [8, 8, 4]
    assert together == [await model.complete(one) for one in asked]
    assert [reply.tokens_out for reply in together[:4]] == [3, 4, 5, 6]
    assert {(reply.stop, reply.cost_usd, reply.attempts) for reply in together} == {
        ("length", 0.0, 1)
    }


async def test_the_loop_stays_free_while_it_writes(model: TransformersModel) -> None:
    task = asyncio.ensure_future(model.complete(request(max_tokens=200, temperature=0)))
    ticks = 0
    while not task.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks > 5
    assert task.result().tokens_out == 200


async def test_who_gives_up_takes_nobody_along(model: TransformersModel, watched: Watched) -> None:
    tasks = [
        asyncio.ensure_future(model.complete(request(f"{n}?", max_tokens=60, seed=n)))
        for n in range(12)
    ]
    await watched.first.wait()
    tasks[0].cancel()
    tasks[10].cancel()
    await asyncio.wait(tasks)
    assert [n for n, one in enumerate(tasks) if one.cancelled()] == [0, 10]
    assert all(one.result().tokens_out for n, one in enumerate(tasks) if n not in (0, 10))


async def test_a_prompt_that_is_too_long_fails_for_good_and_alone(folder: Path) -> None:
    catalogue = Catalogue(folder=folder.parent)
    made = catalogue.make(options_of("hf:model"))
    async with asyncio.TaskGroup() as group:
        fine = group.create_task(made.complete(request("When?", max_tokens=2)))
        with pytest.raises(CallFailed, match="context too long") as error:
            await made.complete(request("x" * 2000))
    assert (error.value.cause, error.value.attempts) == ("fatal", 1)
    assert fine.result().tokens_out == 2
    await catalogue.close()


async def test_a_price_of_ones_own_counts(folder: Path) -> None:
    made = make_model(f"hf:{folder}", price={"input": 1.0, "output": 2.0})
    reply = await made.complete(request(max_tokens=5))
    assert reply.tokens_in and reply.tokens_out
    assert reply.cost_usd == pytest.approx((reply.tokens_in + 2 * reply.tokens_out) / 1e6)
    await made.close()


async def test_a_model_that_does_not_fit_stops_the_run_and_is_loaded_once(folder: Path) -> None:
    loads = []

    def full(folder: ModelFolder, *, batch: int | None) -> Any:
        loads.append(folder)
        raise WorldError("doesn't fit into memory")

    made = TransformersModel(options_of(f"hf:{folder}"), base=Path(), load=full)
    for _ in range(2):
        with pytest.raises(WorldError, match="memory"):
            await made.complete(request())
    assert len(loads) == 1
    await made.close()


async def test_a_closed_model_says_so(model: TransformersModel) -> None:
    task = asyncio.ensure_future(model.complete(request(max_tokens=400)))
    await asyncio.sleep(0.05)
    await model.close()
    with pytest.raises(CallFailed, match="closed"):
        await task


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("hf:nowhere", {}, "no folder"),
        ("hf:model", {"api_base": "http://localhost:1"}, "for servers"),
        ("hf:model", {"max_batch": 0}, "max_batch"),
    ],
)
def test_what_can_not_work_is_told_before_anything_is_loaded(
    name: str, settings: dict[str, object], says: str, folder: Path
) -> None:
    with pytest.raises(ModelError, match=says) as error:
        Catalogue(folder=folder.parent).make(options_of(name, **settings))
    assert str(error.value).startswith(f"model '{name}'")
    assert "\n" not in str(error.value)


def test_the_path_starts_at_the_recipe_and_other_weights_make_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "recipe.yaml").write_text(
        "snippets: s.txt\nmodels: {own: {model: 'hf:student'}}\nagents: {critic: {model: own}}\n"
    )
    save_tiny_model(project / "student")
    recipe = load_recipe(project / "recipe.yaml")
    first = prepare(recipe).recipe_hash
    assert prepare(recipe).recipe_hash == first
    save_tiny_model(project / "student", seed=5)
    assert prepare(recipe).recipe_hash != first
    monkeypatch.chdir(tmp_path)
    elsewhere = recipe.override(model="hf:project/student")
    assert elsewhere.agents.critic.model == "hf:student"
    prepare(elsewhere, models=RunModels.of(elsewhere))
