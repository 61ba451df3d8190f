"""A lie that a combination was not fitted on, and the alarms of one detector or another."""

import numpy as np
import pytest

from benchmark.honesty import unseen
from benchmark.honesty.combined import NAMES as COMBINATIONS
from benchmark.honesty.combined import fitted
from benchmark.honesty.detectors import CEILING, COMBINED, DETECTORS
from benchmark.honesty.guards import NAMES as GUARDS
from benchmark.honesty.liars import STRATEGIES
from benchmark.honesty.measure import MAIN, Study, best, by_share
from benchmark.honesty.rates import auroc
from benchmark.honesty.sessions import HONEST
from benchmark.honesty.unions import union_rates
from benchmark.honesty.unseen import left_out, unseen_rates
from synthetic_neurons.passages import Floats

UNITS = 40


def made(**known: Floats) -> Study:
    """Every unit has all reports and all detectors are noise, but those that are given; odd units are measured."""
    rng, names = np.random.default_rng(8), (*HONEST, *STRATEGIES)
    arms, units = np.tile(names, UNITS), np.repeat(np.arange(UNITS), len(names))
    scores = {name: rng.normal(size=len(arms)) for name in DETECTORS} | known
    objects = {name: np.zeros(len(arms), dtype=bool) for name in GUARDS}
    return Study(arms, units, units % 2 == 1, scores, objects, np.full(len(arms), 0.2))


def tells(*arms: str) -> Floats:
    """Scores of a detector that knows these strategies and nothing else."""
    noise = np.random.default_rng(9).normal(size=UNITS * (len(HONEST) + len(STRATEGIES)))
    found: Floats = np.where(np.isin(np.tile((*HONEST, *STRATEGIES), UNITS), arms), 9.0, noise)
    return found


def test_a_fit_does_not_see_the_strategy_that_it_is_to_find(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of each strategy a detector of its own knows: in the fit it is found, out of it nothing points to it.
    arms = np.tile((*HONEST, *STRATEGIES), UNITS)
    own = dict(zip(COMBINED, [*STRATEGIES, *[""] * len(COMBINED)], strict=False))
    done = made(**{name: (arms == arm).astype(float) for name, arm in own.items()})
    monkeypatch.setattr(unseen, "STRATEGIES", {"gate": STRATEGIES["gate"]})
    new = {row["detector"]: row for row in unseen_rates(done, left_out(done, 0)) if row["strategies"] == "gate"}
    whole = fitted(done.scores, done.is_lie, done.units.tolist(), ~done.test, 0)
    old = {row["detector"]: row for row in unseen_rates(done, {"gate": whole}) if row["strategies"] == "gate"}
    assert set(new) == set(COMBINATIONS)
    for name in COMBINATIONS:
        assert old[name]["detected_0.05"]["rate"] == 1.0
        assert new[name]["detected_0.05"]["rate"] == 0.0
        assert new[name]["false_alarms_0.05"]["reports"] == UNITS


def test_all_strategies_unseen_are_the_single_ones_together() -> None:
    done = made()
    rows = unseen_rates(done, {arm: {name: done.scores["long"] for name in COMBINATIONS} for arm in STRATEGIES})
    mine = [row for row in rows if row["detector"] == COMBINATIONS[0]]
    (every,) = [row for row in mine if row["strategies"] == "all"]
    single = [row["detected_0.05"]["alarms"] for row in mine if row["strategies"] != "all"]
    assert every["detected_0.05"]["alarms"] == sum(single)
    assert len(single) == len(STRATEGIES)


def test_a_union_alarms_where_any_of_its_detectors_does_and_so_does_it_falsely() -> None:
    done = made(long=tells("gate"), short=tells("swap"))
    rows = {row["strategies"]: row for row in union_rates(done, {"two": ("long", "short")})}
    assert (rows["gate"]["detected_0.05"]["rate"], rows["swap"]["detected_0.05"]["rate"]) == (1.0, 1.0)
    alone = union_rates(done, {"one": ("short",)})[0]["false_alarms_0.05"]["alarms"]
    many = union_rates(done, {"all": tuple(COMBINED)})[0]["false_alarms_0.05"]
    assert rows["all"]["false_alarms_0.05"]["alarms"] >= alone
    # Each of twenty-odd detectors of noise has its own five in a hundred.
    assert many["rate"] > 0.5


def test_no_combination_reads_the_truth() -> None:
    assert CEILING not in COMBINED


def test_no_fold_scores_a_unit_that_it_has_seen() -> None:
    # A unit's reports are all lies or none, and every detector knows the unit's name alone.
    rng, units = np.random.default_rng(2), np.repeat(np.arange(60), 8)
    name, lie, dev = rng.normal(size=(60, len(COMBINED))), (rng.random(60) < 0.5)[units], units < 50
    scores = fitted(dict(zip(COMBINED, name[units].T, strict=True)), lie, units.tolist(), dev, 0)["combined_trees"]
    assert auroc(scores[dev & lie], scores[dev & ~lie]) < 0.8


def test_the_best_detector_is_chosen_on_the_threshold_half() -> None:
    def rows(good: str) -> list[dict[str, object]]:
        rates = {each: {"rate": float(each == good), "reports": 9} for each in ("long", "short")}
        kinds = [("long", "rival"), ("short", "rival"), ("combined_trees", "combination"), (CEILING, "end")]
        blank = {"rate": 0.0, "reports": 9}
        return [
            {"detector": name, "kind": kind, "strategies": arm, "reference": reference, "auroc": 0.5}
            | {
                f"{what}_{alpha}": rates.get(name, blank)
                for what in ("detected", "false_alarms")
                for alpha in (0.05, 0.01)
            }
            for name, kind in kinds
            for arm in STRATEGIES
            for reference in (MAIN, "oracle")
        ]

    assert {row["detector"] for row in best(rows("long"), rows("short"))} == {"short"}


def test_thresholds_by_share_are_of_the_other_half() -> None:
    before, after = made(long=tells("gate")), made(long=tells("gate"))
    after.scores["long"][after.of(HONEST, True)] = 99.0
    assert by_share(after, ["long"]) == by_share(before, ["long"])
