"""What is done, line by line: a run that was killed loses the unit it was at, and no other."""

import fcntl
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark.layer_report.options import ReportError

NAME = "partial.jsonl"


class Ledger:
    """One JSON object a line, each written whole as its unit is done; the first line says of which report.

    A line without an end is what a killed run was writing: it is cut off. Anything else that cannot be read is the
    user's to look at.

    Args:
        folder: of the report; made if it is not there.
        facts: what decides a line; a ledger with others is refused. How many latents there are to be is none of it, so
            a larger sample goes on from a smaller one.
        name: of the file.

    Raises:
        ReportError: the folder cannot be written, the file is damaged, or it is another report's.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any], name: str = NAME) -> None:
        self.path = folder / name
        self.records: dict[str, dict[str, Any]] = {}
        self.sessions: list[dict[str, Any]] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a", encoding="utf-8")
            self._lock()
            whole = self._whole(facts)
        except OSError as error:
            raise ReportError(
                f"viva report: {folder} cannot be written ({error.strerror}); mend: out=<a folder of yours>"
            ) from None
        except ReportError:
            self._file.close()
            raise
        if not whole:
            self._write({"facts": dict(facts)})
        for line in whole[1:]:
            self._enter(line)

    def _lock(self) -> None:
        """Keep the file for this process until it is closed; the system lets go of it where the process is killed."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReportError(
                f"viva report: another command is at work in {self.path.parent}; mend: wait for it, or "
                "out=<another folder>"
            ) from None

    def _whole(self, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
        whole = self._read()
        if whole:
            self._compare(whole[0], facts)
        return whole

    def _read(self) -> list[dict[str, Any]]:
        data = self.path.read_bytes()
        end = data.rfind(b"\n") + 1
        if end < len(data):
            with self.path.open("r+b") as file:
                file.truncate(end)
        lines = []
        for number, line in enumerate(data[:end].splitlines(), 1):
            try:
                lines.append(self._object(json.loads(line)))
            except ValueError:
                raise ReportError(
                    f"viva report: {self.path}, line {number} is damaged; mend: delete that line, and its unit is "
                    "done again; or delete the file"
                ) from None
        return lines

    @staticmethod
    def _object(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or not ("facts" in value or _is_session(value) or _is_record(value)):
            raise ValueError("no line of a ledger")
        return value

    def _compare(self, first: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        stated = first.get("facts")
        if not isinstance(stated, dict):
            raise ReportError(f"viva report: {self.path} does not begin as a ledger does; mend: delete it")
        different = sorted(
            name for name in {*stated, *facts} if json.dumps(stated.get(name)) != json.dumps(facts.get(name))
        )
        if different:
            raise ReportError(
                f"viva report: {self.path} is of a report with another {', '.join(different)}; "
                "mend: out=<another folder>, or delete it"
            )

    def _enter(self, line: dict[str, Any]) -> None:
        if "session" in line:
            self.sessions.append(line["session"])
        elif "key" in line:
            self.records[str(line["key"])] = line

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
        self._file.flush()

    def add(self, record: dict[str, Any]) -> None:
        """Keep one unit's record, named by its "key"."""
        self._write(record)
        self._enter(record)

    def end_session(self, session: Mapping[str, Any]) -> None:
        """Keep what one run of the command took."""
        self._write({"session": dict(session)})
        self.sessions.append(dict(session))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _is_session(value: Mapping[str, Any]) -> bool:
    told = value.get("session")
    if not isinstance(told, dict) or not _are_numbers(told, ("seconds", "peak_memory")):
        return False
    return told.get("what", "explained") != "explained" or _are_numbers(told, ("units", "workers", "opened_in", "load"))


def _is_record(value: Mapping[str, Any]) -> bool:
    """Whether a line has all that a report is made of."""
    spend, contexts = value.get("spend"), value.get("contexts")
    return (
        isinstance(value.get("key"), str)
        and isinstance(value.get("outcome"), str)
        and _are_numbers(value, ("seconds", "graded_in"))
        and isinstance(spend, dict)
        and _are_numbers(spend, ("tokens", "calls", "unit_queries"))
        and isinstance(contexts, list)
        and all(isinstance(each, dict) and {"text", "levels"} <= set(each) for each in contexts)
        and (value["outcome"] != "report" or isinstance(value.get("report"), dict))
    )


def _are_numbers(value: Mapping[str, Any], names: Sequence[str]) -> bool:
    return all(isinstance(value.get(name), int | float) for name in names)
