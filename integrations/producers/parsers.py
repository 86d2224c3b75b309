"""Bodies of reports: JSON under CloudEvents' names too, and shorter than other bodies."""

from collections.abc import Mapping
from typing import IO, Any

import orjson

from rest.errors import InvalidJson, PayloadOverflow
from rest.parsers import JSONParser

LARGEST = 1024 * 1024


class ReportParser(JSONParser):
    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise PayloadOverflow
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise InvalidJson(f"The request body is not valid JSON: {error}") from None


class CloudEventParser(ReportParser):
    media_type = "application/cloudevents+json"


class BatchParser(ReportParser):
    media_type = "application/cloudevents-batch+json"
