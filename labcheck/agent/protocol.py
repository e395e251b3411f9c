"""The conversation: one JSON object a line, UTF-8, ASCII only.

First line out: ``{"agent": 1, "hash", "python", "system", "pid"}``. In: ``{"id", "do", "with"}``. Out, for
each: any number of ``{"id", "progress"}``, then one ``{"id", "result"}`` or ``{"id", "error": {code, message,
detail}}``. One request at a time; ``stop`` with the id of the request under way ends a watch."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time

from .typed import Any, BinaryIO

Fact = Any
"""A value, or ``{"unavailable": reason}``."""
Json = dict[str, Any]
VERSION = 1
LINE_BYTES = 16 * 1024 * 1024
IDLE_SECONDS = 600.0
"""Without a request for so long the agent ends: its controller is gone, and so must its lock be."""


class Refused(Exception):
    """A request that is not carried out, or that failed; ``code`` is for programs."""

    def __init__(self, code: str, message: str, **detail: Any) -> None:
        """Keep the parts."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class Unavailable(Exception):
    """A fact that cannot be had here; the text says why."""


class Conversation:
    """Reads requests, and writes what becomes of them."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        """Start reading in a thread of its own, so that a watch hears ``stop``."""
        self._sink = sink
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._ended = False
        self._current: Any = None
        threading.Thread(target=self._read, args=(source,), daemon=True).start()

    def _read(self, source: BinaryIO) -> None:
        while True:
            line = source.readline(LINE_BYTES)
            self._lines.put(line)
            if not line.endswith(b"\n"):  # the end, a line that was cut, or one that is too long
                self._lines.put(b"")
                return

    def next(self) -> Json | None:
        """The next request; None when the controller is gone."""
        while not self._ended:
            try:
                line = self._lines.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                return None
            if not line.endswith(b"\n"):
                self._ended = True
                break
            request = self._parse(line)
            if request is None or request.get("do") == "stop":  # a stop that came after the end of its watch
                continue
            self._current = request["id"]
            return request
        return None

    def _parse(self, line: bytes) -> Json | None:
        try:
            request = json.loads(line)
            given = request.setdefault("with", {})
            fits = isinstance(request["id"], (int, str)) and isinstance(request["do"], str)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            fits, given = False, None
        if fits and isinstance(given, dict):
            return dict(request)
        refusal = {"code": "bad-request", "message": "not a request", "detail": {}}
        self._write({"id": None, "error": refusal})
        return None

    def stopped(self, seconds: float) -> bool:
        """Wait for so long, less when the request under way is told to stop or the controller is gone."""
        until = time.monotonic() + seconds
        while not self._ended:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return False
            if not line.endswith(b"\n"):
                self._ended = True
                break
            request = self._parse(line)
            if request is None:
                continue
            if request["do"] == "stop":
                return True
            busy = {"code": "busy", "message": "another request is under way", "detail": {}}
            self._write({"id": request["id"], "error": busy})
        return True

    def hello(self, bundle_hash: str) -> None:
        """Say who is here."""
        python = ".".join(map(str, sys.version_info[:3]))
        system = "windows" if sys.platform == "win32" else "linux"
        self._write(
            {"agent": VERSION, "hash": bundle_hash, "python": python, "system": system, "pid": os.getpid()}
        )

    def progress(self, **what: Any) -> None:
        """Say how far the request under way is."""
        self._write({"id": self._current, "progress": what})

    def result(self, what: Json) -> None:
        """Answer the request under way."""
        self._write({"id": self._current, "result": what})

    def error(self, code: str, message: str, detail: Json) -> None:
        """Say that the request under way is not carried out."""
        self._write({"id": self._current, "error": {"code": code, "message": message, "detail": detail}})

    def _write(self, message: Json) -> None:
        self._sink.write(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")
        self._sink.flush()
