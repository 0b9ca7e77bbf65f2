"""What Python callers give is taken in every plain form, and what is wrong is told with the fix."""

from pathlib import Path
from typing import Any

import pytest

import colloquia
from colloquia import Check, Graph, OfflineModel, Recipe, ReviewInput, Run, UserError, Verdict

TEXTS = [
    "The lamp of the Harrow lighthouse was lit in 1851. It stands on a cliff above the bay.",
    "The Tarn bridge was built in 1902. It is 300 metres long and carries two railway tracks.",
]
RECIPE: dict[str, Any] = {"personas": "curious_teen", "dialogue": {"exchanges": 2}, "seed": 3}


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return colloquia.run(RECIPE, store=tmp_path_factory.mktemp("runs") / "a.db", snippets=TEXTS)


def test_snippets_from_python_need_no_path_in_the_recipe(done: Run) -> None:
    assert done.counts().planned == 2
    assert {record.snippet.text for record in done.dialogues()} == set(TEXTS)


def test_the_same_call_goes_on_and_more_snippets_are_added(tmp_path: Path) -> None:
    alone = colloquia.run(RECIPE, store="alone.db", snippets=TEXTS[1:]).counts().calls
    first = colloquia.run(RECIPE, store="b.db", snippets=TEXTS[:1])
    calls = first.counts().calls
    again = colloquia.run(Recipe.model_validate(RECIPE), store=tmp_path / "b.db", snippets=TEXTS)
    assert (again.id, again.counts().planned) == (first.id, 2)
    assert again.counts().calls == calls + alone, "what was done isn't asked again"
    assert colloquia.run(RECIPE, store="b.db", snippets=TEXTS, fresh=True).id != first.id


def test_an_export_holds_what_was_given_last_or_all() -> None:
    colloquia.run(RECIPE, store="s.db", snippets=TEXTS[:1])
    second = colloquia.run(RECIPE, store="s.db", snippets=TEXTS[1:])
    assert second.export("last", to="canonical", only="all").rows == 1
    assert second.export("all", to="canonical", only="all", with_stale=True).rows == 2
    assert colloquia.find_run("s.db").export("too", to="canonical", only="all").rows == 2


def test_a_path_takes_the_place_of_the_recipe_s(tmp_path: Path) -> None:
    Path("other.txt").write_text(TEXTS[1])
    given = {**RECIPE, "snippets": "none.txt"}
    done = colloquia.run(given, store="c.db", snippets=tmp_path / "other.txt")
    assert [record.snippet.text for record in done.dialogues()] == TEXTS[1:]


def test_workers_share_a_run_of_snippets_from_python(done: Run) -> None:
    shared = colloquia.run(RECIPE, store="d.db", snippets=iter(TEXTS), workers=2)
    assert [r.turns for r in shared.dialogues()] == [r.turns for r in done.dialogues()]


def test_a_recipe_without_snippets_says_what_to_add() -> None:
    with pytest.raises(UserError, match=r"add 'snippets: {path: …}', or give `snippets=`"):
        colloquia.run(RECIPE)
    assert not Path("colloquia.db").exists()


class Short(Check):
    """Turns down nothing."""

    def judge(self, case: ReviewInput) -> Verdict:
        return Verdict(decision="accept")


WRONG_STARTS: dict[str, dict[str, Any]] = {
    "recipe: agnets: unknown setting; did you mean 'agents'?": {"recipe": {"agnets": {}}},
    "list is no recipe; give its file, a dict, or colloquia.load(…)": {"recipe": [1]},
    "a store is a path or a URL, not 5; name it, colloquia.db": {"store": 5},
    "Short is no graph; start from Graph.default(), and insert(…) into it": {"graph": Short()},
    "default is no graph; start from Graph.default()": {"graph": Graph.default},
    "models is a OfflineModel; give {'name in the recipe': model}": {"models": OfflineModel()},
    "models['a'] is a name, 'gpt-4o'; names stand in the recipe": {"models": {"a": "gpt-4o"}},
    "models['a'] is a class; pass a model: OfflineModel(…)": {"models": {"a": OfflineModel}},
    "models['a'] is no model: dict has no name and no complete": {"models": {"a": {}}},
    "snippets is no list but int; give a list of texts": {"snippets": 5},
}


@pytest.mark.parametrize("told", WRONG_STARTS)
@pytest.mark.parametrize("start", [colloquia.run, colloquia.dry_run, colloquia.preview])
def test_what_a_run_can_t_start_from_is_told(told: str, start: Any) -> None:
    given: dict[str, Any] = {"recipe": RECIPE, "snippets": TEXTS, **WRONG_STARTS[told]}
    with pytest.raises(UserError) as caught:
        start(**given)
    assert told in str(caught.value)
    assert not list(Path().glob("*.db"))


def test_a_part_that_a_model_lacks_is_named() -> None:
    class Half:
        name = "half"

        async def close(self) -> None:
            return None

    models: Any = {"offline": Half()}
    with pytest.raises(UserError, match=r"models\['offline'\] is no model: Half has no complete$"):
        colloquia.run(RECIPE, snippets=TEXTS, models=models)


def test_an_unknown_outcome_is_told_at_once(done: Run) -> None:
    outcome: Any = "acepted"
    with pytest.raises(UserError) as caught:
        done.dialogues(outcome=outcome)
    assert str(caught.value) == (
        "outcome='acepted': choose accepted, rejected, failed or pending; did you mean 'accepted'?"
    )


@pytest.mark.parametrize("score", [5, -0.1, "high"])
def test_a_score_that_is_none_is_told_at_once(done: Run, score: Any) -> None:
    for look in (done.dialogues, lambda **given: done.export("out", **given)):
        with pytest.raises(UserError) as caught:
            look(min_score=score)
        assert str(caught.value) == f"min_score={score!r}: scores are 0 to 1"


def test_one_format_needs_no_list(done: Run) -> None:
    assert done.export("one", to="trl-sft").settings.to == ("trl-sft",)
    with pytest.raises(UserError, match="'trl-stf'; did you mean 'trl-sft'"):
        done.export("two", to="trl-stf")


def test_what_an_export_can_t_choose_is_told(done: Run) -> None:
    with pytest.raises(UserError) as caught:
        done.export("out", context="opne")
    assert str(caught.value) == "context='opne': choose closed or open; did you mean 'open'?"


def test_a_model_that_no_role_asks_for_is_a_misspelt_one(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no role of the recipe asks for it; did you mean 'offline'"
    ):
        colloquia.run(
            {"seed": 1},
            snippets=["A."],
            models={"ofline": colloquia.OfflineModel()},
            store=tmp_path / "x.db",
        )
    assert not (tmp_path / "x.db").exists()


def test_a_dry_run_tells_a_misspelt_model_too(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no role of the recipe asks for it"):
        colloquia.dry_run({"seed": 1}, snippets=["A."], models={"ofline": OfflineModel()})
