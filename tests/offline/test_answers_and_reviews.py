from pathlib import Path
from typing import Any

from colloquia.agents.critic import critic_verdict
from colloquia.core.recipe import Accept
from colloquia.core.roles import AnswererInput, CriticReply, Passage, ReviewInput
from colloquia.offline.answers.answerer import answer
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.refusal_checker import check_refusal

LIGHTHOUSE = (Path(__file__).parent / "lighthouse.txt").read_text("utf-8").strip()
GLACIERS = (Path(__file__).parent / "glaciers.txt").read_text("utf-8").strip()


PASSAGE = Passage(title="Vardholm lighthouse", text=LIGHTHOUSE)


def decision(reply: CriticReply) -> str:
    return critic_verdict(reply, accept=Accept()).decision


def careful(question: str) -> Any:
    return answer(AnswererInput(snippet=PASSAGE, question=question, sample=1), seed=1)


def review(question: str, said: str, *quotes: str, declined: bool = False) -> ReviewInput:
    return ReviewInput(
        snippet=PASSAGE, question=question, answer=said, quotes=quotes, declined=declined
    )


def test_the_foundation_states_the_core_in_whole_sentences_with_quotes() -> None:
    said = answer(AnswererInput(snippet=PASSAGE, question=None), seed=1)
    assert said.answer.startswith("The Vardholm lighthouse was built in 1874")
    assert 1 <= len(said.quotes) <= 3
    assert all(quote in LIGHTHOUSE for quote in said.quotes)


def test_a_careful_answer_says_it_in_a_full_sentence_and_quotes_verbatim() -> None:
    said = careful("Where does the lighthouse stand?")
    assert not said.declined
    assert "stands on a granite reef in the Sound of Eiden" in said.answer
    assert said.quotes and all(quote in LIGHTHOUSE for quote in said.quotes)


def test_a_pronoun_at_the_head_of_an_answer_is_replaced_by_its_name() -> None:
    for seed in range(12):
        given = AnswererInput(
            snippet=PASSAGE, question="Where does the lighthouse stand?", sample=1
        )
        said = answer(given, seed=seed).answer
        assert (
            "The Vardholm lighthouse stands" in said or "lighthouse stands" in said or '"' in said
        )


def test_yes_no_answers_begin_with_yes_or_no_and_no_gives_what_holds() -> None:
    assert careful("Was the lighthouse built in 1874?").answer.startswith("Yes")
    wrong = careful("Was the lighthouse built in 1850?").answer
    assert wrong.startswith("No")
    assert "1874" in wrong


def test_where_the_text_is_silent_the_answer_declines_and_says_what_is_covered() -> None:
    said = careful("Why was the Vardholm lighthouse built?")
    assert said.declined
    assert "1874" in said.answer or "Karin Holt" in said.answer


def test_a_false_premise_is_put_right() -> None:
    said = careful("Where was the bell when the lighthouse was built in 1850?")
    assert said.declined


def test_a_comparison_speaks_of_both() -> None:
    given = AnswererInput(
        snippet=Passage(text=GLACIERS),
        question="How do valley glaciers and sheet glaciers differ?",
        sample=1,
    )
    said = answer(given, seed=1)
    assert "riverbeds" in said.answer and "plains" in said.answer
    assert len(said.quotes) == 2


def test_a_hasty_draft_overreaches_and_the_revision_mends_it() -> None:
    question = "Why was the Vardholm lighthouse built?"
    draft = answer(AnswererInput(snippet=PASSAGE, question=question), seed=1)
    assert not draft.declined
    given = review(question, draft.answer, *draft.quotes)
    assert decision(criticise(given)) == "revise"
    checked = check_refusal(given)
    assert checked.label == "overreached"
    mended = answer(
        AnswererInput(
            snippet=PASSAGE, question=question, draft=draft.answer, reasons=(checked.rationale,)
        ),
        seed=1,
    )
    again = review(question, mended.answer, *mended.quotes, declined=mended.declined)
    assert decision(criticise(again)) == "accept"
    assert check_refusal(again).label == "declined"


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


def test_an_answer_of_the_wrong_kind_is_told_what_is_missing() -> None:
    said = "The tower has 126 steps and two galleries."
    found = criticise(review("When was the lighthouse built?", said, said))
    assert decision(found) == "revise"
    assert "a time" in found.rationale


def test_a_wrong_polarity_is_told_the_right_one() -> None:
    quote = "The Vardholm lighthouse was built in 1874 by the engineer Karin Holt."
    found = criticise(review("Was the lighthouse built in 1850?", f"Yes. {quote}", quote))
    assert decision(found) == "revise"
    assert "No" in found.rationale


def test_declining_what_the_text_says_is_overrefused() -> None:
    given = review("How many steps does the tower have?", "The passage doesn't say.", declined=True)
    found = check_refusal(given)
    assert (found.snippet_answers, found.label) == (True, "overrefused")
    assert decision(criticise(given)) == "revise"


async def test_reviewers_answer_through_the_model_too(teacher: Any) -> None:
    given = review("How many steps does the tower have?", "The tower has 126 steps.")
    assert (await teacher.ask("refusal_checker", given))["label"] == "answered"
    assert (await teacher.ask("critic", given))["grounded"] < 0.8, "it quotes nothing"
