"""What the ladder said of each reader and metric of a suite, as boards show it: `python -m benchmark.ladder --ship`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.suites.suite import Suite

VERDICTS = Path(__file__).parent / "shipped"


@dataclass(frozen=True)
class Verdict:
    """One reader and metric on one suite's ladder (`benchmark.ladder.order.Summary`, all families together).

    Attributes:
        reader, metric: what was examined.
        verdict: "valid", "not valid" or "not resolvable".
        tau, missing_label, extra_label: means over units.
        units: of tau.
    """

    reader: str
    metric: str
    verdict: str
    tau: float
    missing_label: float
    extra_label: float
    units: int

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Verdict":
        """Read one entry of a shipped file."""
        means = {name: float(value[name]["mean"]) for name in ("tau", "missing_label", "extra_label")}
        return cls(value["reader"], value["metric"], value["verdict"], **means, units=int(value["tau"]["n"]))


def verdicts(suite: Suite) -> tuple[Verdict, ...]:
    """The shipped verdicts of a suite; none where its ladder was not run, or was run on a suite of another hash."""
    path = VERDICTS / f"{suite.name}.json"
    told = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if told.get("suite_hash") != suite.hash:
        return ()
    return tuple(Verdict.from_json(each) for each in told["verdicts"])
