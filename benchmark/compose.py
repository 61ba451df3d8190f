"""The Hydra entry of `viva run`: compose, convert once, run."""

import sys
from collections.abc import Callable
from typing import Any

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from benchmark.errors import UserError
from benchmark.run import run
from benchmark.settings import to_settings


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
    entry: Callable[[], Any] = _entry
    try:
        entry()
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(" ".join(str(error).split())) from None
