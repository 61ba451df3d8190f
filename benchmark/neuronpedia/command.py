"""`viva neuronpedia`: what lies in an export, and a run's explanations in the layout of one."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.neuronpedia.line import NeuronpediaError, nearest

VERBS = ("read", "write")
USAGE = """usage: viva neuronpedia {read,write} ...

  read PATH                  what a file or folder of explanations holds
  write LOGS ... --out DIR --explainer NAME
                             a run's explanations and scores in the layout of Neuronpedia's bulk export
viva neuronpedia write --help says more. To score what exists: viva run explainer=recorded recorded.file=PATH"""

Say = Callable[[str], None]


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb.

    Args:
        parser: an empty one; its errors are the caller's.
        arguments: what stands behind `viva neuronpedia`.
        say: prints a line.

    Raises:
        UserError: what is wrong with the arguments, the logs or the files, in one line.
    """
    if not arguments or arguments[0] in ("-h", "--help"):
        say(USAGE)
        return
    verb, *rest = arguments
    if verb not in VERBS:
        raise NeuronpediaError(f"viva neuronpedia has no verb {verb!r}; {nearest(verb, VERBS)}")
    parser.prog = f"{parser.prog} {verb}"
    (_read if verb == "read" else _write)(parser, rest, say)


def _read(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    parser.description = "Say what a file or folder of explanations holds; nothing is downloaded."
    parser.add_argument("path", type=Path, help="an export's file or folder, or plain JSON lines")
    chosen = parser.parse_args(arguments)
    from benchmark.neuronpedia.contents import contents

    for line in contents(chosen.path):
        say(line)


def _write(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    parser.description = "Write one explainer's explanations and scores as files that Neuronpedia's import takes."
    parser.add_argument("logs", nargs="+", type=Path, help="log files or folders of logs")
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--explainer", required=True, help="its name on the board")
    parser.add_argument("--model", help="the language model behind it, where it ran with several")
    parser.add_argument("--source", help="modelId/layer, where the suite does not say which features its units are")
    parser.add_argument("--author", help="the account (authorId) in whose name the rows are imported; default: viva")
    parser.add_argument("--reader", help="this reader's scores alone; default: all that read")
    chosen = parser.parse_args(arguments)
    from benchmark.neuronpedia.from_logs import Asked, write_logs

    asked = Asked(chosen.explainer, chosen.model, chosen.source, chosen.author, chosen.reader)
    for line in write_logs(chosen.logs, chosen.out, asked):
        say(line)
