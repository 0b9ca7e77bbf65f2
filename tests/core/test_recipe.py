"""The recipe: defaults, one-line errors with file, line and fix, and what its hash sees."""

from pathlib import Path
from typing import Any

import pytest

from colloquia.core.errors import RecipeError, UserError
from colloquia.core.recipe import NOT_HASHED, Recipe, load_recipe

WHOLE = """\
version: 1
name: physics-dialogues
seed: 7
snippets: {path: data/snippets.jsonl, limit: 1000}
personas: [curious_teen, sceptical_engineer]
models:
  strong: {model: offline, temperature: 0.7}
agents:
  answerer: {model: strong, samples: 2}
  critic:
    model: strong
    temperature: 0
dialogue: {kind: tutoring, exchanges: [3, 6], unanswerable_share: 0.15, revisions: 2}
limits: {calls_per_dialogue: 60, concurrency: auto}
accept: {grounded: 0.8, helpful: 0.6, refusal_correct: true}
export: {to: [trl-sft, trl-dpo], split: {train: 0.9, validation: 0.1}}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_recipe_is_read(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, WHOLE))
    assert recipe.dialogue.exchanges == (3, 6)
    assert recipe.folder == tmp_path
    assert recipe.settings_for("answerer").temperature == 0.7
    assert recipe.settings_for("critic").temperature == 0
    assert recipe.settings_for("my_reviewer") == recipe.settings_for("critic")
    assert recipe.settings_for("planner").model == "offline"


def test_snippets_alone_make_a_recipe(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, "snippets: {path: a.txt}"))
    assert recipe.settings_for("questioner").model == "offline"
    assert recipe.personas == ()


def test_a_bare_path_and_a_single_persona_will_do(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, "snippets: a.txt\npersonas: debater"))
    assert (recipe.snippets.path, recipe.personas) == ("a.txt", ("debater",))


def test_one_number_of_exchanges_is_a_range(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, "snippets: {path: a}\ndialogue: {exchanges: 4}"))
    assert recipe.dialogue.exchanges == (4, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "recipe.yaml: a recipe is a mapping; start with 'snippets: {path: …}'"),
        (
            "snippets: {path: a}\ndialog: {}",
            "recipe.yaml:2: dialog: unknown setting; did you mean 'dialogue'?",
        ),
        (
            "snippets: {path: a}\ndialogue:\n  exchange: 3",
            "recipe.yaml:3: dialogue.exchange: unknown setting; did you mean 'exchanges'?",
        ),
        (
            "snippets: {path: a}\nagents:\n  critic:\n    temprature: 1",
            "recipe.yaml:4: agents.critic.temprature: unknown setting; did you mean 'temperature'?",
        ),
        (
            "snippets: {path: a}\ndialogue: {exchanges: [6, 3]}",
            "recipe.yaml:2: dialogue.exchanges: a list is no range; give [fewest, most] with",
        ),
        (
            "snippets: {path: a}\nlimits: {concurrency: 0}",
            "recipe.yaml:2: limits.concurrency: 0 is no number of dialogues; give 1 to 100,000",
        ),
        (
            "snippets: {path: a}\nlimits: {wall: 8 hours}",
            "recipe.yaml:2: limits.wall: '8 hours' is no time; write it like 8h, 90m or 45s",
        ),
        ("snippets: {path: a}\nlimits: {wall: 0s}", "'0s' is no time"),
        ("snippets: {path: a}\nlimits: {wall: 45}", "45 is no time"),
        (
            "snippets: {path: a}\nlimits: {budget_usd: 0}",
            "budget_usd: 0 is too small; give more",
        ),
        (
            "snippets: {path: a}\nlimits: {budget_usd: .inf}",
            "budget_usd: '.inf' is no number",
        ),
        ("snippets: {path: a}\nseed: -1", "recipe.yaml:2: seed: -1 is too small; give at least 0"),
        ("snippets: {path: a}\nseed: 1\nseed: 2", "recipe.yaml:3"),
        ("snippets: &x {path: a}", "recipe.yaml:1"),
        ("snippets: {path: a}\nmodels: {offline: {model: x}}", "choose another"),
    ],
)
def test_a_wrong_recipe_is_one_line_with_the_place_and_the_fix(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(write(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="recipe"):
        load_recipe(tmp_path / "recipe.yaml")


def recipe(**content: Any) -> Recipe:
    return Recipe.model_validate({"snippets": {"path": "a.txt"}, **content})


@pytest.mark.parametrize(
    "content",
    [
        {"name": "other"},
        {"snippets": {"path": "a.txt", "limit": 5}},
        {"limits": {"concurrency": 3}},
        {"limits": {"budget_usd": 1.5, "calls": 9, "tokens": 9, "wall": "8h"}},
        {"limits": {"allow_unpriced": True}},
        {"export": {"to": ["canonical"]}},
    ],
)
def test_what_cannot_change_a_dialogue_is_not_in_the_hash(content: dict[str, Any]) -> None:
    assert recipe(**content).hash(parts={}) == recipe().hash(parts={})
    (section,) = content
    assert any(path.split(".")[0] == section for path in NOT_HASHED)


def test_everything_else_is_in_the_hash() -> None:
    changed = [
        recipe(),
        recipe(seed=1),
        recipe(snippets={"path": "b.txt"}),
        recipe(personas=["debater"]),
        recipe(prompts="prompts"),
        recipe(agents={"critic": {"temperature": 0.1}}),
        recipe(dialogue={"revisions": 1}),
        recipe(limits={"calls_per_dialogue": 9}),
        recipe(accept={"helpful": 0.7}),
    ]
    hashes = {one.hash(parts={}) for one in changed} | {recipe().hash(parts={"node critic": "x"})}
    assert len(hashes) == len(changed) + 1


def test_flags_override_the_file(tmp_path: Path) -> None:
    loaded = load_recipe(write(tmp_path, WHOLE))
    changed = loaded.override(limit=3, model="offline", seed=9, concurrency=4)
    assert (changed.snippets.limit, changed.seed, changed.limits.concurrency) == (3, 9, 4)
    assert {changed.settings_for(role).model for role in ("planner", "critic")} == {"offline"}
    assert changed.folder == loaded.folder


def test_a_budget_flag_beats_the_file_and_leaves_the_rest() -> None:
    written = recipe(limits={"budget_usd": 1.0, "calls": 7, "allow_unpriced": True})
    assert written.override().limits == written.limits
    changed = written.override(budget_usd=2.5).limits
    assert (changed.budget_usd, changed.calls, changed.allow_unpriced) == (2.5, 7, True)
    assert recipe().override(allow_unpriced=True).limits.allow_unpriced


@pytest.mark.parametrize(("wall", "seconds"), [("8h", 28800), ("90m", 5400), ("0.5s", 0.5)])
def test_a_time_is_a_number_and_its_unit(wall: str, seconds: float) -> None:
    assert recipe(limits={"wall": wall}).limits.wall_s == seconds


def test_a_snippet_flag_counts_from_here_and_a_recipes_path_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep").mkdir()
    loaded = load_recipe(write(tmp_path / "deep", WHOLE))
    monkeypatch.chdir(tmp_path)
    changed = loaded.override(snippets="mine.txt")
    assert changed.source.resolve() == tmp_path / "mine.txt"


def test_a_wrong_flag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"the command line: limits.concurrency: 0 is no number"):
        load_recipe(write(tmp_path, WHOLE)).override(concurrency=0)


def test_of_several_faults_the_first_is_told_and_how_many_follow(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text("snippets: a.txt\ndialogue: {stuck: no way, draft: half, revisions: 99}\n")
    with pytest.raises(RecipeError, match=r"and 2 more, which `colloquia lint` tells$"):
        load_recipe(file)


def test_an_empty_path_given_over_a_recipe_is_told() -> None:
    with pytest.raises(UserError, match="a path is empty; leave the option out"):
        Recipe.from_content({"snippets": "mills.txt"}, folder=Path()).override(snippets="")
