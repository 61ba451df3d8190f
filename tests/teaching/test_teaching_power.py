"""`viva power teaching`: units that a difference between arms needs, from a pilot's scores."""

import argparse
import csv
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from benchmark.errors import UserError
from benchmark.students.course import TEACHING_ARMS
from benchmark.teaching.power import PilotError, needed, read, run


def pilot(path: Path, units: int = 24, spread: float = 0.2, blank: str = "") -> Path:
    """Scores whose live minus placebo has this spread exactly; one arm may be blank."""
    noise = np.random.default_rng(0).normal(size=units)
    noise = 0.3 + spread * (noise - noise.mean()) / noise.std(ddof=1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["tier", "unit", "student", *TEACHING_ARMS])
        for place, gain in enumerate(noise):
            scores = {**dict.fromkeys(TEACHING_ARMS, 0.0), "live": float(gain)}
            told = ["" if arm == blank else scores[arm] for arm in TEACHING_ARMS]
            writer.writerow(["planted", f"unit-{place}", "keyword", *told])
    return path


def said(*arguments: str) -> list[str]:
    lines: list[str] = []
    run(argparse.ArgumentParser(), arguments, lines.append)
    return lines


def test_units_needed_agree_with_the_noncentral_t(tmp_path: Path) -> None:
    (gain, *_) = needed(read(pilot(tmp_path / "scores.csv")), [0.05, 0.10])
    assert gain.effect == "comprehension gain"
    for power, difference in zip(gain.powers, (0.05, 0.10), strict=True):
        assert power.sd == pytest.approx(0.2)
        reference = TTestPower().solve_power(difference / 0.2, alpha=0.05, power=0.8)
        assert power.needed_by_t == int(np.ceil(reference))
    # The anchor of research/comprehension.md section 5: 126 by the normal approximation, and two more by t.
    assert [power.needed for power in gain.powers] == [126, 32]


def test_effects_whose_arms_are_blank_are_left_out(tmp_path: Path) -> None:
    found = [each.effect for each in needed(read(pilot(tmp_path / "scores.csv", blank="yoked")), [0.05])]
    assert "interactivity" not in found
    assert "dialogue" in found


def test_the_table_says_what_it_rests_on(tmp_path: Path) -> None:
    lines = said(str(pilot(tmp_path / "scores.csv", units=12)), "--difference", "0.05")
    assert "comprehension gain" in lines[1]
    assert "128" in lines[1], "by Student's t"
    assert any("80% power at two-sided 0.05" in line for line in lines)
    assert any("a pilot of 12 units says little" in line for line in lines)
    assert not any("says little" in line for line in said(str(pilot(tmp_path / "more.csv"))))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no lines"),
        ("tier,unit\nplanted,a\n", "lacks examples"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_pilot_is_one_line(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "scores.csv"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(PilotError) as error:
        said(str(path))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_score_that_is_no_number_and_a_tier_that_is_not_there(tmp_path: Path) -> None:
    path = pilot(tmp_path / "scores.csv")
    with pytest.raises(PilotError, match="no tier 'found'"):
        said(str(path), "--tier", "found")
    path.write_text(path.read_text("utf-8").replace("unit-3,keyword,0.0", "unit-3,keyword,much"), "utf-8")
    with pytest.raises(UserError, match="'much' is no number"):
        list(needed([{**row, "live": row["none"]} for row in read(path)], [0.05]))
