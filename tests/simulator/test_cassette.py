"""A strong model's conversation, recorded once, goes the same way again through the real HTTP path.

`cassette/` holds what was asked, by a hash of the messages, and what was replied; with it recipe,
templates and cards of that day, so that a better prompt doesn't spoil the recording. Among the
replies are a slip that the reviewer turned down, two questions in one, a fence, and a string for
a list.
"""

import hashlib
import json
import shutil
from pathlib import Path

import colloquia
from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion

CASSETTE = Path(__file__).parent / "cassette"


def key_of(request: Received) -> str:
    """What tells requests apart: their messages, whoever serves them."""
    messages = json.dumps(request.json()["messages"], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(messages.encode()).hexdigest()[:16]


async def test_a_recorded_conversation_goes_the_same_way_again(tmp_path: Path) -> None:
    shutil.copytree(CASSETTE, tmp_path / "cassette")
    recipe = tmp_path / "cassette" / "recipe.yaml"
    rows = [json.loads(line) for line in (CASSETTE / "replies.jsonl").read_text().splitlines()]
    replies = {row["request"]: row["reply"] for row in rows}
    unanswered: list[str] = []

    def decide(request: Received) -> Answer:
        reply = replies.pop(key_of(request), None)
        if reply is None:
            unanswered.append(request.json()["messages"][-1]["content"])
            return Answer(status=404, body=b'{"error": {"message": "not on this cassette"}}')
        return Answer(body=completion(request, reply))

    async with Endpoint(decide) as endpoint:
        recipe.write_text(recipe.read_text().replace("http://127.0.0.1:8400", endpoint.url))
        run = await colloquia.arun(recipe, store=tmp_path / "run.db")
    assert unanswered == [], "it asked for something else"
    assert replies == {}, "it didn't ask for all of it"
    assert run.summary() == "planned 2 = accepted 2"
    dialogues = list(run.dialogues())
    told = {d.snippet.external_id: [turn.text for turn in d.turns] for d in dialogues}
    assert told == json.loads((CASSETTE / "transcripts.json").read_text())
    turned_down = [
        (review.reviewer, turn.id)
        for dialogue in dialogues
        for turn in dialogue.tree
        for review in dialogue.reviews_against(turn)
    ]
    assert {reviewer for reviewer, _ in turned_down} >= {"critic", "question_check"}
    standing = {turn.id for dialogue in dialogues for turn in dialogue.turns}
    assert standing.isdisjoint(turn for _, turn in turned_down)
