"""The mind of rules: no model. It ablates every head, keeps what counts, prunes it, and looks who feeds whom."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from benchmark.circuits.agents.experiments import Experiment
from benchmark.circuits.agents.mind import Evidence, Objection
from benchmark.circuits.explainers import SHARE
from benchmark.circuits.kinds.kind import LOGITS, TOKENS, Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport

# A circuit that keeps less alone lacks heads; so many are added at a time. Larger ones are not searched for edges.
ENOUGH, ADDED, LARGEST = 0.9, 3, 12
# Two heads' losses differ so much from their joint one where one of them feeds the other.
FEEDS = 0.02


class RuleMind:
    """Plans by fixed rules, and reports what its experiments say."""

    def __init__(self) -> None:
        self._added: list[Head] = []
        self._answered = 0

    async def plan(self, seen: Evidence) -> Sequence[Experiment]:
        """Look; ablate each head; keep what counts, and add to it while too little is kept; then pairs, for edges."""
        if seen.desk.nothing():
            return ()
        stages = (self._look, self._each, self._together, self._pairs)
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

    def _pairs(self, seen: Evidence) -> Sequence[Experiment]:
        """What is lost without two heads together: otherwise than their losses' sum, where one feeds the other."""
        circuit = self._circuit(seen)
        if len(circuit) > LARGEST or any(len(each.experiment.heads) == 2 for each in seen.of("ablate")):
            return ()
        singles = _singles(seen)
        return [
            Experiment("ablate", pair, expected=min(1.0, max(0.0, sum(singles.get(head, 0.0) for head in pair))))
            for pair in _below(circuit)
        ]

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
            _edges(seen, circuit),
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


def _below(circuit: Sequence[Head]) -> list[tuple[Head, Head]]:
    """Pairs of heads in two layers, the lower first."""
    return [(one, other) for one, other in combinations(sorted(circuit), 2) if one.layer < other.layer]


def _roles(seen: Evidence, circuit: frozenset[Head]) -> dict[Head, str]:
    names = {head: name for each in seen.of("attention") for head, name in each.names.items()}
    writes = {head: value for each in seen.of("direct") for head, value in each.values.items()}
    return {
        head: f"{names.get(head, 'attends to no template')}; "
        f"{'writes the answer' if writes.get(head, 0.0) > SHARE else 'feeds other heads'}"
        for head in circuit
    }


def _edges(seen: Evidence, circuit: frozenset[Head]) -> dict[Edge, float]:
    """Tokens to all; who feeds whom by pairs of ablations; to the logits, who writes the answer."""
    singles = _singles(seen)
    writes = {head: value for each in seen.of("direct") for head, value in each.values.items()}
    found: dict[Edge, float] = {(TOKENS, str(head)): 1.0 for head in circuit}
    found |= {(str(head), LOGITS): writes[head] for head in circuit if writes.get(head, 0.0) > SHARE}
    for each in seen.of("ablate"):
        heads = each.experiment.heads
        if len(heads) == 2 and set(heads) <= circuit and heads[0].layer < heads[1].layer and each.lost is not None:
            apart = abs(sum(singles.get(head, 0.0) for head in heads) - each.lost)
            if apart >= FEEDS:
                found[str(heads[0]), str(heads[1])] = apart
    return found


def _confidence(seen: Evidence) -> float | None:
    """What the circuit keeps alone."""
    kept = seen.of("keep")
    return None if not kept or kept[-1].lost is None else min(1.0, max(0.0, 1.0 - kept[-1].lost))
