"""The finetuned reader's stage with a made-up encoder: which words answer, what is kept, and what the board says."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from inspect_ai import eval as inspect_eval
from reading_world import TINY

from benchmark.explainers.report import Claim, Report
from benchmark.leaderboard.sampled import sampled_readings
from benchmark.leaderboard.sampled_rows import SampledReading, sampled_limits, section
from benchmark.readers.finetuned import FinetunedReader
from benchmark.readers.language_model import items_of, right_answers
from benchmark.runtime import reading, reading_without_prompts
from benchmark.runtime.reading_design import Cut, Design, Handed, sheet_of, text_key
from benchmark.suites import Suite
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages
from tasks.reading.reading import task_of

WHOLE = "anything at all"
PERFECT = Cut(tier="planted", units=3, nulls=0, per_stratum=5, strangers=1)


class Knowing:
    """Knows the units: the claim "the words of UNIT" holds where that unit fires, any other one nowhere."""

    name = "finetuned/0123456789abcdef"

    def __init__(self, units: Sequence[Unit], suite: Suite) -> None:
        self.values = {f"the words of {unit.identifier}": _by_text(suite, unit) for unit in units}
        self.asked: list[str] = []

    def probabilities(self, claim: str, texts: Sequence[str]) -> list[Floats]:
        self.asked.append(claim)
        known = self.values.get(claim, {})
        return [known.get(text, np.zeros(len(Passages.of((text,)).words))) for text in texts]


def _by_text(suite: Suite, unit: Unit) -> dict[str, Floats]:
    items = suite.items(unit, "own")
    first = items.passages.first
    return {text: items.values[first[i] : first[i + 1]] / 10 for i, text in enumerate(items.passages.texts)}


def design(suite: Suite, cut: Cut) -> Design:
    """Two explainers with one text and other claims, and one without claims."""
    named = [unit for unit in suite.units if unit.tier in ("planted", "null")]
    some = {tier: [unit.identifier for unit in named if unit.tier == tier][:3] for tier in ("planted", "null")}
    every = [*some["planted"], some["null"][0]]
    contestants = {
        ("knows", "none"): {name: handed(f"the words of {name}") for name in every},
        ("guesses", "none"): {name: handed("something else") for name in every},
        ("prose", "none"): {name: Handed("report", f"the words of {name}") for name in every},
    }
    return Design(suite, contestants, cut, by_claims=True)


def handed(claim: str) -> Handed:
    return Handed.of(Report(WHOLE, (Claim("nothing", level=2.0), Claim(claim))))


@pytest.fixture
def knowing(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> Knowing:
    encoder = Knowing([unit for unit in suite.units if unit.tier == "planted"][:3], suite)
    monkeypatch.setattr(reading, "shipped_reader", lambda: FinetunedReader(encoder, threshold=0.01))
    return encoder


def read(suite: Suite, folder: Path, cut: Cut) -> SampledReading:
    task = task_of(design(suite, cut), 0, "finetuned/0123456789ab")
    log = inspect_eval(task, model="none", log_dir=str(folder / "readings"), display="none")[0]
    assert log.status == "success", log.error
    (found,) = sampled_readings([folder / "readings"], suite, seed=0)
    return found


def test_the_marked_word_answers(suite: Suite, knowing: Knowing, tmp_path: Path) -> None:
    found = read(suite, tmp_path, PERFECT)
    rows = {row.explainer: row for row in found.rows}
    for name in ("knows", "prose"):
        assert rows[name].r_own.mean == pytest.approx(1, abs=1e-3)
        for each in (rows[name].simulation, rows[name].detection, rows[name].fuzzing):
            assert each is not None
            assert each.mean == 1
    assert rows["guesses"].r_own.mean == 0
    assert rows["guesses"].errors == {}


def test_answers_stand_in_the_order_of_the_sheet(suite: Suite, knowing: Knowing) -> None:
    made = design(suite, PERFECT)
    job = next(job for job in made.jobs if "the words of" in job.text)
    sheet = sheet_of(suite, suite.unit(job.unit), PERFECT)
    told = reading_without_prompts.answers(FinetunedReader(knowing, 0.01), job, sheet)
    for mode in job.modes:
        assert told["modes"][mode]["values"] == pytest.approx(right_answers(sheet, mode), abs=2e-3)
    texts = {item.text for mode in job.modes for item in items_of(sheet, mode)}
    assert told["prompts"] == len(texts)


def test_a_claims_level_is_the_most_that_it_says(suite: Suite, knowing: Knowing) -> None:
    job = next(job for job in design(suite, PERFECT).jobs if job.claims and "the words of" in job.claims[1][0])
    sheet = sheet_of(suite, suite.unit(job.unit), PERFECT)
    encoder = FinetunedReader(knowing, 0.01)
    half = type(job)(job.unit, job.text, job.modes, job.role, ((job.claims[1][0], 5.0),))
    whole, less = (
        np.array(reading_without_prompts.answers(encoder, each, sheet)["modes"]["simulation"]["values"])
        for each in (job, half)
    )
    assert whole.max() == 1
    assert less == pytest.approx(whole / 2, abs=1e-5)


def test_reports_are_told_apart_by_their_claims_and_texts_keep_their_key(suite: Suite) -> None:
    made = design(suite, TINY)
    own = [job for job in made.jobs if job.role == "own" and job.unit == made.units[0].identifier]
    assert len({job.identifier for job in own}) == 3
    assert text_key(WHOLE) == hashlib.sha256(WHOLE.encode()).hexdigest()[:12]
    by_text = Design(suite, made.contestants, TINY)
    assert len({job.identifier for job in by_text.jobs if job.role == "own" and job.unit == own[0].unit}) == 2
    assert all(job.claims == () for job in by_text.jobs)


def test_the_board_names_the_reader_and_still_misses_a_language_model(
    suite: Suite, knowing: Knowing, tmp_path: Path
) -> None:
    found = read(suite, tmp_path, TINY)
    assert found.kind == "finetuned"
    shown = section(found)
    assert shown.title.startswith("finetuned reader (sampled): finetuned/0123456789ab, not ranked")
    assert "pairs of a claim and a text, and no tokens" in shown.note
    assert "set on claims that it was trained on" in sampled_limits([found])[0]


def test_the_cost_is_what_is_asked(suite: Suite, knowing: Knowing, tmp_path: Path) -> None:
    made = design(suite, TINY)
    cost = reading_without_prompts.estimate(FinetunedReader(knowing, 0.01), made)
    assert cost.passes == read(suite, tmp_path, TINY).prompts
    assert cost.seconds > 0
