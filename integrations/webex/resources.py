"""Webhooks as Webex writes them."""

import uuid
from typing import Any

from integrations.webex import ids, times
from integrations.webex.models import Webhook

Json = dict[str, Any]
APPLICATIONS = uuid.uuid5(uuid.NAMESPACE_URL, "ciscospark://us/APPLICATION")


def resource(webhook: Webhook, secret: str | None = None) -> Json:
    """As the API answers it and notifications repeat it; the secret only to whom it belongs.

    Members that have no value are left out.
    """
    endpoint = webhook.endpoint
    told: Json = {
        "id": ids.written(ids.WEBHOOK, webhook.pk),
        "name": webhook.name,
        "targetUrl": endpoint.url,
        "resource": webhook.resource,
        "event": webhook.event,
        "filter": webhook.filter,
        "secret": secret or "",
        "orgId": ids.written(ids.ORGANIZATION, webhook.tenant_id),
        "createdBy": ids.written(ids.PERSON, webhook.owner_id),
        "appId": app_id(webhook.app_id),
        "ownedBy": webhook.owned_by,
        "status": "active" if endpoint.state == endpoint.State.ACTIVE else "inactive",
        "created": times.written(webhook.created_at),
    }
    return {name: value for name, value in told.items() if value != ""}


def app_id(client_id: str) -> str:
    return ids.written(ids.APPLICATION, uuid.uuid5(APPLICATIONS, client_id)) if client_id else ""
