"""The site on a real socket, for programs of others: they call in a thread, it answers in the test's transaction."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

Result = TypeVar("Result")


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def kept_connection() -> Iterator[None]:
    """As Django's test client does: the test's transaction, open on PostgreSQL, is one that a request would close."""
    signals = request_started, request_finished
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def while_served(call: Callable[[str], Result]) -> Result:
    """What `call` returns, which gets the site's address and runs in a thread of its own."""
    handler = WSGIHandler()
    with (
        kept_connection(),
        make_server("127.0.0.1", 0, handler, handler_class=Quiet) as server,
        ThreadPoolExecutor(1) as thread,
    ):
        server.timeout = 0.02
        asking = thread.submit(call, f"http://127.0.0.1:{server.server_port}")
        while not asking.done():
            server.handle_request()
        return asking.result()
