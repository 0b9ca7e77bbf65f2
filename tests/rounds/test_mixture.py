"""What a round learns from: the teacher's share has a floor, and nothing held out gets in."""

from pathlib import Path

import pytest
from made_dialogues import dialogues, manifest

from colloquia.core.errors import UserError
from colloquia.corpus.check import check
from colloquia.corpus.export import export
from colloquia.finetune.data.corpus_files import Corpus, open_corpus
from colloquia.rounds.mixture import counted_mixture, divide, mix, most_own

FORMATS = ["trl-sft", "trl-dpo"]


def exported(place: Path, number: int, *, start: int = 0, **split: float) -> Corpus:
    records = list(dialogues(start + number))[start:]
    export(records, manifest=manifest(), to=FORMATS, out=place, split=split or {"train": 1.0})
    return open_corpus(place)


def mixed(place: Path, teacher: Corpus, own: list[Corpus], **changes: object) -> Corpus:
    how = {"share": 0.6, "seed": 0, "held_out": frozenset(), "settings": {}, **changes}
    mix(place, teacher, own, **how)  # type: ignore[arg-type]
    return open_corpus(place)


def ids(corpus: Corpus) -> set[str]:
    return {row["id"] for row in corpus.rows("trl-sft", "train")}


@pytest.mark.parametrize(
    ("teacher", "share", "most"), [(30, 0.6, 20), (30, 0.5, 30), (1, 0.6, 0), (9, 0, None)]
)
def test_so_many_rows_of_its_own_stand_beside_the_teachers(
    teacher: int, share: float, most: int | None
) -> None:
    assert most_own(teacher, share=share) == most


def test_the_newest_rows_stay_and_the_teachers_all_do(tmp_path: Path) -> None:
    teacher = exported(tmp_path / "teacher", 6)
    older = exported(tmp_path / "older", 3, start=6)
    newer = exported(tmp_path / "newer", 3, start=9)
    corpus = mixed(tmp_path / "mixed", teacher, [older, newer])
    assert ids(teacher) <= ids(corpus)
    assert ids(newer) <= ids(corpus)
    count = counted_mixture(teacher, corpus)
    assert (count.teacher, count.own, count.too_many) == (6, 4, 2)
    assert check(tmp_path / "mixed", load=False).ok


def test_the_same_words_are_learnt_once(tmp_path: Path) -> None:
    teacher = exported(tmp_path / "teacher", 6)
    again = exported(tmp_path / "again", 7)
    count = counted_mixture(teacher, mixed(tmp_path / "mixed", teacher, [again]))
    assert (count.own, count.seen_before) == (1, 6)


def test_a_row_about_a_held_out_snippet_is_refused(tmp_path: Path) -> None:
    teacher = exported(tmp_path / "teacher", 10, train=0.5, test=0.5)
    division = divide(teacher, [one.snippet for one in dialogues(12)], seed=manifest().seed)
    learnt = {one.id for one in division.train}
    assert len(learnt) + len(division.held_out) == 12
    assert learnt.isdisjoint(division.held_out)
    about = {row["snippet_ids"][0] for row in teacher.rows("trl-sft", "test")}
    assert about and about <= division.held_out
    all_of_them = exported(tmp_path / "all", 10)
    with pytest.raises(UserError, match="about a held-out snippet"):
        mixed(tmp_path / "mixed", teacher, [all_of_them], held_out=division.held_out)
