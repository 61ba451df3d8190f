"""Predicates in plain English: the canonical description and three paraphrases."""
