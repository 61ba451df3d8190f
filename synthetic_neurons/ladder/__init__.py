"""Explanations of known quality, and how well each truly agrees with its unit."""
