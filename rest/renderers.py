"""Writes JSON answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from rest_framework import renderers
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from calendars.times import format_utc

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def _plain(value: Any) -> Any:
    if isinstance(value, ReturnDict | Mapping):
        return dict(value)
    if isinstance(value, ReturnList):
        return list(value)
    return str(value)


def timestamp(value: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`: the frontend compares these strings (contract 2.3)."""
    return format_utc(value)


class OrjsonRenderer(renderers.BaseRenderer):
    """UUIDs and UTC times as the contract writes them. Event times are rendered by `timestamp`, without fraction."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if renderer_context and "response" in renderer_context:
            # View, request and response hold each other, so what they hold waits for Python's collector of cycles.
            renderer_context["response"].data = None
        return b"" if data is None else orjson.dumps(data, default=_plain, option=OPTIONS)
