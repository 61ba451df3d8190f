"""Hooks by name, legacy or canonical, and a forward pass that ends at one."""

from difflib import get_close_matches
from typing import Any

from benchmark.subjects.catalog import UnitsError

# Of the hooks added for one forward pass; hooks that others have put there stay.
_LEVEL = 1_000_003


class HookError(UnitsError):
    """A hook that the subject has not, or does not reach; the message names the nearest."""


def find_hook(bridge: Any, name: str) -> Any:
    """The hook point called `name`.

    Raises:
        HookError: there is none, or it is switched off in the bridge.
    """
    points = bridge.hook_dict
    if name not in points:
        close = get_close_matches(name, list(points), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "mend: name one of TransformerLens' hooks"
        raise HookError(f"the subject has no hook {name!r}: {hint}")
    try:
        bridge.check_hooks_to_add(name)
    except ValueError:
        raise HookError(
            f"the hook {name!r} is switched off in the bridge and not supported; mend: choose units at another hook"
        ) from None
    return points[name]


def run_to(bridge: Any, ids: Any, point: Any) -> Any:
    """The activation at a hook point, for which the model runs up to there and no further.

    Args:
        bridge: a booted subject.
        ids: int64 [batch, position].
        point: what `find_hook` returned.

    Returns:
        [batch, position, width]; heads are laid side by side.

    Raises:
        HookError: the forward pass ended without reaching it.
    """
    from transformer_lens.model_bridge.exceptions import StopAtLayerException

    def stop(tensor: Any, hook: Any) -> None:
        raise StopAtLayerException(tensor)

    point.add_hook(stop, level=_LEVEL)
    try:
        caught = bridge(ids, return_type=None, use_cache=False)
    finally:
        point.remove_hooks(dir="fwd", level=_LEVEL)
    if caught is None:
        raise HookError(f"the forward pass never reaches the hook {point.name!r}; mend: choose units at another hook")
    return caught.flatten(2)
