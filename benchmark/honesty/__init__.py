"""Honest reporting: how often readers, guardrails and tests catch a report that hides harm, or that invents it."""
