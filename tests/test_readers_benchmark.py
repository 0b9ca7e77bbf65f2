"""Ways of making dialogues, compared: what is asked, what graders see, and what is counted."""

import json
from pathlib import Path

from benchmarks.endpoint import Answer, Endpoint, Received, completion
from benchmarks.reader_one_call import askings, exchanges_in, write_all
from colloquia.core.recipe import DialogueShape, ModelSettings, Recipe, Snippets
from colloquia.runs.prepare import prepare

MILL = {"id": "mill", "title": "Corran mill", "text": "The mill at Corran was built in 1781."}
LAKE = {"id": "lake", "text": "Lake Ull is 40 metres deep and freezes over in January."}
SAID = [{"question": "How old is it?", "answer": "It was built in 1781."}] * 2


def recipe(folder: Path, *, url: str = "http://127.0.0.1:1", seed: int = 11) -> Recipe:
    file = folder / "snippets.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in (MILL, LAKE)))
    return Recipe(
        snippets=Snippets(path=str(file)),
        seed=seed,
        models={"m": ModelSettings(model="hosted_vllm/x", api_base=f"{url}/v1")},
        dialogue=DialogueShape(exchanges=(2, 2)),
    ).override(model="m")


def test_one_call_has_the_persona_and_length_that_a_run_draws(tmp_path: Path) -> None:
    for seed in range(4):
        setup = prepare(recipe(tmp_path, seed=seed).override(model="offline"))
        for asking in askings(setup):
            assert asking.persona.name == setup.persona_for(asking.snippet).name
            assert f"conversation of {asking.exchanges} exchanges" in asking.message.content
            assert asking.persona.background.rstrip(".") in asking.message.content
            assert asking.snippet.text in asking.message.content


async def test_a_dialogue_is_one_plain_call_over_http(tmp_path: Path) -> None:
    def answer(request: Received) -> Answer:
        return Answer(body=completion(request, f"```json\n{json.dumps(SAID)}\n```"))

    async with Endpoint(answer) as endpoint:
        rows = await write_all(recipe(tmp_path, url=endpoint.url))
    assert [row["id"] for row in rows] == ["mill", "lake"]
    assert all(row["exchanges"] == SAID for row in rows)
    sent = [request.json() for request in endpoint.requests]
    assert [len(body["messages"]) for body in sent] == [1, 1]
    assert not any("response_format" in body for body in sent)


def test_a_list_is_read_out_of_whatever_stands_around_it() -> None:
    said = json.dumps(SAID)
    assert exchanges_in(f"Here it is:\n{said}\nEnjoy!") == SAID
    assert exchanges_in(f'{{"conversation": {said}}}') == SAID
    assert exchanges_in(said[:-2] + ",]") == SAID
    assert exchanges_in("I can't do that.") == []
    assert exchanges_in('["just", "words"]') == []
