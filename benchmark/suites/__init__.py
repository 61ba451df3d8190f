"""Frozen suites: units, split, pools, weights, item counts and the null bank's mask under one hash."""

from benchmark.suites.suite import Suite, SuiteError, available, load

__all__ = ["Suite", "SuiteError", "available", "load"]
