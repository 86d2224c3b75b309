"""Reads request bodies: JSON, and files as they come."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http.request import RawPostDataException
from rest_framework import parsers

from rest.errors import InvalidJson, PayloadOverflow


class JSONParser(parsers.BaseParser):
    """orjson refuses NaN, lone surrogates, endless nesting and all that RFC 8259 does not know."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        # Django checks the size where it keeps a body, not where it is read as a stream like here.
        try:
            raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        except RequestDataTooBig:
            raise PayloadOverflow from None
        except RawPostDataException:
            raise InvalidJson from None
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise PayloadOverflow
        if not raw.strip():
            return {}
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise InvalidJson(f"The request body is not valid JSON: {error}") from None


class FileParser(parsers.BaseParser):
    """`request.data` is the body's stream, which nobody has read; `{}` where there is no body."""

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return stream
