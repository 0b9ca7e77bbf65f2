"""Ceilings on the command line: exit codes, one line with the fix, and what --json says."""

from pathlib import Path

import pytest
from command import Command
from critics import approve, critic_recipe

from benchmarks.servers.endpoint import Endpoint

UNPRICED = """
snippets: {path: snippets.jsonl}
models: {teacher: {model: hosted_vllm/any, api_base: "http://127.0.0.1:9/v1"}}
agents: {answerer: {model: teacher}}
limits: {budget_usd: 1.0}
"""


@pytest.fixture
def unpriced(project: Path) -> Path:
    recipe = project / "unpriced.yaml"
    recipe.write_text(UNPRICED)
    return recipe


def short(project: Path) -> Path:
    recipe = project / "short.yaml"
    recipe.write_text("snippets: {path: snippets.jsonl}\nlimits: {wall: 0.01s}\n")
    return recipe


def test_a_model_of_unknown_price_is_exit_2_before_anything_starts(
    colloquia: Command, unpriced: Path, workplace: Path
) -> None:
    result = colloquia("run", unpriced)
    assert result.code == 2
    assert "unpriced.yaml:3: model 'hosted_vllm/any': its price is unknown" in result.err
    assert result.err.count("\n") == 1
    assert not (workplace / "colloquia.db").exists()
    assert colloquia("run", unpriced, "--dry-run").code == 2
    assert colloquia("run", unpriced, "--dry-run", "--allow-unpriced").code == 0


def test_lint_names_the_line_of_a_model_without_a_price(colloquia: Command, unpriced: Path) -> None:
    result = colloquia("lint", unpriced)
    assert result.code == 2
    assert "unpriced.yaml:3: R301 model 'hosted_vllm/any': its price is unknown" in result.out


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "much"])
def test_a_budget_is_a_positive_amount(colloquia: Command, project: Path, budget: str) -> None:
    result = colloquia("run", "recipe.yaml", "--budget", budget)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "budget" in result.err


def test_time_that_is_over_is_exit_3_with_totals(colloquia: Command, project: Path) -> None:
    result = colloquia("run", short(project))
    assert result.code == 3
    assert result.out.startswith("planned 24 = accepted ")
    assert " + pending " in result.out
    last = result.err.splitlines()[-1]
    assert last.startswith(
        "error: limits.wall of 0.01s is over: what is done is kept; run the same"
    )


def test_json_tells_totals_and_the_error_in_one_document(colloquia: Command, project: Path) -> None:
    result = colloquia("run", short(project), "--json")
    assert (result.code, result.document["exit_code"]) == (3, 3)
    assert result.document["error"].startswith("limits.wall of 0.01s is over")
    assert result.document["pending"] > 0
    assert result.document["charged"] is None


def test_status_tells_what_is_spent_or_held(colloquia: Command, project: Path) -> None:
    assert colloquia("run", "recipe.yaml", "--limit", "1", "--budget", "2.5").code == 0
    status = colloquia("status").out
    assert "spent or held: $0.00 of $2.50, 0 calls, 0 tokens\n" in status
    document = colloquia("status", "--json").document
    assert document["charged"] == {"usd": 0.0, "calls": 0, "tokens": 0}


def limited(project: Path, limits: str) -> Path:
    recipe = project / "limited.yaml"
    recipe.write_text(f"snippets: {{path: snippets.jsonl}}\nlimits: {{{limits}}}\n")
    return recipe


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_ceiling_that_nothing_counts_towards_is_told(
    colloquia: Command, project: Path, more: tuple[str, ...]
) -> None:
    recipe = limited(project, "calls: 5")
    result = colloquia("run", recipe, "--limit", 1, *more)
    notice = (
        "limits.calls counts calls of models that cost something; "
        "the offline teacher is never counted\n"
    )
    assert (result.code, result.err.count(notice)) == (0, 1)


def test_several_idle_ceilings_are_told_once_and_time_is_none_of_them(
    colloquia: Command, project: Path
) -> None:
    both = colloquia("run", limited(project, "calls: 5, tokens: 9, wall: 1h"), "--limit", 1)
    assert "limits.calls, limits.tokens count calls of models" in both.err
    assert "counted" not in colloquia("run", limited(project, "wall: 1h"), "--fresh").err


def test_status_tells_the_ceiling_that_was_set_and_no_money(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = approve()
    recipe = critic_recipe(project, endpoint.url, more="limits: {calls: 3}\n")
    result = colloquia("run", recipe)
    assert (result.code, "counts calls" in result.err) == (3, False)
    assert "spent or held: $0.000075, 3 of 3 calls, 54 tokens\n" in colloquia("status").out
