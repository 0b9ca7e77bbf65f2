"""What the teacher says to its own questions and to others', and what its reviewers make of it."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from colloquia.agents.critic import critic_verdict
from colloquia.core.recipe import Accept
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    CriticReply,
    Passage,
    PlannerInput,
    Profile,
    ReviewInput,
    WriterInput,
)
from colloquia.language.asking.declining import corrects, declines
from colloquia.offline.answers.answerer import answer
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.planner import plan
from colloquia.offline.questions.unanswerable.choosing import unanswerables
from colloquia.offline.reading.study import study
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.refusal_checker import check_refusal
from colloquia.offline.writer import write

LIGHTHOUSE = (Path(__file__).parent / "lighthouse.txt").read_text("utf-8").strip()
GLACIERS = (Path(__file__).parent / "glaciers.txt").read_text("utf-8").strip()
STARTER = Path(__file__).parents[2] / "src/colloquia/starter/snippets.jsonl"

PASSAGE = Passage(title="Vardholm lighthouse", text=LIGHTHOUSE)
PASSAGES = (
    PASSAGE,
    Passage(text=GLACIERS),
    *(
        Passage(title=row["title"], text=row["text"])
        for row in map(json.loads, STARTER.read_text("utf-8").splitlines())
    ),
)
OPEN = [(p, c) for p in PASSAGES for c in unanswerables(p.text, p.title) if not c.denies]
FALSE = [(p, c) for p in PASSAGES for c in unanswerables(p.text, p.title) if c.denies]
TOLD = [(p, c) for p in PASSAGES for c in candidates(p.text, p.title)]


def decision(reply: CriticReply) -> str:
    return critic_verdict(reply, accept=Accept()).decision


def careful(question: str, passage: Passage = PASSAGE) -> AnswererReply:
    return answer(AnswererInput(snippet=passage, question=question, sample=1), seed=1)


def statement(passage: Passage, candidate: Candidate) -> str:
    return study(passage.text, passage.title).statements[candidate.statement].said


def review(
    question: str, said: str, *quotes: str, declined: bool = False, of: Passage = PASSAGE
) -> ReviewInput:
    return ReviewInput(snippet=of, question=question, answer=said, quotes=quotes, declined=declined)


def test_there_are_questions_of_every_sort_to_try() -> None:
    assert min(len(OPEN), len(FALSE), len(TOLD)) >= 20
    leads = [candidate.lead for _, candidate in FALSE]
    assert leads.count("No.") >= 5 and len(leads) - leads.count("No.") >= 5


def test_the_foundation_states_the_core_in_whole_sentences_with_quotes() -> None:
    said = answer(AnswererInput(snippet=PASSAGE, question=None), seed=1)
    assert said.answer.startswith("The Vardholm lighthouse was built in 1874")
    assert 1 <= len(said.quotes) <= 3
    assert all(quote in LIGHTHOUSE for quote in said.quotes)


def test_what_is_told_is_answered_from_its_own_sentence_and_passes_both_reviewers() -> None:
    for passage, candidate in TOLD:
        said = careful(candidate.question, passage)
        assert statement(passage, candidate) in said.answer
        assert said.quotes and all(quote in passage.text for quote in said.quotes)
        assert not (said.declined or declines(said.answer))
        assert candidate.lead or not corrects(said.answer)
        given = review(candidate.question, said.answer, *said.quotes, of=passage)
        assert check_refusal(given).label == "answered"
        assert decision(criticise(given)) == "accept", candidate.question


def test_a_pronoun_at_the_head_of_an_answer_is_replaced_by_its_name() -> None:
    mill = Passage(text="The mill stands in Corran. It was built in 1781 by Ada Falk.")
    (asked,) = [c for c in candidates(mill.text, None) if c.kind == "when"]
    said = careful(asked.question, mill)
    assert said.answer == "The mill was built in 1781 by Ada Falk."
    assert said.quotes == ("It was built in 1781 by Ada Falk.",)


def test_a_false_premise_is_denied_and_set_right_by_what_holds() -> None:
    assert {c.question.startswith("Why") for _, c in FALSE} == {True, False}
    for passage, candidate in FALSE:
        said = careful(candidate.question, passage)
        assert said.answer == f"{candidate.lead} {statement(passage, candidate)}"
        assert said.declined and said.quotes
        assert corrects(said.answer) and not declines(said.answer)


def test_where_the_text_is_silent_the_answer_declines_in_the_words_of_the_question() -> None:
    for passage, candidate in OPEN:
        said = careful(candidate.question, passage)
        assert declines(said.answer) and not corrects(said.answer)
        assert candidate.aim[1:] in said.answer
        assert said.declined and not said.quotes


def test_a_question_that_shares_no_word_with_the_text_is_declined() -> None:
    said = careful("Who composed the national anthem?")
    assert said.declined and declines(said.answer)


def test_a_comparison_speaks_of_both() -> None:
    passage = Passage(
        text="Valley glaciers follow old riverbeds, whereas sheet glaciers follow no bed at all."
    )
    (asked,) = [c for c in candidates(passage.text, None) if c.kind == "comparison"]
    said = careful(asked.question, passage)
    assert "riverbeds" in said.answer and "sheet glaciers" in said.answer


def test_a_hasty_draft_differs_and_the_revision_mends_it() -> None:
    hasty = 0
    for passage, candidate in (*OPEN, *FALSE):
        question = candidate.question
        draft = answer(AnswererInput(snippet=passage, question=question), seed=1)
        if draft.declined:
            continue
        hasty += 1
        checked = check_refusal(review(question, draft.answer, *draft.quotes, of=passage))
        assert checked.label == "overreached"
        again = AnswererInput(
            snippet=passage, question=question, draft=draft.answer, reasons=(checked.rationale,)
        )
        mended = answer(again, seed=1)
        assert mended.declined and mended.answer != draft.answer
        given = review(question, mended.answer, *mended.quotes, declined=True, of=passage)
        assert check_refusal(given).label == "declined"
        assert decision(criticise(given)) == "accept"
    assert hasty >= 10


def test_no_question_and_no_answer_speaks_of_a_text() -> None:
    """A student of the dialogues has no passage before it."""
    spoken = re.compile(
        r"\b(?:passages?|texts?|snippets?|sources?|articles?|paragraphs?|excerpts?|according to|"
        r"(?:is|are|as) (?:mentioned|stated|described)|you (?:mention|say|said|wrote))\b",
        re.I,
    )
    words = 0
    for seed, passage in enumerate(PASSAGES):
        reader = Profile(name="reader", behaviours=("asks why",), knowledge={"history": "novice"})
        telling = answer(AnswererInput(snippet=passage, question=None), seed=seed).answer
        planning = PlannerInput(
            snippet=passage, persona=reader, kind="tutoring", exchanges=7,
            unanswerable_at=(2, 4, 6),
            foundation=telling,
        )  # fmt: skip
        planned = plan(planning, seed=seed).exchanges
        writing = WriterInput(
            snippet=passage, persona=reader, exchanges=planned, foundation=telling
        )
        for exchange in write(writing, seed=seed).exchanges:
            second = careful(exchange.question, passage).answer
            for line in (exchange.question, exchange.answer, second):
                words += len(line.split())
                found = spoken.search(line)
                assert found is None or found[0] in passage.text, line
    assert words > 3_000


def test_no_two_refusals_of_a_dialogue_are_worded_alike() -> None:
    heard: list[dict[str, str]] = []
    for passage, candidate in OPEN[:5]:
        given = AnswererInput(
            snippet=passage, question=candidate.question, sample=1, transcript=tuple(heard)
        )
        heard.append({"speaker": "answerer", "text": answer(given, seed=1).answer})
    assert len(heard) >= 2
    assert all(one["text"][:12] != two["text"][:12] for one, two in pairwise(heard))


def test_a_good_answer_is_accepted() -> None:
    said = "The tower has 126 steps and two galleries."
    found = criticise(review("How many steps does the tower have?", said, said))
    assert decision(found) == "accept"
    assert found.grounded >= 0.8


def test_a_quote_that_is_not_there_fails() -> None:
    found = criticise(
        review("How many steps does the tower have?", "It has 99.", "The tower has 99 steps.")
    )
    assert decision(found) == "revise"
    assert "isn't in the passage" in found.rationale


def test_an_invented_number_fails_even_beside_a_true_quote() -> None:
    quote = "The tower has 126 steps and two galleries."
    found = criticise(review("How many steps are there?", "The tower has 130 steps.", quote))
    assert found.grounded < 0.8
    assert "'130'" in found.rationale


def test_an_answer_from_another_sentence_is_told_so() -> None:
    said = "The tower has 126 steps and two galleries."
    (asked,) = [c.question for c in candidates(LIGHTHOUSE, PASSAGE.title) if c.kind == "how"]
    found = criticise(review(asked, said, said))
    assert decision(found) == "revise"
    assert "Another sentence" in found.rationale


@pytest.mark.parametrize("lead", ["Yes.", ""])
def test_to_agree_with_what_is_false_is_no_answer(lead: str) -> None:
    for passage, candidate in FALSE:
        quote = study(passage.text, passage.title).statements[candidate.statement].quote
        found = criticise(review(candidate.question, f"{lead} {quote}", quote, of=passage))
        assert decision(found) == "revise"


def test_declining_what_the_text_says_is_overrefused() -> None:
    given = review("How many steps does the tower have?", "The passage doesn't say.", declined=True)
    found = check_refusal(given)
    assert (found.snippet_answers, found.label) == (True, "overrefused")
    assert decision(criticise(given)) == "revise"


async def test_reviewers_answer_through_the_model_too(teacher: Any) -> None:
    given = review("How many steps does the tower have?", "The tower has 126 steps.")
    assert (await teacher.ask("refusal_checker", given))["label"] == "answered"
    assert (await teacher.ask("critic", given))["grounded"] < 0.8, "it quotes nothing"
