"""The query parameter `dry_run`, which all changes of meetings and invitations take."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.response import Response

from events.models import Event
from events.serializers.effects import DryRun, effects_resource
from events.services.dry_run import effects_of
from rest.fields import query_flag
from rest.schema import DRY_RUN
from users.authentication import UserRequest


def is_dry_run(request: UserRequest) -> bool:
    return bool(query_flag(request, DRY_RUN.name))


def dry_run_response(do: Callable[[], object], *, event: Event | None) -> Response:
    return Response(effects_resource(effects_of(do, event=event)))


def or_dry_run(kind: type[serializers.Serializer[Any]]) -> PolymorphicProxySerializer:
    """For operations whose answer has the status that a dry run's has."""
    return PolymorphicProxySerializer(
        component_name=f"{kind.__name__}OrDryRun", serializers=[kind, DryRun], resource_type_field_name=None
    )
