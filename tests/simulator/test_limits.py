"""A ceiling ends a run early and in good order; raising it, or running again, goes on."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from stage import Actor

import colloquia
from colloquia.core.errors import BudgetReached, UserError
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.recipe import Recipe
from colloquia.models.catalogue import Catalogue
from colloquia.models.ledger.metered import Metered
from colloquia.models.ledger.prices import PerToken
from colloquia.runs.run_models import RunModels
from colloquia.runs.start import arun
from colloquia.store.repository import Store

TEXT = (
    "The {} mill was built in 1702 by John Pell. It stands on the river Tay and has three floors."
)
PRICE = PerToken(input=0.0, output=1e-5)
MOST_USD = 1024 * PRICE.output  # of one call, with the recipe's default of `max_tokens`


class Paid(Actor):
    """Plays all roles for a tenth of the most it could cost, and is in no hurry."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.under_way += 1
        await asyncio.sleep(0.01)
        reply = await super().complete(request)
        self.under_way -= 1
        cost = {"cost_usd": MOST_USD / 10, "tokens_in": 1, "tokens_out": 102}
        return reply.model_copy(update=cost)


@pytest.fixture
def paid(monkeypatch: pytest.MonkeyPatch) -> Paid:
    """A model that every catalogue makes, metered as it meters its own."""
    model = Paid()

    def make(catalogue: Catalogue, options: object) -> Any:
        if catalogue.budget is None:
            return model
        return Metered(inner=model, budget=catalogue.budget, price=PRICE)

    monkeypatch.setattr(Catalogue, "make", make)
    return model


def recipe(folder: Path, *, snippets: int = 12, model: str = "actor", **limits: Any) -> Recipe:
    (folder / "mills.jsonl").write_text(
        "\n".join(json.dumps({"text": TEXT.format(n)}) for n in range(snippets))
    )
    return Recipe.model_validate(
        {
            "snippets": str(folder / "mills.jsonl"),
            "agents": {
                role: {"model": model}
                for role in ("planner", "questioner", "answerer", "critic", "refusal_checker")
            },
            "dialogue": {"exchanges": 2, "unanswerable_share": 0},
            "limits": {"concurrency": 4, **limits},
        }
    )


async def test_a_budget_ends_a_run_and_a_higher_one_goes_on(paid: Paid, tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    with pytest.raises(BudgetReached, match=r"budget of \$0\.05 reached") as reached:
        await arun(recipe(tmp_path, budget_usd=0.05), store=store)
    assert reached.value.exit_code == 3
    made = len(paid.requests)
    assert 0 < made * MOST_USD / 10 <= 0.05
    # No more than the last call's highest cost was left over: nobody gave up while others waited.
    assert made * MOST_USD / 10 + MOST_USD > 0.05
    assert paid.under_way == 0
    with Store.open(store) as opened:
        counts = opened.counts(opened.runs()[0].id)
    assert counts.calls == made, "a paid call was not kept"
    assert counts.charged is not None
    assert counts.charged.usd == pytest.approx(counts.cost_usd)

    run = await arun(recipe(tmp_path, budget_usd=9.0), store=store)
    assert run.counts().pending == 0
    assert run.counts().calls == len(paid.requests), "a call was made again"


async def test_a_cap_on_calls_is_exact(paid: Paid, tmp_path: Path) -> None:
    with pytest.raises(BudgetReached, match="limit of 17 calls reached"):
        await arun(recipe(tmp_path, calls=17), store=str(tmp_path / "store.db"))
    assert len(paid.requests) == 17


async def test_time_that_is_over_ends_a_run_and_the_same_command_goes_on(
    paid: Paid, tmp_path: Path
) -> None:
    store, short = str(tmp_path / "store.db"), recipe(tmp_path, wall="0.2s")
    with pytest.raises(BudgetReached, match=r"limits\.wall of 0\.2s is over.*run the same command"):
        await arun(short, store=store)
    before = len(paid.requests)
    with Store.open(store) as opened:
        assert opened.counts(opened.runs()[0].id).calls == before
    run = await arun(recipe(tmp_path, wall="10m"), store=store)
    assert run.counts().pending == 0
    assert run.counts().calls == len(paid.requests)


async def test_time_enough_changes_nothing(paid: Paid, tmp_path: Path) -> None:
    run = await arun(recipe(tmp_path, snippets=1, wall="1h"), store=str(tmp_path / "store.db"))
    assert run.counts().pending == 0


def test_the_offline_teacher_costs_nothing_and_reserves_nothing(tmp_path: Path) -> None:
    free = recipe(tmp_path, model="offline", snippets=3, budget_usd=0.01, calls=1, tokens=1)
    run = colloquia.run(free, store=str(tmp_path / "store.db"))
    counts = run.counts()
    assert counts.pending == 0
    assert counts.charged is not None
    assert (counts.charged.usd, counts.charged.calls) == (0.0, 0)


def test_an_object_of_ones_own_is_refused_unless_it_is_free(tmp_path: Path) -> None:
    store, capped = str(tmp_path / "store.db"), recipe(tmp_path, snippets=1, budget_usd=1.0)
    with pytest.raises(UserError, match=r"an object of your own.*free = True") as refused:
        colloquia.run(capped, store=store, models={"actor": Actor()})
    assert "\n" not in str(refused.value)
    assert not Path(store).exists()
    Free = type("Free", (Actor,), {"free": True})
    assert colloquia.run(capped, store=store, models={"actor": Free()}).counts().planned == 1
    allowed = recipe(tmp_path, snippets=1, budget_usd=1.0, allow_unpriced=True)
    colloquia.run(allowed, store=store, models={"actor": Actor()})


def test_a_team_takes_no_ceiling_that_it_could_not_keep(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a team counts nothing"):
        colloquia.team(recipe(tmp_path, model="offline", budget_usd=1.0))


def test_without_a_ceiling_there_is_no_budget(tmp_path: Path) -> None:
    models = RunModels.of(recipe(tmp_path, wall="1h"))
    assert models.budget is None
    assert models.catalogue.budget is None
