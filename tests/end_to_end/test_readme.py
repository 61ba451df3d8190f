"""What the README says can be run, runs; what it quotes is what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_plug_in_is_quoted_whole_and_short() -> None:
    code = (ROOT / "examples/template.py").read_text("utf-8")
    assert code in README
    assert len(code.splitlines()) < 30


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_it_opens_with_the_two_commands() -> None:
    assert README.index("make leaderboard") < README.index("make test") < README.index("## ")
