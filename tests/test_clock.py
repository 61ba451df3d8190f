"""The clock of a unit: waits in line are no spend, and overlapping ones count once."""

from contextlib import suppress

import pytest

from benchmark.clock import Clock


class Hands:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_a_wait_is_left_out_and_its_share_of_work_put_in() -> None:
    hands = Hands()
    clock = Clock(hands)
    hands.time += 2
    with clock.waiting():
        hands.time += 40
        assert clock.seconds == 2
    clock.charge(1.5)
    hands.time += 1
    assert clock.seconds == 4.5


def test_overlapping_waits_count_once_even_when_one_fails() -> None:
    hands = Hands()
    clock = Clock(hands)
    with clock.waiting():
        hands.time += 3
        with suppress(KeyError), clock.waiting():
            hands.time += 3
            raise KeyError
        hands.time += 3
    hands.time += 5
    assert clock.seconds == 5


def test_nobody_is_paid_back() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Clock().charge(-1.0)
