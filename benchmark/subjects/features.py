"""A source of activations: any subject, any units, for the harvest and for whoever asks about texts of its own."""

import gc
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.harvest.source import Activations, Bools, Window
from benchmark.subjects.catalog import DTYPES, FolderSae, HubSae, Neurons, SubjectSpec, UnitsError, UnitsSpec, one_of
from benchmark.subjects.loading.saes import LoadedSae, load_sae
from benchmark.subjects.loading.subject import Subject, boot_subject
from benchmark.subjects.selected.latents import STEPPED, Latents
from benchmark.subjects.selected.linear import MlpNeurons, NamedDirections
from benchmark.subjects.selected.measured import Measured
from benchmark.subjects.windows import WINDOW_TOKENS, stretches

# One character may be five tokens (its bytes and a mark for the blank before it), and three are kept free.
LEAST_WINDOW_TOKENS = 8


def measured(
    spec: UnitsSpec,
    subject: Subject,
    columns: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    sae_dtype: str | None = None,
) -> Measured:
    """The units that `spec` names, on a subject.

    Args:
        spec: see `benchmark.subjects.catalog.parse_sae`.
        subject: booted.
        columns: which latents or neurons, or which directions by the place of their names; None: all.
        names: which directions; None: all, sorted.
        sae_dtype: of an SAE; None: bfloat16 on a subject in bfloat16 unless the SAE has thresholds, else float32.

    Raises:
        UnitsError: they are not to be had, or not of this subject, or `sae_dtype` is given and there is no SAE.
    """
    if isinstance(spec, HubSae | FolderSae):
        return Latents(_loaded(spec, subject, sae_dtype), subject, columns)
    if sae_dtype is not None:
        raise UnitsError(f"sae_dtype={sae_dtype} is of an SAE, and these units have none; mend: leave it out")
    if isinstance(spec, Neurons):
        return MlpNeurons(spec, subject, columns)
    return NamedDirections(spec, subject, names, columns)


def _loaded(spec: HubSae | FolderSae, subject: Subject, dtype: str | None) -> LoadedSae:
    """An SAE in the dtype asked for, or in the one that its class takes on this subject."""
    if dtype is not None:
        one_of("sae_dtype", dtype, DTYPES)
        return load_sae(spec, subject.device, dtype)
    loaded = load_sae(spec, subject.device, "float32")
    if subject.spec.dtype == "bfloat16" and loaded.sae.cfg.architecture() not in STEPPED:
        loaded.sae.to(torch.bfloat16)
    return loaded


