import os
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from colloquia.models.local import threads  # noqa: E402 (only where torch is)


@pytest.fixture
def two_threads() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def inside(model: Any) -> int:
    with threads.worthwhile_threads(model):
        return int(torch.get_num_threads())


@pytest.mark.usefixtures("two_threads")
class TestThreads:
    def test_a_small_model_gets_one_thread_and_those_after_it_as_many_as_before(self) -> None:
        assert inside(torch.nn.Linear(4, 4)) == 1
        assert torch.get_num_threads() == 2

    def test_a_failure_puts_them_back_too(self) -> None:
        with (
            pytest.raises(ValueError, match="inside"),
            threads.worthwhile_threads(torch.nn.Linear(4, 4)),
        ):
            raise ValueError("inside")
        assert torch.get_num_threads() == 2

    def test_a_large_model_gets_what_there_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(threads, "ONE_THREAD_BELOW", 20)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
        assert inside(torch.nn.Linear(4, 4)) == 2
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
        assert inside(torch.nn.Linear(4, 4)) == 1

    def test_who_sets_the_variable_has_decided(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OMP_NUM_THREADS", "2")
        assert inside(torch.nn.Linear(4, 4)) == 2
