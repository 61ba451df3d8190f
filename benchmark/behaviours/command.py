"""`python -m benchmark.behaviours`: the study of behaviour units, or a user's own behaviours."""

import argparse
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.behaviours.chosen import FILE, keep, key, known
from benchmark.behaviours.effects import Effects
from benchmark.behaviours.explainers import absent
from benchmark.behaviours.from_file import read_behaviours
from benchmark.behaviours.laboratory import BehaviourLaboratory
from benchmark.behaviours.publish import publish
from benchmark.behaviours.shipped import ToPlant, candidates, nulls, planted
from benchmark.behaviours.study import Bench, examined, ranked
from benchmark.behaviours.unit import BehaviourUnit
from benchmark.provenance import ROOT, commit, sources_hash, versions

if TYPE_CHECKING:
    from benchmark.subjects.planting import Planter, Truth
    from benchmark.subjects.steering import SteeredSubject

Say = Callable[[str], None]
OUT = Path("results/behaviours")
SEED, TEXTS = 0, 10
# What decides a unit's row; tables and figures are made anew.
_OWN = (
    *("chosen", "draws", "effects", "explainers", "grading", "interventions", "laboratory", "ranks", "report"),
    *("shipped", "study", "unit"),
)
CODE = (
    *(f"benchmark/behaviours/{name}.py" for name in _OWN),
    "benchmark/behaviours/planted.json",
    "benchmark/subjects",
    "benchmark/statistics",
)
# Behind --quick: this many of each tier, without ranks.
QUICK = 1


def main(arguments: Sequence[str] | None = None, say: Say = print) -> None:
    """The command.

    Raises:
        UserError: what is wrong with a file or the subject, in one line.
    """
    chosen = _options(arguments)
    own = read_behaviours(chosen.file, say) if chosen.file else None
    out = chosen.out or (Path(f"behaviours-{chosen.file.stem}") if own else OUT)
    begun = time.monotonic(), time.process_time()
    study = Study(chosen.parts or out / "parts", chosen.quick, chosen.minutes, say)
    if chosen.plant:
        study.plant()
        return
    units, left_out = study.own(own) if own else study.shipped()
    spent = {"seconds": time.monotonic() - begun[0], "cpu_seconds": time.process_time() - begun[1]}
    found = {"units": units, "not_chosen": left_out, "not_run": study.not_run}
    for path in publish({**found, "provenance": study.provenance() | spent}, out):
        say(f"written: {path}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmark.behaviours", description=__doc__)
    parser.add_argument(
        "--file", type=Path, help="behaviours of your own, in YAML or JSON lines; see docs/behaviours.md"
    )
    parser.add_argument("--out", type=Path, help=f"folder for behaviours.{{json,md,svg}}; default: {OUT}")
    parser.add_argument("--parts", type=Path, help="folder of finished units; default: parts in the folder of --out")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="begin nothing after so many; what was not run is listed"
    )
    parser.add_argument("--plant", action="store_true", help="choose anew what is planted (minutes), and do no more")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} unit of each tier, without ranks")
    return parser.parse_args(arguments)


def key_of_parts(facts: Mapping[str, str], quick: bool) -> str:
    """SHA-256 of what every unit's row depends on; what is known by the hash of its files has no name in it.

    Args:
        facts: of the subject and its units.
        quick: as of `Study`.
    """
    named = {"subject": "subject_sha256", "units": "sae_sha256"}
    deciding = {name: value for name, value in sorted(facts.items()) if not facts.get(named.get(name, ""))}
    return hashlib.sha256(repr((sources_hash(CODE), deciding, quick, SEED, TEXTS)).encode()).hexdigest()


