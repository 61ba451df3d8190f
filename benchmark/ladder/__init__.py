"""The readers themselves examined: do their scores order explanations of known quality? (DESIGN, "Proxies …")."""

from benchmark.ladder.order import Summary, summaries
from benchmark.ladder.scores import METRICS, Point, planted_units, points

__all__ = ["METRICS", "Point", "Summary", "planted_units", "points", "summaries"]
