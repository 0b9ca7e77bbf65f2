"""`colloquia lint`: every fault with its file and line, all at once, and exit 2."""

from pathlib import Path

import pytest
from command import Command

from colloquia.language.reading import pipeline as pipelines

GOOD = "snippets: {path: snippets.jsonl}\n"


@pytest.fixture
def snippets(workplace: Path) -> Path:
    """A snippet file beside the recipe."""
    file = workplace / "snippets.jsonl"
    file.write_text('{"text": "The Harrow lighthouse was built in 1851 on a cliff."}')
    return file


def test_a_new_project_has_no_faults(colloquia: Command, project: Path) -> None:
    result = colloquia("lint")
    assert (result.code, result.out, result.err) == (0, "", "3 files, 0 problems\n")


def test_a_setting_in_the_wrong_place_is_shown_its_section(
    colloquia: Command, snippets: Path
) -> None:
    Path("recipe.yaml").write_text(GOOD + "concurrency: 4\n")
    result = colloquia("lint", "recipe.yaml")
    assert "R101 concurrency: unknown setting; did you mean 'limits.concurrency'?" in result.out


def test_an_empty_folder_says_how_to_start(colloquia: Command) -> None:
    result = colloquia("lint")
    assert (result.code, "colloquia init" in result.err) == (2, True)


def test_a_lost_english_pipeline_is_told_before_a_run(
    colloquia: Command, snippets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines, "_BUNDLED", "no_such_pipeline")
    pipelines.english.cache_clear()
    Path("recipe.yaml").write_text(GOOD)
    for command in (["lint", "recipe.yaml"], ["run", "recipe.yaml", "--dry-run"]):
        result = colloquia(*command)
        assert result.code == 2
        assert "no English spaCy pipeline is installed; run `pip install" in result.out + result.err


RECIPES = {
    "R001 unclosed": ("snippets: {path: x\n", 2),
    "R001 an anchor": ("a: &b 1\n", 1),
    "R001 a duplicate key": (GOOD + "seed: 1\nseed: 2\n", 3),
    "R001 a list": ("- a\n", 1),
    "R101 a slip": (GOOD + "seed: 1\nagnets: {}\n", 3),
    "R101 a nested slip": (GOOD + "dialogue:\n  revision: 2\n", 3),
    "R102 no snippets": ("seed: 1\n", 1),
    "R102 no path": ("snippets: {limit: 1}\n", 1),
    "R103 out of range": (GOOD + "accept:\n  grounded: 2\n", 3),
    "R103 of another type": (GOOD + "seed: soon\n", 2),
    "R201 a key": (GOOD + "models:\n  a: {model: b, api_key: sk-abcdefgh1234}\n", 3),
    "R201 a token by name": (GOOD + "token: hunter2\n", 2),
    "R201 a key in a value": (GOOD + "name: sk-abcdefgh1234\n", 2),
    "R301 no such snippets": ("seed: 1\nsnippets: {path: none.jsonl}\n", 2),
    "R301 no such persona": (GOOD + "personas: [curious_ten]\n", 2),
    "R301 no such prompts": (GOOD + "prompts: none\n", 2),
    "R301 no such model": (GOOD + "agents:\n  critic: {model: gpt}\n", 3),
    "R301 no such format": (GOOD + "export:\n  to: [trl-stf]\n", 3),
}


@pytest.mark.parametrize("case", RECIPES)
def test_a_fault_in_a_recipe_has_its_code_and_line(
    colloquia: Command, snippets: Path, case: str
) -> None:
    content, line = RECIPES[case]
    Path("recipe.yaml").write_text(content)
    result = colloquia("lint", "recipe.yaml")
    assert result.code == 2
    assert f"recipe.yaml:{line}: {case.split()[0]} " in result.out
    assert "abcdefgh" not in result.out and "hunter2" not in result.out
    (problem,) = [
        p for p in colloquia("lint", "--json").document["problems"] if p["code"] == case.split()[0]
    ]
    assert (problem["file"], problem["line"]) == ("recipe.yaml", line)


