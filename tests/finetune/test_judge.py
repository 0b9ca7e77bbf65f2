"""A judge's grades become pairs only where both orders say the same, and nothing is lost on it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from made_corpus import made_corpus
from made_questions import question
from tiny_model import save_tiny_model

from colloquia.agents.reply import reply_schema
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.errors import BudgetReached, UserError
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.recipe import ModelSettings, Recipe
from colloquia.core.roles import JudgeReply
from colloquia.core.types import Message
from colloquia.corpus.check import check
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.judge.judging import Judged, judge
from colloquia.finetune.judge.made_pairs import JudgeSettings
from colloquia.finetune.judge.panel import RULE, Contest, Panel, bound_judge, open_panel
from colloquia.finetune.judge.ranking import grades, longer_won, rank
from colloquia.finetune.judge.rule_judge import rule_reply
from colloquia.finetune.measure.asking import AskSettings
from colloquia.finetune.train.training import train


def reply(
    accuracy: Sequence[int], style: Sequence[int] = (), detail: Sequence[int] = ()
) -> JudgeReply:
    none = [3] * len(accuracy)
    return JudgeReply.model_validate(
        {
            "faults": [[]] * len(accuracy),
            "discussion": "",
            "accuracy": list(accuracy),
            "style": list(style) or none,
            "detail": list(detail) or none,
        }
    )


class TestRanking:
    def test_accuracy_and_overall_may_disagree(self) -> None:
        true_but_rude = reply([4, 5], style=[5, 1], detail=[5, 3])
        best = {
            measure: rank(
                [grades(true_but_rude, measure)], [grades(true_but_rude, measure)[::-1]], margin=1
            ).best
            for measure in ("accuracy", "overall")
        }
        assert best == {"accuracy": 1, "overall": 0}
        assert grades(true_but_rude, "overall") == [14 / 3, 3.0]

    @pytest.mark.parametrize(
        ("forwards", "backwards", "margin", "outcome"),
        [
            ([5, 2], [2, 5], 1, "pair"),
            ([5, 2], [5, 2], 1, "inconsistent"),  # whoever stands first wins
            ([5, 2], [4, 3], 1, "inconsistent"),
            ([4, 4], [4, 4], 1, "tie"),
            ([5, 2], [4, 4], 1, "tie"),  # one order sees no difference
            ([5, 3], [4, 5], 1, "pair"),
            ([5, 3], [4, 5], 2, "tie"),
            ([2, 5, 3], [3, 5, 1], 1, "pair"),
        ],
    )
    def test_a_pair_needs_the_margin_in_both_orders(
        self, forwards: list[float], backwards: list[float], margin: float, outcome: str
    ) -> None:
        assert rank([forwards], [backwards], margin=margin).outcome == outcome

    def test_the_best_and_the_worst_of_several_make_the_pair(self) -> None:
        ranked = rank([[2, 5, 3]], [[3, 5, 1]], margin=1)
        assert (ranked.best, ranked.worst) == (1, 0)
        assert ranked.scores == (0.125, 1.0, 0.5)

    def test_a_panel_is_the_mean_of_its_judges(self) -> None:
        ranked = rank([[5, 1], [2, 3]], [[1, 5], [3, 2]], margin=1)
        assert (ranked.outcome, ranked.best) == ("pair", 0)

    def test_how_often_the_longer_answer_won_leaves_out_equal_lengths(self) -> None:
        won = longer_won([("a b", "a"), ("a", "a b"), ("a b c", "a"), ("a", "b")])
        assert (won.n, won.value) == (3, 0.6667)
        assert longer_won([("a", "b")]).value is None


def test_faults_are_written_before_grades() -> None:
    assert list(reply_schema(JudgeReply)["properties"]) == [
        "faults",
        "discussion",
        "accuracy",
        "style",
        "detail",
    ]


class TestTheRule:
    def test_right_is_before_an_honest_refusal_is_before_wrong(self) -> None:
        said = ("In 1904.", "I don't know.", "In 1914.")
        assert rule_reply(question("When was it?", "In 1904."), said).accuracy == (5, 3, 1)

    def test_declining_what_has_no_answer_is_right(self) -> None:
        bogus = question("When was it?", "No date is given.", answerable=False)
        assert rule_reply(bogus, ("I don't know.", "In 1914.")).accuracy == (5, 1)

    def test_it_judges_where_no_model_is_named(self) -> None:
        for recipe in (None, Recipe()):
            assert open_panel([], recipe).names == [RULE]


Grade = Callable[[str, int], int]


class Grader:
    """A judge that grades each reply by its words and its place; it may break down."""

    name = "grader"

    def __init__(self, by: Grade, *, breaks_at: int | None = None) -> None:
        self.by, self.breaks_at = by, breaks_at
        self.asked: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        if len(self.asked) == self.breaks_at:
            raise BudgetReached("the budget is reached")
        self.asked.append(request)
        replies = request.variables["replies"]
        graded = [self.by(text, place) for place, text in enumerate(replies)]
        faults = [[{"kind": "fact", "what": "no"}] if grade == 1 else [] for grade in graded]
        said = {"faults": faults, "discussion": "so", "accuracy": graded, "style": graded}
        return ChatReply(text=json.dumps(said | {"detail": graded}))

    async def close(self) -> None:
        return None


def panel(*models: Grader) -> Panel:
    library = PromptLibrary.load()
    judges = [bound_judge(one, ModelSettings(model=one.name), library) for one in models]
    return Panel(judges=tuple(judges))


def odd(text: str, place: int) -> int:
    """Like answers with an odd number of letters, wherever they stand."""
    return 5 if len(text) % 2 else 1


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_corpus(tmp_path_factory.mktemp("corpus") / "out")


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("student") / "student", window=700)


def settings(**changes: Any) -> JudgeSettings:
    return JudgeSettings(ask=AskSettings(samples=3, temperature=1.0, max_tokens=8), **changes)


def made(student: Path, corpus: Path, out: Path, *models: Grader, **more: Any) -> Judged:
    asked = {"settings": settings()} | more
    return judge(student, corpus, out=out, panel=panel(*models), **asked)


def test_the_better_answer_is_preferred_and_every_question_is_accounted_for(
    student: Path, corpus: Path, tmp_path: Path
) -> None:
    found = made(student, corpus, tmp_path / "pairs", Grader(odd))
    rows = open_corpus(tmp_path / "pairs").rows("trl-dpo", "train")
    assert found.pairs == len(rows) > 0
    assert found.pairs + sum(found.dropped.values()) == found.questions
    assert found.faults["fact"] >= found.pairs
    for row in rows:
        assert [len(row[side][0]["content"]) % 2 for side in ("chosen", "rejected")] == [1, 0]
        assert (row["score_chosen"], row["score_rejected"]) == (1, 0)
        assert row["source"] == "judge:accuracy"
    assert check(tmp_path / "pairs").ok


def test_a_judge_that_goes_by_place_makes_no_pair(
    student: Path, corpus: Path, tmp_path: Path
) -> None:
    grader = Grader(lambda text, place: 5 - 2 * place)
    with pytest.raises(UserError, match=r"no pair came of \d+ questions \(inconsistent \d+\)"):
        made(student, corpus, tmp_path / "pairs", grader)


def test_what_was_asked_and_judged_is_never_asked_again(
    student: Path, corpus: Path, tmp_path: Path
) -> None:
    whole = Grader(odd)
    made(student, corpus, tmp_path / "whole", whole)
    broken, healthy = Grader(odd, breaks_at=5), Grader(odd)
    with pytest.raises(BudgetReached):
        made(student, corpus, tmp_path / "pairs", broken)
    with pytest.raises(UserError, match="go on with `resume=True`"):
        made(student, corpus, tmp_path / "pairs", healthy)
    with pytest.raises(UserError, match="was begun with another judges"):
        made(student, corpus, tmp_path / "pairs", healthy, healthy, resume=True)
    made(student, corpus, tmp_path / "pairs", healthy, resume=True)
    assert len(broken.asked) + len(healthy.asked) == len(whole.asked)
    for name in ("dpo/train.jsonl", "judged.jsonl"):
        assert (tmp_path / "pairs" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not (tmp_path / "pairs.judging").exists()


def test_margin_and_measure_may_be_chosen_again_on_the_same_grades(
    student: Path, corpus: Path, tmp_path: Path
) -> None:
    grader = Grader(lambda text, place: 3 if len(text) % 2 else 2)
    with pytest.raises(UserError, match="go on with a smaller margin and `resume=True`"):
        made(student, corpus, tmp_path / "pairs", grader, settings=settings(margin=2))
    asked = len(grader.asked)
    found = made(student, corpus, tmp_path / "pairs", grader, settings=settings(), resume=True)
    assert found.pairs > 0
    assert len(grader.asked) == asked


def test_pairs_of_other_sources_are_learnt_in_the_same_stage(
    student: Path, corpus: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    made(student, corpus, other, Grader(lambda text, place: 6 - odd(text, place)))
    found = made(student, corpus, tmp_path / "pairs", Grader(odd), others=[other, other])
    again = open_corpus(tmp_path / "pairs").manifest.counts[0].excluded["doubled"]
    assert found.sources == {"judge:accuracy": found.pairs + again}
    dpo = {"steps": 2, "batch_size": 2}
    train(tmp_path / "pairs", output=tmp_path / "new", base=str(student), method="dpo", dpo=dpo,
          max_length=256)  # fmt: skip
    total = found.sources["judge:accuracy"]
    card = (tmp_path / "new/README.md").read_text()
    assert f"Pairs of 1-dpo by what made them: judge:accuracy {total}." in card


def test_a_corpus_without_pairs_is_told_before_anybody_is_asked(
    student: Path, corpus: Path, tmp_path: Path
) -> None:
    other = made_corpus(tmp_path / "other", to=("trl-sft",))
    with pytest.raises(UserError, match="has no trl-dpo rows in a split named train"):
        made(student, corpus, tmp_path / "pairs", Grader(odd), others=[other])
    assert not (tmp_path / "pairs.judging").exists()


def test_a_judge_sees_notes_passage_and_what_was_said_and_no_verdict() -> None:
    before = (Message(role="user", content="And?"), Message(role="assistant", content="In 1881."))
    one = question("When was it?", "In 1904.", history=before, evidence=("took over in 1904",))
    contest = Contest(question=one, alone=False, answers=("A.", "B."))
    brief, turned = contest.brief(), contest.brief(backwards=True)
    assert brief.notes == "In 1904. It rests on: “took over in 1904”"
    assert "Panama" in (brief.passage or "")
    assert [line.speaker for line in brief.transcript] == ["questioner", "answerer"]
    assert (brief.replies, turned.replies) == (("A.", "B."), ("B.", "A."))
    assert Contest(question=one, alone=True, answers=("A.", "B.")).brief().transcript == ()


def test_a_reply_with_too_few_grades_is_asked_for_again_and_then_given_up(
    student: Path, corpus: Path, tmp_path: Path
) -> None:
    class Short(Grader):
        async def complete(self, request: ChatRequest) -> ChatReply:
            self.asked.append(request)
            return ChatReply(text=reply([5]).model_dump_json())

    short = Short(odd)
    with pytest.raises(UserError, match=r"no pair came of \d+ questions \(unjudged \d+\)"):
        made(student, corpus, tmp_path / "pairs", short, settings=settings(limit=2))
    told = {request.messages[-1].content.partition(";")[0] for request in short.asked}
    assert any('"faults" has 1 entries where there are' in one for one in told)
