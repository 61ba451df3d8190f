"""Homes: the subject and the SAE that a tier's units live in, booted at the first need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmark.subjects.catalog import Directions, Neurons, SubjectSpec, UnitsSpec, parse_sae, parse_subject
from benchmark.subjects.embedded import WHEEL
from benchmark.subjects.randomised import SEED
from benchmark.subjects.readings import Readings, read_texts
from benchmark.suites.tables import SuiteError
from synthetic_neurons.passages import Floats, Passages

# What is frozen as truth is float32 (docs/decisions.md).
DTYPE = "float32"
# A neuron or direction fires above this quantile of its values on calibration (METHOD.md section 1).
FIRES_ABOVE = 0.99
# What has to be the same when a suite's units are measured again. The files of the embedded subjects hold the version
# of the library that wrote them, so of these the wheel's version and the seed stand for the rest.
SAME = ("subject", "sae_sha256", "directions_sha256", "hook", "prepend_bos", "centred")
WRITTEN_HERE = {"embedded": f"embedded ({WHEEL})", "randomised": f"randomised ({WHEEL}, seed {SEED})"}
# Tokens that a unit's notes hold.
PROMOTED = 30


@dataclass(frozen=True)
class Home:
    """Where a tier's units live.

    Attributes:
        subject: as `subject=` has it.
        sae: as `sae=` has it.
    """

    subject: str = "embedded"
    sae: str = "shipped"

    @property
    def specs(self) -> tuple[SubjectSpec, UnitsSpec]:
        """What the two words mean.

        Raises:
            SubjectError: one of them means nothing.
        """
        return parse_subject(self.subject, dtype=DTYPE), parse_sae(self.sae)

    @property
    def dense(self) -> bool:
        """Whether every unit has a value on every token, so that firing is a matter of a threshold."""
        return isinstance(self.specs[1], Neurons | Directions)


def _pinned(name: str, commit: str) -> str:
    """A name on a hub with the commit that was read, so that a suite is measured again on the same files."""
    return f"{name}@{commit}" if commit and "@" not in name else name


class Dwelling:
    """A home, booted at the first need.

    Args:
        home: the subject and SAE.
        say: told of progress.
    """

    def __init__(self, home: Home, say: Callable[[str], None] = lambda line: None) -> None:
        self.home, self.say = home, say
        self._sources: dict[tuple[int, ...] | None, Any] = {}

    def source(self, columns: Sequence[int] | None = None) -> Any:
        """A `FeatureSource` of some units, or of all; the subject is booted once."""
        from benchmark.subjects.features import FeatureSource, measured

        key = None if columns is None else tuple(columns)
        if key not in self._sources:
            units = measured(self.home.specs[1], self._subject, columns)
            self._sources[key] = FeatureSource(self._subject, units)
        return self._sources[key]

    @cached_property
    def _subject(self) -> Any:
        from benchmark.subjects.loading.subject import boot_subject

        return boot_subject(self.home.specs[0], self.say)

    @property
    def tokenizer(self) -> Any:
        """The subject's."""
        return self._subject.tokenizer

    @cached_property
    def width(self) -> int:
        """How many units there are."""
        return len(self.source().units)

    @property
    def facts(self) -> dict[str, str]:
        """What decides the units' values, and so enters a suite's hash."""
        found: Mapping[str, str] = self.source().facts
        kept = {name: found[name] for name in SAME if name in found} | {"dtype": DTYPE}
        if self.home.subject in WRITTEN_HERE:
            return {**kept, "subject": WRITTEN_HERE[self.home.subject]}
        # A folder's own path says nothing elsewhere; its files do.
        return {**kept, "subject": self.home.specs[0].kind, "subject_sha256": found["subject_sha256"]}

    def to_json(self) -> dict[str, Any]:
        """What a suite's manifest says of the home."""
        found: Mapping[str, str] = self.source().facts
        return {
            "subject": _pinned(self.home.subject, found.get("subject_commit", "")),
            "sae": _pinned(self.home.sae, found.get("sae_commit", "")),
            "neuronpedia": found.get("neuronpedia", ""),
            "facts": self.facts,
        }

    def read(self, texts: Sequence[str], columns: Sequence[int], offsets: Floats | None = None) -> Readings:
        """Values of some units on texts, from the cache where they were read before."""
        every = list(columns) == list(range(self.width))
        return read_texts(texts, self.source(None if every else columns), columns, offsets, self.say)

    def quantiles(self, texts: Sequence[str], columns: Sequence[int]) -> Floats:
        """float64 [columns]: the value above which each unit fires; 0 for latents.

        Args:
            texts: the calibration windows.
            columns: units.
        """
        if not self.home.dense:
            return np.zeros(len(columns))
        source = self.source(columns)
        rows = [ids for start in range(0, len(texts), 64) for ids in self._rows(texts[start : start + 64])]
        kept: list[Any] = []
        for start in range(0, len(rows), 64):
            found = source.encode(rows[start : start + 64])
            values = np.zeros((len(found.kept), len(columns)), np.float32)
            values[found.token, found.unit] = found.value
            kept.append(values[found.kept])
        above = np.asarray(np.quantile(np.concatenate(kept), FIRES_ABOVE, axis=0), dtype=np.float64)
        return np.round(above, 6)

    def _rows(self, texts: Sequence[str]) -> list[list[int]]:
        coded = self.tokenizer(list(texts), add_special_tokens=False)
        return [list(ids) for ids in coded["input_ids"]]

    def promoted(self, number: int, count: int = PROMOTED) -> list[str]:
        """The tokens that a latent's decoder row promotes, strongest first; none where that cannot be told."""
        from benchmark.subjects.selected.promoted import NotPromoted, logits, written_to_stream

        source = self.source()
        try:
            written_to_stream(source.facts, str(number))
            best = logits(self._folder, source.measured.sae.W_dec.detach()[number].float().cpu()).topk(count).indices
        except NotPromoted as error:
            self.say(f"no promoted tokens of {number}: {error}")
            return []
        return [self.tokenizer.decode([int(token)]) for token in best]

    @cached_property
    def _folder(self) -> Any:
        from benchmark.subjects.loading.subject import subject_folder

        return subject_folder(self.home.specs[0], self.say)

    def tokens_per_word(self, texts: Sequence[str]) -> list[list[int]]:
        """How many of the subject's tokens each word has, per text."""
        from benchmark.subjects.windows import tokenise

        passages = Passages.of(texts)
        counts = np.bincount(tokenise(passages, self.tokenizer).word_of, minlength=len(passages.words))
        return [counts[a:b].tolist() for a, b in zip(passages.first[:-1], passages.first[1:], strict=True)]

    def assert_same(self, stated: Mapping[str, str], suite: str) -> None:
        """Refuse a home that is not the one a suite was frozen with.

        Raises:
            SuiteError: with the first difference and both values.
        """
        here = self.facts
        for name, value in stated.items():
            if here.get(name, "") != value:
                raise SuiteError(
                    f"{suite} was frozen with {name} {value[:40]!r}, and here it is {here.get(name, '')[:40]!r}; "
                    "mend: the same subject and SAE, or viva freeze"
                )
