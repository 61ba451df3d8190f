"""Guardrails of circuits: checks on held-out prompts that may send a submitted report back."""
