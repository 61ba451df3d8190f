"""The mind of rules: no model. It ablates every head, keeps what counts, prunes it, and looks who feeds whom."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from benchmark.circuits.agents.experiments import Experiment
from benchmark.circuits.agents.mind import Evidence, Objection
from benchmark.circuits.edge_explainers import EDGE_SHARE
from benchmark.circuits.explainers import SHARE
from benchmark.circuits.kinds.kind import LOGITS, TOKENS, Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.roles import ANSWER, ELSEWHERE, OTHERS, SAYS, role

# A circuit that keeps less alone lacks heads; so many are added at a time. Larger ones are not searched for edges.
ENOUGH, ADDED, LARGEST = 0.9, 3, 12


class RuleMind:
    """Plans by fixed rules, and reports what its experiments say."""

    def __init__(self) -> None:
        self._added: list[Head] = []
        self._answered = 0

    async def plan(self, seen: Evidence) -> Sequence[Experiment]:
        """Look; ablate each head; keep what counts, and add to it while too little is kept; then patch its edges."""
        if seen.desk.nothing():
            return ()
        stages = (self._look, self._each, self._together, self._wires)
        return next((found for stage in stages if (found := stage(seen))), ())

    def _look(self, seen: Evidence) -> Sequence[Experiment]:
        return (
            () if seen.findings or seen.notes else [Experiment(each) for each in ("direct", "attention", "attribution")]
        )

    def _each(self, seen: Evidence) -> Sequence[Experiment]:
        return () if _done(seen, "ablate_each") else [Experiment("ablate_each")]

    def _together(self, seen: Evidence) -> Sequence[Experiment]:
        """Whether the circuit keeps the behaviour, and without which head it keeps as much."""
        circuit = self._circuit(seen)
        if not circuit or _done(seen, "keep", circuit):
            return ()
        singles = _singles(seen)
        lost = min(1.0, sum(max(0.0, singles.get(head, 0.0)) for head in circuit))
        return [
            Experiment("keep", circuit, expected=0.0),
            Experiment("ablate", circuit, expected=lost),
            Experiment("keep_without_each", circuit),
        ]

    def _wires(self, seen: Evidence) -> Sequence[Experiment]:
        """Every edge within the circuit patched by itself."""
        circuit = self._circuit(seen)
        if not circuit or len(circuit) > LARGEST or _done(seen, "patch_edges"):
            return ()
        return [Experiment("patch_edges", edges=_within(circuit))]

    def _circuit(self, seen: Evidence) -> tuple[Head, ...]:
        """Heads that count alone, and those that were added, without those that somebody found idle."""
        singles = _singles(seen)
        chosen = {head for head, lost in singles.items() if lost > SHARE}
        self._extend(seen, chosen)
        idle = {head for objection in seen.objections for head in objection.heads}
        return tuple(sorted((chosen | set(self._added)) - idle))

    def _extend(self, seen: Evidence, chosen: set[Head]) -> None:
        """Add the next heads where the last set kept too little, or somebody objected that heads are missing."""
        kept = seen.of("keep")
        if not kept or set(kept[-1].experiment.heads) != chosen | set(self._added):
            return
        lacks = kept[-1].lost is not None and 1.0 - kept[-1].lost < ENOUGH
        objections = seen.objections[self._answered :]
        if lacks or any(map(_missing, objections)):
            self._answered += len(objections)
            carried = [value for each in seen.of("attribution") for value in each.values.items()]
            ranked = sorted(dict(carried).items(), key=lambda pair: -abs(pair[1]))
            rest = [head for head, _ in ranked if head not in chosen and head not in self._added]
            self._added += rest[:ADDED]

    async def report(self, seen: Evidence) -> CircuitReport:
        """The circuit with what was measured of it; an abstention where nothing was found."""
        if reason := seen.desk.nothing():
            return CircuitReport({}, reason=reason)
        singles = _singles(seen)
        circuit = frozenset(self._circuit(seen)) - _idle(seen)
        if not circuit:
            return CircuitReport(singles, reason="no head changes the behaviour when it is ablated")
        effects = {head: min(1.0, max(0.0, singles.get(head, 0.0))) for head in circuit}
        return CircuitReport(
            singles or dict.fromkeys(circuit, 1.0),
            circuit,
            _roles(seen, circuit),
            effects,
            edges := _wired(seen, circuit),
            frozenset(edge for edge, value in edges.items() if value >= EDGE_SHARE),
            confidence=_confidence(seen),
        )


def _done(seen: Evidence, tool: str, heads: tuple[Head, ...] | None = None) -> bool:
    """Whether an experiment was run, or could not be paid for."""
    refused = any(note.startswith(f"{tool}(") for note in seen.notes)
    return refused or any(heads is None or set(each.experiment.heads) == set(heads) for each in seen.of(tool))


def _singles(seen: Evidence) -> Mapping[Head, float]:
    """What each head's ablation loses; estimated from gradients where that could not be paid for."""
    for tool in ("ablate_each", "attribution", "direct"):
        if found := seen.of(tool):
            return found[-1].values
    return {}


def _missing(objection: Objection) -> bool:
    return objection.guardrail in ("necessity", "sufficiency")


def _idle(seen: Evidence) -> frozenset[Head]:
    """Heads that add nothing to what the last circuit keeps, and lose nothing alone."""
    singles, found = _singles(seen), seen.of("keep_without_each")
    values = found[-1].values if found else {}
    return frozenset(head for head, value in values.items() if value < SHARE / 2 and singles.get(head, 0.0) < SHARE)


def _within(circuit: Sequence[Head]) -> tuple[Edge, ...]:
    """Edges that circuit heads can have among them, from the tokens, and to the logits."""
    below = [(str(one), str(other)) for one, other in combinations(sorted(circuit), 2) if one.layer < other.layer]
    ends = [edge for head in circuit for edge in ((TOKENS, str(head)), (str(head), LOGITS))]
    return (*below, *ends)


def _wired(seen: Evidence, circuit: frozenset[Head]) -> dict[Edge, float]:
    """What each edge that was patched loses, of those within the circuit."""
    names = {TOKENS, LOGITS, *map(str, circuit)}
    found = {edge: value for each in seen.of("patch_edges") for edge, value in each.edges.items()}
    return {edge: value for edge, value in found.items() if set(edge) <= names}


def _roles(seen: Evidence, circuit: frozenset[Head]) -> dict[Head, str]:
    looks = {head: name for each in seen.of("attention") for head, name in each.names.items()}
    writes = {head: value for each in seen.of("direct") for head, value in each.values.items()}
    return {
        head: role(looks.get(head, ELSEWHERE), ANSWER if abs(writes.get(head, 0.0)) >= SAYS else OTHERS)
        for head in circuit
    }


def _confidence(seen: Evidence) -> float | None:
    """What the circuit keeps alone."""
    kept = seen.of("keep")
    return None if not kept or kept[-1].lost is None else min(1.0, max(0.0, 1.0 - kept[-1].lost))
