"""What a strong model says most often stands for the truth, where enough of it agrees."""

from typing import Any

from made_corpus import Scripted, by_turn
from made_questions import question
from tiny_model import needs_torch

from colloquia.corpus.thinking import SYSTEM, with_thought
from colloquia.finetune.measure.asking import AskSettings, ask
from colloquia.finetune.measure.plurality import Plurality, by_plurality
from colloquia.finetune.measure.solve_rate import Band, kept_rows

pytestmark = needs_torch


def decided(*answers: str, **changes: Any) -> Plurality:
    one = question("When was it?", "It was in 1889.", evidence=("1889",), **changes)
    student: Any = Scripted(says=by_turn({one.text: list(answers)}))
    student.tokenizer = Tokenizer()
    return by_plurality(ask(student, [one], AskSettings(samples=len(answers), temperature=1.0)))


class Tokenizer:
    def encode(self, text: str, **_: Any) -> list[str]:
        return text.split()


def test_answers_agree_that_say_the_same_in_other_words() -> None:
    (one,) = decided("In 1889.", "It was in 1904.", "In 1904.").questions
    assert (one.reference, one.answerable, one.evidence) == ("It was in 1904.", True, ())


def test_a_question_that_is_mostly_declined_has_no_answer() -> None:
    (one,) = decided("I don't know.", "I can't say when.", "In 1904.").questions
    assert not one.answerable


def test_where_fewer_than_half_agree_nobody_knows() -> None:
    found = decided("In 1881.", "In 1889.", "In 1904.")
    assert (found.questions, found.undecided) == ([], 1)
    rows = kept_rows([], Band(), book="closed", undecided=1)["trl-grpo"]
    assert (rows.candidates, rows.excluded) == (1, {"undecided": 1})


def test_what_is_no_answer_counts_against_agreement() -> None:
    assert decided("In 1904.", "", "", "").undecided == 1


def test_the_thought_of_the_answer_is_learnt_with_it() -> None:
    said = with_thought("They took over then.", "In 1904.")
    (one,) = decided(said, said, "In 1889.", instruction=SYSTEM).questions
    assert one.thought == "They took over then."
    taught = one.turn("closed", answer=one.reference)["completion"][0]["content"]
    assert taught == said
