"""Circuits found in a language model that nobody planted anything in: induction, and one more behaviour."""
