"""Callers who share passes: everybody gets their own results, errors and cancellations stay with whom they concern."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.subjects.batching import Batcher

PASS = 0.02


class Passes:
    """Doubles each text; remembers every pass; "bad" breaks a pass as a whole, "wrong" is a text's own error."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.seen: list[list[str]] = []

    def __call__(self, texts: list[str]) -> Sequence[str | Exception]:
        self.seen.append(texts)
        time.sleep(self.seconds)
        if "bad" in texts:
            raise ValueError("a pass that breaks")
        return [KeyError(text) if text == "wrong" else text * 2 for text in texts]


async def together(batcher: "Batcher[str, str]", *calls: list[str]) -> list[list[str] | BaseException]:
    return await asyncio.gather(*(batcher(texts) for texts in calls), return_exceptions=True)


def test_thirty_two_callers_share_one_pass() -> None:
    passes = Passes()
    batcher = Batcher(passes)
    calls = [[f"{i}-{j}" for j in range(8)] for i in range(32)]
    found = asyncio.run(together(batcher, *calls))
    assert found == [[text * 2 for text in texts] for texts in calls]
    assert [len(texts) for texts in passes.seen] == [256]


@given(st.lists(st.lists(st.text(max_size=3), max_size=12), max_size=9), st.integers(1, 7))
def test_everybody_gets_their_own_in_order(calls: list[list[str]], most: int) -> None:
    passes = Passes()
    batcher = Batcher(passes, most=most, linger=0)
    calls = [[f"{i}{text}" for text in texts] for i, texts in enumerate(calls)]
    found = asyncio.run(together(batcher, *calls))
    assert found == [[text * 2 for text in texts] for texts in calls]
    assert all(1 <= len(texts) <= most for texts in passes.seen)
    assert sorted(text for texts in passes.seen for text in texts) == sorted(text for texts in calls for text in texts)


def test_a_lone_caller_waits_for_a_pass_and_five_milliseconds() -> None:
    batcher = Batcher(Passes(PASS))

    async def lone() -> float:
        begun = time.perf_counter()
        await batcher(["a"])
        return time.perf_counter() - begun

    async def several() -> list[float]:
        return [await lone() for _ in range(10)]

    # The quickest of ten: the others tell how busy the machine is.
    assert PASS <= min(asyncio.run(several())) <= PASS + 0.005


def test_only_who_was_in_company_is_waited_for() -> None:
    """A lone caller never lingers; after a pass for several, the next one gathers who asks again a moment later."""
    passes = Passes()
    batcher = Batcher(passes, linger=0.2)

    async def lone() -> float:
        begun = time.perf_counter()
        for _ in range(3):
            await batcher(["a"])
        return time.perf_counter() - begun

    async def again(later: float) -> None:
        await batcher(["b"])
        await asyncio.sleep(later)
        await batcher(["c"])

    async def company() -> None:
        await asyncio.gather(again(0), again(0.05))

    assert asyncio.run(lone()) < 0.2
    asyncio.run(company())
    assert passes.seen == [["a"], ["a"], ["a"], ["b", "b"], ["c", "c"]]


def test_a_broken_pass_breaks_for_whom_it_concerns() -> None:
    batcher = Batcher(Passes())
    good, bad, other = asyncio.run(together(batcher, ["a", "b"], ["c", "bad"], ["d"]))
    assert (good, other) == (["aa", "bb"], ["dd"])
    assert isinstance(bad, ValueError)


def test_a_texts_own_error_costs_no_second_pass() -> None:
    passes = Passes()
    good, wrong = asyncio.run(together(Batcher(passes), ["a"], ["b", "wrong"]))
    assert good == ["aa"]
    assert isinstance(wrong, KeyError)
    assert len(passes.seen) == 1


