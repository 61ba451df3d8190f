"""`viva doctor`: what this machine has, what it lacks for the embedded default, and what would be downloaded."""

from benchmark.doctor.check import Check, State
from benchmark.doctor.examine import Machine, examine
from benchmark.doctor.report import DoctorError, to_json, to_table, verdict

__all__ = ["Check", "DoctorError", "Machine", "State", "examine", "to_json", "to_table", "verdict"]
