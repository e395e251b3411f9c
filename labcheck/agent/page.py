"""``page``: a page in a browser at this workstation, for a person who is asked something there.

``{"step": "open", "html", "words", "exam_user"}`` -> ``{"url", "opened", "command"}``: served from now on, to
this computer alone, under a path that nobody can guess; ``opened``: a browser was started in the session at
the screen; ``command``: what shows the same in a terminal there (:mod:`.beside`), null where nothing does.
``{"step": "show", "screen"}`` -> ``{}``; ``{"step": "ask", "screen", "seconds"}`` -> ``{"answer", "seen"}``:
what the page sent, null when nothing came in time; ``seen``: whether a page is open at all. ``{"step":
"close"}`` -> ``{}``. Screens and answers mean nothing here.

The page asks for ``screen?after=NUMBER``, which waits for a newer one, and posts ``{"number", "answer"}`` to
``answer``; the terminal asks for ``words`` besides. Nothing of it is written down."""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import parse_qs, urlsplit

from . import beside, session
from .fix import start_at_screen
from .programs import WINDOWS
from .protocol import Conversation, Json, Refused, Unavailable
from .typed import Any

HOST = "127.0.0.1"
BROWSERS = ("xdg-open", "sensible-browser", "firefox", "chromium", "chromium-browser", "yandex-browser")
WAIT_SECONDS = 10.0
"""A page that asks for the next screen is answered after so long at the latest, and asks again."""
SEEN_SECONDS = 2 * WAIT_SECONDS
REQUEST_BYTES = 1000
POLL_SECONDS = 0.1
LAST_SECONDS = 2.0
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_open: dict[str, Any] = {"page": None, "script": None}


def page(conversation: Conversation, wanted: Json) -> Json:
    """Carry out a step. Raises Refused."""
    step = str(wanted.get("step"))
    if step == "open":
        return _begin(wanted, str(wanted.get("exam_user") or ""))
    if step not in {"show", "ask", "close"} or not isinstance(wanted.get("screen", {}), dict):
        raise Refused("bad-request", "open, show, ask or close?")
    served = _open["page"]
    if served is None:
        raise Refused("not-open", "no page is shown")
    if step == "ask":
        return _ask(conversation, served, wanted.get("screen", {}), float(wanted.get("seconds", 60.0)))
    if step == "show":
        served.show(wanted.get("screen", {}), asks=False)
    else:
        _end()
    return {}


def _begin(wanted: Json, exam_user: str) -> Json:
    _end()
    served = Page(str(wanted.get("html") or ""), wanted.get("words") or {})
    _open["page"] = served
    opened = _browse(served.url, exam_user)
    _open["script"] = script = beside.write(served.url, exam_user)
    return {"url": served.url, "opened": opened, "command": script and f"python3 {script}"}


def _end() -> None:
    release()
    served, _open["page"] = _open["page"], None
    if served is not None:
        served.close()


def release() -> None:
    """Leave nothing behind when the agent ends in the middle."""
    script, _open["script"] = _open["script"], None
    if script is not None:
        with contextlib.suppress(OSError):
            os.remove(script)


def _ask(conversation: Conversation, served: Page, screen: Json, seconds: float) -> Json:
    served.show(screen, asks=True)
    until = time.monotonic() + seconds
    while not served.answered.is_set() and time.monotonic() < until:
        if conversation.stopped(POLL_SECONDS):
            break
    return {"answer": served.answer, "seen": served.seen}


def _browse(url: str, exam_user: str) -> bool:
    """Start a browser for whoever is at the screen; whether there was one to start, and somebody."""
    try:
        if session.find(exam_user) is None:
            return False
        if WINDOWS:
            start_at_screen(["rundll32.exe", "url.dll,FileProtocolHandler", url], exam_user)
            return True
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        if program is None:
            return False
        start_at_screen([program, url], exam_user)
    except (Unavailable, Refused):
        return False
    return True


