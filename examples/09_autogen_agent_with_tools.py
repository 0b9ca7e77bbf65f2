"""An AutoGen agent with a tool, on a model of the run: every inner call is a row of the ledger.

`model_client("clerk")` is an AutoGen client for what the recipe or `models=…` calls `clerk`. Here
that is a script which calls the tool and then judges by its result; in a recipe it would be
`models: {clerk: {model: ollama_chat/llama3.2}}`.
"""

import json
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from autogen_agentchat.agents import AssistantAgent

import colloquia
from colloquia import ChatReply, ChatRequest, Graph, ScriptedModel, ToolCall, model_client


def count_words(text: str) -> str:
    """Count the words of a text."""
    return f"{len(text.split())} words"


def reviewer() -> AssistantAgent:
    """Make the agent; given as a function, it serves as many dialogues as run at once."""
    return AssistantAgent(
        "word_counter",
        model_client=model_client("clerk"),
        tools=[count_words],
        max_tool_iterations=3,
    )


def clerk(request: ChatRequest) -> ChatReply:
    """Play a model that calls tools."""
    last = request.messages[-1]
    if last.role == "tool":
        short = int(last.content.split()[0]) < 400
        return ChatReply(text="accept" if short else "revise: say it in fewer words")
    arguments = json.dumps({"text": last.content})
    call = ToolCall(id="call_1", name=request.tools[0].name, arguments=arguments)
    return ChatReply(text="", tool_calls=(call,))


graph = Graph.default().insert(reviewer, after="answerer")

with TemporaryDirectory() as folder:
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "quickstart.yaml")
    models = {"clerk": ScriptedModel([clerk] * 1000, name="clerk")}
    run = colloquia.run(recipe, store=f"{folder}/tools.db", graph=graph, models=models)
    print(run.summary())
    store = sqlite3.connect(f"{folder}/tools.db")
    for place, model, reply, calls in store.execute(
        "SELECT place, model, reply, tool_calls FROM calls"
        " WHERE place LIKE '1.word_counter.0%' ORDER BY dialogue_id, seq LIMIT 3"
    ):
        called = [call["name"] for call in json.loads(calls)]
        print(f"{place:26} {model:20} {reply or called}")
    store.close()
