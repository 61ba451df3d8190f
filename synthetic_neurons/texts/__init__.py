"""Texts made from predicates: what exercises each clause, and what is about nothing."""
