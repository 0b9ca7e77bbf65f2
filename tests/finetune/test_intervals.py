"""Intervals against published values, and what they say about nothing."""

import pytest

from colloquia.finetune.measure.intervals import bootstrap_mean, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # Newcombe (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(hits: int, n: int, low: float, high: float) -> None:
    share = wilson(hits, n)
    assert (share.low, share.high) == (low, high)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0).value is None
    assert bootstrap_mean([]).value is None


def test_a_bootstrap_is_the_same_each_time_and_covers_the_mean() -> None:
    values = [float(n % 3 == 0) for n in range(90)]
    found = bootstrap_mean(values)
    assert found == bootstrap_mean(values)
    assert found.value == pytest.approx(1 / 3, abs=1e-3)
    half = 1.96 * (1 / 3 * 2 / 3 / 90) ** 0.5
    assert found.low == pytest.approx(1 / 3 - half, abs=0.03)
    assert found.high == pytest.approx(1 / 3 + half, abs=0.03)
    assert bootstrap_mean([0.5] * 4).low == 0.5


def test_the_mean_of_one_value_has_no_interval() -> None:
    one = bootstrap_mean([0.25])
    assert (one.value, one.low, one.high, one.n) == (0.25, None, None, 1)
