"""Lists in pages: `count` of them, and with `after` those behind the `next` of another page."""

from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import Json
from integrations.objects.listing import Place

MOST = 500


class PlaceField(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            return Place.parse(text)
        except (ValueError, OverflowError):
            raise serializers.ValidationError("This must be the `next` of another answer.") from None


class Paging(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1, max_value=MOST, default=100)
    after = PlaceField(max_length=80, required=False, default=None)


def with_next(told: Json, behind: Place | None) -> Json:
    """`next` is missing where nothing follows."""
    return told | ({"next": str(behind)} if behind else {})
