"""The mind of a language model in the loop: it proposes hypotheses and writes experiments; the loop does the rest.

What the model sees of the unit is quoted as data. Besides the first look at the exemplars only failures of its own
experiments come back to it as examples, each with what it had foretold.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.explainers.experiments import Prediction, Read, Trial, by_turns, chosen, predictions, proposals
from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.mind import Evidence, Idea, Outcome
from benchmark.explainers.replies import Unreadable, answer_object, asked, phrase
from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.explainers.single_pass import escaped, quoted
from benchmark.laboratory import MAX_WORDS, Exemplar
from synthetic_neurons.passages import word_spans

PROMPTS = Path(__file__).with_name("prompts")
MOST_IDEAS = 3
FIRING_SHOWN, SILENT_SHOWN, FAILURES_SHOWN, GRADES_SHOWN = 6, 3, 4, 4
TESTS_ASKED = 6
# Cut from the exemplars, to choose from; each is read by the explainer's reader under two hypotheses.
CUT = 48
OWN = "own"
HYPOTHESES: Mapping[str, Any] = {
    "type": "object",
    "properties": {"hypotheses": {"type": "array", "items": {"type": "string"}}},
    "required": ["hypotheses"],
    "additionalProperties": False,
}
_TEST = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "best": {"type": "number"}, "rival": {"type": "number"}},
    "required": ["text", "best", "rival"],
    "additionalProperties": False,
}
EXPERIMENTS: Mapping[str, Any] = {
    "type": "object",
    "properties": {"tests": {"type": "array", "items": _TEST}},
    "required": ["tests"],
    "additionalProperties": False,
}


def report_of(text: str) -> Report:
    """A phrase as a report: concepts between semicolons are claims of their own."""
    claims = tuple(Claim(part) for part in dict.fromkeys(each.strip() for each in text.split(";")) if part)
    return Report(text, claims)


def read_hypotheses(reply: str) -> list[str]:
    """At most three phrases: a JSON object's, or a line each where a model writes lines.

    Raises:
        Unreadable: none of them can be read.
    """
    try:
        stated = answer_object(reply, ("hypotheses",)).get("hypotheses")
        lines = [str(each) for each in stated] if isinstance(stated, list) else []
    except Unreadable as error:
        if error.kind in ("refusal", "empty"):
            raise
        lines = reply.splitlines()
    return _readable(lines or reply.splitlines())


def _readable(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    problem = Unreadable("empty", "no hypothesis in the answer")
    # A line that ends in a colon announces others.
    for line in (each for each in lines if not each.rstrip(" *").endswith(":")):
        try:
            found.append(phrase(line))
        except Unreadable as error:
            problem = error if line.strip() else problem
    if not found:
        raise problem
    return list(dict.fromkeys(found))[:MOST_IDEAS]


@dataclass(frozen=True)
class Test:
    """A text of the model's own, with what it foretells under two hypotheses."""

    text: str
    best: float
    rival: float


def read_tests(reply: str) -> list[Test]:
    """The tests that can be measured and foretell a number; the others are left out.

    Raises:
        Unreadable: none is left.
    """
    stated = answer_object(reply, ("tests",)).get("tests")
    tests = [test for each in stated if (test := _test(each)) is not None] if isinstance(stated, list) else []
    if not tests:
        raise Unreadable("wrong_shape", "no test with a text and two numbers in the answer")
    return tests


def _test(value: object) -> Test | None:
    if not isinstance(value, dict):
        return None
    text = " ".join(str(value.get("text", "")).split())
    levels = [value.get("best"), value.get("rival")]
    if not 1 <= len(word_spans(text)) <= MAX_WORDS or not all(isinstance(each, int | float) for each in levels):
        return None
    best, rival = (min(MAX_LEVEL, max(0.0, float(each))) for each in levels if isinstance(each, int | float))
    return Test(text, best, rival)


