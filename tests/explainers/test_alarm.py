"""Plain functions that never come back, and what is left of the machinery that ends them."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any

import anyio
import numpy as np
import pytest

from benchmark.explainers.alarm import Stepped, ending
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


def test_a_ring_on_the_way_in_or_out_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.explainers.alarm.AGAIN_SECONDS", 0.0005)
    draws, before = np.random.default_rng(0), signal.getsignal(signal.SIGALRM)
    for seconds, works in draws.uniform((-0.001, 0), (0.0012, 0.0015), (4000, 2)):
        with suppress(BudgetExceeded), ending(seconds, 1):
            spin(works)
        assert signal.getsignal(signal.SIGALRM) == before
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def stepped(coroutine: Coroutine[Any, Any, Any], seconds: float) -> Any:
    """Run under the alarm, with `seconds` for all of it."""
    until = time.monotonic() + seconds

    async def run() -> Any:
        return await Stepped(coroutine, lambda: until - time.monotonic(), seconds)

    return asyncio.run(run())


def test_an_asynchronous_function_that_awaits_nothing_is_ended() -> None:
    async def endless() -> None:
        await asyncio.sleep(0.01)
        spin(20)

    began = time.monotonic()
    with pytest.raises(BudgetExceeded, match=r"seconds: 0\.1 allowed"):
        stepped(endless(), 0.1)
    assert time.monotonic() - began < 5


def test_waits_are_no_stretch_of_computing_and_what_is_awaited_comes_through() -> None:
    async def waits() -> list[object]:
        told: list[object] = [await asyncio.sleep(0.3, "awaited")]
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(20)
        except TimeoutError:
            told.append("timed out")
        with pytest.raises(ZeroDivisionError):
            await asyncio.gather(asyncio.sleep(0), fails())
        return [*told, await asyncio.create_task(asyncio.sleep(0, "task"))]

    async def fails() -> float:
        await asyncio.sleep(0)
        return 1 / 0

    assert stepped(waits(), 0.1 + 0.5) == ["awaited", "timed out", "task"]


def test_what_is_cancelled_may_clean_up() -> None:
    met = []

    async def cleans() -> None:
        try:
            await asyncio.sleep(20)
        finally:
            met.append(await asyncio.sleep(0, "cleaned"))

    async def cancelled() -> None:
        task = asyncio.ensure_future(Stepped(cleans(), lambda: 20.0, 20))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert met == ["cleaned"]


def test_a_wait_that_is_cancelled_late_cleans_up_and_hands_in_what_it_has() -> None:
    met = []

    async def within_its_own_scope() -> str:
        try:
            with anyio.move_on_after(20):
                while True:
                    await anyio.sleep(0.05)
        finally:
            met.append("left its scope")

    async def hands_in() -> str:
        try:
            await anyio.sleep(20)
        except asyncio.CancelledError:
            met.append("handed in")
            raise
        return ""

    for endless in (within_its_own_scope, hands_in):

        async def run(waits: Callable[[], Coroutine[Any, Any, str]] = endless) -> bool:
            with anyio.move_on_after(0.2) as scope:
                await Stepped(waits(), lambda: -1.0, 0.1)
            return scope.cancelled_caught

        assert anyio.run(run)
    assert met == ["left its scope", "handed in"]


def test_what_is_late_may_still_return() -> None:
    async def late() -> str:
        await asyncio.sleep(0.05)
        return "what it has"

    assert stepped(late(), 0.01) == "what it has"
