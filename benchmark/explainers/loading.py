"""Explainers that users write: found by a file or module and a name in it, such as `path/to/mine.py@mine`."""

import hashlib
import importlib
import re
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmark.errors import UserError
from benchmark.explainers.explainer import Explainer
from benchmark.explainers.plain_function import GIVEN, PlainFunction, makes_explainers
from benchmark.explainers.registry import ALL_TIERS, EXPLAINERS, LOOP_ANSWER, Cost, Entry, entry, nearest
from benchmark.units.unit import Tier

# "path/to/file.py" or "package.module", and a name in it; ":" says the same as "@".
_SPEC = re.compile(r"(?P<source>.+)[@:](?P<name>\w+)")
# How Inspect marks what its decorators made; nothing of Inspect is imported to see it.
_INSPECT_MARK = "__registry_info__"


def is_own(spec: str) -> bool:
    """Whether `spec` names an explainer of one's own, and no built-in one."""
    return "@" in spec or ":" in spec or spec.endswith(".py")


def resolve(spec: str) -> Callable[..., Explainer]:
    """An explainer's factory: of a built-in name, or of "path/to/file.py@name" or "package.module@name".

    What the name stands for is a function that explains (`PlainFunction`), a class, or a function without parameters
    that makes an explainer.

    Raises:
        UserError: one line that names the nearest valid choice, or the place where the user's own module fails.
    """
    if not is_own(spec):
        return entry(spec).factory
    found = _found(spec)
    if (mark := getattr(found, _INSPECT_MARK, None)) is not None:
        raise UserError(
            f"explainer {spec!r} is made by Inspect's @{getattr(mark, 'type', 'agent')}; give a plain function of "
            f"{', '.join(GIVEN)}"
        )
    if isinstance(found, type) or makes_explainers(found, spec):
        factory: Callable[..., Explainer] = found
        return factory
    return partial(PlainFunction, found, spec)


def entry_or_custom(spec: str) -> Entry:
    """A built-in explainer's entry, or one read off a user's explainer.

    Raises:
        UserError: as `resolve`, or what the factory makes is no explainer.
    """
    if not is_own(spec):
        return entry(spec)
    made = _made(spec)
    cost: Cost = "calls" if made.needs_model else "queries"
    return Entry(
        resolve(spec), made.needs_model, made.declares_predicates, _tiers(made, spec), "yours", cost, answer=LOOP_ANSWER
    )


def board_name(spec: str) -> str:
    """What the board calls an explainer: its declared name, behind its file's where a built-in one has that name.

    Raises:
        UserError: as `entry_or_custom`.
    """
    if not is_own(spec):
        return spec
    name = _made(spec).name
    return f"{Path(_parts(spec)[0]).stem}:{name}" if name in EXPLAINERS else name


def source_file(spec: str) -> Path | None:
    """The file in which a user's explainer is named; None for a built-in one.

    Raises:
        UserError: as `resolve`.
    """
    if not is_own(spec):
        return None
    source, _ = _parts(spec)
    place = getattr(_module(source, spec), "__file__", None)
    return Path(place) if place else None


def _made(spec: str) -> Explainer:
    factory = resolve(spec)
    try:
        made = factory()
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"explainer {spec!r} cannot be made: {_failure(error, source_file(spec))}") from error
    if not hasattr(made, "explain"):
        raise UserError(
            f"explainer {spec!r} makes {type(made).__name__!r}, which has no 'explain'; a function that explains takes "
            f"some of {', '.join(GIVEN)}"
        )
    for attribute in ("name", "needs_model", "declares_predicates"):
        if not hasattr(made, attribute):
            raise UserError(f"explainer {spec!r} has no {attribute!r}; see benchmark.explainers.explainer.Explainer")
    if not isinstance(made.name, str) or not made.name.strip():
        raise UserError(f"explainer {spec!r} has the name {made.name!r}; give it a word by which the board may call it")
    return made


