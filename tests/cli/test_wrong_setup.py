"""A setup that can't work: one line with the fix, and nothing begun that would be in the way."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Command

from benchmarks.faults.nursery import Ended, Nursery
from benchmarks.faults.replies import error
from benchmarks.faults.stage import Teacher, rows, served, write_recipe
from benchmarks.servers.endpoint import Answer, Endpoint, Received
from colloquia.core.recipe import ROLES

PAGE = b"<!DOCTYPE html><title>Sign in</title>"
ENV = {"OPENAI_API_KEY": "", "NO_SUCH": ""}


class Moody(Teacher):
    """A teacher whom a test can give another answer for everything."""

    def __init__(self) -> None:
        self.instead: Answer | None = None
        super().__init__(fault=self._instead)

    def _instead(self, _: Received) -> Answer | None:
        return self.instead


@pytest.fixture(scope="module")
def teacher() -> Moody:
    return Moody()


@pytest.fixture(scope="module")
def endpoint(teacher: Moody) -> Iterator[Endpoint]:
    with served(teacher) as made:
        yield made


def run(nursery: Nursery, recipe: Path) -> Ended:
    return nursery.run("run", recipe, "--quiet", folder=recipe.parent, env=ENV)


def assert_told(ended: Ended, code: int, *words: str) -> None:
    (line,) = ended.err.splitlines()
    assert ended.code == code, line
    assert line.startswith("error: ")
    assert all(word in line for word in words), line
    assert ended.out == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"api_base": None}, ("OPENAI_API_KEY is not set", "export OPENAI_API_KEY=")),
        ({"api_key_env": "NO_SUCH"}, ("NO_SUCH is not set", "api_key_env")),
        ({"model": "opneai/any"}, ("no provider 'opneai'", "did you mean 'openai'")),
        ({"model": "nonsense/any"}, ("no provider 'nonsense'", "some are openai")),
        ({"model": "llama3"}, ("no model 'llama3'", "ollama_chat/llama3.2")),
        ({"api_base": "localhost:8000"}, ("api_base", "write it like http://localhost:8000")),
        ({"api_base": "http://"}, ("api_base", "write it like http://localhost:8000/v1")),
        ({"api_base": "http://127.0.0.1:99999/v1"}, ("api_base", "is no address")),
        ({"api_base": "http://my host/v1"}, ("api_base", "is no address")),
    ],
    ids=str,
)
def test_what_can_be_seen_beforehand_starts_nothing(
    settings: dict[str, str | None],
    words: tuple[str, ...],
    nursery: Nursery,
    workplace: Path,
    teacher: Moody,
    endpoint: Endpoint,
) -> None:
    before = len(teacher.asked)
    recipe = write_recipe(workplace, endpoint.url, snippets=1, teacher=settings)
    assert_told(run(nursery, recipe), 2, *words)
    assert not list(workplace.glob("colloquia.db*"))
    assert len(teacher.asked) == before


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (error(404, "no model any"), 2, ("no model any", "check the model's name and api_base")),
        (error(401, "bad key"), 2, ("bad key", "api_key_env")),
        (error(403, "not yours"), 2, ("not yours", "this key may not use that model")),
        (Answer(body=PAGE, type="text/html"), 4, ("a web page instead of JSON", "api_base")),
        (Answer(status=502, body=PAGE, type="text/html"), 4, ("HTTP 502", "check api_base")),
    ],
    ids=["wrong model", "wrong key", "forbidden", "web page", "bad gateway"],
)
def test_what_the_endpoint_must_say_fails_no_dialogue_and_is_gone_on_with(
    answer: Answer,
    code: int,
    words: tuple[str, ...],
    nursery: Nursery,
    workplace: Path,
    teacher: Moody,
    endpoint: Endpoint,
) -> None:
    recipe = write_recipe(workplace, endpoint.url, snippets=2)
    teacher.instead = answer
    try:
        assert_told(run(nursery, recipe), code, *words)
    finally:
        teacher.instead = None
    assert_goes_on(nursery, recipe)


def test_an_endpoint_that_nobody_started_is_gone_on_with_once_it_runs(
    nursery: Nursery, workplace: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    recipe = write_recipe(workplace, f"http://127.0.0.1:{port}", snippets=2)
    assert_told(run(nursery, recipe), 4, f"127.0.0.1:{port}", "connection refused", "start the")
    with served(Teacher(), port=port):
        assert_goes_on(nursery, recipe)


def assert_goes_on(nursery: Nursery, recipe: Path) -> None:
    store = recipe.parent / "colloquia.db"
    assert rows(store, "SELECT DISTINCT outcome FROM dialogues") == [("pending",)]
    ended = run(nursery, recipe)
    assert ended.code == 0, ended.err
    assert rows(store, "SELECT count(*) FROM runs") == [(1,)]
    assert ended.out.startswith("planned 2 = accepted ")


TEMPLATE = """\
---
role: critic
description: Looks at units only.
input:
  snippet: {type: object, untrusted: true}
