"""Agents over the circuit laboratory: its tools as data, a loop, minds that plan and report, and guardrails."""
