import pytest
from ladder_points import TRUE, ladder_of
from scipy.stats import kendalltau

from benchmark.ladder.order import ALL, falls, summaries, unit_tau
from benchmark.ladder.scores import METRICS


def test_tau_of_a_reader_that_is_right_wrong_or_blind() -> None:
    assert unit_tau(ladder_of("u", "f", lambda _, true: true**3), "kind", "r") == pytest.approx(1)
    assert unit_tau(ladder_of("u", "f", lambda _, true: -true), "kind", "auprc") == pytest.approx(-1)
    assert unit_tau(ladder_of("u", "f", lambda _, true: 0.3), "kind", "r") == 0


def test_tau_is_kendalls_with_ties() -> None:
    scores = dict(zip(TRUE, (0.5, 0.7, 0.6, 0.2, 0.5, 0.1, 0.0), strict=True))
    found = unit_tau(ladder_of("u", "f", lambda name, _: scores[name]), "kind", "r")
    kept = [name for name in TRUE if name not in ("placebo", "constant")]
    wanted = kendalltau([TRUE[name] for name in kept], [scores[name] for name in kept]).statistic
    assert found == pytest.approx(wanted)
    assert wanted < kendalltau(list(TRUE.values()), list(scores.values())).statistic


def test_knowing_nothing_last_is_no_merit() -> None:
    """A reader that tells the placebo and the constant from the rest, and nothing else, orders nothing."""
    found = ladder_of("u", "f", lambda name, _: 0.0 if name in ("placebo", "constant") else 0.5)
    assert unit_tau(found, "kind", "r") == 0


def test_rounding_makes_no_order() -> None:
    jitter = dict(zip(TRUE, (1e-9, 3e-9, 2e-9, 0.0, 5e-9, 4e-9, 6e-9), strict=True))
    assert unit_tau(ladder_of("u", "f", lambda name, _: jitter[name]), "kind", "r") == 0


def test_falls_is_strict() -> None:
    rungs = {point.rung: point for point in ladder_of("u", "f", lambda name, true: 0.5 if name[0] == "e" else true)}
    assert falls(rungs, "missing_concept", "kind", "r") == 0
    assert falls(rungs, "extra_concept", "kind", "r") == 0
    rungs = {point.rung: point for point in ladder_of("u", "f", lambda _, true: true)}
    assert falls(rungs, "missing_concept", "kind", "r") == falls(rungs, "extra_concept", "kind", "f1") == 1


def test_families_and_verdicts() -> None:
    kind = [point for i in range(12) for point in ladder_of(f"u{i}", "ab"[i % 2], lambda _, true: true)]
    rows = {(row.metric, row.family): row for row in summaries(kind, seed=1)}
    assert set(rows) == {(metric, family) for metric in METRICS for family in (ALL, "a", "b")}
    whole = rows["r", ALL]
    assert (whole.verdict, whole.tau.n, whole.missing_label.n) == ("valid", 12, 12)
    assert rows["r", "a"].verdict == "not resolvable"
    assert rows["r", "a"].tau.low is None
    assert whole.to_json()["tau"]["mean"] == pytest.approx(1)


@pytest.mark.parametrize("blind_to", ["missing_concept", "extra_concept", "all"])
def test_a_reader_that_misses_one_thing_is_not_valid(blind_to: str) -> None:
    def score(name: str, true: float) -> float:
        return 1.0 if name == blind_to or blind_to == "all" else true

    found = [point for i in range(12) for point in ladder_of(f"u{i}", "f", score)]
    assert summaries(found, seed=1)[0].verdict == "not valid"


def test_units_without_a_rung_are_left_out_of_its_check() -> None:
    found = [point for i in range(12) for point in ladder_of(f"u{i}", "f", lambda _, true: true)]
    kept = [point for point in found if point.rung != "missing_concept" or point.unit == "u3"]
    row = summaries(kept, seed=1)[0]
    assert (row.missing_label.n, row.extra_label.n) == (1, 12)
    assert row.verdict == "not resolvable"
