import re
from xml.etree import ElementTree

from ladder_points import TRUE, ladder_of

from benchmark.ladder.figure import figure
from benchmark.ladder.order import summaries
from benchmark.ladder.scores import Point
from benchmark.ladder.tables import markdown

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>&|"


def _points() -> list[Point]:
    made = [point for i in range(3) for point in ladder_of(f"u{i}", f"family {i}", lambda _, true: true / 2)]
    return [*made, *ladder_of(f"u{HOSTILE}", HOSTILE, lambda _, true: 7.0)]


def test_figure_is_well_formed_with_a_panel_a_family_and_a_mark_a_rung() -> None:
    found = _points()
    text = figure(found, summaries(found, seed=1), HOSTILE)
    root = ElementTree.fromstring(text)
    assert len(root.findall(f"{SVG}g")) == 4
    assert len(root.findall(f"{SVG}g/{SVG}circle")) == len(found) == 4 * len(TRUE)
    assert len(root.findall(f"{SVG}g/{SVG}polyline")) == 4
    titles = [each.text for each in root.iter(f"{SVG}title")]
    assert "u0, too_broad_1: true 0.60, kind 0.30" in titles
    assert not list(root.iter(f"{SVG}script"))
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"(href|src|url)[=(]", text)


def test_marks_stay_in_their_panel_and_agree_with_their_values() -> None:
    found = _points()
    root = ElementTree.fromstring(figure(found, summaries(found, seed=1), "x"))
    panel = root.findall(f"{SVG}g")[0]
    frame = panel.find(f"{SVG}rect")
    assert frame is not None
    x, y, width, height = (float(frame.attrib[name]) for name in ("x", "y", "width", "height"))
    for each in root.iter(f"{SVG}circle"):
        if each.attrib["class"].endswith("dot"):
            assert x < float(each.attrib["cx"]) < x + width
            assert y < float(each.attrib["cy"]) < y + height
    of_unit = [point.agreement for point in found if point.family == HOSTILE]
    across = [float(each.attrib["cx"]) for each in panel.findall(f"{SVG}circle")]
    assert sorted(range(len(across)), key=lambda i: across[i]) == sorted(range(len(of_unit)), key=lambda i: of_unit[i])


def test_markdown_states_every_rung_reader_and_family() -> None:
    found = _points()
    text = markdown(found, summaries(found, seed=1), "The ladder")
    assert text.startswith("# The ladder\n")
    assert "| too_broad_1 | over-broad | 4 | 0.600 |" in text
    assert "| family 1 | kind | 1.00 (n = 1) |" in text
    assert "| kind | r | 0.75 (n = 4) |" in text
    assert "\\|" in text
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if "| exact |" in line] == [6]
    assert "<script>" not in text
