"""The offline teacher's thought is its own derivation: what it found, and what it checked."""

import json
from pathlib import Path

import pytest

from colloquia.core.roles import AnswererInput, Passage, ReasonerReply
from colloquia.language.facts.support import unsupported_facts
from colloquia.offline.answers.answerer import answer
from colloquia.offline.answers.reasoner import reason
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable.choosing import unanswerables

STARTER = Path(__file__).parents[2] / "src/colloquia/starter/snippets.jsonl"
PASSAGES = [
    Passage(title=row["title"], text=row["text"])
    for row in map(json.loads, STARTER.read_text("utf-8").splitlines())
]
CANAL = next(passage for passage in PASSAGES if "Panama" in passage.text)


def thought(question: str | None, *, sample: int = 1, of: Passage = CANAL) -> ReasonerReply:
    return reason(AnswererInput(snippet=of, question=question, sample=sample), seed=1)


def test_it_names_the_sentence_and_the_fact_that_was_asked_for() -> None:
    said = thought("When did the canal open?")
    assert "“The canal opened on 15 August 1914" in said.thought
    assert "It wants a time, and there it is: 15 August 1914." in said.thought


def test_it_tells_what_came_to_mind_first_where_that_was_not_it() -> None:
    hasty, careful = (thought("When did the canal open?", sample=n) for n in (0, 1))
    assert hasty.answer != careful.answer
    assert hasty.answer in hasty.thought
    assert f"At first I think of this: “{hasty.answer}”" in careful.thought


def test_it_says_what_it_looked_for_in_vain() -> None:
    passage, one = next(
        (p, c) for p in PASSAGES for c in unanswerables(p.text, p.title) if not c.denies
    )
    said = thought(one.question, of=passage)
    assert said.declined
    assert "so I won't guess and say that I don't know." in said.thought


def test_it_says_that_a_premise_is_set_right() -> None:
    passage, one = next(
        (p, c) for p in PASSAGES for c in unanswerables(p.text, p.title) if c.denies
    )
    assert "takes something else for granted" in thought(one.question, of=passage).thought


def test_the_foundation_is_thought_over_too() -> None:
    said = thought(None)
    assert all(quote in said.thought for quote in said.quotes)


@pytest.mark.parametrize("sample", [0, 1])
@pytest.mark.parametrize("passage", PASSAGES[:4], ids=lambda passage: str(passage.title))
def test_the_answer_is_the_answerer_s_and_no_thought_has_a_fact_of_its_own(
    passage: Passage, sample: int
) -> None:
    for one in candidates(passage.text, passage.title):
        given = AnswererInput(snippet=passage, question=one.question, sample=sample)
        said = reason(given, seed=5)
        assert said.spoken == answer(given, seed=5)
        sources = (passage.text, passage.title or "", one.question)
        assert unsupported_facts(said.thought, sources=sources) == ()
