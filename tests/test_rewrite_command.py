"""What `viva rewrite` refuses, in one line."""

from pathlib import Path

import pytest

from benchmark.cli import _Parser
from benchmark.errors import UserError
from benchmark.rewrite.command import run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: logs"),
        (["nowhere"], "nowhere is not there"),
        (["logs", "--windows", "0"], "--windows 0 measures nothing; give 1 or more"),
        (["logs", "--units", "-1"], "--units -1 measures nothing"),
        (["logs", "--reader", "embeding"], "did you mean 'embedding'"),
    ],
)
def test_wrong_arguments_are_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        run(_Parser(prog="viva rewrite"), arguments, lambda line: None)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
