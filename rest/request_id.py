"""One id per request: in the answer's header, in error bodies, in each log line and in the activity log.

And one line per request in the log, with its route: in the path a guest code may stand.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("rest.requests")
_current: ContextVar[str] = ContextVar("request_id", default="")
ACCEPTED = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def current() -> str:
    """The id of the request being served; "" in jobs and commands."""
    return _current.get()


class RequestIdMiddleware:
    """Takes the client's or the proxy's `X-Request-Id` where it is harmless, else makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if ACCEPTED.fullmatch(given) else str(uuid.uuid4())
        token, began = _current.set(request_id), time.perf_counter()
        try:
            response = self.get_response(request)
            _tell(request, response, time.perf_counter() - began)
        finally:
            _current.reset(token)
        response["X-Request-Id"] = request_id
        return response


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Of files that need no view nothing is told."""
    if request.resolver_match is None and response.status_code in {200, 206, 304}:
        return
    route = f"/{request.resolver_match.route}" if request.resolver_match else "an unknown path"
    milliseconds = round(seconds * 1000, 1)
    told = {"method": request.method, "route": route, "status": response.status_code, "milliseconds": milliseconds}
    logger.info("%(method)s %(route)s %(status)d in %(milliseconds).1f ms", told, extra=told)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current() or "-"
        return True
