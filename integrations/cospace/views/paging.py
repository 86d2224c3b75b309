"""Lists by page: `count` of them in the order of their ids, from the one that follows `after`."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from integrations.objects import access
from integrations.objects.models.objects import Object
from users.models import User

MOST = 1000


class Page(serializers.Serializer[Any]):
    after = serializers.UUIDField(required=False)
    count = serializers.IntegerField(min_value=1, max_value=MOST, default=MOST)


def page(rows: QuerySet[Any], values: dict[str, Any]) -> Sequence[Any]:
    """`values`: those of Page."""
    if "after" in values:
        rows = rows.filter(pk__gt=values["after"])
    return list(rows.order_by("pk")[: values["count"]])


def objects_of(user: User, of_type: str) -> QuerySet[Object]:
    """All that the person can read of a type."""
    return access.visible(user).filter(type=of_type).select_related("owner")
