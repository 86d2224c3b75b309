"""Tells webhooks what the log has just got: one signed POST for each, queued in the transaction that records it.

A tenant without webhooks costs its writers one small statement. Where some hear it, it takes five more and what the
formats look up, however much happened at once.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.contrib.auth.backends import ModelBackend
from django.db.models import F, UUIDField

from activity.models import Activity, Audience
from database.compiled import Compiled, Parameter
from integrations.deliveries.models import Delivery, Endpoint
from integrations.deliveries.services import enqueue_all
from integrations.webex import ids, webhook_filters
from integrations.webex.access import PERMISSION
from integrations.webex.events import Made, made_of
from integrations.webex.formats import FORMATS, common
from integrations.webex.formats.table import Event
from integrations.webex.models import Webhook
from integrations.webex.resources import resource
from integrations.webex.words import ALL, RESOURCES

KIND = "webhook"  # of the deliveries, for staff
UNTOLD = ("text",)  # whoever may read it fetches it

_OF_TENANT = Compiled(Webhook.objects.filter(tenant_id=Parameter("tenant_id", UUIDField())))


def hear(sender: Any, activities: Iterable[Activity], **_signal: Any) -> None:
    """Receives activity.signals.recorded."""
    telling = [activity for activity in activities if activity.tenant_id and events_of(activity.kind)]
    tenants = {activity.tenant_id for activity in telling}
    heard = [tenant_id for tenant_id in tenants if _OF_TENANT.given(tenant_id=tenant_id).exists()]
    telling = [activity for activity in telling if activity.tenant_id in heard]
    webhooks = _listening(telling) if telling else []
    if webhooks:
        enqueue_all(_deliveries(telling, webhooks))


def events_of(kind: str) -> list[Event]:
    """Those that have a resource of webhooks."""
    return [event for event in FORMATS.get(kind, ()) if event.resource in RESOURCES]


def may_hear(endpoint: Endpoint) -> bool:
    """Whether what waits for it may leave: its webhook's owner may have lost the right, the account or the tenant."""
    if endpoint.signature != Endpoint.Signature.WEBEX:
        return True
    webhook = Webhook.objects.select_related("owner").filter(endpoint=endpoint).first()
    if webhook is None:
        return True
    owner = webhook.owner
    is_here = owner.disabled_since is None and owner.tenant_id == webhook.tenant_id
    return is_here and (webhook.owned_by == Webhook.OwnedBy.CREATOR or owner.pk in _officers([webhook]))


def _listening(activities: Sequence[Activity]) -> list[Webhook]:
    """Active ones, in one statement: of the tenant, and of those who learn of one of the activities.

    Two questions in one: joined by OR, a database would walk all webhooks of the tenant.
    """
    events = [event for activity in activities for event in events_of(activity.kind)]
    active = Webhook.objects.filter(
        tenant_id__in={activity.tenant_id for activity in activities},
        resource__in={ALL, *(event.resource for event in events)},
        event__in={ALL, *(event.type for event in events)},
        endpoint__state=Endpoint.State.ACTIVE,
        owner__disabled_since=None,
        owner__tenant_id=F("tenant_id"),
    ).order_by()
    audience = Audience.objects.filter(activity__in=[activity.pk for activity in activities])
    personal = active.filter(owned_by=Webhook.OwnedBy.CREATOR, owner_id__in=audience.values("user_id"))
    of_tenant = active.filter(owned_by=Webhook.OwnedBy.ORG)
    found = personal.values("pk").union(of_tenant.values("pk"), all=True)
    keys = [row["pk"] for row in found]
    rows = Webhook.objects.filter(pk__in=keys).select_related("endpoint").order_by("created_at", "pk")
    return list(rows) if keys else []


def _deliveries(activities: Sequence[Activity], webhooks: Sequence[Webhook]) -> list[Delivery]:
    knows, officers = _knowing(activities, webhooks), _officers(webhooks)
    deliveries = []
    for made in made_of(activities):
        for webhook in webhooks:
            is_of_org = webhook.owned_by == Webhook.OwnedBy.ORG
            may_know = webhook.owner_id in officers if is_of_org else (made.told.activity.pk, webhook.owner_id) in knows
            if may_know and _wants(webhook, made):
                deliveries.append(_delivery(webhook, made))
    return deliveries


def _knowing(activities: Sequence[Activity], webhooks: Sequence[Webhook]) -> set[tuple[int, uuid.UUID]]:
    """Who learns of what, of the owners of personal webhooks."""
    owners = {webhook.owner_id for webhook in webhooks if webhook.owned_by == Webhook.OwnedBy.CREATOR}
    rows = Audience.objects.filter(activity__in=[activity.pk for activity in activities], user_id__in=owners)
    return set(rows.values_list("activity_id", "user_id")) if owners else set()


def _officers(webhooks: Sequence[Webhook]) -> set[uuid.UUID]:
    """Those owners of webhooks of the tenant who still have the right to read its log."""
    owners = {webhook.owner_id for webhook in webhooks if webhook.owned_by == Webhook.OwnedBy.ORG}
    if not owners:
        return set()
    may = ModelBackend().with_perm(PERMISSION, is_active=None)  # type: ignore[arg-type] # no column here
    return set(may.filter(pk__in=owners, is_staff=True, disabled_since=None).values_list("pk", flat=True))


def _wants(webhook: Webhook, made: Made) -> bool:
    event = made.event
    return (
        event.resource in RESOURCES
        and webhook.tenant_id == made.told.activity.tenant_id
        and webhook.resource in (ALL, event.resource)
        and webhook.event in (ALL, event.type)
        and webhook_filters.matches(webhook.filter, made.data)
    )


def _delivery(webhook: Webhook, made: Made) -> Delivery:
    """What happened to one thing arrives in the order in which it happened."""
    told = resource(webhook) | {
        "resource": made.event.resource,
        "event": made.event.type,
        "actorId": ids.written(ids.PERSON, common.actor_id(made.told)),
        "data": {name: value for name, value in made.data.items() if name not in UNTOLD},
    }
    key = str(made.told.activity.subject_id)
    return Delivery(endpoint=webhook.endpoint, ordering_key=key, kind=KIND, body=orjson.dumps(told))
