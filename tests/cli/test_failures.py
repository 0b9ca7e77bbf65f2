"""A run that failed says of what, with a dialogue to look at, and what to do next."""

import json
from pathlib import Path

import pytest
from command import Command
from critics import approve, critic_recipe

from benchmarks.servers.endpoint import Answer, Decide, Endpoint, Received, completion
from colloquia.cli.commands.runs.retry import advice
from colloquia.cli.view.terminal import Terminal


def too_long() -> Decide:
    """Return a decision: the first prompt fits, so the model works, and no other does."""
    body = json.dumps({"error": {"message": "the context length is 512"}}).encode()
    asked = iter(range(10**6))
    fits = approve()
    return lambda request: fits(request) if not next(asked) else Answer(status=400, body=body)


def test_a_failed_run_says_of_what_and_names_a_dialogue(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = too_long()
    result = colloquia("run", critic_recipe(project, endpoint.url), "--limit", 3)
    assert result.code == 1
    lines = result.out.splitlines()
    assert lines[1] == "  failed: fatal 3"
    why, _, command = lines[2].rpartition("; ")
    assert why.startswith("    3 × HTTP 400 Bad Request") and "the context length is 512" in why
    shown = colloquia(*command.split()[1:])
    assert (shown.code, "the context length is 512" in shown.out) == (0, True)
    status = colloquia("status")
    assert lines[2] in status.out
    assert "fatal would fail again: mend what they failed of, then colloquia retry" in status.err
    (failure,) = colloquia("status", "--json").document["failures"]
    assert (failure["cause"], failure["dialogues"]) == ("fatal", 3)


def test_causes_in_words_name_the_store(colloquia: Command, project: Path) -> None:
    recipe = project / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "limits: {calls_per_dialogue: 2}\n")
    result = colloquia("run", recipe, "--limit", 2, "--store", "my.db")
    command = next(line for line in result.out.splitlines() if "more than 2 calls" in line)
    assert "    2 × more than 2 calls" in command and command.endswith(" --store my.db")


def test_what_a_model_says_instead_is_shown_and_counted_together(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    asked = iter(range(10**6))

    def refuse(got: Received) -> Answer:
        return Answer(body=completion(got, f"I can't help with request {next(asked)}."))

    endpoint.decide = refuse
    result = colloquia("run", critic_recipe(project, endpoint.url), "--limit", 3)
    lines = result.out.splitlines()
    assert lines[1] == "  failed: refused 3"
    assert lines[2].startswith(
        "    3 × critic: no usable reply after 2 repairs: the reply is a refusal and holds no JSON "
        "object; the last begins: I can't help with request "
    )
    shown = colloquia(*lines[2].rpartition("; ")[2].split()[1:])
    assert "the last begins: I can't help with request " in " ".join(shown.out.split())


def test_what_a_model_thought_instead_of_answering_can_be_read(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = lambda got: Answer(body=completion(got, "<think>Is it so? It may be."))
    result = colloquia("run", critic_recipe(project, endpoint.url), "--limit", 1)
    told = "the reply is all reasoning and no answer; the last begins: Is it so? It may be."
    assert f"    1 × critic: no usable reply after 2 repairs: {told}" in result.out
    (row,) = colloquia("ls", "--outcome", "failed", "--json").document["dialogues"]
    shown = colloquia("show", row["id"], "--calls", "-v").out
    assert "── thought ──\nIs it so? It may be.\n\n── reply ──\n" in shown


ADVICE = {
    "failed ones get another try with colloquia retry": ["transient", "content"],
    "loop would fail again: mend what they failed of, then colloquia retry": ["loop"],
    "fatal would fail again: mend what they failed of; the others get another try with colloquia "
    "retry --cause transient": ["fatal", "transient"],
}


@pytest.mark.parametrize("said", ADVICE)
def test_retry_is_advised_where_it_may_help(said: str) -> None:
    terminal = Terminal(store="sqlite:///colloquia.db", as_json=False, quiet=False, verbose=0)
    assert advice(terminal, dict.fromkeys(ADVICE[said], 1)) == said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("show", "zzz"), "there is no dialogue 'zzz' here; colloquia ls lists them"),
        (("status", "zzz"), "there is no run 'zzz' here; colloquia ls --runs lists them"),
    ],
)
def test_an_id_that_is_none_says_where_they_are_listed(
    colloquia: Command, project: Path, command: tuple[str, str], said: str
) -> None:
    colloquia("run", "recipe.yaml", "--limit", 1)
    result = colloquia(*command)
    assert (result.code, result.err) == (2, f"error: {said}\n")


@pytest.mark.parametrize("command", ["status", "show", "ls", "stop", "watch", "run"])
@pytest.mark.parametrize("store", [".", "snippets.jsonl", "mysql://host/db", "none.db"])
def test_a_store_that_is_none_is_a_wrong_argument(
    colloquia: Command, project: Path, command: str, store: str
) -> None:
    if (command, store) == ("run", "none.db"):
        return  # it makes one
    recipe = ("recipe.yaml",) if command == "run" else ()
    result = colloquia(command, *recipe, "--store", store)
    assert (result.code, result.err.count("\n")) == (2, 1), result.err
