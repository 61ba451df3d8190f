"""Viva: a benchmark for explainer agents."""
