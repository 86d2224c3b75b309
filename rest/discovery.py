"""The well-known address where clients find the versions of the API (RFC 8615)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class ApiVersion(serializers.Serializer[Any]):
    base_url = serializers.CharField(max_length=255)


class ApiVersions(serializers.Serializer[Any]):
    v1 = ApiVersion()


class Discovery(serializers.Serializer[Any]):
    opentalk_api = ApiVersions()


class DiscoveryView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(summary="Find the versions of the API", responses=Discovery)
    def get(self, request: Request) -> Response:
        """Needs no sign-in. The paths of a version begin with its `base_url`."""
        return Response({"opentalk_api": {"v1": {"base_url": "v1"}}})
