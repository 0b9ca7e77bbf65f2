"""A dialogue's shape is drawn from its seed alone."""

from hypothesis import given
from hypothesis import strategies as st

from colloquia.agents.curriculum_planner import draw_shape


@given(st.integers(1, 8), st.integers(0, 8), st.floats(0, 0.5), st.integers(0, 2**60))
def test_a_shape_keeps_its_bounds(fewest: int, more: int, share: float, seed: int) -> None:
    shape = draw_shape(exchanges=(fewest, fewest + more), unanswerable_share=share, seed=seed)
    assert fewest <= shape.exchanges <= fewest + more
    assert all(2 <= place <= shape.exchanges for place in shape.unanswerable_at)
    assert list(shape.unanswerable_at) == sorted(set(shape.unanswerable_at))
    assert shape == draw_shape(
        exchanges=(fewest, fewest + more), unanswerable_share=share, seed=seed
    )


def test_the_share_of_unanswerable_questions_is_the_one_asked_for() -> None:
    shapes = [draw_shape(exchanges=(3, 6), unanswerable_share=0.15, seed=n) for n in range(4000)]
    given = sum(len(shape.unanswerable_at) for shape in shapes)
    asked = sum(shape.exchanges for shape in shapes)
    assert 0.14 < given / asked < 0.16
