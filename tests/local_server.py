"""A real HTTP server on a real socket, for what the site asks of others; it can be slow, huge, silent or wrong."""

import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """A request that came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: Message
    body: bytes


@dataclass
class Reply:
    """`drip_seconds` between bytes; `length` claims another length than the body has."""

    body: bytes | Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip_seconds: float = 0
    wait_seconds: float = 0
    length: int | None = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # with Python's 5, some of ten callers at once wait a second for nothing


class LocalServer:
    """Answers by path; `count` says how often each was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.replies: dict[str, Callable[[Asked], Reply]] = {}
        self.otherwise: Callable[[Asked], Reply] = lambda _asked: Reply(status=404)
        self.count: Counter[str] = Counter()
        self.asked: list[Asked] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self._server.handle_error = lambda *args: None  # type: ignore[method-assign]
            self.url = self.url.replace("http:", "https:")

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """From now on nobody listens at the address."""
        self._server.shutdown()
        self._server.server_close()

    def on(self, path: str, reply: Reply | Callable[[Asked], Reply]) -> None:
        self.replies[path] = reply if callable(reply) else lambda _asked: reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                asked = Asked(self.command, parts.path, query, self.headers, body)
                server.count[parts.path] += 1
                server.asked.append(asked)
                reply = server.replies.get(parts.path, server.otherwise)(asked)
                self.send(reply)

            def send(self, reply: Reply) -> None:
                time.sleep(reply.wait_seconds)
                body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) if reply.length is None else reply.length))
                self.end_headers()
                try:
                    for start in range(0, len(body), 1 if reply.drip_seconds else 65536):
                        self.wfile.write(body[start : start + (1 if reply.drip_seconds else 65536)])
                        time.sleep(reply.drip_seconds)
                except OSError:  # whoever asked has gone away
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = do_MKCOL = answer  # noqa: N815 - the base class finds them by these names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

        return Handler