output: CriticReply
---
<<user>>
{{ snippet.text }}
"""

#: What `lint` and each command that would pay says, by what is changed in a sound project.
MISTAKES = {
    "no format 'trl-stf'; did you mean 'trl-sft'?": "export: {to: [trl-stf]}",
    "split train=2.0: a share is above 0 and at most 1": "export: {split: {train: 2}}",
    "no packaged persona 'curious_ten'; did you mean 'curious_teen'?": "personas: [curious_ten]",
    "OPENAI_API_KEY is not set": (
        "models: {cheap: {model: openai/any}}\nagents: {"
        + ", ".join(f"{role}: {{model: cheap}}" for role in ROLES)
        + "}"
    ),
    "no provider 'opneai'; did you mean 'openai'": "agents: {critic: {model: opneai/any}}",
    "no model 'cheep'": "models: {cheap: {model: openai/any}}\nagents: {critic: {model: cheep}}",
    "prompts: no *.prompt.j2 here": "prompts: prompts",
    "P303 no field 'txet' here; did you mean 'text'?": TEMPLATE.replace(".text", ".txet"),
    "P303 the critic is never told 'snipet'; did you mean 'snippet'?": TEMPLATE.replace(
        "snippet", "snipet"
    ),
    "P304 the critic's output isn't what is read, a CriticReply": TEMPLATE.replace(
        "CriticReply", "PlannerReply"
    ),
}


@pytest.fixture
def made_wrong(
    request: pytest.FixtureRequest, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Make a project with one mistake; returns the words that tell it."""
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    (workplace / "snippets.txt").write_text("The Harrow lighthouse was built in 1851 on a cliff.")
    (workplace / "prompts").mkdir()
    says: str = request.param
    change = MISTAKES[says]
    if change.startswith("---"):
        (workplace / "prompts" / "critic.prompt.j2").write_text(change)
        change = "prompts: prompts"
    (workplace / "recipe.yaml").write_text(f"snippets: snippets.txt\n{change}\n")
    return says


@pytest.mark.parametrize("made_wrong", MISTAKES, indirect=True)
def test_what_lint_knows_stops_all_that_would_pay(
    made_wrong: str, workplace: Path, colloquia: Command
) -> None:
    (linted,) = colloquia("lint", "recipe.yaml").out.splitlines()
    assert made_wrong in linted
    place, words = linted.split(" R301 " if " R301 " in linted else " R103 ", 1)
    for command in (["run"], ["run", "--dry-run"], ["run", "--workers", 2], ["preview"]):
        ended = colloquia(*command, "recipe.yaml")
        assert (ended.code, ended.out, ended.err) == (2, "", f"error: {place} {words}\n"), command
    assert not list(workplace.glob("colloquia.db*"))


def test_several_mistakes_are_told_at_once(workplace: Path, colloquia: Command) -> None:
    (workplace / "snippets.txt").write_text("The Harrow lighthouse was built in 1851 on a cliff.")
    (workplace / "recipe.yaml").write_text(
        "snippets: snippets.txt\nexport: {to: [sft], split: {a: 3}}\npersonas: [curious_ten]\n"
    )
    ended = colloquia("run", "recipe.yaml")
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert line.startswith("error: 3 things are wrong: (1) recipe.yaml:3: no packaged")
    assert " (2) recipe.yaml:2: no format 'sft'" in line
    assert " (3) recipe.yaml:2: split a=3.0: a share" in line
    elsewhere = colloquia("run", "recipe.yaml", "--model", "opeai/x").err
    assert " (2) model 'opeai/x': no provider 'opeai'" in elsewhere, "no file says so"
    assert not list(workplace.glob("colloquia.db*"))


def test_offline_runs_exports_and_looks_import_nothing_of_hosted_models(project: Path) -> None:
    code = (
        "import sys\n"
        "from colloquia.cli import main\n"
        "for line in ('--help', 'run recipe.yaml --limit 2', 'show', 'export -o corpus', 'ls'):\n"
        "    assert main(line.split()) == 0, line\n"
        "heavy = {'litellm', 'aiohttp', 'openai', 'torch'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