def _tiers(made: Explainer, spec: str) -> tuple[Tier, ...]:
    tiers = getattr(made, "applies_to", ALL_TIERS)
    for tier in (tiers,) if isinstance(tiers, str) else tiers:
        if tier not in ALL_TIERS or isinstance(tiers, str):
            raise UserError(f"explainer {spec!r} applies to {tiers!r}; give a tuple of {', '.join(ALL_TIERS)}")
    return tuple(tiers)


def _parts(spec: str) -> tuple[str, str]:
    """Source and name; the name is empty where a file is given alone."""
    if (parts := _SPEC.fullmatch(spec)) is not None:
        return parts["source"], parts["name"]
    if spec.endswith(".py"):
        return spec, ""
    raise UserError(f"explainer {spec!r} names no function; write path/to/file.py@name or package.module@name")


def _found(spec: str) -> Any:
    source, name = _parts(spec)
    module = _module(source, spec)
    found = getattr(module, name, None)
    if callable(found):
        return found
    public = [each for each in vars(module) if not each.startswith("_") and callable(getattr(module, each))]
    # What is written there comes before what is merely imported.
    own = [each for each in public if getattr(getattr(module, each), "__module__", None) == module.__name__]
    wrong = f"{source!r} has no function or class {name!r}" if name else f"it names no function, as {source}@NAME does"
    hint = nearest(name, own or public) if own or public else "there is none in it"
    raise UserError(f"explainer {spec!r}: {wrong}; {hint}")


def _module(source: str, spec: str) -> ModuleType:
    if not source.endswith(".py"):
        return _imported(source, spec)
    path = Path(source).expanduser()
    if not path.is_file():
        beside = [each.name for each in sorted(path.parent.glob("*.py"))] if path.parent.is_dir() else []
        hint = nearest(path.name, beside) if beside else "that folder has no Python file"
        raise UserError(f"explainer {spec!r}: no file {source!r}; {hint}")
    path = path.resolve()
    try:
        return _executed(path, path.read_bytes())
    except (Exception, SystemExit) as error:
        raise UserError(f"explainer {spec!r} cannot be loaded: {_failure(error, path)}") from error


def _imported(source: str, spec: str) -> ModuleType:
    # As `python -m` does; the console script's path lacks the folder that the user stands in.
    _importable(Path.cwd())
    try:
        if not all(part.isidentifier() for part in source.split(".")):
            raise ModuleNotFoundError(f"No module can be named {source!r}")
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        mend = f"did you mean {source}.py?" if Path(f"{source}.py").is_file() else "give path/to/file.py or a module"
        raise UserError(f"explainer {spec!r}: {error}; {mend}") from None
    except (Exception, SystemExit) as error:
        raise UserError(f"explainer {spec!r} cannot be imported: {_failure(error, None)}") from error


@lru_cache
def _executed(path: Path, source: bytes) -> ModuleType:
    """A file's module: run once in a process for all units, and again where the file was edited.

    It is compiled here, since Python's cache beside the file takes an edit within the same second for none.
    """
    _importable(path.parent)
    key = hashlib.sha256(str(path).encode() + b"\0" + source).hexdigest()
    module = ModuleType(f"viva_explainer_{path.stem}_{key[:12]}")
    module.__file__ = str(path)
    # Dataclasses, among others, look their own module up.
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module


def _importable(folder: Path) -> None:
    """Let modules of `folder` be imported, behind all that is installed."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _failure(error: BaseException, path: Path | None) -> str:
    """What a user's code raised, and the line where it did so: in the user's file, if it is known which that is."""
    lines = [(each.filename, each.lineno) for each in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        lines.append((error.filename, error.lineno))
    mine = [each for each in lines if path is None or each[0] == str(path)]
    place = f" ({mine[-1][0]}, line {mine[-1][1]})" if mine else ""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {' '.join(said.split())}{place}"
