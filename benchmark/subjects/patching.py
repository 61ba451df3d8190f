"""A vector in a placeholder's place: the residual stream of a prompt patched, and what the subject completes then.

Patchscopes (Ghandeharioun et al. 2024, arXiv 2401.06102) decode a vector by running a prompt in which it stands for a
placeholder's residual stream at one layer. Only that position changes there, so what the subject makes of the prompt
before it is as it was.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from benchmark.errors import UserError
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.loading.hooks import find_hook
from benchmark.subjects.loading.subject import Subject
from benchmark.subjects.rewriting import InterventionError
from benchmark.subjects.selected.latents import Latents
from benchmark.subjects.selected.promoted import written_to_stream

# What stands in a placeholder's place before it is patched: its keys and values below the patched block are still seen.
STAND_IN = "?"
# Of one completion.
MOST_TOKENS = 12
# Of the hooks added for one run; hooks that others have put there stay.
_LEVEL = 1_000_004


class NoDirection(UserError):
    """A unit has no direction in the residual stream; the message says why."""


@dataclass(frozen=True)
class Template:
    """A prompt's tokens.

    Attributes:
        ids: with BOS before them, where the subject has one.
        places: those of the placeholders.
    """

    ids: tuple[int, ...]
    places: tuple[int, ...]


def stream_direction(source: FeatureSource, number: int) -> Any:
    """float32 [width]: what a latent adds to the residual stream where it is on, up to a factor.

    Args:
        source: the latent's.
        number: as the SAE has it.

    Raises:
        NoDirection: the units are no latents, their SAE does not write into the residual stream, or the row is zero.
    """
    try:
        written_to_stream(source.facts, str(number))
    except UserError as error:
        raise NoDirection(str(error)) from None
    assert isinstance(source.measured, Latents)
    row = source.measured.sae.W_dec.detach()[number].float()
    if not bool(row.any()):
        raise NoDirection("the decoder row is zero")
    return row


class Patcher:
    """Runs prompts with vectors in them; nothing of a patch is left in the subject afterwards.

    Args:
        subject: booted.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def template(self, between: Sequence[str]) -> Template:
        """The tokens of a prompt, given its texts before, between and after its placeholders.

        Raises:
            ValueError: there is no placeholder.
        """
        if len(between) < 2:
            raise ValueError("a prompt to be patched has a placeholder")
        ids, places = [*self._coded(between[0], first=True)], list[int]()
        for text in between[1:]:
            stand_in = self._coded(STAND_IN)
            places += range(len(ids), len(ids) + len(stand_in))
            ids += [*stand_in, *self._coded(text)]
        return Template(tuple(ids), tuple(places))

    def _coded(self, text: str, first: bool = False) -> list[int]:
        bos = [self.subject.bos] if first and self.subject.bos is not None else []
        found: list[int] = self.subject.tokenizer(text, add_special_tokens=False)["input_ids"] if text else []
        return [*bos, *found]

    def usual_norm(self, template: Template, block: int) -> float:
        """The median norm of the stream that enters a block, over the prompt's tokens that are no placeholders.

        The first position, whose norm is an outlier, does not count where there are others.
        """
        stream = self.subject.hidden([template.ids], _entering(block))[0].float().norm(dim=-1)
        others = [place for place in range(1, len(template.ids)) if place not in template.places]
        return float(stream[others or [0]].median())

    @torch.no_grad()
    def logits(self, template: Template, block: int, vectors: Any) -> Any:
        """Logits [vectors, position, vocabulary]: one run of the prompt for each vector.

        Args:
            template: the prompt.
            block: whose input is patched.
            vectors: float [vectors, width], what the stream is at every placeholder.

        Raises:
            InterventionError: the stream was not changed as it was to be.
        """
        with self._patched(template, block, vectors):
            return self.subject.bridge(self._rows(template, len(vectors)), return_type="logits", use_cache=False)

    @torch.no_grad()
    def complete(self, template: Template, block: int, vectors: Any, most: int = MOST_TOKENS) -> list[str]:
        """One greedy completion a vector, up to the end of its first line; arguments and errors as of `logits`.

        Args:
            template: the prompt.
            block: whose input is patched.
            vectors: float [vectors, width].
            most: tokens of a completion.
        """
        model, step, past = self.subject.bridge.original_model, self._rows(template, len(vectors)), None
        made: list[Any] = []
        with self._patched(template, block, vectors):
            # Not the model's own `generate`: what it does depends on the configuration that the model came with.
            for _ in range(most):
                found = model(step, past_key_values=past, use_cache=True)
                past, step = found.past_key_values, found.logits[:, -1:].argmax(-1)
                made.append(step)
                lines = [self._first_line(row) for row in torch.cat(made, dim=1).tolist()]
                if all(ended for _, ended in lines):
                    break
        return [line for line, _ in lines]

    def _first_line(self, ids: Sequence[int]) -> tuple[str, bool]:
        """The first line of a completion that is not blank, up to the end of the text, and whether it has ended."""
        tokenizer = self.subject.tokenizer
        end = ids.index(tokenizer.eos_token_id) if tokenizer.eos_token_id in ids else len(ids)
        line, newline, _ = tokenizer.decode(ids[:end], skip_special_tokens=True).lstrip().partition("\n")
        return line.strip(), bool(newline) or end < len(ids)

    def along(self, direction: Any) -> Callable[[Sequence[str], int, Sequence[float]], list[str]]:
        """Completions of prompts with a direction in them, as `benchmark.explainers.patchscope.Completing` has it.

        Args:
            direction: float [width], of any length but 0; an array will do.
        """
        unit = torch.as_tensor(direction, dtype=torch.float32, device=self.subject.device)
        unit = unit / unit.norm()

        def completed(between: Sequence[str], block: int, scales: Sequence[float]) -> list[str]:
            template = self.template(between)
            place = min(block, len(self.subject.bridge.blocks) - 1)
            lengths = self.usual_norm(template, place) * torch.tensor(scales, device=unit.device)
            return self.complete(template, place, lengths[:, None] * unit)

        return completed

    def _rows(self, template: Template, count: int) -> Any:
        return torch.tensor([template.ids] * count, device=self.subject.device)

    @contextmanager
    def _patched(self, template: Template, block: int, vectors: Any) -> Iterator[None]:
        """Within, `vectors` are the stream that enters `block` at the placeholders, whenever these are run.

        Tokens that are generated after them with a cache go through the block by themselves, and are left alone.
        """
        wanted: list[Any] = []
        met: list[bool] = []

        def patch(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
            before = given[0] if given else named["hidden_states"]
            if before.shape[1] <= max(template.places):
                return None
            wanted.append(replaced(before, template.places, vectors))
            return ((wanted[-1], *given[1:]), named) if given else (given, {**named, "hidden_states": wanted[-1]})

        def look(stream: Any, hook: Any) -> None:
            if len(met) < len(wanted):
                met.append(torch.equal(stream, wanted[-1]))

        point = find_hook(self.subject.bridge, _entering(block))
        handle = self.subject.bridge.blocks[block].register_forward_pre_hook(patch, with_kwargs=True)
        try:
            point.add_hook(look, level=_LEVEL)
            yield
        finally:
            handle.remove()
            point.remove_hooks(dir="fwd", level=_LEVEL)
        if not met or not all(met) or len(met) != len(wanted):
            raise InterventionError(f"the patched stream reached block {block} {sum(met)} times of {len(wanted)}")


def replaced(stream: Any, places: Sequence[int], vectors: Any) -> Any:
    """The stream with `vectors` at some places, asserted to differ there and nowhere else.

    Args:
        stream: float [rows, position, width].
        places: positions, the same in every row.
        vectors: float [rows, width], one for all places of a row.

    Raises:
        InterventionError: a vector is not finite, or what it replaces is the same.
    """
    here = torch.zeros(stream.shape[1], dtype=torch.bool, device=stream.device)
    here[list(places)] = True
    after = torch.where(here[None, :, None], vectors.to(stream)[:, None, :], stream)
    if not bool(torch.isfinite(after).all()):
        raise InterventionError("the patched stream is not finite")
    if not torch.equal((after != stream).any(-1), here.expand(stream.shape[:2])):
        raise InterventionError("the stream did not change at every placeholder, or changed elsewhere")
    return after


def _entering(block: int) -> str:
    return f"blocks.{block}.hook_in"
