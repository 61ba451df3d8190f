"""Synthetic neurons: units whose truth is a small predicate over words, with prose, texts and graded explanations."""
