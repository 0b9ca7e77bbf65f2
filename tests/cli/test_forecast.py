"""`run --dry-run`: what a run would take, without a call and without a trace."""

import time
from pathlib import Path
from typing import Any

import pytest
from command import Command

from colloquia.runs.projection import PROMPT_SHARE

HOSTED = "models: {m: {model: hosted_vllm/x, api_base: http://localhost:9/v1PRICE}}\n"
ALL = "agents: {planner: &, questioner: &, answerer: &, critic: &, refusal_checker: &}\n"


def hosted(folder: Path, price: str = "") -> Path:
    """A recipe whose five roles are played by a server that isn't there."""
    agents = ALL.replace("&", "{model: m}")
    recipe = folder / "hosted.yaml"
    text = "snippets: {path: snippets.jsonl}\n" + HOSTED.replace("PRICE", price) + agents
    recipe.write_text(text)
    return recipe


def dry(colloquia: Command, recipe: Path, *more: object) -> Any:
    return colloquia("run", recipe, "--dry-run", "--json", *more).document


def test_calls_tokens_and_cost_of_a_hosted_model_are_projected(
    colloquia: Command, project: Path
) -> None:
    forecast = dry(colloquia, hosted(project, ", price: {input: 1, output: 10}"))
    expected = forecast["expected"]
    assert (expected["basis"], expected["sample"]) == ("assumed", 8)
    assert expected["calls"] == [24 * (1 + 3 * 3), 24 * (1 + 3 * 18)]
    for name in ("tokens_in", "tokens_out", "cost_usd"):
        assert 0 < expected[name][0] < expected[name][1]
    assert expected["cost_usd"][1] < expected["most_cost_usd"]
    assert expected["seconds"] is None
    least_in, least_out = expected["tokens_in"][0], expected["tokens_out"][0]
    assert expected["cost_usd"][0] == pytest.approx(least_in * 1e-6 + least_out * 1e-5)


def test_rendered_prompts_are_about_what_a_run_sends(colloquia: Command, project: Path) -> None:
    per_call = []
    for source in ("forecast", "run"):
        if source == "forecast":
            expected = dry(colloquia, hosted(project))["expected"]
            rendered = expected["tokens_in"][0] / PROMPT_SHARE.least
            per_call.append(rendered / expected["calls"][0])
        else:
            colloquia("run", "recipe.yaml", "-q", "--limit", 6)
            calls = [
                call["messages"]
                for row in colloquia("ls", "--json", "--limit", 6).document["dialogues"]
                for call in colloquia("show", row["id"], "--calls", "--json").document["calls"]
            ]
            sizes = [sum(len(m["content"].encode()) for m in call) / 4 for call in calls]
            per_call.append(sum(sizes) / len(sizes))
    assert per_call[0] == pytest.approx(per_call[1], rel=0.15)


def test_a_longer_snippet_file_is_sampled_all_over(colloquia: Command, project: Path) -> None:
    recipe = hosted(project)
    before = dry(colloquia, recipe)["expected"]["tokens_in"][0] / 24
    lines = (project / "snippets.jsonl").read_text().splitlines()
    said = "The tower was built in {} by Anne Hart. "
    long = ['{"text": "%s"}' % (said.format(year) * 200) for year in range(1700, 1900)]
    (project / "snippets.jsonl").write_text("\n".join([*lines, *long]))
    after = dry(colloquia, recipe)["expected"]["tokens_in"][0] / 224
    assert after > 1.2 * before


def test_what_is_unknown_is_said_to_be(colloquia: Command, project: Path) -> None:
    result = colloquia("run", hosted(project), "--dry-run")
    assert "cost           unknown: give hosted_vllm/x a price in the recipe\n" in result.out
    assert "time           unknown before a first call; colloquia preview" in result.out
    assert dry(colloquia, hosted(project))["unpriced"] == ["hosted_vllm/x"]
    assert not (project / "colloquia.db").exists()


@pytest.fixture
def cpu_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time calls by this process's own CPU, whatever else the machine does."""
    monkeypatch.setattr(time, "perf_counter", time.process_time)


def within(expected: dict[str, Any], done: dict[str, Any], before: dict[str, Any] | None) -> bool:
    """Whether what a run took more than before is in its projected ranges."""
    took = {name: done[name] - (before or {}).get(name, 0) for name in ("calls", *TOKENS)}
    return all(expected[name][0] <= took[name] <= expected[name][1] for name in took)


TOKENS = ("tokens_in", "tokens_out")


@pytest.mark.usefixtures("cpu_clock")
@pytest.mark.parametrize("more", ["", "limits: {calls_per_dialogue: 20}", "seed: 3"])
def test_what_the_offline_teacher_takes_is_in_the_projected_ranges(
    colloquia: Command, project: Path, more: str
) -> None:
    recipe = project / "plain.yaml"
    recipe.write_text(f"snippets: {{path: snippets.jsonl, limit: 12}}\n{more}\n")
    expected = dry(colloquia, recipe)["expected"]
    assert (expected["basis"], expected["sample"]) == ("rehearsed", 8)
    done = colloquia("run", recipe, "--json").document
    assert within(expected, done, None), (expected, done)
    assert done["seconds"] > expected["seconds"][0]


def test_questions_asked_ahead_are_in_the_range(colloquia: Command, project: Path) -> None:
    recipe = project / "ahead.yaml"
    recipe.write_text("snippets: {path: snippets.jsonl, limit: 12}\ndialogue: {speculate: true}\n")
    expected = dry(colloquia, recipe)["expected"]
    assert within(expected, colloquia("run", recipe, "--json").document, None)


@pytest.mark.usefixtures("cpu_clock")
def test_the_rest_after_a_preview_is_in_the_projected_ranges(
    colloquia: Command, project: Path
) -> None:
    rest = colloquia("preview", "recipe.yaml", "-n", 2, "--json").document["rest"]["expected"]
    before = colloquia("status", "--json").document
    done = colloquia("run", "recipe.yaml", "--json").document
    assert within(rest, done, before), (rest, before, done)
    first = colloquia("ls", "--json", "--limit", 1).document["dialogues"][0]["id"]
    calls = colloquia("show", first, "--calls", "--json").document["calls"]
    usual = sorted(call["latency_s"] for call in calls)
    assert usual[-1] < 0.5, "waking the teacher, a second, is no part of a call"


def test_earlier_dialogues_are_the_measure(colloquia: Command, project: Path) -> None:
    done = colloquia("run", "recipe.yaml", "--limit", 12, "--json").document
    forecast = dry(colloquia, project / "recipe.yaml")
    expected = forecast["expected"]
    assert (forecast["to_do"], forecast["finished"]) == (12, 12)
    assert (expected["basis"], expected["sample"]) == ("measured", 12)
    assert expected["calls"][0] <= done["calls"] <= expected["calls"][1]
    assert expected["cost_usd"] == [0, 0]
    whole = colloquia("run", "recipe.yaml", "--json").document
    assert expected["calls"][0] <= whole["calls"] - done["calls"] <= expected["calls"][1]


def test_every_line_fits_a_narrow_terminal(colloquia: Command, project: Path) -> None:
    result = colloquia("run", hosted(project, ", price: {input: 1, output: 10}"), "--dry-run")
    assert max(map(len, result.out.split("\n")[5:])) <= 80
