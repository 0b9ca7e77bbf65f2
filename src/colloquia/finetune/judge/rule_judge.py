"""The judge without a model: the grader's verdict, in the words of a judge.

It sees whether an answer is right and nothing of style or detail, so these are the same for all;
with it, `overall` says no more than `accuracy`, and less clearly.
"""

from colloquia.core.roles import JudgeReply, ReplyFault
from colloquia.finetune.data.questions import Question
from colloquia.finetune.measure.grading import AnswerVerdict, grade, solving_verdict

#: Right before an honest refusal before wrong (Phi-4: arXiv 2412.08905, section 4.4).
ACCURACY: dict[AnswerVerdict, int] = {
    "correct": 5,
    "not_attempted": 3,
    "incorrect": 1,
    "invalid": 1,
}
MIDDLE = 3


def rule_reply(question: Question, answers: tuple[str, ...]) -> JudgeReply:
    """Grade answers by rule; their order doesn't matter."""
    verdicts = [grade(answer, question).verdict for answer in answers]
    solved = solving_verdict(question)
    return JudgeReply(
        faults=tuple(() if verdict == solved else (_fault(verdict),) for verdict in verdicts),
        discussion="graded by rule",
        accuracy=tuple(5 if verdict == solved else ACCURACY[verdict] for verdict in verdicts),
        style=(MIDDLE,) * len(answers),
        detail=(MIDDLE,) * len(answers),
    )


def _fault(verdict: AnswerVerdict) -> ReplyFault:
    match verdict:
        case "not_attempted":
            return ReplyFault(kind="comprehension", what="declines what can be answered")
        case "invalid":
            return ReplyFault(kind="style", what="says nothing, or goes round in circles")
        case _:
            return ReplyFault(kind="fact", what="isn't what a right answer holds")
