"""A layer report as one HTML page: self-contained, no script, all text escaped."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from benchmark.explainers.report import MAX_LEVEL
from benchmark.layer_report import tables
from benchmark.printable import harmless, number
from benchmark.unit_page.page import Piece
from benchmark.unit_page.render import LEVELS, amount, environment, shade, visible
from benchmark.unit_page.render import source as unit_source
from synthetic_neurons.passages import word_spans


def to_html(found: Mapping[str, Any]) -> str:
    """The page: Jinja2's autoescape escapes all text, and a content policy forbids scripts and all requests."""
    return (
        environment(_source)
        .get_template("report.html.j2")
        .render(
            found=found,
            told=found["provenance"],
            glance=tables.glance(found),
            sections=tables.sections(found),
            features=tables.features(found),
            provenance=tables.provenance(found),
            pieces=pieces,
            shade=lambda value: shade(value, MAX_LEVEL),
            levels=[
                (level, MAX_LEVEL * (level - 1) / LEVELS, MAX_LEVEL * level / LEVELS) for level in range(1, LEVELS + 1)
            ],
            harmless=harmless,
            visible=visible,
            amount=amount,
            number=number,
            style=Markup(_style()),
        )
    )


def pieces(window: Mapping[str, Any]) -> list[Piece]:
    """A window cut into the words that fire and what lies between."""
    return list(_pieces(str(window["text"]), dict(map(tuple, window["levels"]))))


def _pieces(text: str, levels: Mapping[int, float]) -> Iterator[Piece]:
    at = 0
    for place, (start, end) in enumerate(word_spans(text)):
        if place in levels:
            if start > at:
                yield Piece(text[at:start])
            yield Piece(text[start:end], float(levels[place]))
            at = end
    if at < len(text):
        yield Piece(text[at:])


def _source(name: str) -> str:
    return (files("benchmark.layer_report") / "templates" / name).read_text(encoding="utf-8")


def _style() -> str:
    """The board's rules, a unit's, then the page's own, so that all look alike."""
    board = files("benchmark.leaderboard") / "templates" / "leaderboard.css"
    return board.read_text(encoding="utf-8") + unit_source("unit.css") + _source("report.css")
