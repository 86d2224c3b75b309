"""Webhooks for tests, made by the services that make them in production."""

from typing import Any

from activity.actors import Actor
from integrations.webex.models import Webhook
from integrations.webex.webhooks import create_webhook
from users.models import User

SECRET = "a secret of the program"
HOOK = {"name": "Everything", "targetUrl": "https://app.example.org/hook", "resource": "all", "event": "all"}


def webhook_of(
    owner: User, url: str = "https://app.example.org/hook", *, secret: str = SECRET, **columns: Any
) -> Webhook:
    """Tells everything that concerns its owner, unless `columns` say otherwise."""
    values = {"name": "Everything", "resource": "all", "event": "all", "filter": "", "owned_by": "creator"} | columns
    return create_webhook(owner=owner, values=values, url=url, secret=secret, actor=Actor.by_api(owner))
