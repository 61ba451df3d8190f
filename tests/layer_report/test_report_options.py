"""Options of `viva report`: what is wrong is one line that names the mend, before anything is loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import USAGE_ERROR, UserError
from benchmark.folders import writable
from benchmark.layer_report.options import Options, parse, usage

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["subject=embeded"], "did you mean embedded?"),
        (["subject=gpt2_small"], "no subject 'gpt2_small' with an SAE here"),
        (["layer=11"], "embedded has no SAE at layer 11; the nearest is layer=12"),
        (["explainer=rule_inducton"], "rule_induction"),
        (["explainer=agentic"], "asks a language model"),
        (["explainer=rule_induction_agentic"], "measures texts of its own"),
        (["explainer=oracle"], "which a layer report does not give"),
        (["sample=0"], "sample=0 is no count; give a whole number, 1 or above"),
        (["sample=many"], "sample=many is no count"),
        (["seed=all"], "seed=all has no meaning"),
        (["workers=999"], "workers=999 is too many"),
        (["sampel=3"], "did you mean sample=?"),
        (["seed="], "seed has no value"),
        (["seed=1", "seed=2"], "seed= is given twice"),
    ],
)
def test_what_is_wrong_is_one_line(call_viva: Call, arguments: list[str], said: str) -> None:
    code, out, err = call_viva("report", *arguments)
    assert code == USAGE_ERROR
    assert not out
    assert said in err
    assert err.count("\n") == 1
    assert err.startswith("viva: viva report")


def test_an_unwritable_folder_is_refused_before_work(tmp_path: Path, call_viva: Call) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    code, _, err = call_viva("report", f"out={tmp_path / 'file' / 'below'}")
    assert code == USAGE_ERROR
    assert "cannot be written (Not a directory); mend: out=" in err
    for closed in (tmp_path / "file", tmp_path / ("x" * 300), tmp_path / "new" / ("x" * 300)):
        with pytest.raises(UserError, match=r"--out: .* cannot be written \(.*\); name another"):
            writable(closed, "--out", "name another")
    writable(tmp_path / "new" / "folder", "--out", "name another")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_help_names_every_option(call_viva: Call) -> None:
    code, out, _ = call_viva("report", "--help")
    assert code == 0
    assert "sample=" in out
    assert out.strip() == usage()


def test_defaults_and_null_units() -> None:
    chosen = parse([])
    assert chosen == Options()
    assert (chosen.sample, chosen.home.sae) == (None, "shipped")
    assert [chosen.null_units(n) for n in (1, 20, 5000)] == [1, 4, 200]
    assert parse(["nulls=0"]).null_units(500) == 0
    assert parse(["sample=all"]).sample is None
