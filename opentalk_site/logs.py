"""What is logged, and what never: paths of requests, in which guest codes may stand, and sids of cospace."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any


class RouteFilter(logging.Filter):
    """Says the route where Django says the path, in which a guest code may stand."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path is not None and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            route = f"/{match.route}" if match else "an unknown path"
            record.args = tuple(route if word == path else word for word in record.args)
        return True


class JsonFormatter(logging.Formatter):
    """One object a line; members that a caller put into `extra` stand beside the others."""

    def format(self, record: logging.LogRecord) -> str:
        own = {name: value for name, value in vars(record).items() if name not in _KNOWN}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        } | own
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


# What each record has; `request` is Django's, which no line can hold.
_KNOWN = {*vars(logging.makeLogRecord({})), "message", "asctime", "request", "status_code", "server_time"}


class SidFilter(logging.Filter):
    """cospace takes a session's sid in the query, too, and development servers log it."""

    SID = re.compile(r"(?<=[?&]sid=)[^&\s\"']+")

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if "sid=" in said:
            record.msg, record.args = self.SID.sub("…", said), ()
        return True


def configuration(*, level: str, form: str, tells_requests: bool) -> dict[str, Any]:
    """For Python's logging.config.dictConfig. `form` is line or json."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "rest.request_id.RequestIdFilter"},
            "route": {"()": "opentalk_site.logs.RouteFilter"},
            "sid": {"()": "opentalk_site.logs.SidFilter"},
        },
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
            "json": {"()": "opentalk_site.logs.JsonFormatter"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request_id", "route", "sid"]},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "rest.requests": {} if tells_requests else {"level": "CRITICAL"},
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},  # its lines about 4xx hold paths, and a path may be a guest code
            # For the same reason no server writes an access log, however it was started.
            **{name: {"handlers": [], "propagate": False} for name in ("uvicorn.access", "gunicorn.access")},
            "celery": {"level": "WARNING"},  # it reports every call of every task; a job that did something has a row
        },
    }
