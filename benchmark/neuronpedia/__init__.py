"""Neuronpedia's bulk export: its features and explanations read, a run's explanations written (docs/neuronpedia.md)."""

from benchmark.neuronpedia.explanations import Explanation, read_explanations
from benchmark.neuronpedia.features import Feature, read_features
from benchmark.neuronpedia.key import FeatureKey
from benchmark.neuronpedia.line import NeuronpediaError
from benchmark.neuronpedia.origin import Origin
from benchmark.neuronpedia.reports import reports, to_report
from benchmark.neuronpedia.writing import Score, Written, from_report, write_run

__all__ = [
    "Explanation",
    "Feature",
    "FeatureKey",
    "NeuronpediaError",
    "Origin",
    "Score",
    "Written",
    "from_report",
    "read_explanations",
    "read_features",
    "reports",
    "to_report",
    "write_run",
]
