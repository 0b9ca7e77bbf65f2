"""A recipe whose critic is played by an endpoint: real calls, with everything else offline."""

import json
from pathlib import Path

from benchmarks.servers.endpoint import Answer, Decide, completion

VERDICT = {"grounded": 1, "helpful": 1, "clear": 1, "rationale": "Fine."}


def approve(*, latency_s: float = 0.0) -> Decide:
    """Return a decision: every answer is fine."""
    text = json.dumps(VERDICT)
    return lambda request: Answer(body=completion(request, text), delay_s=latency_s)


def critic_recipe(folder: Path, url: str, *, more: str = "") -> Path:
    """Write a recipe beside `snippets.jsonl`; `more` are further lines of it."""
    recipe = folder / "critic.yaml"
    recipe.write_text(
        "snippets: {path: snippets.jsonl}\n"
        f"models: {{m: {{model: openai/x, api_base: {url}/v1, price: {{input: 1, output: 2}}}}}}\n"
        f"agents: {{critic: {{model: m}}}}\n{more}"
    )
    return recipe
