"""What the command says when the machine, not the input, is at fault."""

import errno
import os
import subprocess
import sys

import pytest

from benchmark import cli


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_closed_disk_is_one_line(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(verb: str, arguments: list[str]) -> None:
        raise OSError(code, os.strerror(code), "runs/x.eval")

    monkeypatch.setattr(cli, "_dispatch", fail)
    monkeypatch.setattr(sys, "argv", ["viva", "run"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        f"viva: {os.strerror(code)} (runs/x.eval); mend it, and the same command goes on where it was\n"
    )


def test_other_system_errors_stay_bugs(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(verb: str, arguments: list[str]) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(cli, "_dispatch", fail)
    monkeypatch.setattr(sys, "argv", ["viva", "run"])
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        cli.main()


def test_a_reader_that_goes_away_is_no_bug() -> None:
    call = [sys.executable, "-c", "from benchmark.cli import main; main()", "explainers"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(call, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (cli.CLOSED_PIPE, "")
