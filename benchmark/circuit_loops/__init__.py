"""Agents over circuits as studies: loops on planted circuits and nulls, and what each guardrail sends back."""
