"""Inspect tasks, one folder each."""
