"""One unit: its laboratory, the explainer's report, and its grades on held-out text. Every ending is counted."""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Any

import numpy as np

from benchmark.calibration.teaching import dealt
from benchmark.errors import UserError
from benchmark.exam.cross_examination import dequantise, level_threshold, quantise, stored_threshold
from benchmark.exam.grading import Grade, grade_pool, simulate
from benchmark.exam.items import STRATA, Items, Rows
from benchmark.explainers.explainer import Journal, NoReport
from benchmark.explainers.loading import resolve
from benchmark.explainers.report import Report
from benchmark.laboratory import Budget, BudgetExceeded, Exemplar, Laboratory, PracticeGrade, computed
from benchmark.readers.reader import Reader
from benchmark.suites.off_suite import population
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import TypeSimilarity, deal
from benchmark.suites.slices import words_of
from synthetic_neurons.passages import Floats, Passages

ITEMS = Recipe("layer-report", seed=0).items
# What a readable report on a unit without a pool grade would have: METHOD.md section 2.
ABSTAINED = {"r": 0.0, "simulation_accuracy": 0.5}
FAILED = {"r": 0.0, "simulation_accuracy": 0.0}
# A busy explainer is stopped so much later than it is told to stop by itself.
GRACE = 1.25


class _NoPractice:
    """A layer report gives exemplars alone: nothing is practised, as every query is beyond the budget."""

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        """Never called: the budget has no unit queries."""
        raise RuntimeError("a layer report has no practice")


@contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` where work takes longer; only a main thread can be stopped so, elsewhere nothing happens."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def explain(spec: str, exemplars: Sequence[Exemplar], seconds: int) -> dict[str, Any]:
    """What an explainer makes of one unit, as JSON.

    Args:
        spec: a built-in explainer's name, or one's own.
        exemplars: teach windows, strongest first.
        seconds: its ceiling.

    Returns:
        "outcome": report, abstention, limit, timeout, crash, or what `NoReport` says; "report" where there is one;
        "said": why there is none; "seconds" and what was spent.
    """
    laboratory = Laboratory(exemplars, computed(_measured), _NoPractice(), Budget(unit_queries=0, seconds=seconds))
    began, found = time.monotonic(), dict[str, Any]()
    try:
        with stopped_after(seconds * GRACE):
            report = asyncio.run(resolve(spec)().explain(laboratory, Journal()))
        found = {"outcome": "abstention" if report.abstained else "report", "report": report.to_json()}
    except BudgetExceeded as error:
        found = {"outcome": "limit", "said": str(error)}
    except TimeoutError as error:
        found = {"outcome": "timeout", "said": str(error)}
    except NoReport as error:
        found = {"outcome": error.kind, "said": str(error)}
    except UserError:
        # The explainer's file is wrong, for every unit: the user's to mend.
        raise
    except (Exception, SystemExit) as error:
        # An explainer that leaves by sys.exit would take the whole run with it, and again each time that it goes on.
        found = {"outcome": "crash", "said": f"{type(error).__name__}: {error}"[:300]}
    return {**found, "seconds": round(time.monotonic() - began, 4), "spend": asdict(laboratory.spend)}


def _measured(texts: Sequence[str]) -> list[Floats]:
    raise RuntimeError("a layer report measures nothing")


def teach_exemplars(
    passages: Passages, values: Floats, similarity: TypeSimilarity, seed: tuple[int, ...]
) -> list[Exemplar]:
    """A unit's teach windows, as every explainer of every suite gets them: 40 firing, 40 near-miss, 120 silent."""
    return dealt(passages, values, similarity, seed)


def own_items(passages: Passages, values: Floats, similarity: TypeSimilarity, seed: tuple[int, ...]) -> Items:
    """20 firing, 20 near-miss and 20 silent windows of the exam."""
    from benchmark.suites.fields import Field

    drawn = population(Field("exam", passages), values, similarity)
    hand = deal(drawn, ITEMS, 1, np.random.default_rng(seed))[0]
    places = np.concatenate([hand[stratum][0] for stratum in STRATA]).astype(int)
    weight = np.concatenate([np.full(len(hand[stratum][0]), hand[stratum][1]) for stratum in STRATA])
    strata = tuple(stratum for stratum in STRATA for _ in hand[stratum][0])
    own = Passages.of([passages.texts[i] for i in places])
    return Items(own, values[words_of(passages, places)] if len(places) else values[:0], strata, weight)


def grades(
    report: Report, readers: Mapping[str, Reader], exam: Passages, rows: Rows, items: Items
) -> dict[str, dict[str, float]]:
    """What each reader that can read a report scores: on the whole exam at base rate, and on the own items.

    Args:
        report: no abstention.
        readers: by name.
        exam: all windows; each weighs the same.
        rows: the unit's truth on them.
        items: the unit's own.
    """
    weight, found = np.ones(len(exam.words)), dict[str, dict[str, float]]()
    for name, reader in readers.items():
        whole, own = reader.read(report, exam), reader.read(report, items.passages)
        if whole is not None and own is not None:
            found[name] = _told(_graded(rows, whole, weight, items, own, reader.threshold))
    return found


def _graded(rows: Rows, whole: Floats, weight: Floats, items: Items, own: Floats, threshold: float) -> Grade:
    """As `grade` has it, the whole exam by stored levels, which is quicker."""
    pool = grade_pool(rows, quantise(whole), weight, stored_threshold(threshold))
    seen = simulate(items, dequantise(quantise(own)), level_threshold(threshold))
    return Grade(
        pool.r,
        seen.accuracy,
        seen.recall,
        seen.specificity,
        pool.auprc,
        pool.f1,
        pool.precision,
        pool.predicted_rate,
        pool.constant,
    )


def _told(found: Grade) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in asdict(found).items()}
