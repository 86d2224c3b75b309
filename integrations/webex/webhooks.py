"""Webhooks are made, changed, switched and deleted here; each has an endpoint and a key ring of its own."""

from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.kind import Kind
from activity.log import record
from activity.reader_kinds import WebhookCreated, WebhookDeleted, WebhookUpdated
from integrations.deliveries.endpoints import disable_endpoint, enable_endpoint, move_endpoint, remove_endpoint
from integrations.deliveries.keys import choose_key, rotate_key
from integrations.deliveries.models import Endpoint, KeyRing
from integrations.deliveries.services import endpoint_for
from integrations.webex.models import Webhook
from rest.errors import Conflict, Forbidden, NotFound
from users.models import User

MOST_OF_ONE = 100  # of one person
SECRET = ("", "")  # in the log: that there is another one


class TooManyWebhooks(Conflict):
    default_detail = f"You have {MOST_OF_ONE} webhooks already: delete one first"


class SwitchedOff(Forbidden):
    default_detail = "An administrator has switched this webhook off"


@transaction.atomic
def create_webhook(*, owner: User, values: dict[str, Any], url: str, secret: str, actor: Actor) -> Webhook:
    """`values` are the columns that its owner chooses. Raises TooManyWebhooks."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # two requests at once do not pass the limit
    if Webhook.objects.filter(owner=owner).count() >= MOST_OF_ONE:
        raise TooManyWebhooks
    ring = KeyRing.objects.create()
    choose_key(ring=ring, value=secret)
    signature = Endpoint.Signature.WEBEX
    endpoint = endpoint_for(ring=ring, url=url, signature=signature, tenant=owner.tenant, owner_address=owner.email)
    webhook = Webhook.objects.create(owner=owner, tenant=owner.tenant, endpoint=endpoint, **values)
    _record(WebhookCreated(**_told(webhook)), webhook, actor)
    return webhook


@transaction.atomic
def update_webhook(
    *, webhook: Webhook, name: str | None, url: str | None, secret: str | None, is_activated: bool, actor: Actor
) -> Webhook:
    """None keeps what there is. Raises SwitchedOff where staff have switched it off."""
    webhook = _locked(webhook)
    endpoint, changes = webhook.endpoint, dict[str, tuple[Any, Any]]()
    if is_activated and endpoint.disabled_for == Endpoint.DisabledFor.STAFF:
        raise SwitchedOff
    if name is not None and name != webhook.name:
        changes["name"], webhook.name = (webhook.name, name), name
        webhook.save(update_fields=["name"])
    if url is not None and url != endpoint.url:
        before = endpoint.host
        move_endpoint(endpoint=endpoint, url=url)
        changes["target"] = (before, endpoint.host)
    if secret is not None:
        choose_key(ring=endpoint.ring, value=secret)
        changes["secret"] = SECRET
    if changes:
        _record(WebhookUpdated(**_told(webhook)), webhook, actor, changes)
    if is_activated:
        enable_endpoint(endpoint=endpoint, actor=actor)
        endpoint.refresh_from_db()
    return webhook


@transaction.atomic
def delete_webhook(*, webhook: Webhook, actor: Actor) -> None:
    webhook = _locked(webhook)
    remove_endpoint(endpoint=webhook.endpoint)
    _record(WebhookDeleted(**_told(webhook)), webhook, actor)
    webhook.delete()


@transaction.atomic
def rotate_secret(*, webhook: Webhook, actor: Actor) -> str:
    """By staff: a new secret, returned this once. The old one signs for another day, in Standard Webhooks' header."""
    value = rotate_key(ring=webhook.endpoint.ring)
    _record(WebhookUpdated(**_told(webhook)), webhook, actor, {"secret": SECRET})
    return value


@transaction.atomic
def switch_off(*, webhook: Webhook, actor: Actor) -> bool:
    """By staff: only they switch it on again. False where it is off already."""
    return disable_endpoint(endpoint=webhook.endpoint, reason="staff", actor=actor)


@transaction.atomic
def switch_on(*, webhook: Webhook, actor: Actor) -> bool:
    return enable_endpoint(endpoint=webhook.endpoint, actor=actor)


def _locked(webhook: Webhook) -> Webhook:
    """As it is now. Raises NotFound where somebody has deleted it meanwhile."""
    rows = Webhook.objects.select_for_update(of=("self",), no_key=True).select_related("endpoint__ring")
    found = rows.filter(pk=webhook.pk).first()
    if found is None:
        raise NotFound
    return found


def _told(webhook: Webhook) -> dict[str, str]:
    """What the log says of it: no secret."""
    return {
        "label": webhook.name,
        "host": webhook.endpoint.host,
        "resource": webhook.resource,
        "event": webhook.event,
    }


def _record(kind: Kind, webhook: Webhook, actor: Actor, changes: dict[str, tuple[Any, Any]] | None = None) -> None:
    circle = Circle(owner=webhook.owner_id)
    place = Place(tenant_id=webhook.tenant_id)
    record(kind, actor=actor, subject=webhook, place=place, before=circle, after=circle, changes=changes)
