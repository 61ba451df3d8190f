"""`explainer=path/to/mine.py@mine`, said as Hydra takes it: `explainer` is a group of files, none of which is that."""

import re
from collections.abc import Sequence
from pathlib import Path

from omegaconf import OmegaConf

import conf
from benchmark.errors import UserError
from benchmark.explainers.loading import is_own
from benchmark.settings import nearest

_KEY = "explainer="
_CHOICES = Path(conf.__file__).parent / "explainer"
# Between commas: a part in quotes, in which a backslash stands before a quote, or one without.
_PART = re.compile(r"""\s*(?P<part>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^,'"]+?)\s*(?:,|$)""")
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")


def said_as_list(arguments: Sequence[str]) -> list[str]:
    """The overrides, with `explainer=` of one's own as `explainers=[…]`; several with commas between are a sweep.

    Raises:
        UserError: what stands beside one's own has no meaning, or a path cannot be written in an override.
    """
    return [_list(each) if each.startswith(_KEY) else each for each in arguments]


def _list(override: str) -> str:
    value = override.removeprefix(_KEY).strip()
    within = value.startswith("[") and value.endswith("]")
    parts = _parts(value[1:-1] if within else value, override)
    if not any(map(is_own, parts)):
        return override
    lists = [",".join(map(_quoted, _named(part))) for part in parts]
    return f"explainers=[{','.join(lists)}]" if within else "explainers=" + ",".join(f"[{each}]" for each in lists)


def _parts(value: str, override: str) -> list[str]:
    """What stands between commas; without a comma it may hold whatever a path may."""
    if "," not in value and not _QUOTED.fullmatch(value):
        return [value]
    parts, place = [], 0
    while place < len(value):
        if (found := _PART.match(value, place)) is None:
            raise UserError(
                f"cannot read {override!r}: put a path with commas or quotes into quotes: "
                "\"explainer='a folder, with/mine.py@mine'\""
            )
        parts.append(_unquoted(found["part"]))
        place = found.end()
    return parts


def _unquoted(part: str) -> str:
    return re.sub(r"\\(['\"])", r"\1", part[1:-1]) if _QUOTED.fullmatch(part) else part


def _named(part: str) -> list[str]:
    """The explainers that a part names: itself, or those of a choice in conf/explainer.

    Raises:
        UserError: neither of one's own nor a choice.
    """
    if is_own(part):
        return [part]
    choices = sorted(path.stem for path in _CHOICES.glob("*.yaml"))
    if part not in choices:
        raise UserError(f"{nearest('explainer', part, choices)}; a path with commas goes into quotes")
    return [str(each) for each in OmegaConf.load(_CHOICES / f"{part}.yaml").explainers]


def _quoted(name: str) -> str:
    """A value in Hydra's quotes.

    Raises:
        UserError: it would be taken for an interpolation.
    """
    if "${" in name:
        raise UserError(f"explainer={name}: an override takes '${{' for a setting's name; rename the file or folder")
    # Hydra wants backslashes doubled before a quote alone.
    return "'" + re.sub(r"(\\*)'", lambda found: found[1] * 2 + r"\'", name) + "'"
