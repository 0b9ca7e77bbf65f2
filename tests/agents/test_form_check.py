"""The form check turns down markup of prompts and chats in an answer, and nothing else."""

from typing import Any

import pytest
from stage import QUOTE, SNIPPET, Actor, Kept, walk_of

from colloquia.agents.form_check import FormCheck
from colloquia.core.control_tokens import find_control_token
from colloquia.core.roles import Passage, ReviewInput
from colloquia.core.types import Verdict
from colloquia.simulator.graph import Graph


def judge(answer: str, *, passage: str = SNIPPET.text) -> Verdict:
    case = ReviewInput(snippet=Passage(text=passage), question="When?", answer=answer)
    verdict = FormCheck().judge(case)
    assert verdict.scores == {}, "a form has no score, so that it moves no mean"
    assert (verdict.decision == "accept") == (verdict.rationale == "")
    return verdict


MARKS = "; leave out such marks, and any thinking aloud"
LABEL = "; begin with what it says"
JSON = "the answer holds JSON of its own; say it in plain words"


@pytest.mark.parametrize(
    ("answer", "rationale"),
    [
        ("<think>Easy.</think> In 1851.", f"the answer holds '<think>', '</think>'{MARKS}"),
        ("In 1851.<|im_end|>", f"the answer holds '<|im_end|>'{MARKS}"),
        ("In 1851. [/INST] Next", f"the answer holds '[/INST]'{MARKS}"),
        ("In 1851.</s>", f"the answer holds '</s>'{MARKS}"),
        ("<answer>In 1851.</answer>", f"the answer holds '<answer>', '</answer>'{MARKS}"),
        (
            '<data id="41a988a98d4dae3b">In 1851.</data>',
            f"the answer holds '<data id=\"41a988a98d4dae3b\">', '</data>'{MARKS}",
        ),
        ("Assistant: In 1851.", f"the answer begins with the label 'Assistant:'{LABEL}"),
        ("answer: In 1851.", f"the answer begins with the label 'answer:'{LABEL}"),
        ("A: In 1851.", f"the answer begins with the label 'A:'{LABEL}"),
        ("**Answer:** In 1851.", f"the answer begins with the label '**Answer:'{LABEL}"),
        ("### Answer\nIn 1851.", f"the answer begins with the label '### Answer'{LABEL}"),
        (
            "In 1851.\n\nUser: By whom?\nAssistant: By Ada Marsh.",
            "the answer goes on with another turn, 'User:'; end before that",
        ),
        ('{"answer": "In 1851.", "quotes": []}', JSON),
        ('{"year": 1851}', JSON),
        ('In 1851.", "quotes": ["in 1851"], "declined": false', JSON),
        ("```\nIn 1851.\n```", "the answer is a code fence; say it in plain words"),
    ],
)
def test_markup_is_turned_down_with_what_to_mend(answer: str, rationale: str) -> None:
    verdict = judge(answer)
    assert (verdict.decision, verdict.rationale) == ("revise", rationale)


@pytest.mark.parametrize(
    "answer",
    [
        "It was built in 1851.",
        "A lighthouse: that is what it was.",
        "Answers vary: some say 1851, others 1852.",
        "Two things: a lamp [of oil] and a keeper < 40.",
        'The keeper called it "the answer": a light.',
        "It had three rooms:\n- one\n- two\n- three",
        "Its sign read {closed}.",
        "Use `lamp` and <b>oil</b>.",
        "1851",
    ],
)
def test_plain_words_stand(answer: str) -> None:
    assert judge(answer).decision == "accept"


@pytest.mark.parametrize(
    ("passage", "answer"),
    [
        ("Qwen ends a turn with <|im_end|>.", "It ends a turn with <|im_end|>."),
        ("An <answer> tag is closed.", "The <answer> tag is."),
        ('The body is {"year": 1851}.', '{"year": 1851}'),
        ("Write:\n```\nlamp on\n```", "```\nlamp on\n```"),
        ("Each page begins:\nUser: Hello.", "Like this:\nUser: Hello."),
    ],
)
def test_what_the_passage_itself_is_about_may_be_said(passage: str, answer: str) -> None:
    assert judge(answer, passage=passage).decision == "accept"
    assert judge(answer).decision == "revise"


def test_a_token_that_the_passage_lacks_is_found_beside_one_that_it_has() -> None:
    verdict = judge("<|im_end|> and </s>", passage="Qwen ends a turn with <|im_end|>.")
    assert verdict.rationale == f"the answer holds '</s>'{MARKS}"


async def test_in_the_graph_an_answer_is_mended_before_it_stands() -> None:
    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        thought = "" if told["reasons"] else "<think>Easy.</think> "
        return {"answer": f"{thought}It was built in 1851.", "quotes": [QUOTE]}

    actor, kept = Actor(answerer=answerer), Kept()
    dialogue = await walk_of(actor, kept, graph=Graph.default()).run()
    assert dialogue.outcome == "accepted"
    by_id = {turn.id: turn for turn in kept.turns}
    assert find_control_token(by_id[dialogue.tip_id or ""].text) is None
    reasons = [told["reasons"] for told in actor.heard("answerer") if told["reasons"]]
    assert all(f"the answer holds '<think>', '</think>'{MARKS}" in said for said in reasons)
    assert reasons