def feature_source(
    subject: SubjectSpec,
    units: UnitsSpec,
    columns: Sequence[int] | None = None,
    window_tokens: int = WINDOW_TOKENS,
    sae_dtype: str | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> "FeatureSource":
    """Boot a subject and load its units: all of `subject=` and `sae=` in one call."""
    booted = boot_subject(subject, say)
    return FeatureSource(booted, measured(units, booted, columns, sae_dtype=sae_dtype), window_tokens)


class FeatureSource:
    """Units measured in a subject; satisfies `benchmark.harvest.source.Source`.

    Args:
        subject: booted.
        measured: its units.
        window_tokens: at most so many tokens a window, BOS not counted.

    Raises:
        UnitsError: windows do not fit the subject's context, or an SAE wants BOS where there is none.
    """

    def __init__(self, subject: Subject, measured: Measured, window_tokens: int = WINDOW_TOKENS) -> None:
        self.subject, self.measured, self.window_tokens = subject, measured, window_tokens
        if measured.prepend_bos and subject.bos is None:
            raise UnitsError(
                f"the SAE was trained with BOS before each text, and the tokenizer of {subject.spec.name!r} has no "
                "BOS; mend: choose an SAE with prepend_bos=False, or give the tokenizer a bos_token"
            )
        if window_tokens < LEAST_WINDOW_TOKENS:
            raise UnitsError(
                f"window_tokens={window_tokens} is too few for one character of every language; "
                f"mend: window_tokens={LEAST_WINDOW_TOKENS} or more"
            )
        if window_tokens + bool(self.before) > subject.context:
            raise UnitsError(
                f"windows of {window_tokens} tokens do not fit the subject's context of {subject.context}; "
                f"mend: at most {subject.context - bool(self.before)}"
            )

    @cached_property
    def before(self) -> tuple[int, ...]:
        """What stands before each text: BOS, unless the SAE was trained without or the subject has none."""
        wanted = self.measured.prepend_bos is not False
        return (self.subject.bos,) if wanted and self.subject.bos is not None else ()

    @property
    def tokenizer(self) -> Any:
        """The subject's."""
        return self.subject.tokenizer

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the units."""
        return self.measured.units

    @property
    def facts(self) -> Mapping[str, str]:
        """What a manifest compares."""
        own = {"hook": self.measured.hook, "prepend_bos": str(bool(self.before))}
        return {**self.subject.facts, **self.measured.facts, **own, "window_tokens": str(self.window_tokens)}

    def close(self) -> None:
        """Let go of the subject and the units; nothing can be asked of this source any more."""
        del self.subject, self.measured
        # A model's modules and their hooks hold one another.
        gc.collect()

    def windows(self, document: str, text: str) -> list[Window]:
        """All of a text in windows, cut at white space or, where there is none for long, between tokens."""
        pieces = stretches(text, self.subject.tokenizer, self.window_tokens)
        return [fitting for each in self.whole(pieces, document) for fitting in self._fitting(each)]

    def _fitting(self, window: Window) -> list[Window]:
        """A window, or its parts where it is longer alone than it was within its document.

        Nothing is left of a single character that is longer, or that the tokenizer has nothing for.
        """
        if len(window.ids) <= self.window_tokens:
            return [window] if window.ids else []
        inner = [end for end in set(window.ends) if 0 < end < len(window.text)]
        if not inner:
            return []
        middle = min(inner, key=lambda end: (abs(end - len(window.text) // 2), end))
        halves = [half.strip() for half in (window.text[:middle], window.text[middle:])]
        return [part for each in self.whole(halves, window.document) for part in self._fitting(each)]

    def whole(self, texts: Sequence[str], document: str = "") -> list[Window]:
        """Each text as one window, however long."""
        if not texts:
            return []
        coded = self.subject.tokenizer(
            list(texts), add_special_tokens=False, return_offsets_mapping=True, return_attention_mask=False
        )
        return [
            Window(text, document, tuple(ids), token_ends(text, offsets))
            for text, ids, offsets in zip(texts, coded["input_ids"], coded["offset_mapping"], strict=True)
        ]

    def activations(self, windows: Sequence[Window]) -> Activations:
        """Activations of the units, in one forward pass."""
        return self.encode([each.ids for each in windows])

    def forward(self, windows: Sequence[Window]) -> None:
        """The forward pass of `activations` alone: the limit of any harvest."""
        self.subject.hidden([[*self.before, *each.ids] for each in windows], self.measured.hook)
        if self.subject.device.startswith("cuda"):
            # A kernel returns before it has run, and this pass is there to be timed.
            torch.cuda.synchronize()

    @torch.no_grad()
    def encode(self, rows: Sequence[Sequence[int]]) -> Activations:
        """Activations on token rows without special tokens before them, in one forward pass."""
        kept = self._kept(rows)
        if not len(kept):
            return Activations(kept, np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
        hidden = self.subject.hidden([[*self.before, *row] for row in rows], self.measured.hook)
        place = self._place(rows)
        if self.measured.by_window:
            found = self.measured.encode(hidden).flatten(0, 1)[place[kept]]
            row, unit = torch.nonzero(found, as_tuple=True)
            value = found[row, unit]
        else:
            row, unit, value = self.measured.triples(hidden.flatten(0, 1)[place[kept]])
        token: NDArray[np.int64] = np.flatnonzero(kept)[row.cpu().numpy()]
        return Activations(kept, token, unit.cpu().numpy().astype(np.int32), value.float().cpu().numpy())

    def positions(self, rows: Sequence[Sequence[int]]) -> tuple[Any, Bools]:
        """Int64 [tokens], where each token lies in the padded batch, flattened; bool [tokens], whether it counts."""
        return self._place(rows), self._kept(rows)

    def _place(self, rows: Sequence[Sequence[int]]) -> Any:
        """int64 [tokens]: where each token lies in the padded batch, flattened."""
        first, longest = len(self.before), len(self.before) + max(map(len, rows))
        places = [np.arange(len(row), dtype=np.int64) + i * longest + first for i, row in enumerate(rows)]
        return np.concatenate(places)

    def _kept(self, rows: Sequence[Sequence[int]]) -> Bools:
        """Bool [tokens]: neither a special token, nor first without BOS, nor where the SAE was not trained."""
        out = np.array(sorted(self._special), dtype=np.int64)
        parts = [np.zeros(0, np.bool_)]
        for row in rows:
            within = np.zeros(len(self.before) + len(row), np.bool_)
            within[self.measured.positions] = True
            # The first position's norm is an outlier; with BOS there, every token of a text counts.
            within[:1] = False
            parts.append(within[len(self.before) :] & ~np.isin(np.array(row, dtype=np.int64), out))
        return np.concatenate(parts)

    @cached_property
    def _special(self) -> frozenset[int]:
        return frozenset(self.subject.tokenizer.all_special_ids) | self.measured.excluded


def token_ends(text: str, offsets: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Ends that never go back and reach the end of the text, so that the tokens joined are the text.

    A tokenizer may leave white space out of its spans, and gives every byte of a character that character's span.
    """
    ends = np.maximum.accumulate(np.array([end for _, end in offsets], dtype=np.int64))
    if len(ends):
        ends[-1] = len(text)
    return tuple(ends.tolist())
