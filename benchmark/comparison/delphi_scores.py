"""Delphi's own detection scores of prepared windows, run as a script by the Python of delphi's own environment.

    python delphi_scores.py SHEETS.json OUT.json

Records, shuffling, prompts, parsing and figures are all delphi's (eai-delphi 0.1.3: `scorers/classifier/classifier.py`,
`scorers/classifier/detection.py`, `log/result_analysis.py`). Its client alone is ours: it finds the windows in delphi's
prompt, checks that the prompt asks about this report, and answers what the reader decided about each. Nothing of this
benchmark is imported here.

The environment is that of `benchmark/harvest/delphi_cache.py`, with `pandas plotly scikit-learn` besides. delphi 0.1.3
imports vLLM wherever a scorer is imported (`clients/offline.py:9`), gigabytes that no detection score needs; where it
is not installed, empty names stand in for it.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

# What delphi's `clients/offline.py` takes from vLLM when it is imported.
VLLM = {
    "vllm": ("LLM", "SamplingParams"),
    "vllm.distributed": (),
    "vllm.distributed.parallel_state": ("destroy_distributed_environment", "destroy_model_parallel"),
    "vllm.inputs": ("TokensPrompt",),
}
QUANTILES = 10


class PromptError(ValueError):
    """A prompt of delphi's is not one about the report and windows that it was given."""


def main(arguments: list[str]) -> None:
    """Score every sheet by every procedure and write what delphi says of each."""
    sheets_file, out = map(Path, arguments)
    given = json.loads(sheets_file.read_text("utf-8"))
    stand_in_for_vllm()
    from importlib.metadata import version

    found = [scored(procedure, given["sheets"]) for procedure in given["procedures"]]
    out.write_text(json.dumps({"version": version("eai-delphi"), "procedures": found}), "utf-8")


def stand_in_for_vllm() -> None:
    """Empty names in vLLM's place, if it is not there."""
    if importlib.util.find_spec("vllm"):
        return
    for name, names in VLLM.items():
        module = ModuleType(name)
        for each in names:
            setattr(module, each, object)
        sys.modules[name] = module


def scored(procedure: Mapping[str, Any], sheets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One way to run delphi over all sheets.

    Args:
        procedure: "name"; "shown", windows a prompt; "silent_strata", the strata that serve as silent examples.
        sheets: "explanation", and "windows" with "pieces", "activations", "stratum", "fires" and "said".

    Returns:
        the procedure's name; delphi's figures for each sheet; and over all the windows of each reader together, as
        delphi's own summary has them.
    """
    import pandas as pd

    tables = []
    for place, sheet in enumerate(sheets):
        table = pd.DataFrame(results(procedure, sheet))
        tables.append(table.assign(sheet=place, reader=sheet["reader"]))
    together = pd.concat(tables)
    return {
        "name": procedure["name"],
        "sheets": [figures(each) for each in tables],
        "together": {reader: figures(group) for reader, group in together.groupby("reader")},
    }


def results(procedure: Mapping[str, Any], sheet: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Delphi's verdict on each window, as its `log/result_analysis.py` reads them from disk."""
    from delphi.scorers.classifier.detection import DetectionScorer

    windows = [each for each in sheet["windows"] if each["fires"] or each["stratum"] in procedure["silent_strata"]]
    client = client_of(sheet["explanation"], {"".join(each["pieces"]): each["said"] for each in windows})
    # A scorer of its own for each sheet, so that delphi's shuffle is the same whatever came before.
    scorer = DetectionScorer(client, n_examples_shown=procedure["shown"])
    outcome = scorer.call_sync(record_of(sheet["explanation"], windows))
    if client.failure:
        raise PromptError(client.failure)
    return [
        {"activating": each.activating, "prediction": each.prediction, "probability": each.probability}
        for each in outcome.score
    ]


def record_of(explanation: str, windows: Sequence[Mapping[str, Any]]) -> Any:
    """Delphi's record of one latent: firing windows as its test examples by decile, the others as non-activating."""
    import torch
    from delphi.latents import ActivatingExample, Latent, LatentRecord, NonActivatingExample

    def parts(window: Mapping[str, Any]) -> dict[str, Any]:
        values = torch.tensor(window["activations"], dtype=torch.float32)
        return {"tokens": torch.zeros(len(values), dtype=torch.long), "activations": values}

    firing = sorted((each for each in windows if each["fires"]), key=lambda each: -max(each["activations"]))
    test = [
        ActivatingExample(**parts(each), str_tokens=each["pieces"], quantile=place * QUANTILES // len(firing))
        for place, each in enumerate(firing)
    ]
    rest = [NonActivatingExample(**parts(each), str_tokens=each["pieces"]) for each in windows if not each["fires"]]
    return LatentRecord(Latent("found", 0), examples=test, test=test, not_active=rest, explanation=explanation)


def client_of(explanation: str, said: Mapping[str, int]) -> Any:
    """A client of delphi's that answers for a reader who has decided about each window.

    Args:
        explanation: of the record; a prompt about another is an error.
        said: a window's text to 1 (fires) or 0.
    """
    from delphi.clients.client import Client, Response
    from delphi.scorers.classifier.prompts.detection_prompt import GENERATION_PROMPT

    before, after = GENERATION_PROMPT.format(explanation=explanation, examples="\0").split("\0")

    class Decided(Client):  # type: ignore[misc]  # delphi has no types
        failure = ""

        async def generate(self, prompt: Any, **_: Any) -> Any:
            # delphi catches whatever a client raises and goes on without these windows; so it is kept and raised later.
            try:
                asked = windows_in(prompt[-1]["content"], before, after, said)
            except PromptError as error:
                self.failure = str(error)
                raise
            return Response(text=json.dumps([said[text] for text in asked]))

    return Decided("decided")


def windows_in(content: str, before: str, after: str, known: Mapping[str, int]) -> list[str]:
    """The windows of a prompt, in its order.

    Args:
        content: the prompt's last message, as delphi builds it: "Example 0: ...", one a line.
        before: what stands in front of the examples.
        after: what stands behind them.
        known: the windows it may hold.

    Raises:
        PromptError: another report, or a window that is not known.
    """
    if not (content.startswith(before) and content.endswith(after)):
        raise PromptError("a prompt does not hold its report")
    rest = content[len(before) : len(content) - len(after)]
    found: list[str] = []
    while rest:
        head = f"Example {len(found)}: "
        ends = [text for text in known if rest == head + text or rest.startswith(f"{head}{text}\nExample ")]
        if not ends:
            raise PromptError(f"a prompt's example {len(found)} is no window of its sheet")
        # A window may begin with another one; the longest that fits is meant.
        found.append(max(ends, key=len))
        rest = rest[len(head) + len(found[-1]) + 1 :]
    return found


def figures(table: Any) -> dict[str, Any]:
    """Delphi's confusion and metrics of some windows, with the windows it was given and those it has no answer for."""
    from delphi.log.result_analysis import compute_classification_metrics, compute_confusion

    confusion = compute_confusion(table)
    plain = {**confusion, **compute_classification_metrics(confusion)}
    values = {name: value.item() if hasattr(value, "item") else value for name, value in plain.items()}
    return {**values, "given": len(table), "unanswered": int(table["prediction"].isna().sum())}


if __name__ == "__main__":
    main(sys.argv[1:])
