"""Thin adapters between the core and Inspect."""
