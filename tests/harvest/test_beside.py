"""Work beside the forward passes: in order, one at a time, and no error is lost."""

import threading
import time

import pytest

from benchmark.harvest.beside import Beside


def test_in_order_one_at_a_time_and_all_done_at_the_end() -> None:
    done: list[int] = []
    running = threading.Semaphore(1)

    def work(number: int) -> None:
        assert running.acquire(blocking=False), "two at once"
        time.sleep(0.002)
        done.append(number)
        running.release()

    with Beside() as beside:
        for number in range(20):
            beside.hand(lambda number=number: work(number))  # type: ignore[misc]
            assert len(done) >= number, "what was handed before is done"
    assert done == list(range(20))


def test_it_runs_while_whoever_handed_it_goes_on() -> None:
    gate, opened = threading.Event(), list[bool]()
    with Beside() as beside:
        beside.hand(lambda: opened.append(gate.wait(5)))
        assert opened == [], "handing over does not wait for the work"
        gate.set()
    assert opened == [True]


@pytest.mark.parametrize("how", ["hand", "wait", "leave"])
def test_an_error_reaches_whoever_comes_next(how: str) -> None:
    def broken() -> None:
        raise ValueError("column 3")

    later: list[int] = []

    def run() -> None:
        with Beside() as beside:
            beside.hand(broken)
            if how == "hand":
                beside.hand(lambda: later.append(1))
            if how == "wait":
                beside.wait()

    with pytest.raises(ValueError, match="column 3"):
        run()
    assert later == []


def test_the_first_error_is_the_one_that_is_told() -> None:
    def broken() -> None:
        raise ValueError("beside")

    def run() -> None:
        with Beside() as beside:
            beside.hand(broken)
            raise KeyError("in front")

    with pytest.raises(KeyError, match="in front"):
        run()
