"""`colloquia doctor RECIPE`: is each model there, does it answer, and what to do if not."""

from pathlib import Path
from typing import Any

import pytest
from command import Command
from critics import approve
from tiny_model import save_tiny_model

from benchmarks.servers.endpoint import Answer, Break, Endpoint, Received, completion

KEY = "sk-canary/77+2c=="


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that must be seen nowhere but in a request's headers."""
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def recipe(settings: str, *, folder: Path = Path()) -> Path:
    file = folder / "recipe.yaml"
    models = f"models: {{m: {{{settings}}}}}\nagents: {{critic: {{model: m}}}}\n"
    file.write_text(f"snippets: {{path: snippets.jsonl}}\n{models}")
    return file


def asked(colloquia: Command, settings: str) -> tuple[int, str, str]:
    """Return exit code, state and detail of the one model."""
    result = colloquia("doctor", recipe(settings), "--json")
    assert KEY not in result.out + result.err
    (finding,) = [check for check in result.document["checks"] if "model " in check["check"]]
    return result.code, finding["state"], finding["detail"]


def served(endpoint: Endpoint, *, more: str = "") -> str:
    return f"model: openai/x, api_base: {endpoint.url}/v1, api_key_env: MY_KEY{more}"


def test_a_model_that_answers_is_told_with_all_that_matters(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = approve()
    more = ", structured: true, price: {input: 0.15, output: 0.6}"
    code, state, detail = asked(colloquia, served(endpoint, more=more))
    assert (code, state) == (0, "ok")
    assert detail.startswith(f"{endpoint.url}/v1, key in MY_KEY, answered in ")
    assert detail.endswith("takes a reply schema, $0.15 in and $0.6 out per million tokens")
    (request,) = endpoint.requests
    body = request.json()
    assert (body["max_tokens"], KEY in request.headers["authorization"]) == (1, True)


def test_a_schema_that_is_refused_is_found_out(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    def decide(request: Received) -> Answer:
        if "response_format" in request.json():
            return Answer(status=400, body=b'{"error": {"message": "no response_format here"}}')
        return Answer(body=completion(request))

    endpoint.decide = decide
    _, state, detail = asked(colloquia, served(endpoint, more=", structured: true"))
    assert state == "warn", "its price is unknown"
    assert "no reply schema: the prompt must do, price unknown" in detail


REFUSALS: dict[str, tuple[int, int, str, str]] = {
    "a wrong key": (401, 2, "fail", "holds a key, or mend the key in it"),
    "a key without leave": (403, 2, "fail", "this key may not use that model"),
    "a wrong name": (404, 2, "fail", "check the model's name and api_base"),
    "a busy server": (429, 0, "warn", "it is there; a run waits as told"),
    "a broken server": (500, 4, "fail", "try again later"),
    "a reply of one token": (400, 0, "warn", "colloquia preview tells more"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_comes_with_its_fix_after_one_request(
    colloquia: Command, project: Path, endpoint: Endpoint, case: str
) -> None:
    status, exit_code, state, fix = REFUSALS[case]
    echo = f'{{"error": {{"message": "not with {KEY}"}}}}'.encode()
    endpoint.decide = lambda request: Answer(status=status, body=echo)
    code, found, detail = asked(colloquia, served(endpoint))
    assert (code, found) == (exit_code, state)
    assert detail.endswith(fix)
    assert len(endpoint.requests) == 1


def test_a_web_page_asks_for_another_address(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    page = b"<!doctype html><title>Welcome</title>"
    endpoint.decide = lambda request: Answer(body=page, type="text/html")
    code, state, detail = asked(colloquia, served(endpoint))
    assert (code, state) == (4, "fail")
    assert detail.endswith("or from a proxy; check api_base, which often ends in /v1")
    assert "?" not in detail and "later" not in detail


def test_a_recipe_of_the_offline_teacher_is_told_to_need_nothing(
    colloquia: Command, project: Path
) -> None:
    result = colloquia("doctor", "recipe.yaml")
    assert (result.code, result.out.count("ok\tmodel offline\tneeds nothing")) == (0, 1)
    assert "model offline" not in colloquia("doctor").out


def test_everything_that_training_needs_is_looked_for(
    colloquia: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    checks = {c["check"]: c["detail"] for c in colloquia("doctor", "--json").document["checks"]}
    for name in ("accelerate", "datasets", "peft", "torch", "transformers", "trl"):
        assert "colloquia[finetune]" in checks[name]


@pytest.mark.parametrize("fault", ["reset", "cut"])
def test_a_broken_line_is_exit_4(
    colloquia: Command, project: Path, endpoint: Endpoint, fault: Break
) -> None:
    endpoint.decide = lambda request: Answer(body=completion(request), fault=fault)
    code, state, detail = asked(colloquia, served(endpoint))
    assert (code, state, detail.endswith("try again later")) == (4, "fail", True)


def test_a_server_that_is_not_there_is_exit_4(colloquia: Command, project: Path) -> None:
    code, state, detail = asked(colloquia, "model: openai/x, api_base: 'http://127.0.0.1:9/v1'")
    assert (code, state) == (4, "fail")
    assert "connection refused; start the server, or correct api_base" in detail
    assert "no key" in detail


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("model: openai/gpt-4o-mini", "OPENAI_API_KEY is not set; export OPENAI_API_KEY=…"),
        ("model: openai/x, api_key_env: NONE_SET", "NONE_SET is not set"),
        ("model: opnai/x", "did you mean 'openai'?"),
        ("model: hosted_vllm/x", "Give api_base"),
    ],
)
def test_a_setup_that_can_not_work_is_exit_2(
    colloquia: Command, project: Path, settings: str, said: str
) -> None:
    code, state, detail = asked(colloquia, settings)
    assert (code, state, said in detail) == (2, "fail", True), detail


def test_each_model_is_asked_once_and_the_offline_teacher_is_no_call(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = approve()
    text = recipe(served(endpoint)).read_text()
    agents = "agents: {critic: {model: m, temperature: 0}, answerer: {model: m}}\n"
    Path("two.yaml").write_text(text.replace("agents: {critic: {model: m}}\n", agents))
    result = colloquia("doctor", "two.yaml")
    assert (result.code, len(endpoint.requests)) == (0, 1)
    assert "asking 1 model for one token each" in result.err
    offline: Any = colloquia("doctor", _offline(), "--json").document
    models = [check["check"] for check in offline["checks"] if "model " in check["check"]]
    assert (models, len(endpoint.requests)) == (["model offline"], 1)


def _offline() -> Path:
    Path("plain.yaml").write_text("snippets: {path: snippets.jsonl}\n")
    return Path("plain.yaml")


def test_a_local_model_is_loaded_and_asked(colloquia: Command, project: Path) -> None:
    save_tiny_model(project / "student")
    code, state, detail = asked(colloquia, "model: 'hf:student'")
    assert (code, state) == (0, "ok"), detail
    assert "student, answered in " in detail and "$0 in and $0 out" in detail
    code, state, detail = asked(colloquia, "model: 'hf:nowhere'")
    assert (code, state) == (2, "fail") and "nowhere" in detail
