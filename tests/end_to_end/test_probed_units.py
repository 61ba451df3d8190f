"""Probed units in the embedded subject: read at the SAE's hook, and the shipped ones are what their card says."""

import numpy as np
import pytest

from benchmark.explainers.report import Report
from benchmark.subjects.catalog import parse_sae, parse_subject
from benchmark.subjects.embedded import HOOK_LAYER
from benchmark.subjects.features import feature_source
from benchmark.subjects.probe_choice import LEAST_AUPRC
from benchmark.subjects.probe_directions import Directions, shipped_probes
from benchmark.subjects.probe_fit import agreement
from benchmark.subjects.windows import tokenise
from benchmark.subjects.word_ends import Reader, last_tokens
from benchmark.suites import load
from benchmark.suites.fields import Field
from benchmark.suites.probed import probed_units
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse
from synthetic_neurons.prose.english import describe

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
WINDOWS = 300


@pytest.fixture(scope="module")
def directions() -> Directions:
    return Directions.load(shipped_probes())


@pytest.fixture(scope="module")
def reader(directions: Directions) -> Reader:
    return Reader(directions.layer)


def test_at_least_sixty_units_ship_chosen_by_the_rule(directions: Directions) -> None:
    units = directions.card["units"]
    assert len(units) == len(set(directions.identifiers)) == len(directions.vectors) >= 60
    assert min(unit["calibration"]["auprc"] for unit in units) >= LEAST_AUPRC
    for unit in units:
        assert unit["text"] == describe(parse(unit["predicate"]))
        low, high = unit["exam"]["interval"]["auprc"]
        assert low <= unit["exam"]["auprc"] <= high


def test_word_ends_are_the_sae_s_stream_at_words_last_tokens(reader: Reader) -> None:
    import torch

    texts = ["A pit bull chased the ball (twice).", "The spaniel ran along the canal until it met the others."]
    ends = reader.read(texts)
    source = feature_source(parse_subject("embedded", device="cpu"), parse_sae("shipped"))
    sae = source.measured.sae
    assert reader.layer == HOOK_LAYER
    found = source.activations(source.whole(texts))
    word_of = tokenise(ends.passages, source.tokenizer).word_of
    last = last_tokens(word_of, len(ends.passages.words))
    with torch.no_grad():
        encoded = sae.encode(torch.from_numpy(ends.stream[ends.whole].astype(np.float32))).numpy()
    for row, token in zip(encoded, last[ends.whole], strict=True):
        mine = found.token == token
        strongest = found.value[mine].argmax()
        assert row[found.unit[mine][strongest]] == pytest.approx(
            float(found.value[mine][strongest]), rel=0.02, abs=0.05
        )


def test_shipped_units_agree_with_their_concepts_on_fresh_readings(directions: Directions, reader: Reader) -> None:
    suite = load("embedded-1")
    windows, _ = suite.pool_windows("natural")
    texts = suite.passages(windows[:: len(windows) // WINDOWS][:WINDOWS]).texts
    ends = reader.read(texts)
    values = directions.values(ends)
    units = probed_units(directions, Field("teach", Passages.of(texts), probed=values))
    measured = []
    for unit, entry in zip(units, directions.card["units"], strict=True):
        assert unit.report is not None
        (claim,) = Report.from_json(unit.report).claims
        assert claim.predicate is not None
        flags = evaluate(parse(unit.truth["predicate"]), ends.passages) > 0
        if flags.sum() >= 30:
            measured.append((agreement(values.words(unit.identifier), flags, 0.0).r, entry["exam"]["r"]))
    assert len(measured) >= 5
    fresh, card = np.array(measured).T
    assert abs(fresh.mean() - card.mean()) < 0.1
