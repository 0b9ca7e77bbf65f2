"""`colloquia render`: the messages a role is really sent, from real values."""

import asyncio
from pathlib import Path

import pytest
from command import Command

from colloquia.store.repository import Store

TEXT = "The Harrow lighthouse was built in 1851 on a cliff. Its lamp could be seen for 18 miles."
ROLES = ("planner", "questioner", "answerer", "critic", "refusal_checker")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_s_prompt_is_shown_with_roles_and_size(colloquia: Command, role: str) -> None:
    result = colloquia("render", role)
    assert result.code == 0
    assert result.out.startswith("── system ──\n") and "\n── user ──\n" in result.out
    assert result.err.startswith(f"{role}@") and "tokens" in result.err


def test_what_is_shown_is_what_a_run_sends(
    colloquia: Command, project: Path, finished_store: Path
) -> None:
    """The offline teacher plays the same dialogue here and there, so the messages are the same."""
    with Store.open(finished_store) as store:
        run = store.latest_run()
        assert run is not None
        record = next(iter(store.records(run.id)))
        calls = {call.place: call for call in store.calls(run.id, record.dialogue.id)}
    number = [s for s in (project / "snippets.jsonl").read_text().splitlines()].index(
        next(
            line
            for line in (project / "snippets.jsonl").read_text().splitlines()
            if record.snippet.external_id and f'"{record.snippet.external_id}"' in line
        )
    )
    shown = colloquia(
        *("render", "questioner", "--exchange", 2, "--recipe", "recipe.yaml", "--json"),
        *("--snippet", f"snippets.jsonl:{number + 1}"),
    ).document
    sent = calls["2.questioner"].messages
    assert shown["messages"] == [message.model_dump(mode="json") for message in sent]


def test_snippet_persona_and_values_can_be_chosen(colloquia: Command, project: Path) -> None:
    shown = colloquia("render", "questioner", "--snippet", TEXT, "--persona", "debater").out
    assert TEXT in shown and "debating" in shown
    card = colloquia("render", "questioner", "--persona", "personas/my_persona.yaml").out
    assert "small museum" in card
    second = colloquia("render", "planner", "--snippet", "snippets.jsonl:2").out
    assert "Surtsey" in second
    told = colloquia(
        *("render", "answerer", "--exchange", 2, "--set", "question=How tall is it?"),
        *("--set", 'reasons=["no quote"]', "--set", "draft=Tall.", "--set", "snippet.title=Towers"),
    ).out
    assert all(value in told for value in ("How tall is it?", "no quote", "Tall.", "Towers"))


def test_a_template_of_one_s_own_is_laid_over_and_compared(
    colloquia: Command, project: Path
) -> None:
    assert colloquia("render", "answerer", "--diff", "prompts").out == "no difference\n"
    file = project / "prompts" / "answerer.prompt.j2"
    file.write_text(file.read_text().replace("and stop.", "and end."))
    assert "and end." in colloquia("render", "answerer", "--prompts", "prompts").out
    assert "and end." in colloquia("render", str(file)).out
    changed = colloquia("render", "answerer", "--diff", "prompts").out.splitlines()
    assert [line for line in changed if line[:1] in "+-"][2:] != []
    assert not any("<data id" in line for line in changed)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["answrer"], "did you mean 'answerer'?"),
        (["none/answerer.prompt.j2"], "no such file"),
        (["answerer", "--exchange", "99"], "not asked in exchange 99"),
        (["answerer", "--persona", "nobody"], "no packaged persona"),
        (["answerer", "--snippet", "none.jsonl"], "no such file"),
        (["answerer", "--snippet", "snippets.jsonl:99"], "no snippet number 99"),
        (["answerer", "--set", "qestion=x"], "did you mean 'question'?"),
        (["answerer", "--set", "question"], "write a name, '=' and a value"),
        (["answerer", "--set", "a.b=1"], "--set a.b: the template is given no such value"),
        (["answerer", "--prompts", "none"], "none"),
        (["answerer", "--recipe", "none.yaml"], "no such file"),
    ],
)
def test_what_cannot_be_rendered_is_one_line_and_exit_2(
    colloquia: Command, project: Path, arguments: list[str], said: str
) -> None:
    result = colloquia("render", *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert said in result.err


def test_no_event_loop_is_left_behind(colloquia: Command) -> None:
    colloquia("render", "planner")
    asyncio.run(asyncio.sleep(0))
