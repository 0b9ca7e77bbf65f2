"""A model that can't work says so in one line with the fix; a key is seen nowhere."""

import asyncio
import base64
import io
import json
import logging
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.core.errors import ColloquiaError
from colloquia.core.heartbeat import Heartbeat
from colloquia.models.catalogue import Catalogue, options_of
from colloquia.models.faults import causes
from colloquia.models.faults.errors import EndpointDown, ModelError
from colloquia.models.faults.redactor import RedactingFilter, Redactor, redact
from colloquia.models.pace.limiter import START
from colloquia.models.retry.breaker import TRIP_AFTER
from tests.models.parts import Hourglass, fault, request
from tests.models.test_fault_matrix import FAULTS, HTML


@pytest.fixture
async def catalogue() -> AsyncIterator[Catalogue]:
    made = Catalogue(clock=Hourglass())
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("llama3", {}, "write provider/model"),
        ("opneai/gpt-4o-mini", {}, "did you mean 'openai'"),
        ("openai/gpt-4o-mini", {}, "export OPENAI_API_KEY="),
        ("anthropic/claude-sonnet-4-5", {}, "export ANTHROPIC_API_KEY="),
        ("openai/x", {"api_key_env": "NO_SUCH"}, "export NO_SUCH="),
        ("openai/x", {"api_key_env": "sk-live-1"}, "never the key itself"),
        ("openai/x", {"api_key": "sk-live-1"}, "did you mean 'api_key_env'"),
        ("openai/x", {"api_base": "localhost:8000"}, "http://localhost:8000"),
        ("openai/x", {"api_base": "http://"}, "http://localhost:8000/v1"),
        ("openai/x", {"api_base": "http://host:99999/v1"}, "http://localhost:8000/v1"),
        ("openai/x", {"api_base": "ftp://host/v1"}, "http://localhost:8000/v1"),
        ("openai/x", {"api_base": "http://me:pw@host"}, "out of the address"),
    ],
)
def test_what_can_not_work_is_told_before_anything_is_sent(
    name: str, settings: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ModelError) as error:
        Catalogue().make(options_of(name, **settings))
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("answer", "says", "code"),
    [
        (HTML, "a web page instead of JSON", 4),
        (Answer(status=404, body=b'{"error":"model not found"}'), "check the model's name", 2),
        (Answer(status=401, body=b'{"error":"bad key"}'), "api_key_env", 2),
    ],
)
async def test_a_wrong_endpoint_shows_on_the_first_call(
    answer: Answer, says: str, code: int, endpoint: Endpoint, catalogue: Catalogue
) -> None:
    endpoint.decide = lambda _: answer
    model = catalogue.make(options_of("hosted_vllm/any", api_base=f"{endpoint.url}/v1"))
    with pytest.raises(ColloquiaError) as error:
        await model.complete(request())
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == code


async def test_nobody_home_is_told_with_the_address(catalogue: Catalogue) -> None:
    model = catalogue.make(options_of("ollama_chat/any", api_base="http://127.0.0.1:9"))
    with pytest.raises(EndpointDown, match=r"http://127\.0\.0\.1:9: connection refused.*start"):
        await model.complete(request())


async def test_a_schema_is_left_out_once_the_model_refuses_it(
    endpoint: Endpoint, catalogue: Catalogue
) -> None:
    def picky(got: Received) -> Answer:
        if "response_format" in got.json():
            body = b'{"error":{"message":"response_format json_schema is not supported"}}'
            return Answer(status=400, body=body)
        return Answer(body=completion(got))

    endpoint.decide = picky
    url = f"{endpoint.url}/v1"
    model = catalogue.make(options_of("openai/any", api_base=url, structured=True))
    asked = request(reply_schema={"type": "object"})
    assert [(await model.complete(asked)).text for _ in range(2)] == ["Yes.", "Yes."]
    assert len(endpoint.requests) == 3


