"""What a head's weights alone say that it does with a token: copies it, suppresses it, or neither."""

import torch

from benchmark.circuits.edge_laboratory import EdgeLaboratory
from benchmark.circuits.edges import EdgeMachine
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport

# A head copies or suppresses from this share of the loudest head on.
COPIES = 0.1


def copying_scores(machine: EdgeMachine) -> dict[Head, float]:
    """The trace of each head's token-to-logit circuit over the loudest head's sum of absolute eigenvalues.

    Elhage et al. 2021 ("A mathematical framework for transformer circuits") take the sum of the eigenvalues of
    W_E W_V W_O W_U over the sum of their sizes. The denominator here is the model's greatest, since that of a head that
    writes where nothing is read is no more than rounding.
    """
    circuits = torch.cat([_token_to_logit(machine, layer) for layer in range(machine.layers)])
    values = torch.linalg.eigvals(circuits.double())
    loudest = float(values.abs().sum(1).max())
    shares = (values.sum(1).real / loudest).tolist()
    return {Head(i // machine.each, i % machine.each): share for i, share in enumerate(shares)}


def _token_to_logit(machine: EdgeMachine, layer: int) -> torch.Tensor:
    """Float [head, vocabulary, vocabulary]."""
    into = torch.einsum("vw,hwi->hvi", machine.embedding, machine.reading(layer)[2])
    return into @ machine.writing(layer) @ machine.unembedding


def copying_score(laboratory: EdgeLaboratory) -> CircuitReport:
    """Heads whose weights copy or suppress tokens, whatever they attend to; nothing is run."""
    scores = copying_scores(laboratory.machine)
    circuit = frozenset(head for head, score in scores.items() if abs(score) >= COPIES)
    return CircuitReport(scores, circuit, effects={head: min(1.0, abs(scores[head])) for head in circuit})
