"""One unit as one self-contained page: its strongest windows, its range, its near misses, and what is known of it."""

from benchmark.unit_page.histogram import Histogram, histogram_of
from benchmark.unit_page.page import Group, Piece, Said, Truth, UnitPage, Window
from benchmark.unit_page.render import to_html

__all__ = ["Group", "Histogram", "Piece", "Said", "Truth", "UnitPage", "Window", "histogram_of", "to_html"]
