"""Reads what a program sends of a webhook."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http.request import RawPostDataException

from rest import parsers
from rest.errors import InvalidJson, PayloadOverflow

MOST_FIELDS = 20


class WebhookParser(parsers.JSONParser):
    """JSON; also a form that calls itself JSON, as wxc_sdk 1.41 sends changes."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        except RequestDataTooBig:
            raise PayloadOverflow from None
        except RawPostDataException:
            raise InvalidJson from None
        form = _form(raw) if raw[:1].isalpha() else None
        return super().parse(BytesIO(raw), media_type, parser_context) if form is None else form


def _form(raw: bytes) -> dict[str, str] | None:
    """None where it is none: a JSON text that begins with a letter has no `=`."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return dict(pairs)
