"""JSON whose last bits do not depend on the machine."""

from typing import Any


def rounded_json(value: Any, places: int = 7) -> Any:
    """Floats to some places, so that rounding in the last bits changes no byte."""
    if isinstance(value, float):
        return round(value, places) + 0.0
    if isinstance(value, dict):
        return {key: rounded_json(each, places) for key, each in value.items()}
    return [rounded_json(each, places) for each in value] if isinstance(value, list | tuple) else value
