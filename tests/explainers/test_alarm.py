"""Plain functions that never come back, and what is left of the machinery that ends them."""

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from benchmark.explainers.alarm import ending
from benchmark.laboratory import BudgetExceeded


def spin(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    kinds = (signal.SIGALRM, signal.SIGINT)
    before = [signal.getsignal(kind) for kind in kinds]
    yield
    assert [signal.getsignal(kind) for kind in kinds] == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("seconds", [0.05, 0.0, -3.0])
def test_what_computes_for_ever_is_ended(seconds: float) -> None:
    began = time.monotonic()
    with pytest.raises(BudgetExceeded, match=r"seconds: 2\.5 allowed"), ending(seconds, 2.5):
        spin(20)
    assert time.monotonic() - began < 5


def test_who_catches_it_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.explainers.alarm.AGAIN_SECONDS", 0.05)
    caught = []

    def stubborn() -> None:
        try:
            spin(20)
        except BudgetExceeded:
            caught.append(True)
        spin(20)

    with pytest.raises(BudgetExceeded), ending(0.05, 1):
        stubborn()
    assert caught == [True]


def test_what_ends_in_time_is_left_alone() -> None:
    with ending(0.2, 1):
        spin(0.01)
    spin(0.3)


def test_an_interrupt_ends_it_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), ending(20, 20):
        signal.raise_signal(signal.SIGINT)


def test_in_another_thread_nothing_is_touched() -> None:
    met = []

    def work() -> None:
        with ending(0.01, 1):
            spin(0.1)
        met.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert met == [True]
