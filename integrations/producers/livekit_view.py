"""v1/services/livekit/webhook"""

from collections.abc import Mapping
from typing import IO, Any

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.producers import livekit
from rest.errors import PayloadOverflow

LARGEST = 262_144


class RawParser(BaseParser):
    """The bytes, which the token is about."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw: bytes = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise PayloadOverflow
        return raw


class LiveKitWebhookView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (RawParser,)

    @extend_schema(exclude=True)  # for LiveKit alone, whose settings name the address
    def post(self, request: Request) -> Response:
        body = request.data if isinstance(request.data, bytes) else b""
        livekit.check(body, request.headers.get("Authorization", "")[:16_384])
        livekit.hear(webhook=livekit.read(body))
        return Response({})
