"""What strangers may hand in, tried in small; `python -m benchmarks.hostile` tries all of it."""

from pathlib import Path

import pytest

from benchmarks.faults.nursery import Nursery
from benchmarks.hostile.__main__ import variants
from benchmarks.hostile.variant import Outcome, Stage, Variant, grows, table, tried

IN_SMALL = list(variants(short=True))


@pytest.mark.parametrize("variant", IN_SMALL, ids=lambda one: f"{one.family}: {one.name}")
def test_what_is_handed_in_is_held(variant: Variant, nursery: Nursery, tmp_path: Path) -> None:
    assert tried(variant, nursery, tmp_path).broken == ""


def test_no_two_variants_have_one_name() -> None:
    names = [(one.family, one.name) for one in variants()]
    assert len(names) == len(set(names))


def test_a_dump_a_wrong_exit_and_an_endless_command_are_seen(
    nursery: Nursery, tmp_path: Path
) -> None:
    def no_such_recipe(stage: Stage) -> None:
        stage.holds("run", "none.yaml", codes=[0])

    def mistyped(stage: Stage) -> None:
        stage.holds("run", "--no-such-option")

    def endless(stage: Stage) -> None:
        (stage.folder / "recipe.yaml").write_text("snippets: a.txt\n", "utf-8")
        (stage.folder / "a.txt").write_text("The mill was built in 1851.", "utf-8")
        stage.limit_s = 0.001
        stage.holds("run", "recipe.yaml")

    told = [
        tried(Variant(family="f", name="n", attack=attack), nursery, tmp_path).broken
        for attack in (no_such_recipe, mistyped, endless)
    ]
    assert told[0].startswith("exit code 2: ")
    assert told[1].startswith("not an attack: ")
    assert told[2] in ("still running after 0 s", "worked for 0 s")


def test_quadratic_work_is_seen_and_linear_work_is_not() -> None:
    grows(lambda n: sum(range(n)), 2_000_000)
    with pytest.raises(AssertionError, match="s at 2n"):
        grows(lambda n: [0 for _ in range(n) for _ in range(n)], 1000)


def test_the_table_tells_what_a_zero_rules_out() -> None:
    held = [
        Outcome(family="cards", name=f"{n}", broken="", peak_mb=100.0, cpu_s=1.0, stop_s=None)
        for n in range(30)
    ]
    assert table(held).splitlines()[2] == "| cards | 30 | 0 | 0.1 | 100 |  | 1.0 s |"
    broken = Outcome(
        family="store", name="x", broken="a dump", peak_mb=500.0, cpu_s=9.0, stop_s=1.25
    )
    assert table([*held, broken]).splitlines()[3:] == [
        "| store | 1 | 1 |  | 500 | 1.2 s | 9.0 s |",
        "| all | 31 | 1 |  | 500 | 1.2 s | 9.0 s |",
        "FAILED store: x: a dump",
    ]
