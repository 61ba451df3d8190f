"""`viva run`: every explainer of the settings on the suite's units, then the board. Hydra composes, Inspect runs."""

import time
from pathlib import Path

from inspect_ai import eval_set
from inspect_ai.model import Model

from benchmark.errors import UserError
from benchmark.explainers.registry import entry_or_custom
from benchmark.guardrails.registry import names_in
from benchmark.leaderboard.publish import publish
from benchmark.runtime.models import check, make
from benchmark.runtime.workshop import workshop
from benchmark.settings import Settings, SettingsError
from benchmark.suites import load
from tasks.explanation import explanation

GUARDRAILED = "rule_induction_guardrailed"


class RunError(UserError):
    """A run could not be finished; the message names the explainer and the mend."""


class Stages:
    """Wall times by stage, said as they end."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def end(self, name: str) -> None:
        """Close a stage."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 1)
        self._last = now
        print(f"-- {name}: {self.seconds[name]:.1f} s", flush=True)


def _needs_model(settings: Settings) -> list[str]:
    return [spec for spec in settings.explainers if entry_or_custom(spec).needs_model]


def preflight(settings: Settings) -> None:
    """Everything that can be wrong before any work, said in one line.

    Raises:
        ValueError: an unknown explainer or unit, a missing key, suite or SAE.
    """
    needing = _needs_model(settings)
    if needing and settings.model.name == "none":
        raise SettingsError(
            f"{', '.join(needing)} need a model: add model=embedded, model.name=<an Inspect model>, or leave them out"
        )
    check(settings.model.name, settings.model.path)
    load(settings.suite)


def run(settings: Settings) -> Path:
    """Run everything, resuming what was begun; return the folder of the board."""
    stages = Stages()
    preflight(settings)
    shop = workshop(settings.suite)
    print(f"suite {shop.suite.name} {shop.suite.hash[:12]}: {len(shop.suite.units)} units", flush=True)
    shop.subject()
    stages.end("subject")
    for unit in shop.suite.units:
        if unit.identifier in (shop.suite.units[0].identifier, shop.suite.units[-1].identifier):
            shop.examiner.papers(unit, shop.placebo(unit))
    stages.end("readers: embedding the pools")
    for spec in settings.explainers:
        _one(settings, spec)
        stages.end(f"explainer {spec}")
    folder = Path(settings.log_dir).parent
    publish([Path(settings.log_dir)], folder, stages.seconds)
    stages.end("statistics and board")
    return folder


def _one(settings: Settings, spec: str) -> None:
    """One explainer as one Inspect eval set; finished samples of an earlier start are kept."""
    entry = entry_or_custom(spec)
    model: Model | str = "none"
    if entry.needs_model:
        model = make(settings.model.name, settings.model.path, settings.model.args)
    # Only what the guardrails change is run again for another choice of guardrails.
    suffix = f"@{settings.guardrails.name}" if spec == GUARDRAILED else ""
    folder = Path(settings.log_dir) / f"{_safe(spec)}{suffix}"
    task = explanation(
        explainer=spec,
        guardrails=_guardrails(settings),
        suite=settings.suite,
        tiers=",".join(settings.units.tiers),
        units=",".join(settings.units.only or []),
        per_tier=_caps(settings.units.per_tier_with_model if entry.needs_model else settings.units.per_tier),
        unit_queries=settings.budget.unit_queries,
        rounds=settings.budget.rounds,
        tokens=settings.budget.tokens,
        seconds=settings.budget.seconds,
        papers=str(Path(settings.log_dir).parent / "papers"),
    )
    done, _ = eval_set(
        task,
        log_dir=str(folder),
        model=model,
        retry_attempts=1,
        log_buffer=1,
        max_tasks=1,
        max_samples=32 if entry.needs_model else 1,
        display="plain",
        log_dir_allow_dirty=False,
    )
    if not done:
        raise RunError(f"{spec} did not finish; its log in {folder} says why; mend that and run the same command again")


def _caps(per_tier: dict[str, int] | None) -> str:
    return ",".join(f"{tier}={count}" for tier, count in (per_tier or {}).items())


def _safe(spec: str) -> str:
    return spec.replace("/", "_").replace(":", "_")


def _guardrails(settings: Settings) -> str:
    """The choice's own name where it says the same as the list, so that boards and sweeps read well."""
    active = set(settings.guardrails.active)
    name = settings.guardrails.name
    valid = name in ("all", "none") or name.startswith("without_")
    return name if valid and set(names_in(name)) == active else ",".join(sorted(active)) or "none"