class Page:
    """A page that is served; its methods may be called by any thread."""

    def __init__(self, html: str, words: Json) -> None:
        """Serve it."""
        self.html, self.words = html.encode("utf-8"), words
        self.path = f"/{secrets.token_urlsafe(24)}/"
        self.answered = threading.Event()
        self.answer: str | None = None
        self._number, self._asks = 0, False
        self._screen: Json = {}
        self._changed = threading.Condition()
        self._asked_at = float("-inf")
        self.delivered = 0
        self._server = _Server((HOST, 0), _Handler)
        self._server.page = self
        self.host = f"{HOST}:{self._server.server_address[1]}"
        self.url = f"http://{self.host}{self.path}"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def seen(self) -> bool:
        """Whether somebody's page has asked for a screen lately."""
        return time.monotonic() - self._asked_at < SEEN_SECONDS

    def show(self, screen: Json, *, asks: bool) -> None:
        """The next screen; ``asks``: one answer to it is taken."""
        with self._changed:
            self._number, self._screen, self._asks = self._number + 1, screen, asks
            self.answer = None
            self.answered.clear()
            self._changed.notify_all()

    def next(self, after: int) -> Json:
        """The screen, once it is another than that of this number; after a while the same again."""
        self._asked_at = time.monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self._number != after, WAIT_SECONDS)
            return {"number": self._number, "screen": self._screen}

    def take(self, number: int, answer: str) -> bool:
        """Keep an answer, when it is to what is asked now, and the first."""
        with self._changed:
            fits = self._asks and number == self._number and not self.answered.is_set()
            if fits:
                self.answer = answer
                self.answered.set()
        return fits

    def close(self) -> None:
        """Serve it no longer, once an open page has the last screen."""
        until = time.monotonic() + LAST_SECONDS
        while self.seen and self.delivered != self._number and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    page: Page

    def server_bind(self) -> None:
        """Without asking anybody for this computer's name, which may take long."""
        TCPServer.server_bind(self)

    def handle_error(self, *_args: Any) -> None:
        """A page that was closed meanwhile is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30.0

    def do_GET(self) -> None:
        """The page itself, or its next screen."""
        page = self.server.page
        parts = urlsplit(self.path)
        wanted = self._wanted(parts.path)
        if wanted == "":
            self._send(200, page.html, "text/html; charset=utf-8")
        elif wanted == "words":
            self._json(page.words)
        elif wanted == "screen":
            after = parse_qs(parts.query).get("after", ["-1"])[0]
            screen = page.next(int(after) if after.isdigit() else -1)
            self._json(screen)
            page.delivered = screen["number"]
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        """An answer."""
        length = self.headers.get("Content-Length") or ""
        foreign = self.headers.get("Origin") not in (None, f"http://{self.server.page.host}")
        if self._wanted(urlsplit(self.path).path) != "answer" or foreign or not length.isdigit():
            self._send(404, b"", "text/plain")
            return
        try:
            said = json.loads(self.rfile.read(min(int(length), REQUEST_BYTES)))
            number, answer = int(said["number"]), str(said["answer"])
        except (ValueError, KeyError, TypeError, RecursionError):
            self._send(400, b"", "text/plain")
            return
        self._json({"taken": self.server.page.take(number, answer)})

    def _wanted(self, path: str) -> str | None:
        """What is wanted below the path that nobody can guess; None for whoever does not know it, or comes
        under another name: a foreign site's that was made to point here."""
        page = self.server.page
        known, asked = page.path.encode(), path[: len(page.path)].encode("utf-8", "replace")
        if self.headers.get("Host") != page.host or not hmac.compare_digest(known, asked):
            return None
        return path[len(page.path) :]

    def _json(self, data: Json) -> None:
        self._send(200, json.dumps(data).encode("ascii"), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *HEADERS.items()):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Write nothing down: the path is in it."""
