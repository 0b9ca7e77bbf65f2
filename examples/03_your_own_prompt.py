"""Your own prompt: a template in a folder, played by a reviewer that asks a model.

The template's output is a Verdict: that is what a reviewer of one's own replies. With a real model
you would write `PlainWords(model="cheap")` and name it in the recipe. Here the model is scripted,
so that the example runs without a key and shows exactly what was sent.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia
from colloquia import ChatRequest, Graph, Reviewer, ScriptedModel

here = Path(__file__).parent


class PlainWords(Reviewer):
    """Turns down answers with words that a twelve-year-old wouldn't know."""

    prompt = "plain_words"  # prompts/plain_words.prompt.j2


def twelve_year_old(request: ChatRequest) -> str:
    hard = "neoclassical" in request.variables["answer"]
    if hard:
        return '{"decision": "revise", "rationale": "neoclassical means in an old Greek style"}'
    return '{"decision": "accept"}'


model = ScriptedModel([twelve_year_old] * 500)
graph = Graph.default().insert(PlainWords(model=model), after="answerer")

with TemporaryDirectory() as folder:
    recipe = colloquia.load(here / "recipes" / "plain_words.yaml")
    run = colloquia.run(recipe, store=f"{folder}/prompts.db", graph=graph)
    print(run.summary())

print(f"the template was rendered {len(model.requests)} times; first as:")
for message in model.requests[0].messages:
    print(f"--- {message.role}\n{message.content}")