def test_who_is_cancelled_leaves_and_takes_their_texts_along() -> None:
    passes = Passes(PASS)
    batcher = Batcher(passes, most=4)

    async def scene() -> list[str]:
        leaving = asyncio.create_task(batcher([f"x{i}" for i in range(40)]))
        staying = asyncio.create_task(batcher(["a"]))
        await asyncio.sleep(PASS / 2)
        leaving.cancel()
        found = await staying
        with pytest.raises(asyncio.CancelledError):
            await leaving
        await asyncio.sleep(2 * PASS)
        return found

    assert asyncio.run(scene()) == ["aa"]
    assert len(passes.seen) <= 2


def test_many_texts_hold_up_nobody() -> None:
    passes = Passes()
    batcher = Batcher(passes, most=10)
    ended: list[str] = []

    async def ask(name: str, texts: list[str]) -> None:
        await batcher(texts)
        ended.append(name)

    async def scene() -> None:
        await asyncio.gather(ask("many", [f"x{i}" for i in range(100)]), ask("few", ["a", "b"]))

    asyncio.run(scene())
    assert ended == ["few", "many"]
    assert any("a" in texts for texts in passes.seen[:1])


@given(
    st.lists(st.lists(st.integers(1, 9), max_size=8), max_size=6),
    st.integers(1, 30),
    st.integers(1, 20),
)
def test_a_pass_has_no_more_than_its_room(calls: list[list[int]], room: int, most: int) -> None:
    passes = Passes()
    batcher = Batcher(passes, most, linger=0, length=len, room=room)
    texts = [["x" * length for length in lengths] for lengths in calls]
    found = asyncio.run(together(batcher, *texts))
    assert found == [[text * 2 for text in each] for each in texts]
    for seen in passes.seen:
        assert len(seen) == 1 or sum(map(len, seen)) <= room
        assert len(seen) <= most


def test_many_long_texts_hold_up_a_lone_caller_for_two_passes_at_most() -> None:
    """Two hundred texts, four to a pass: as long as 50 passes, were they one."""
    seen: list[int] = []

    def compute(texts: list[str]) -> list[str]:
        seen.append(len(texts))
        time.sleep(PASS * len(texts) * max(map(len, texts)) / 400)
        return texts

    batcher = Batcher(compute, length=len, room=400)
    waited: list[float] = []
    later: list[int] = []

    async def lone() -> None:
        await asyncio.sleep(1.5 * PASS)
        before, begun = len(seen), time.perf_counter()
        await batcher(["a"])
        waited.append(time.perf_counter() - begun)
        later.append(len(seen) - before)

    async def scene() -> None:
        many = asyncio.create_task(batcher(["x" * 100] * 200))
        await lone()
        many.cancel()

    asyncio.run(scene())
    # The pass that ran is counted already; its own, and the one that may begin before the answer is seen.
    assert 1 <= later[0] <= 2
    assert waited[0] < 25 * PASS


def test_the_event_loop_goes_on_during_a_pass() -> None:
    ticks, here = 0, threading.get_ident()
    threads: list[int] = []

    def compute(texts: list[str]) -> list[str]:
        threads.append(threading.get_ident())
        time.sleep(5 * PASS)
        return texts

    async def scene() -> None:
        nonlocal ticks
        asked = asyncio.create_task(Batcher(compute)(["a"]))
        while not asked.done():
            await asyncio.sleep(PASS / 4)
            ticks += 1

    asyncio.run(scene())
    assert ticks >= 5
    assert threads
    assert here not in threads


def test_one_batcher_serves_one_loop_after_another() -> None:
    batcher = Batcher(Passes())
    assert asyncio.run(together(batcher, ["a"])) == asyncio.run(together(batcher, ["a"])) == [["aa"]]
    assert asyncio.run(together(batcher, [])) == [[]]


def test_a_pass_with_too_few_results_is_an_error() -> None:
    (found,) = asyncio.run(together(Batcher(lambda texts: texts[:-1]), ["a", "b"]))
    assert isinstance(found, RuntimeError)
    assert "1 results for 2 texts" in str(found)
