"""A whole layer report of a made-up layer: what is significant, what nulls and strangers do, and the pages."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_up_layer
import numpy as np
import pytest
from hash_encoder import HashEncoder

from benchmark.calibration.decisions import rank_ps, suite_null
from benchmark.layer_report import circuits, shares
from benchmark.layer_report.__main__ import again
from benchmark.layer_report.crossed import cross, evidence, sit, strangers
from benchmark.layer_report.decided import _p_matrix, _part, decided
from benchmark.layer_report.findings import Material, examined, findings
from benchmark.layer_report.layer import sampled
from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.markdown import to_markdown
from benchmark.layer_report.options import Options, ReportError
from benchmark.layer_report.page import pieces, to_html
from benchmark.layer_report.publish import publish
from benchmark.layer_report.tasks import Desk, keys
from benchmark.layer_report.work import Progress, work
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.executable import ExecutableReader
from benchmark.rounding import rounded_json

HOSTILE = "</td><script>alert(1)</script> | `x` {{ 7 * 7 }} \u202e"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Material]:
    out = tmp_path_factory.mktemp("report")
    options = Options(out=out, nulls=6)
    layer = made_up_layer.layer()
    desk = Desk(layer, {"executable": ExecutableReader(0.5)}, options.seed)
    sample, ledger = sampled(layer, None, 1), Ledger(out, {"code": "1", "subject": {}})
    tasks = [
        (
            lambda kind=kind, number=number, matched=matched: (
                desk.latent(number) if kind == "latent" else desk.null(number, matched)
            )
        )
        for kind, number, matched in keys(sample, 6)
    ]
    work(tasks, "rule_induction", 60, 1, ledger, desk.graded, Progress("x", len(tasks)))
    session = {"opened_in": 1.0, "seconds": 9.0, "units": len(tasks), "workers": 1, "peak_memory": 10**9, "load": 1.0}
    ledger.end_session({"what": "explained", "commit": "abc", **session})
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((layer.width, 64)).astype(np.float32)
    directions[1] = directions[0] + 0.1
    yield Material(
        options, layer, directions, desk, made_up_layer.suite(), ledger, [], sample, {"code": "1", "subject": {}}
    )
    ledger.close()


@pytest.fixture(scope="module")
def found(given: Material) -> dict[str, Any]:
    value: dict[str, Any] = rounded_json(findings(given, examined(given)))
    return value


def test_rules_are_significant_and_nulls_are_not(found: dict[str, Any]) -> None:
    assert found["outcomes"] == {"abstention": 1, "report": 10}
    tested = found["significance"]["executable"]
    assert tested["benjamini_hochberg"]["of_reports"]["hits"] == 10
    assert tested["benjamini_hochberg"]["of_latents"]["mean"] == pytest.approx(10 / 11)
    assert found["nulls"]["executable"]["outcomes"] == {"abstention": 6}
    assert found["nulls"]["executable"]["declared"]["hits"] == 0
    assert found["strangers"]["executable"]["rate"] <= 0.05
    assert found["census"]["kinds"]["dead"] == 1


def test_scores_count_abstentions_as_method_says(found: dict[str, Any], given: Material) -> None:
    told = found["scores"]["executable"]
    graded = [each["grades"]["executable"] for each in given.latents if each["outcome"] == "report"]
    assert told["r"]["mean"] == pytest.approx(sum(each["r"] for each in graded) / 11, abs=1e-5)
    wanted = (sum(each["simulation_accuracy"] for each in graded) + 0.5) / 11
    assert told["simulation_accuracy"]["mean"] == pytest.approx(wanted, abs=1e-5)
    assert (told["r"]["n"], told["r_of_reports"]["n"]) == (11, 10)
    failed = {"outcome": "crash", "latent": 1}
    assert shares.score(failed, "executable", "simulation_accuracy") == 0.0
    assert shares.outcomes([failed, failed]) == {"crash": 2}


def test_the_p_of_all_pairs_is_the_shipped_p(given: Material) -> None:
    sitting, bank = sit(given.desk, given.latents, given.nulls), given.suite.bank
    crossed = cross(sitting, bank, given.desk.readers["executable"], given.layer, given.options.out, given.facts)
    every = evidence(sitting, crossed, strangers(sitting, bank, crossed, given.layer, True), len(bank.reports))
    count, spoke = len(sitting.latents), len(sitting.speaking)
    latents = _part(every.on(np.arange(count)), np.arange(spoke))
    null = suite_null(latents)
    pairs = np.meshgrid(np.arange(spoke), np.arange(spoke), indexing="ij")
    units, reports = (each.ravel() for each in pairs)
    shipped = rank_ps(null, latents, sitting.speaking[units], reports)
    assert _p_matrix(null, latents, sitting.speaking).ravel() == pytest.approx(shipped)


def test_a_related_bank_report_is_no_stranger(given: Material) -> None:
    sitting = sit(given.desk, given.latents, [])
    suite = made_up_layer.suite(40)
    latent = int(given.latents[0]["latent"])
    own = replace(suite.bank.reports[0], report=sitting.reports[0], source="planted/same")
    beside = replace(suite.bank.reports[1], source="planted/same")
    of_latent = replace(suite.bank.reports[2], source=f"latent/{latent}")
    suite.bank.reports = (own, beside, of_latent, *suite.bank.reports[3:])
    crossed = cross(sitting, suite.bank, given.desk.readers["executable"], given.layer, given.options.out, {})
    masks = strangers(sitting, suite.bank, crossed, given.layer, True)
    place = 0
    assert not masks.bank[place, :3].any()
    assert masks.bank[place, 3:].sum() > 25
    assert strangers(sitting, suite.bank, crossed, given.layer, False).bank[place, 2]
    assert not masks.own[sitting.speaking, np.arange(len(sitting.speaking))].any()


def test_a_stranger_that_agrees_by_luck_is_left_in_the_examination_of_the_test(given: Material) -> None:
    """Its truth is unrelated to the unit, and its prediction is not: that is what the test is examined for."""
    sitting, bank = sit(given.desk, given.latents, []), given.suite.bank
    crossed = cross(sitting, bank, given.desk.readers["executable"], given.layer, given.options.out, given.facts)
    unit, column = int(sitting.speaking[0]), len(bank.reports) + 1
    lucky = crossed.r.copy()
    lucky[unit, column] = 0.5
    changed = replace(crossed, r=lucky)
    masks = strangers(sitting, bank, changed, given.layer, True)
    assert not masks.own[unit, 1]
    assert masks.unrelated[unit, 1]
    assert not masks.unrelated[sitting.speaking, np.arange(len(sitting.speaking))].any()
    every = evidence(sitting, changed, masks, len(bank.reports))
    told = decided(sitting, every, masks.unrelated, 1).dealt
    assert told["decisions"] == int(masks.unrelated[sitting.speaking].sum())
    assert told["rejected"] == decided(sitting, every, masks.own, 1).dealt["rejected"] + 1
    assert told["all_pairs"] == len(sitting.speaking) * (len(sitting.speaking) - 1)


def test_an_explainer_without_predicates_is_read_by_the_reader_of_prose(given: Material, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("def mine(laboratory): return 'some words'\n", "utf-8")
    own = replace(given, options=replace(given.options, explainer=f"{mine}@mine"))
    own.desk.readers["embedding"] = EmbeddingReader(HashEncoder())
    try:
        for each in own.latents:
            if "grades" in each:
                each["grades"]["embedding"] = each["grades"]["executable"]
        told = rounded_json(findings(own, examined(own)))
    finally:
        del own.desk.readers["embedding"]
    assert told["provenance"]["readers"] == ["embedding"]
    assert told["provenance"]["declares_none"] == ["executable"]
    assert set(told["scores"]) == set(told["significance"]) == {"embedding"}
    assert set(told["features"][0]["r"]) == {"embedding"}
    assert "| mean r, all sampled | declares none |" in to_markdown(told)


def test_clusters_join_directions_that_are_alike(found: dict[str, Any]) -> None:
    (cluster,) = found["clusters"]["clusters"]
    assert sorted(cluster["latents"]) == [0, 1]
    assert found["clusters"]["alone"] == 8
    assert cluster["name"]


def test_the_rest_of_the_layer_is_estimated_and_the_sample_is_counted() -> None:
    told = shares.for_the_rest(205, 1000, 3928)
    assert (told["mean"], told["significant_in_sample"], told["rest"]) == (805, 205, 2928)
    # A finite population's standard error is 43.3 latents.
    assert told["low"] == pytest.approx(805 - 85, abs=5)
    assert told["high"] == pytest.approx(805 + 85, abs=6)
    whole = shares.for_the_rest(25, 100, 100)
    assert (whole["rest"], whole["mean"], whole["low"], whole["high"]) == (0, 25, 25, 25)
    assert shares.for_the_rest(2, 9, 100)["low"] is None


@pytest.mark.parametrize("of_all", [10, 80, 200])
def test_the_interval_of_the_layer_holds_what_the_layer_has(of_all: int) -> None:
    """Layers of 400 with so many latents to be labelled, 100 of them drawn, by 500 draws: 95% with little error."""
    drawn = np.random.default_rng(0).hypergeometric(of_all, 400 - of_all, 100, size=500)
    told = {known: shares.for_the_rest(known, 100, 400) for known in map(int, np.unique(drawn))}
    held = [told[int(known)]["low"] <= of_all <= told[int(known)]["high"] for known in drawn]
    assert 0.94 <= np.mean(held) < 1


def test_without_measured_flags_there_is_none(found: dict[str, Any]) -> None:
    assert found["flags"] == {"measured": None, "flagged": [], "share": None}
    assert "Not measured with this explainer" in to_html(found)


def test_confidence_levels_hold_every_report(found: dict[str, Any]) -> None:
    assert sum(each["reports"] for each in found["confidence"]["levels"]) == 10
    assert found["confidence"]["against"]["significant"]["n"] == 10


def test_what_an_explainer_wrote_is_text_on_every_page(found: dict[str, Any]) -> None:
    poisoned = json.loads(json.dumps(found))
    poisoned["features"][0]["text"] = HOSTILE
    poisoned["examples"][0]["latents"][0]["text"] = HOSTILE
    poisoned["examples"][0]["latents"][0]["windows"][0]["text"] += HOSTILE
    poisoned["clusters"]["clusters"][0]["name"] = HOSTILE
    page, text = to_html(poisoned), to_markdown(poisoned)
    for made in (page, text):
        assert "<script" not in made
        assert "\u202e" not in made
    assert "49" not in page[page.index("&lt;script&gt;") : page.index("&lt;script&gt;") + 200]
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


def test_three_files_are_written_and_the_json_has_it_all(found: dict[str, Any], tmp_path: Path) -> None:
    paths = publish(found, tmp_path / "new")
    assert [path.name for path in paths] == ["report.json", "report.md", "report.html"]
    assert json.loads(paths[0].read_text("utf-8")) == found
    assert {"commit", "versions", "decided_by", "command"} <= found["provenance"].keys()


def test_pieces_join_to_the_window() -> None:
    window = {"text": "(one) two-way three", "levels": [[1, 3.0], [3, 10.0]]}
    cut = pieces(window)
    assert "".join(piece.text for piece in cut) == window["text"]
    assert [(piece.text, piece.value) for piece in cut if piece.value] == [("one", 3.0), ("two-way", 10.0)]


RANKS = {"own": 0.67, "random": 0.01, "greatest": 0.3, "p": 0.000999, "circuits": 1000, "prompts": 1}


@pytest.mark.parametrize(
    "content",
    [
        None,
        "{not json",
        "[]",
        '{"behaviours": 7}',
        '{"behaviours": {"a": {"common_ranks": [1]}, "b": null}}',
        '{"behaviours": {"a": {"common_ranks": {"zero": {}}}}, "provenance": {"subject": "gpt2"}}',
    ],
)
def test_circuits_are_read_with_care(tmp_path: Path, content: str | None) -> None:
    place = tmp_path / "found.json"
    if content is not None:
        place.write_text(content, "utf-8")
    told = circuits.recorded("embedded", place)
    assert told["circuits"] == []
    assert told["said"].startswith("none recorded")


def test_a_circuit_has_a_row_for_each_way_of_ablating_with_a_verdict(tmp_path: Path, found: dict[str, Any]) -> None:
    place = tmp_path / "found.json"
    ways = {"mean": RANKS, "zero": {**RANKS, "p": 0.19}, "odd": {"p": "high"}}
    made = {"commit": "abc", "subject": {"subject": "embedded"}}
    circuit = {"common": ["L1H0", "L5H2"], "common_ranks": ways}
    place.write_text(json.dumps({"behaviours": {"induction": circuit}, "provenance": made}), "utf-8")
    told = circuits.recorded("embedded", place)
    assert [(each["way"], each["heads"], each["verdict"]) for each in told["circuits"]] == [
        ("mean", 2, "above chance at 3σ"),
        ("zero", 2, "not above chance at 3σ"),
        ("odd", 2, "not ranked"),
    ]
    assert (told["circuits"][0]["own"], told["circuits"][0]["prompts"], told["commit"]) == (0.67, 1, "abc")
    text = to_markdown({**found, "circuits": told})
    assert "| induction | 2 | mean | 0.67 | 0.01 | 0.30 | 0.001 | 1 | above chance at 3σ |" in text


def test_pages_are_written_again_with_today_s_circuits(found: dict[str, Any], tmp_path: Path) -> None:
    publish(found, tmp_path)
    (tmp_path / "found.json").write_text(
        json.dumps({"behaviours": {"induction": {"common_ranks": {"mean": RANKS}}}}), "utf-8"
    )
    again(tmp_path, tmp_path / "found.json")
    value = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [each["name"] for each in value["circuits"]["circuits"]] == ["induction"]
    assert {**value, "circuits": 0} == {**found, "circuits": 0}
    assert "induction" in (tmp_path / "report.html").read_text("utf-8")
    with pytest.raises(ReportError, match="is no layer report"):
        again(tmp_path / "nowhere")
    (tmp_path / "report.json").write_text('{"provenance": {"subject": "x"}}', "utf-8")
    with pytest.raises(ReportError, match="KeyError"):
        again(tmp_path)
