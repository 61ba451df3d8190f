"""All checks, in the order of the table; what cannot even be imported is a line of its own."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.doctor.check import Check


@dataclass(frozen=True)
class Machine:
    """What is examined.

    Attributes:
        cache: Viva's cache folder; None: `cache_folder()`.
        hub: the hub client's cache; None: the client's own.
        environment: variables.
    """

    cache: Path | None = None
    hub: Path | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def examine(machine: Machine, online: bool = False, verify: bool = False) -> list[Check]:
    """Every check; no network is asked unless `online`.

    Args:
        machine: what is examined.
        online: ask the hub for the sizes of the subjects that Viva names.
        verify: compare every file of the hub's cache with its checksum.
    """
    steps: dict[str, Callable[[], list[Check]]] = {
        "software": _software,
        "embedded default": lambda: _default_run(machine),
        "machine": lambda: _hardware(machine),
        "accelerator": _accelerator,
        "environment": lambda: _environment(machine),
        "hub cache": lambda: _hub(machine, verify),
    }
    if online:
        steps["hub"] = _online
    return [check for name, step in steps.items() for check in _guarded(name, step)]


def _guarded(name: str, step: Callable[[], list[Check]]) -> list[Check]:
    """A package that is missing or does not load stops its own checks alone."""
    try:
        return step()
    except (ImportError, OSError, RuntimeError) as error:
        optional = name in ("accelerator", "hub", "hub cache")
        told = f"cannot be checked ({type(error).__name__}: {' '.join(str(error).split())})"
        return [Check(name, "note" if optional else "fail", told, "make setup")]


def _software() -> list[Check]:
    from benchmark.doctor.software import software

    return software()


def _default_run(machine: Machine) -> list[Check]:
    from benchmark.doctor import default_run

    found = [default_run.subject(machine.cache), *default_run.suite(), default_run.encoder()]
    return [*found, default_run.texts(machine.cache)]


def _hardware(machine: Machine) -> list[Check]:
    from benchmark.doctor.machine import SUBJECT_ROOM, cores, disk, memory
    from benchmark.subjects.embedded import cache_folder, is_sound, subject_folder

    needed = 0.0 if is_sound(subject_folder(machine.cache)) else SUBJECT_ROOM
    return [disk("cache folder", machine.cache or cache_folder(), needed), cores(), memory()]


def _accelerator() -> list[Check]:
    from benchmark.doctor.machine import accelerator

    return [accelerator()]


def _environment(machine: Machine) -> list[Check]:
    from huggingface_hub.constants import HF_TOKEN_PATH

    from benchmark.doctor.keys import keys
    from benchmark.doctor.machine import variables

    return [variables(machine.environment), *keys(machine.environment, Path(HF_TOKEN_PATH))]


def _hub(machine: Machine, verify: bool) -> list[Check]:
    from benchmark.doctor.hub_cache import hub_cache

    return hub_cache(machine.hub, verify)


def _online() -> list[Check]:
    from benchmark.doctor.online import online

    return online()
