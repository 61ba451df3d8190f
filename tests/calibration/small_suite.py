"""The shipped suite with few units, windows and bank reports, so that a whole calibration takes seconds."""

from typing import Any

from benchmark.suites.suite import Bank, Suite
from benchmark.units.unit import PoolKind

UNITS, WINDOWS, REPORTS = 10, 250, 200


class SmallSuite(Suite):
    """Ten planted and ten found units, 250 windows of each pool, every sixth bank report."""

    def __init__(self, full: Suite) -> None:
        self.__dict__.update({k: v for k, v in full.__dict__.items() if k not in ("bank", "_pool_cache")})
        self.units = tuple(
            unit
            for tier in ("planted", "found")
            for unit in [each for each in full.units if each.tier == tier][:: 24 // UNITS][:UNITS]
        )
        self._bank = full.bank

    @property
    def bank(self) -> Bank:  # type: ignore[override]
        step = len(self._bank.reports) // REPORTS
        r = {name: value[:, ::step] for name, value in self._bank.r.items()}
        features = {name: value[::step] for name, value in self._bank.features.items()}
        return Bank(self._bank.reports[::step], self._bank.mask[:, ::step], r, features, {})

    def pool_windows(self, kind: PoolKind) -> tuple[Any, Any]:
        windows, weight = super().pool_windows(kind)
        return windows[:WINDOWS], weight[:WINDOWS]
