"""Explanations as EleutherAI's delphi writes them: one JSON string a latent, in a file named after it."""

import json
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.explainers.report import Claim, Report
from benchmark.recordings import Choice, Recording
from benchmark.suites import load

SUITE = load("embedded-2")
HOOK, OTHER = "model.layers.12", "model.layers.13"
SAID = {
    (HOOK, 1977): "compass directions",
    (HOOK, 2241): "Explanation could not be parsed.",
    (HOOK, 3739): " \n",
    (HOOK, 2832): "half a pair \ud800, a nul \x00 and <script>",
    (HOOK, 77): "no unit of the suite",
    (OTHER, 1977): "another layer's",
}
UNITS = ("found-1977", "found-2241", "found-3739", "found-2832", "null-03")


def run_of(folder: Path, said: dict[tuple[str, int], str] = SAID) -> Path:
    """A run of delphi's; its folder."""
    (folder / "explanations").mkdir(parents=True)
    for (hookpoint, latent), text in said.items():
        path = folder / "explanations" / f"{hookpoint}_latent{latent}.txt"
        path.write_text(json.dumps(text), "utf-8")
    return folder


def held(file: Path, source: str | None = None, units: tuple[str, ...] = UNITS) -> dict[str, Report]:
    recording = Recording.open(Choice(str(file), source=source))
    assert recording.applies_to == ("found",)
    return dict(recording.held(SUITE, [unit for unit in SUITE.units if unit.identifier in units]).reports)


def refused(file: Path, source: str | None = None, units: tuple[str, ...] = UNITS) -> str:
    with pytest.raises(UserError) as error:
        held(file, source, units)
    assert str(error.value).isprintable()
    return str(error.value)


def test_latents_are_found_units_by_number_and_failures_are_no_reports(tmp_path: Path) -> None:
    texts = {"found-1977": "compass directions", "found-2832": "half a pair \ufffd, a nul   and <script>"}
    expected = {name: Report(text, (Claim(text),)) for name, text in texts.items()}
    assert held(run_of(tmp_path), HOOK) == expected
    assert held(tmp_path / "explanations", HOOK) == expected


def test_of_several_hookpoints_one_is_chosen(tmp_path: Path) -> None:
    run_of(tmp_path)
    assert f"{HOOK}, {OTHER}; mend: choose one, recorded.source=" in refused(tmp_path).replace("'", "")
    assert HOOK in refused(tmp_path, "model.layer.12")
    assert held(tmp_path, OTHER)["found-1977"].text == "another layer's"


def test_one_hookpoint_needs_no_choice(tmp_path: Path) -> None:
    assert held(run_of(tmp_path, {(HOOK, 1977): "x"})).keys() == {"found-1977"}


def test_nothing_of_the_chosen_units_is_one_line(tmp_path: Path) -> None:
    told = refused(run_of(tmp_path), HOOK, ("found-2241",))
    assert "explains 5 latents, such as 77, 1977, 2241, and none of the 1 chosen ones, such as 2241" in told


@pytest.mark.parametrize(
    "content", [b"no JSON", b"\xff\xfe", b'{"text": "x"}', b'"' + b"x" * 300_000 + b'"', b"", b"[" * 150_000]
)
def test_a_damaged_file_is_one_line(content: bytes, tmp_path: Path) -> None:
    run_of(tmp_path, {(HOOK, 1977): "x"})
    path = tmp_path / "explanations" / f"{HOOK}_latent1977.txt"
    path.write_bytes(content)
    assert str(path) in refused(tmp_path)


def test_the_hash_covers_names_and_texts(tmp_path: Path) -> None:
    hashes = {
        Recording.open(Choice(str(run_of(tmp_path / name, said)))).sha256
        for name, said in {
            "a": {(HOOK, 1): "x"},
            "b": {(HOOK, 1): "x"},
            "c": {(HOOK, 1): "y"},
            "d": {(HOOK, 2): "x"},
        }.items()
    }
    assert len(hashes) == 3


def test_what_chooses_among_an_export_s_is_refused(tmp_path: Path) -> None:
    run_of(tmp_path)
    with pytest.raises(UserError, match=r"recorded\.kind chooses among an export's"):
        Recording.open(Choice(str(tmp_path), kind="x"))


def test_a_latent_explained_twice_wants_a_choice(tmp_path: Path) -> None:
    run_of(tmp_path, {(HOOK, 1977): "x"})
    (tmp_path / "explanations" / f"{HOOK}_latent01977.txt").write_text('"y"', "utf-8")
    assert "explains the latent of" in refused(tmp_path)
    first = Recording.open(Choice(str(tmp_path), several="first"))
    assert first.held(SUITE, [unit for unit in SUITE.units if unit.identifier == "found-1977"]).reports


def test_folders_and_lost_links_are_no_files(tmp_path: Path) -> None:
    run_of(tmp_path, {(HOOK, 1977): "x"})
    (tmp_path / "explanations" / f"{HOOK}_latent5.txt").mkdir()
    (tmp_path / "explanations" / f"{HOOK}_latent6.txt").symlink_to(tmp_path / "nowhere")
    assert held(tmp_path).keys() == {"found-1977"}
