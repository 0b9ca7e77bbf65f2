"""The ranking benchmark counts right, keeps its halves apart, and runs on files."""

from benchmarks.evidence import Graded, auroc, grade_answers, grade_questions, half_of, lines


def test_auroc_counts_pairs_in_order_and_draws_half() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert auroc([0.1], [0.9]) == 0
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.9, 0.3], [0.5, 0.1]) == 0.75


def test_a_passage_is_in_one_half_and_each_half_is_told() -> None:
    halves = [half_of(f"passage {number}") for number in range(200)]
    assert 70 < sum(halves) < 130
    graded = [
        Graded(half=half, good=good, score=float(good), overlap=0.5)
        for half in (0, 1)
        for good in (True, False)
    ]
    assert lines("evidence", graded) == [
        "evidence, half 0 (chosen on): AUROC 1.000, word overlap 0.500, n=2 (1 good)",
        "evidence, half 1 (held out): AUROC 1.000, word overlap 0.500, n=2 (1 good)",
    ]


def test_rows_are_graded_and_generic_ones_left_out() -> None:
    knowledge = "Purple is a color between blue and red."
    rows = [
        {"knowledge": knowledge, "response": knowledge, "label": "faithful"},
        {"knowledge": knowledge, "response": "I drive a truck.", "label": "hallucinated"},
        {"knowledge": knowledge, "response": "Ok", "label": "generic"},
    ]
    good, bad = grade_answers(rows)
    assert good.good and not bad.good and good.score > bad.score and good.overlap > bad.overlap


def test_questions_are_graded_by_their_passage() -> None:
    asked = [
        {"snippet_id": "a", "question": "Who built it in 1851?", "answerable": True},
        {"snippet_id": "a", "question": "Who built it in 1862?", "answerable": False},
    ]
    good, bad = grade_questions({"a": "Ada Marsh built it in 1851."}, asked)
    assert good.score > bad.score
