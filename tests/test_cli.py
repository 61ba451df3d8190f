"""What the command says when the machine, not the input, is at fault."""

import errno
import os
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
        raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))

    monkeypatch.setattr(cli, "_dispatch", fail)
    monkeypatch.setattr(sys, "argv", ["viva", "run"])
    with pytest.raises(OSError, match="pipe"):
        cli.main()
