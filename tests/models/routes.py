"""Models of several providers, both ways: sent by us, and by litellm's own client."""

from colloquia.core.model_options import ModelOptions
from colloquia.core.ports import ChatModel
from colloquia.models.wire.http_model import HttpModel
from colloquia.models.wire.litellm_client import LitellmClientModel
from colloquia.models.wire.providers import resolve
from colloquia.models.wire.resolved import ResolvedModel
from colloquia.models.wire.transport import Transport
from tests.models.parts import Hourglass

AT_ROOT = ("anthropic", "ollama", "ollama_chat")  # the others' roots end in /v1


def resolved(name: str, url: str, **settings: object) -> ResolvedModel:
    base = url if name.split("/")[0] in AT_ROOT else f"{url}/v1"
    fields = {"model": name, "api_base": base, "api_key_env": "CANARY_KEY", "timeout_s": 60}
    return resolve(ModelOptions.model_validate(fields | settings))


def ours(name: str, url: str, transport: Transport, **settings: object) -> HttpModel:
    about = resolved(name, url, **settings)
    assert about.route.shape is not None
    return HttpModel(about, shape=about.route.shape, transport=transport, clock=Hourglass())


def theirs(name: str, url: str, **settings: object) -> ChatModel:
    return LitellmClientModel(resolved(name, url, **settings), clock=Hourglass())
