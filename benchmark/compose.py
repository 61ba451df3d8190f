"""The Hydra entry of `viva run`: compose, convert once, run."""

import os
import re
import sys
from collections.abc import Callable
from typing import Any

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from benchmark.errors import UserError
from benchmark.run import run
from benchmark.settings import Settings, nearest, to_settings


@hydra.main(version_base="1.3", config_path="pkg://conf", config_name="config")
def _entry(config: DictConfig) -> None:
    # Hydra prints a traceback for whatever leaves its task function, so the user's errors end here.
    try:
        run(to_settings(config))
    except UserError as error:
        print(f"viva: {error}", file=sys.stderr, flush=True)
        sys.exit(2)


def main(arguments: list[str]) -> None:
    """Run with Hydra overrides, such as `experiment=quick` or `-m guardrails=none,all`.

    Raises:
        UserError: an override that does not compose.
    """
    sys.argv = ["viva run", *arguments]
    # Without this Hydra prints its own errors and exits; we say them in one line.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    entry: Callable[[], Any] = _entry
    try:
        entry()
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(_one_line(error)) from None


GROUPS = ("units", "explainer", "guardrails", "reader", "student", "model", "subject", "tracking", "experiment")


def _one_line(error: Exception) -> str:
    """Hydra's message in one line, with the nearest key where a key was wrong."""
    text = " ".join(str(error).split()).partition(" Config search path:")[0]
    wrong = re.match(r"Could not override '([^']+)'", text)
    if wrong is None:
        return text
    keys = OmegaConf.structured(Settings)
    known = [*GROUPS, *keys, *(f"{key}.{name}" for key in keys if OmegaConf.is_dict(keys[key]) for name in keys[key])]
    return nearest("setting", wrong[1], known)
