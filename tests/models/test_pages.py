"""The recipes on the pages about models reach a server of each kind as it wants to be spoken to."""

import json
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT
from documents import Block, blocks

import colloquia
from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.core.recipe import Recipe, load_recipe

PATHS = {  # where each server is asked, below its address
    "ollama.yaml": "/api/chat",
    "llamacpp.yaml": "/v1/chat/completions",
    "lmstudio.yaml": "/v1/chat/completions",
    "vllm.yaml": "/v1/chat/completions",
}
ANSWER = "The tower on the Tay was built in 1851 by Anne Hart."
PASSAGE = f"{ANSWER} It stands on the left bank."
KINDS = {
    "overview": "What do you know about the tower on the Tay?",
    "when": "When was it built?",
    "who": "Who built it?",
}
REVIEW = {"snippet_answers": True, "label": "answered", "grounded": 1, "helpful": 1, "clear": 1}


def _recipe_of(name: str) -> Block:
    pages = ROOT.glob("docs/models/*.md")
    found = (block for page in pages for block in blocks(page, page.read_text()))
    return next(block for block in found if block.file == name)


def schema_in(request: Received) -> Any:
    """Return the reply's schema, from where this server's documentation wants it."""
    body = request.json()
    if request.path == "/api/chat":
        return body["format"]
    assert body["response_format"]["type"] == "json_schema"
    assert body["stream_options"] == {"include_usage": True}
    return body["response_format"]["json_schema"]["schema"]


def play(request: Received) -> Answer:
    """Answer in the form that was sent along."""
    schema, asked = schema_in(request), request.body.decode()
    reply: dict[str, Any] = {}
    for name in schema["properties"]:
        match name:
            case "difficulty":
                reply[name] = 0.5
            case "exchanges":
                reply[name] = [{"kind": kind, "aim": f"its {kind}"} for kind in KINDS]
            case "question":
                reply[name] = next(says for kind, says in KINDS.items() if f"its {kind}" in asked)
            case "answer":
                reply[name] = ANSWER
            case "quotes":
                reply[name] = [ANSWER]
            case "reviews":
                reply[name] = [REVIEW]
    return Answer(body=completion(request, json.dumps(reply or REVIEW)))


def at(recipe: Recipe, address: str) -> Recipe:
    """Return the recipe with its models at another address."""
    moved = {
        name: model.model_copy(update={"api_base": address})
        for name, model in recipe.models.items()
    }
    return recipe.model_copy(update={"models": moved})


@pytest.mark.parametrize("name", PATHS)
async def test_a_recipe_for_a_server_of_ones_own_makes_dialogues_there(
    name: str, tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = play
    (tmp_path / name).write_text(_recipe_of(name).text)
    (tmp_path / "snippets.jsonl").write_text(json.dumps({"text": PASSAGE}))
    root = endpoint.url + PATHS[name].removesuffix("/chat/completions").removesuffix("/api/chat")
    run = await colloquia.arun(
        at(load_recipe(tmp_path / name), root), store=str(tmp_path / "runs.db")
    )
    assert run.summary() == "planned 1 = accepted 1"
    assert {got.path for got in endpoint.requests} == {PATHS[name]}
    assert all(got.json()["stream"] for got in endpoint.requests)