class ModelMind:
    """A language model thinks.

    Args:
        ask: the model.
        journal: hears of answers that had to be asked for again.
        read: predicts levels from a report in prose; foretells the experiments that are cut from exemplars.
    """

    def __init__(self, ask: Ask, journal: Journal, read: Read) -> None:
        self._ask, self._journal, self.read = ask, journal, read
        self._designs = True
        self._last: list[Idea] = []

    async def ideas(self, evidence: Evidence) -> list[Idea]:
        """The model's hypotheses, with the best by practice so far among them.

        Once there are some, an answer that cannot be read leaves them as they are.
        """
        if not any(each.peak > 0 for each in evidence.exemplars):
            return []
        prompt = hypotheses_prompt(evidence)
        try:
            texts = await asked(self._ask, prompt, read_hypotheses, self._journal, HYPOTHESES)
        except NoReport as error:
            if not self._last:
                raise
            self._journal.note("observation", f"no new hypotheses: {error}", failed=error.kind)
            return self._last
        reports = {text: report_of(text) for text in texts}
        standing = [pair for name, pair in evidence.practised.items() if name not in evidence.refused]
        if standing:
            kept, _ = max(standing, key=lambda pair: pair[1].r)
            reports.setdefault(kept.text, kept)
        self._last = [Idea(report, 1 / (1 + rank)) for rank, report in enumerate(reports.values())]
        return self._last

    async def experiments(self, ideas: Sequence[Idea], evidence: Evidence, limit: int) -> list[Prediction]:
        """Tests that the model writes, then minimal pairs cut from exemplars."""
        known = {each.text for each in evidence.exemplars} | set(evidence.measured)
        own = [each for each in await self._own(ideas, evidence) if each.trial.text not in known][:limit]
        return [*own, *self._cut(ideas, evidence, limit - len(own))]

    async def _own(self, ideas: Sequence[Idea], evidence: Evidence) -> list[Prediction]:
        """The model's own tests; a model whose tests cannot be read is not asked for any again."""
        if not self._designs:
            return []
        try:
            tests = read_tests(await self._ask(experiments_prompt(ideas, evidence), EXPERIMENTS))
        except (Unreadable, NoReport) as error:
            self._designs = False
            text = f"no tests of the model's own from now on: {error}"
            self._journal.note("observation", text, unread=error.kind)
            return []
        made = {each.text: each for each in tests[:TESTS_ASKED]}
        return [
            Prediction(Trial(each.text, OWN, "a test of my own"), each.best, each.rival, abs(each.best - each.rival))
            for each in made.values()
        ]

    def _cut(self, ideas: Sequence[Idea], evidence: Evidence, limit: int) -> list[Prediction]:
        trials = proposals([*evidence.exemplars, *evidence.measured.values()], frozenset(evidence.measured))
        some = by_turns(trials, lambda trial: trial.kind, lambda trial: 0.0)[:CUT]
        if not some or limit < 1:
            return []
        best, rival = ideas[0].report, ideas[min(1, len(ideas) - 1)].report
        return chosen(predictions(some, best, rival, self.read), limit)

    def trivial(self, ideas: Sequence[Idea]) -> bool:
        """A phrase is never known to say "never" or "always"."""
        return False

    def held_out_r(self, evidence: Evidence) -> None:
        """Nothing is fitted, so nothing can be held out."""
        return None


def hypotheses_prompt(evidence: Evidence) -> str:
    """The question for hypotheses: exemplars, failures of own experiments, grades and objections so far."""
    firing = sorted((each for each in evidence.exemplars if each.stratum == "firing"), key=lambda each: -each.peak)
    silent = [each for each in evidence.exemplars if each.stratum == "near_miss"]
    silent += [each for each in evidence.exemplars if each.stratum == "silent"]
    # The newest, and of these the model's own tests before pairs that were cut for it.
    failed = [each for each in reversed(evidence.outcomes) if each.failed]
    failed = sorted(failed, key=lambda each: each.prediction.trial.kind != OWN)[:FAILURES_SHOWN]
    parts = {
        "firing": "\n".join(quoted(each) for each in firing[:FIRING_SHOWN]),
        "silent": "\n".join(_plain(each) for each in silent[:SILENT_SHOWN]),
        "failures": _section("Tests that came out otherwise than you foretold:", [_failure(each) for each in failed]),
        "graded": _section("Your hypotheses so far, with their correlation on unseen texts:", _grades(evidence)),
        "objections": _section("Objections to what you handed in, with texts that contradict it:", _objected(evidence)),
    }
    return _filled("agentic_hypotheses.txt", parts)


def experiments_prompt(ideas: Sequence[Idea], evidence: Evidence) -> str:
    """The question for experiments: two hypotheses, and two texts to make pairs of."""
    firing = sorted((each for each in evidence.exemplars if each.stratum == "firing"), key=lambda each: -each.peak)
    rival = _said(ideas[1].report.text) if len(ideas) > 1 else "it is something else"
    parts = {
        "best": _said(ideas[0].report.text),
        "rival": rival,
        "firing": "\n".join(_plain(each) for each in firing[:2]),
        "count": str(TESTS_ASKED),
    }
    return _filled("agentic_experiments.txt", parts)


def _filled(name: str, parts: Mapping[str, str]) -> str:
    """A prompt with its places filled at once: what is filled in may look like a place."""
    text = (PROMPTS / name).read_text(encoding="utf-8").strip()
    return re.sub("{(" + "|".join(parts) + ")}", lambda place: parts[place[1]], text)


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join(["", title, *lines, ""]) if lines else ""


def _plain(exemplar: Exemplar) -> str:
    return f"<text>{escaped(' '.join(exemplar.words[:32]))}</text>"


def _failure(outcome: Outcome) -> str:
    return f"you foretold {outcome.prediction.top:.0f}: {quoted(outcome.exemplar)}"


def _grades(evidence: Evidence) -> list[str]:
    ranked = sorted(evidence.practised.values(), key=lambda pair: -pair[1].r)[:GRADES_SHOWN]
    return [f"{grade.r:.2f}: {_said(report.text)}" for report, grade in ranked]


def _objected(evidence: Evidence) -> list[str]:
    """The last two objections, each with the first of its counterexamples."""
    lines: list[str] = []
    for name, objection in evidence.objections[-2:]:
        lines += [f"{name}: {_said(objection.text)}", *map(quoted, objection.counterexamples[:FAILURES_SHOWN])]
    return lines


def _said(text: str) -> str:
    """What a model has written, as data."""
    return f"<hypothesis>{escaped(text)}</hypothesis>"