def test_all_faults_are_told_at_once(colloquia: Command, snippets: Path) -> None:
    Path("recipe.yaml").write_text(GOOD + "seed: soon\nagnets: {}\ntoken: hunter2\n")
    lines = colloquia("lint").out.splitlines()
    assert [line.split()[1] for line in lines] == ["R103", "R101", "R201"]
    assert lines[1].endswith("did you mean 'agents'?")


EVERYTHING = """
snippets: {path: snippets.jsonl}
personas: [curious_tean]
models: {t: {modle: x}}
agents: {critic: {model: t}, planner: {model: gpt}}
agnets: {}
limits: {concurrency: 0}
export: {to: [foo], split: {train: 2}}
"""


def test_what_a_recipe_names_is_looked_for_beside_other_faults(
    colloquia: Command, snippets: Path
) -> None:
    Path("recipe.yaml").write_text(EVERYTHING)
    said = colloquia("lint").out
    for line, fault in (
        (3, "R301 no packaged persona 'curious_tean'; did you mean 'curious_teen'?"),
        (4, "R101 models.t.modle: unknown setting; did you mean 'model'?"),
        (4, "R102 models.t.model: missing; add 'model: …'"),
        (5, "R301 no model 'gpt'"),
        (6, "R101 agnets: unknown setting; did you mean 'agents'?"),
        (7, "R103 limits.concurrency"),
        (8, "R301 no format 'foo'"),
        (8, "R103 split train=2.0: a share is above 0 and at most 1"),
    ):
        assert f"recipe.yaml:{line}: {fault}" in said
    assert "no model 't'" not in said, "its own fault is told already"


@pytest.mark.parametrize(
    "content",
    [
        "seed: 1\nexport: {to: [foo]}\n",
        "snippets: {limit: 1}\nexport: {to: [foo]}\n",
        "snippets: 5\nagents: 5\nmodels: []\nexport: {to: [foo]}\n",
    ],
)
def test_a_recipe_that_lacks_much_is_still_looked_through(
    colloquia: Command, snippets: Path, content: str
) -> None:
    Path("recipe.yaml").write_text(content)
    result = colloquia("lint")
    assert (result.code, "R301 no format 'foo'" in result.out) == (2, True)


def test_a_secret_is_not_looked_for(colloquia: Command, snippets: Path) -> None:
    Path("recipe.yaml").write_text(GOOD + "models: {a: {model: sk-abcdefgh1234}}\nagnets: 1\n")
    assert "abcdefgh" not in colloquia("lint").out


MISSING = {
    "seed: 1\n": "add 'snippets: {path: …}', or give --snippets",
    "snippets: {limit: 1}\n": "add 'snippets: {path: …}', or give --snippets",
    GOOD + "models: {t: {}}\n": "recipe.yaml:2: models.t.model: missing; add 'model: …'",
    GOOD + "models: {t: {modle: x}}\n": "models.t.modle: unknown setting; did you mean 'model'?",
}


@pytest.mark.parametrize("content", MISSING)
def test_run_says_what_to_add_where_something_is_missing(
    colloquia: Command, snippets: Path, content: str
) -> None:
    Path("recipe.yaml").write_text(content)
    result = colloquia("run", "recipe.yaml")
    assert (result.code, MISSING[content] in result.err) == (2, True)


def test_prompts_and_cards_are_told_apart_from_recipes(colloquia: Command, project: Path) -> None:
    prompt = project / "prompts" / "answerer.prompt.j2"
    prompt.write_text(prompt.read_text().replace("{{ question }}", "{{ qestion }}"))
    card = project / "personas" / "my_persona.yaml"
    card.write_text(card.read_text() + "wieght: 2\n")
    result = colloquia("lint", "prompts", "personas")
    assert result.code == 2
    assert "prompts/answerer.prompt.j2:" in result.out and "did you mean 'question'?" in result.out
    assert "personas/my_persona.yaml:" in result.out and "did you mean 'weight'?" in result.out


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("recpe.yaml", "did you mean 'recipe.yaml'?"),
        ("snippets.jsonl", "lint reads"),
        ("x", "no such"),
    ],
)
def test_a_path_that_is_nothing_to_lint_is_exit_2(
    colloquia: Command, project: Path, path: str, said: str
) -> None:
    result = colloquia("lint", path)
    assert (result.code, result.out, said in result.err) == (2, "", True)
