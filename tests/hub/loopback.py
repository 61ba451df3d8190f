"""A model hub on 127.0.0.1: the part of the Hugging Face Hub's HTTP interface that its Python client reads.

Two servers, as in reality: the hub answers for repositories and small files; large files (here: `*.safetensors`) are
redirected to a store on another origin, which knows them by their SHA-256 alone. Faults can be planted per file.
"""

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

# What the store does to a file's bytes: changes one; sends fewer, and says so; or sends fewer than announced, once, as
# when a connection breaks.
Fault = Literal["changed", "shortened", "broken off"]
LARGE = ".safetensors"
# Names of data sets begin so, here as in the hub's addresses.
DATASETS = "datasets/"
WORKERS = 8
LIFETIME = 300.0
TIMEOUT = 10.0


@dataclass(frozen=True)
class Request:
    """One answered request: `server` is "hub" or "store"."""

    server: str
    method: str
    path: str
    status: int
    range: str | None


@dataclass(frozen=True)
class Reply:
    """What a request is answered with; `announced` overrides the body's length in the header."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    announced: int | None = None


class _Server(HTTPServer):
    """Answers on a bounded pool of threads, so that a client gone wrong cannot start more."""

    def __init__(self, name: str, hub: "LoopbackHub") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name, self.hub = name, hub
        self.pool = ThreadPoolExecutor(WORKERS, f"loopback-{name}")

    def process_request(self, request: Any, client_address: Any) -> None:
        self.pool.submit(self._answer, request, client_address)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    """One request a connection (HTTP/1.0), so no thread waits on an idle client."""

    server: _Server
    timeout = TIMEOUT

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._reply(self._answer())

    def do_GET(self) -> None:
        self._reply(self._answer())

    def do_POST(self) -> None:
        """Only paths are asked about so; they come as a form."""
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
        self._reply(self.server.hub.answer(unquote(urlsplit(self.path).path).strip("/"), paths=form.get("paths", [])))

    def _answer(self) -> Reply:
        hub, parts = self.server.hub, urlsplit(self.path)
        path = unquote(parts.path).strip("/")
        if self.server.name == "store":
            return hub.stored(path, self.headers.get("Range"))
        query = parts.query.lower()
        return hub.answer(path, deep="recursive=true" in query, sizes="blobs=true" in query)

    def _reply(self, reply: Reply) -> None:
        # Counted before it is sent: who has the answer may count at once.
        span = self.headers.get("Range")
        self.server.hub.note(Request(self.server.name, self.command, self.path, reply.status, span))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) if reply.announced is None else reply.announced))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)


class LoopbackHub:
    """Repositories of several commits each, served while the `with` block of `serve` lasts.

    Attributes:
        url: what HF_ENDPOINT must be.
        store: where large files come from, each under its SHA-256.
        faults: what goes wrong with a large file, by its SHA-256.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.faults: dict[str, Fault] = {}
        self._main: dict[str, str] = {}
        self._large: dict[str, Path] = {}
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._hub, self._cdn = _Server("hub", self), _Server("store", self)
        self.url, self.store = self._hub.url, self._cdn.url

    def publish(self, repository: str, folder: Path) -> str:
        """Add a commit with the files of `folder`, make it `main`, and return its hash: same files, same hash."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        lines = [f"{path.relative_to(folder)} {_digest(path)}" for path in files]
        commit = hashlib.sha1("\n".join([repository, *lines]).encode()).hexdigest()
        place = self.home / repository / commit
        if not place.exists():
            shutil.copytree(folder, place)
        self._large |= {_digest(path): path for path in place.rglob(f"*{LARGE}")}
        self._main[repository] = commit
        return commit

    def commit(self, repository: str) -> str:
        """The hash of a repository's `main`."""
        return self._main[repository]

    def requests(self, method: str = "", path: str = "", server: str = "") -> list[Request]:
        """The requests answered so far whose method, path and server contain these."""
        with self._lock:
            return [
                each for each in self._requests if method in each.method and path in each.path and server in each.server
            ]

    def note(self, request: Request) -> None:
        """Count a request."""
        with self._lock:
            self._requests.append(request)

    def answer(self, path: str, deep: bool = False, sizes: bool = False, paths: Sequence[str] = ()) -> Reply:
        """What the hub says to a path.

        Args:
            path: of the request.
            deep: folders are listed with all that is in them.
            sizes: those of a model's files are told.
            paths: in a repository; what is told of each.
        """
        api = path.startswith("api/")
        rest = path.removeprefix("api/").removeprefix("models/") if api else path
        # The longest name first, as one repository's name may begin another's.
        for name in sorted(self._main, key=len, reverse=True):
            if rest == name or rest.startswith(f"{name}/"):
                verb, _, tail = rest[len(name) :].strip("/").partition("/")
                if api and verb == "paths-info":
                    return self._paths(name, tail, paths)
                return self._information(name, verb, tail, deep, sizes) if api else self._resolve(name, verb, tail)
        # The real hub does not say whether a repository is missing or private.
        return _missing(401, "RepoNotFound", "Repository not found")

    def stored(self, digest: str, span: str | None) -> Reply:
        """What the store says to a checksum, or to a range `bytes=<start>-<end>` of it, where the end may lack."""
        if digest not in self._large:
            return Reply(403, {})
        whole = self._large[digest].read_bytes()
        start, stop = _bounds(span, len(whole))
        head = {"Content-Range": f"bytes {start}-{stop - 1}/{len(whole)}"} if span else {}
        fault = self.faults.get(digest)
        if fault == "broken off":
            del self.faults[digest]
            return Reply(206 if span else 200, head, whole[start : start + len(whole) // 2], len(whole) - start)
        return Reply(206 if span else 200, {"Accept-Ranges": "bytes", **head}, _spoilt(whole, fault)[start:stop])

    def _place(self, repository: str, revision: str) -> Path | None:
        wanted = self._main[repository] if revision == "main" else revision
        place = self.home / repository / wanted
        return place if place.is_dir() else None

    def _information(self, repository: str, verb: str, tail: str, deep: bool, sizes: bool) -> Reply:
        revision, _, inside = tail.partition("/")
        place = self._place(repository, revision or "main")
        if place is None:
            return _missing(404, "RevisionNotFound", "Invalid rev id: " + revision)
        if verb == "tree":
            return self._tree(place, inside, deep)
        files = [path for path in sorted(place.rglob("*")) if path.is_file()]
        told = [{"size": path.stat().st_size} if sizes else {} for path in files]
        names = [{"rfilename": str(path.relative_to(place)), **size} for path, size in zip(files, told, strict=True)]
        return _json(
            {
                "id": repository.removeprefix(DATASETS),
                "sha": place.name,
                "private": False,
                "tags": [],
                "siblings": names,
            }
        )

    def _paths(self, repository: str, revision: str, paths: Sequence[str]) -> Reply:
        place = self._place(repository, revision)
        if place is None:
            return _missing(404, "RevisionNotFound", "Invalid rev id: " + revision)
        return _json([_entry(place / path, place) for path in paths if (place / path).exists()])

    def _tree(self, place: Path, inside: str, deep: bool) -> Reply:
        if not (place / inside).is_dir():
            return _missing(404, "EntryNotFound", f"{inside} does not exist", {"X-Repo-Commit": place.name})
        return _json([_entry(path, place) for path in sorted((place / inside).glob("**/*" if deep else "*"))])

    def _resolve(self, repository: str, verb: str, tail: str) -> Reply:
        revision, _, name = tail.partition("/")
        place = self._place(repository, revision)
        if verb != "resolve" or place is None:
            return _missing(404, "RevisionNotFound", "Invalid rev id: " + revision)
        path, head = place / name, {"X-Repo-Commit": place.name}
        if not path.is_file():
            return _missing(404, "EntryNotFound", "Entry not found", head)
        if path.suffix != LARGE:
            return Reply(200, head | {"ETag": f'"{_git_hash(path)}"'}, path.read_bytes())
        linked = {"X-Linked-Size": str(path.stat().st_size), "X-Linked-ETag": f'"{_digest(path)}"'}
        return Reply(302, head | linked | {"Location": f"{self._cdn.url}/{_digest(path)}"})

    @contextmanager
    def serve(self) -> Iterator["LoopbackHub"]:
        """Serve until the block ends, or LIFETIME has passed."""
        serving = [each.serve_forever for each in (self._hub, self._cdn)]
        threads = [threading.Thread(target=each, args=(0.05,), daemon=True) for each in serving]
        end = threading.Timer(LIFETIME, self._stop)
        end.daemon = True
        for thread in (*threads, end):
            thread.start()
        try:
            yield self
        finally:
            end.cancel()
            self._stop()

    def _stop(self) -> None:
        for server in (self._hub, self._cdn):
            server.shutdown()
            server.server_close()
            server.pool.shutdown(cancel_futures=True)


def _bounds(span: str | None, size: int) -> tuple[int, int]:
    """The first byte that a Range header asks for, and the one after the last."""
    start, _, last = (span or "bytes=0-").removeprefix("bytes=").partition("-")
    return int(start), min(int(last) + 1, size) if last else size


def _spoilt(whole: bytes, fault: Fault | None) -> bytes:
    if fault == "changed":
        # In the last tensor, not in the header: a file that still reads as safetensors.
        return whole[:-3] + bytes([whole[-3] ^ 0x55]) + whole[-2:]
    return whole[: len(whole) // 2] if fault == "shortened" else whole


def _entry(path: Path, place: Path) -> dict[str, Any]:
    name = str(path.relative_to(place))
    if path.is_dir():
        return {"type": "directory", "path": name, "oid": hashlib.sha1(name.encode()).hexdigest(), "size": 0}
    entry = {"type": "file", "path": name, "oid": _git_hash(path), "size": path.stat().st_size}
    large = {"oid": _digest(path), "size": path.stat().st_size, "pointerSize": 130}
    return entry | ({"lfs": large} if path.suffix == LARGE else {})


def _missing(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, {"X-Error-Code": code, "X-Error-Message": message, **(headers or {})}, message.encode())


def _json(value: Any) -> Reply:
    return Reply(200, {"Content-Type": "application/json"}, json.dumps(value).encode())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _git_hash(path: Path) -> str:
    """A file's name in git: the SHA-1 of its bytes behind a header with their number."""
    content = path.read_bytes()
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
