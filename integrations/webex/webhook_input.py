"""What a program sends of a webhook, with its limits, and how the answers are described."""

from typing import Any

from rest_framework import serializers

from integrations.deliveries import guard
from integrations.webex import webhook_filters
from integrations.webex.models import FILTER_LENGTH, NAME_LENGTH, SECRET_LENGTH, Webhook
from integrations.webex.words import EVENTS, OF_THE_ORG, RESOURCES
from rest import fields
from rest.errors import field_error

MOST_ON_A_PAGE = 1000
STATES = ("active", "inactive")


class _Shared(serializers.Serializer[Any]):
    def validate_targetUrl(self, value: str) -> str:  # noqa: N802 - the member's name
        guard.check_url(value, field="")
        return value


class WebhookInput(_Shared):
    name = fields.Text(max_length=NAME_LENGTH, min_length=1)
    targetUrl = fields.Text(max_length=guard.MAX_LENGTH, min_length=1)  # noqa: N815 - Webex's name
    resource = serializers.ChoiceField(RESOURCES)
    event = serializers.ChoiceField(EVENTS)
    filter = fields.Text(max_length=FILTER_LENGTH, required=False, allow_null=True)
    secret = fields.Text(max_length=SECRET_LENGTH, required=False, allow_null=True)
    ownedBy = serializers.ChoiceField(Webhook.OwnedBy.values, default=Webhook.OwnedBy.CREATOR)  # noqa: N815

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_of_org, resource = attrs["ownedBy"] == Webhook.OwnedBy.ORG, attrs["resource"]
        if resource in OF_THE_ORG and not is_of_org:
            raise field_error("resource", "invalid_value", f"{resource} needs ownedBy=org")
        webhook_filters.check(attrs.get("filter") or "", resource=resource, is_of_org=is_of_org)
        return attrs


class WebhookChange(_Shared):
    """Members that are left out stay; others than these are passed over. Only `active` can be asked for."""

    name = fields.Text(max_length=NAME_LENGTH, min_length=1, required=False)
    targetUrl = fields.Text(max_length=guard.MAX_LENGTH, min_length=1, required=False)  # noqa: N815
    secret = fields.Text(max_length=SECRET_LENGTH, required=False, allow_null=True)
    status = serializers.ChoiceField(STATES, required=False)

    def validate_status(self, value: str) -> str:
        if value == "inactive":
            raise serializers.ValidationError("A webhook cannot be made inactive: delete it", "invalid_value")
        return value


# --- Answers ---


class WebhookResource(serializers.Serializer[Any]):
    """`secret` stands only in answers to whoever created the webhook, and only where it has one."""

    id = serializers.CharField(max_length=200)
    name = serializers.CharField(max_length=NAME_LENGTH)
    targetUrl = serializers.CharField(max_length=guard.MAX_LENGTH)  # noqa: N815
    resource = serializers.ChoiceField(RESOURCES)
    event = serializers.ChoiceField(EVENTS)
    filter = serializers.CharField(max_length=FILTER_LENGTH, required=False)
    secret = serializers.CharField(max_length=SECRET_LENGTH, required=False)
    status = serializers.ChoiceField(STATES)
    created = serializers.DateTimeField()
    orgId = serializers.CharField(max_length=200)  # noqa: N815
    createdBy = serializers.CharField(max_length=200)  # noqa: N815
    appId = serializers.CharField(max_length=200, required=False)  # noqa: N815
    ownedBy = serializers.ChoiceField(Webhook.OwnedBy.values)  # noqa: N815


class WebhookList(serializers.Serializer[Any]):
    items = fields.several(WebhookResource, MOST_ON_A_PAGE)
