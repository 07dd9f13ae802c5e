"""The playground's server: this computer alone can reach it, and every tab has a session of its own.

``POST /api/sessions`` with settings begins one; ``GET /api/sessions/ID/events`` streams it (server-sent events), and
it ends with its stream; ``POST /api/sessions/ID`` with ``{"action": "play" | "pause" | "step" | "reset"}`` or
``{"action": "settings", "settings": {...}}`` acts on it; ``GET /api/sessions/ID/report`` is its monitor's page.
"""

from __future__ import annotations

import json
import re
import secrets
import socket
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from demos.playground.session import Session
from demos.playground.settings import Settings, SettingsError

WEB = Path(__file__).parent / "web"
FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/pictures.js": ("pictures.js", "text/javascript"),
}
BODY = 2_000_000  # bytes of a request, at most
SESSIONS = 12
UNWATCHED = 10  # seconds that a session may be without its stream, at its beginning
HEARTBEAT = 1.0
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


class RefusedError(Exception):
    """A request that cannot be answered: the status, and why."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.field = status, field


class Server(ThreadingHTTPServer):
    """Serves on the loopback interface; ``port`` 0 takes a free one. `close` ends all sessions and all threads."""

    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        self.sessions: dict[str, Session] = {}
        self.lock = threading.Lock()
        self.closing = False
        self._sockets: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="playground server")

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/"

    def start(self) -> Server:
        """Serve, in the background."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop serving; no thread is left when this returns."""
        self.closing = True
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        for key in list(self.sessions):
            self.end(key)
        with self.lock:
            for connection in self._sockets:
                with suppress(OSError):  # closed by the other side
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self._sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self._sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A tab that went away is no error of ours."""
        if not self.closing and not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def service_actions(self) -> None:
        """Between requests: end the sessions that nobody came to see."""
        for key, session in list(self.sessions.items()):
            if not session.streams and time.monotonic() - session.born > UNWATCHED:
                self.end(key)

    # Sessions --------------------------------------------------------------------------------------------------

    def begin(self, settings: Settings) -> str:
        """A new session's key."""
        with self.lock:
            if len(self.sessions) >= SESSIONS:
                raise RefusedError(503, f"{SESSIONS} tabs are open, which is the most; close one and reload this page.")
            key = secrets.token_urlsafe(12)
            self.sessions[key] = Session(settings)
        return key

    def end(self, key: str) -> None:
        """End a session, if it is there."""
        with self.lock:
            session = self.sessions.pop(key, None)
        if session is not None:
            session.end()


class Handler(BaseHTTPRequestHandler):
    """One request. HTTP/1.0: a connection ends with its answer."""

    server: Server
    server_version, sys_version = "chainrule", ""
    timeout = 20

    def do_GET(self) -> None:
        """A file, a stream or a report."""
        self._answered(self._get)

    def do_POST(self) -> None:
        """A new session, or something done to one."""
        self._answered(self._post)

    def _answered(self, answer: Any) -> None:
        try:
            self._check_origin()
            answer(self.path.partition("?")[0])
        except SettingsError as error:
            self._send_json(400, {"error": str(error), "field": error.field})
        except RefusedError as refusal:
            self._send_json(refusal.status, {"error": str(refusal), "field": refusal.field})

    def _check_origin(self) -> None:
        """Only pages of this server: a foreign name for 127.0.0.1 (DNS rebinding) or a foreign page is refused."""
        port = self.server.server_port
        hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        if self.headers.get("Host", "").lower() not in hosts:
            raise RefusedError(403, f"This server answers to {self.server.url} alone.")
        origin = self.headers.get("Origin")
        if origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
            raise RefusedError(403, "Requests from other pages are refused.")
        if self.headers.get("Sec-Fetch-Site") == "cross-site" and self.command == "POST":
            raise RefusedError(403, "Requests from other pages are refused.")

    def _session(self, key: str) -> Session:
        session = self.server.sessions.get(key)
        if session is None:
            raise RefusedError(404, "This session has ended; reload the page.")
        return session

    # GET -------------------------------------------------------------------------------------------------------

    def _get(self, path: str) -> None:
        if path in FILES:
            name, kind = FILES[path]
            return self._send(200, (WEB / name).read_bytes(), f"{kind}; charset=utf-8")
        if found := re.fullmatch(r"/api/sessions/([\w-]+)/events", path):
            return self._stream(found[1], self._session(found[1]))
        if found := re.fullmatch(r"/api/sessions/([\w-]+)/report", path):
            page = self._session(found[1]).report()
            if not page:
                raise RefusedError(409, "There is nothing to report before the first step.")
            return self._send(200, page.encode(), "text/html; charset=utf-8")
        raise RefusedError(404, f"There is nothing at {path!r:.60}.")

    def _stream(self, key: str, session: Session) -> None:
        with session.changed:
            if session.streams:
                raise RefusedError(409, "This session is shown elsewhere; reload the page.")
            session.streams += 1
        try:
            self._head(200, "text/event-stream; charset=utf-8")
            version, run = -1, None
            while not (self.server.closing or session.ended):
                news = session.wait(version, HEARTBEAT)
                if news is None:
                    self.wfile.write(b":\n\n")  # fails if nobody is there any more
                elif news[0] > 0:
                    if news[1] is not run:
                        self._event("run", news[1].described())
                    version, run, told = news
                    self._event("news", told)
        except OSError:
            pass  # the tab was closed
        finally:
            self.server.end(key)

    def _event(self, name: str, content: Any) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps(content, allow_nan=False)}\n\n".encode())

    # POST ------------------------------------------------------------------------------------------------------

    def _post(self, path: str) -> None:
        content = self._json()
        if path == "/api/sessions":
            return self._send_json(201, {"session": self.server.begin(Settings.checked(content))})
        found = re.fullmatch(r"/api/sessions/([\w-]+)", path)
        if found is None:
            raise RefusedError(404, f"There is nothing at {path!r:.60}.")
        session = self._session(found[1])
        actions = {name: getattr(session, name) for name in ("play", "pause", "step", "reset")}
        action = content.get("action") if isinstance(content, dict) else None
        if action == "settings":
            session.choose(Settings.checked(content.get("settings")))
        elif isinstance(action, str) and action in actions:
            actions[action]()
        else:
            raise RefusedError(400, f"The action must be settings, {', '.join(actions)}.")
        return self._send_json(200, {})

    def _json(self) -> Any:
        if self.headers.get_content_type() != "application/json":  # which a foreign page cannot send unasked
            raise RefusedError(415, "The body must be application/json.")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise RefusedError(411, "The request must say its length.")
        if int(length) > BODY:
            for _ in range(min(int(length), 20 * BODY) // 65536):  # who still sends would not hear the answer
                self.rfile.read(65536)
            raise RefusedError(413, f"That is {int(length):,} bytes; at most {BODY:,} can be taken.", "csv")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise RefusedError(400, "The body is no JSON.") from None

    # Answers ---------------------------------------------------------------------------------------------------

    def _head(self, status: int, kind: str, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self._head(status, kind, len(content))
        self.wfile.write(content)

    def _send_json(self, status: int, content: Any) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def log_message(self, format: str, *_: Any) -> None:
        """Requests are not printed."""