async def test_the_pulse_sums_what_all_models_do(endpoint: Endpoint, catalogue: Catalogue) -> None:
    started = asyncio.Event()

    def refuse_one(got: Received) -> Answer:
        if len(endpoint.requests) == 1:
            return Answer(status=429)
        if len(endpoint.requests) == 4:
            started.set()
            return Answer(fault="silence")
        return Answer(body=completion(got))

    endpoint.decide = refuse_one
    url = f"{endpoint.url}/v1"
    models = [catalogue.make(options_of(f"openai/{name}", api_base=url)) for name in "ab"]
    for model in models:
        await model.complete(request())
    asking = asyncio.ensure_future(models[0].complete(request()))
    await started.wait()
    assert catalogue.heartbeat() == Heartbeat(
        in_flight=1, limit=2 * START, requests=4, rate_limits=1, retries=1
    )
    asking.cancel()
    (breaker,) = catalogue.breakers.values()
    for _ in range(TRIP_AFTER):
        breaker.note(fault("transient"))
    assert catalogue.heartbeat().outage


async def test_cost_is_known_by_the_recipe_or_not_at_all(
    endpoint: Endpoint, catalogue: Catalogue
) -> None:
    url = f"{endpoint.url}/v1"
    price = {"input": 2.0, "output": 10.0}
    for settings, cost in (({}, None), ({"price": price}, pytest.approx(92e-6))):
        model = catalogue.make(options_of("openai/any", api_base=url, **settings))
        assert (await model.complete(request())).cost_usd == cost
    known = catalogue.make(options_of("openai/gpt-4o-mini", api_base=url))
    assert (await known.complete(request())).cost_usd == pytest.approx(11 * 15e-8 + 7 * 6e-7)


@pytest.mark.parametrize("which", FAULTS)
async def test_a_key_that_the_endpoint_throws_back_is_seen_nowhere(
    which: str, endpoint: Endpoint, catalogue: Catalogue, canary: str
) -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.addFilter(RedactingFilter(redact))
    root = logging.getLogger()
    root.addHandler(handler)
    level, root.level = root.level, logging.DEBUG

    def parrot(got: Received) -> Answer:
        plain = FAULTS[which][0](got)
        key = got.headers["authorization"].removeprefix("Bearer ")
        assert key == canary
        forms = [key, quote(key, safe=""), base64.b64encode(f"user:{key}".encode()).decode()]
        thrown = {"error": {"message": f"your key {' '.join(forms)} is no good"}}
        return (
            plain
            if plain.status == 200
            else Answer(status=plain.status, body=json.dumps(thrown).encode())
        )

    endpoint.decide = parrot
    settings = {"api_base": f"{endpoint.url}/v1", "api_key_env": "CANARY_KEY", "timeout_s": 0.1}
    try:
        model = catalogue.make(options_of("openai/any", **settings))
        await asyncio.wait_for(model.complete(request()), 300)
    except ColloquiaError as error:
        told.write("".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    text = told.getvalue()
    raw = canary.encode()
    inner = [base64.b64encode(raw[n:]).decode().rstrip("=")[:-1] for n in range(3)]
    for form in (canary, quote(canary, safe=""), *inner):
        assert form not in text


def test_a_short_placeholder_is_no_key() -> None:
    clean = Redactor()
    clean.learn("none")
    assert clean("none of these") == "none of these"


def test_litellm_is_imported_by_nobody_who_does_not_use_it() -> None:
    code = (
        "import sys, colloquia, colloquia.models.catalogue, colloquia.models.wire.providers; "
        "print([name for name in ('litellm', 'aiohttp', 'openai') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("provider", ["hosted_vllm", "lm_studio", "llamafile"])
def test_a_server_of_ones_own_needs_an_address(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOSTED_VLLM", "LM_STUDIO", "LLAMAFILE"):
        monkeypatch.delenv(f"{name}_API_BASE", raising=False)
    catalogue = Catalogue()
    try:
        model = catalogue.make(options_of(f"{provider}/any"))
    except ModelError as error:
        assert "Give api_base" in str(error)
    else:
        assert "openai.com" not in next(iter(catalogue.breakers)), model


def test_a_key_is_taken_out_before_a_message_is_cut() -> None:
    key = "sk-canary-cut-0123456789"
    redact.learn(key)
    body = {"error": {"message": "x" * (causes.SHOWN_CHARS - 10) + key}}
    assert "sk-canary" not in causes.of_status(500, body, headers={}).detail
