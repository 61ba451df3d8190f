"""Hooks in their places for one run, each of which has to have been called."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

# Of the hooks of one run; hooks that others have put there stay.
_LEVEL = 1_000_005


class InterventionError(AssertionError):
    """A change of a tensor did not take place as it says; a bug here or in a library, never a user's."""


@contextmanager
def hooked(point: Callable[[int, str], Any], hooks: Mapping[tuple[str, int], Callable[..., Any]]) -> Iterator[None]:
    """Hooks for one run; every one of them has to have been called, once.

    Args:
        point: the hook point of a layer and a name.
        hooks: by name and layer.

    Raises:
        InterventionError: a hook was not called, or more than once.
    """
    called: dict[tuple[str, int], int] = dict.fromkeys(hooks, 0)
    points = {place: point(place[1], place[0]) for place in hooks}
    for place, found in points.items():
        found.add_hook(_counting(hooks[place], place, called), level=_LEVEL)
    try:
        yield
    finally:
        for found in points.values():
            found.remove_hooks(level=_LEVEL)
    if any(count != 1 for count in called.values()):
        raise InterventionError(f"hooks were called {called} times, each has to be once")


@contextmanager
def arriving(module: torch.nn.Module, wanted: list[torch.Tensor]) -> Iterator[None]:
    """Within, what was put in heads' places is what the heads' output weights are given."""
    met: list[bool] = []

    def look(module: torch.nn.Module, given: tuple[Any, ...]) -> None:
        if wanted:
            met.append(torch.equal(given[0].flatten(2), wanted[-1].flatten(2)))

    handle = module.register_forward_pre_hook(look)
    try:
        yield
    finally:
        handle.remove()
    if met != [True] * len(wanted):
        raise InterventionError(f"heads' replaced outputs did not reach their output weights: {met}")


def _counting(
    act: Callable[..., Any], place: tuple[str, int], called: dict[tuple[str, int], int]
) -> Callable[..., Any]:
    def counted(tensor: Any, hook: Any) -> Any:
        called[place] += 1
        return act(tensor, hook=hook)

    return counted