class Study:
    """Units examined one after the other; a finished one is read from its file.

    Args:
        parts: where finished units lie.
        quick: whether to look at few units, without ranks.
        minutes: after which nothing is begun that is not known.
        say: told of progress.
    """

    def __init__(self, parts: Path, quick: bool, minutes: float, say: Say) -> None:
        from benchmark.subjects.catalog import parse_sae, parse_subject
        from benchmark.subjects.features import feature_source
        from benchmark.subjects.rewriting import Rewriter
        from benchmark.subjects.steering import SteeredSubject, usual_norm
        from benchmark.subjects.unrelated import unrelated

        self.quick, self.say, self.parts = quick, say, parts
        self.end, self.not_run = time.monotonic() + 60 * minutes, list[str]()
        source = feature_source(parse_subject("embedded"), parse_sae("shipped"), say=say)
        self.facts, rewriter = dict(source.facts), Rewriter(source)
        texts = unrelated(source, 2 * TEXTS, SEED)
        self.bench = Bench(texts[TEXTS:], SEED)
        self.plain: SteeredSubject = SteeredSubject(rewriter, usual_norm(rewriter, texts[:TEXTS]))
        self.key = key_of_parts(self.facts, quick)
        # Where this tree lies is nobody's concern.
        self.facts["units"] = self.facts["units"].replace(str(ROOT), "").replace(" of /", " of ")

    def provenance(self) -> dict[str, Any]:
        """What the figures were made with."""
        return {
            "commit": commit(),
            "code": sources_hash(CODE),
            "versions": versions(),
            "subject": self.facts,
            "usual_norm": self.plain.usual,
            "texts": TEXTS,
            "seed": SEED,
            "quick": self.quick,
        }

    def shipped(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The study's units, and the candidates that were left out with their reasons."""
        few = QUICK if self.quick else None
        chosen, left_out = self._chosen(candidates()[2 : 2 + QUICK] if self.quick else candidates())
        found = [self._kept(unit, partial(self._alone, unit)) for unit in chosen]
        rows = [self._kept(unit, partial(self._alone, unit)) for unit in nulls()[:few]]
        rows += [self._kept(each.unit, partial(self._planted, each), repr(each)) for each in planted()[:few]]
        ranked_too = found if self.quick else map(self._with_rank, chosen, found)
        return [row for row in (*rows, *ranked_too) if row], left_out

    def own(self, units: Sequence[BehaviourUnit]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """A user's units."""
        for unit in units:
            for pair in (*unit.teach, *unit.exam):
                self.plain.token(pair.x)
                self.plain.token(pair.y)
        rows = [self._kept(unit, partial(self._alone, unit)) for unit in units]
        ranked_too = rows if self.quick else map(self._with_rank, units, rows)
        return [row for row in ranked_too if row], []

    def _with_rank(self, unit: BehaviourUnit, row: dict[str, Any]) -> dict[str, Any]:
        """A unit's row with the rank of what was named; the dearest part, so that it comes last."""
        if not row:
            return row
        latents = repr(row["explainers"])
        self.say(f"{unit.identifier}: rank")
        make = partial(self._rank, unit, row)
        return {**row, "rank": self._kept(unit, make, f"rank{latents}", ".rank").get("rank")}

    def _rank(self, unit: BehaviourUnit, row: dict[str, Any]) -> dict[str, Any]:
        return {"rank": ranked(unit, self.plain.fresh(), row, SEED)}

    def _chosen(self, units: Sequence[BehaviourUnit]) -> tuple[list[BehaviourUnit], list[dict[str, Any]]]:
        """Those whose difference is consistent on teach prompts; the exam's are not looked at."""
        reasons = {
            unit.identifier: absent(BehaviourLaboratory(Effects(self.plain, unit.teach), 10**6)) for unit in units
        }
        left_out = [{"unit": name, "reason": reason} for name, reason in reasons.items() if reason]
        return [unit for unit in units if not reasons[unit.identifier]], left_out

    def _alone(self, unit: BehaviourUnit) -> dict[str, Any]:
        # Texts of one unit are of no use to the next.
        return examined(unit, self.plain.fresh(), self.bench, say=self.say)

    def _planted(self, wanted: ToPlant) -> dict[str, Any]:
        plain = self.plain.fresh()
        chosen = known(wanted, self.facts)
        truth = self._searched(wanted, plain) if chosen is None else self._planter(wanted, plain).again(chosen)
        return examined(wanted.unit, plain.with_planted(truth.vectors), self.bench, truth.told(plain), say=self.say)

    def _planter(self, wanted: ToPlant, plain: "SteeredSubject") -> "Planter":
        from benchmark.subjects.planting import Planter

        return Planter(plain, wanted.unit, wanted.after, wanted.seed)

    def _searched(self, wanted: ToPlant, plain: "SteeredSubject") -> "Truth":
        self.say(f"{wanted.unit.identifier}: choosing what is planted")
        planter = self._planter(wanted, plain)
        return planter.latent() if wanted.what == "latent" else planter.direction()

    def plant(self) -> None:
        """Choose anew what is planted, and write that down as data."""
        found = {}
        for wanted in planted():
            truth = self._searched(wanted, self.plain.fresh())
            found[wanted.unit.identifier] = {**truth.kept(), "key": key(wanted, self.facts), "seed": wanted.seed}
        keep(found)
        self.say(f"written: {FILE}")

    def _kept(
        self, unit: BehaviourUnit, make: Callable[[], dict[str, Any]], what: str = "", kind: str = ""
    ) -> dict[str, Any]:
        """A unit's row, from its file if that was written by the same code for the same wish; empty: no time.

        Args:
            unit: its prompts.
            make: what measures it.
            what: all that is wanted beside the prompts: the condition, what is planted and its seed; or what is ranked.
            kind: of the file.
        """
        key = hashlib.sha256((self.key + repr(unit) + what).encode()).hexdigest()
        path = self.parts / f"{re.sub(r'[^A-Za-z0-9_-]', '_', unit.identifier)}{kind}.json"
        try:
            known = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            known = {}
        if isinstance(known, dict) and known.get("key") == key:
            self.say(f"{unit.identifier}: known")
            return dict(known["row"])
        if time.monotonic() > self.end:
            self.not_run.append(unit.identifier + ", rank" * bool(kind))
            return {}
        row = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".part")
        scratch.write_text(json.dumps({"key": key, "row": row}), "utf-8")
        scratch.replace(path)
        return row
