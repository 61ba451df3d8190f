"""What a looped explainer spent on each unit, read from its logs: the allowance of its compute-matched rival."""

from functools import lru_cache
from pathlib import Path

from inspect_ai.log import list_eval_logs, read_eval_log

from benchmark.errors import UserError
from benchmark.explainers.contest import Allowance

MEND = "run the looped explainer first, in the same run: 'explainers=[agentic,single_pass_best_of_n]'"


class AllowanceError(UserError):
    """A compute-matched explainer has no spend to be matched to; the message names the mend."""


def allowance(folder: str, unit: str) -> Allowance:
    """What was spent on `unit` in the logs under `folder`.

    Raises:
        AllowanceError: there are no logs, or none has the unit.
    """
    if not folder:
        raise AllowanceError(f"allowance is empty: give the folder of the looped explainer's logs; {MEND}")
    spent = _spent(folder)
    if unit not in spent:
        raise AllowanceError(f"{folder} has no spend on {unit}; {MEND}")
    return spent[unit]


@lru_cache(maxsize=8)
def _spent(folder: str) -> dict[str, Allowance]:
    """By unit; of a task that was stopped and went on, the last log says."""
    if not Path(folder).is_dir():
        raise AllowanceError(f"no logs in {folder}; {MEND}")
    found: dict[str, Allowance] = {}
    infos = list_eval_logs(folder, recursive=True, descending=False)
    for log in sorted((read_eval_log(info) for info in infos), key=lambda log: log.eval.created):
        for sample in log.samples or []:
            # As the scorer left it: what is read here is what the board states.
            score = (sample.scores or {}).get("examination")
            stated = (score.metadata or {}).get("viva") if score else None
            if stated:
                found[str(sample.id)] = Allowance(int(stated["tokens"]), int(stated["unit_queries"]))
    return found
