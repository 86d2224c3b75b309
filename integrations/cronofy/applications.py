"""Applications as staff set them up, and their keys."""

from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Place
from activity.changes import in_json
from activity.kinds import SetupCreated, SetupUpdated
from activity.log import record
from integrations.cronofy.models import Application
from integrations.deliveries.keys import create_key, rotate_key
from integrations.deliveries.models import KeyRing
from integrations.deliveries.services import assign_endpoints


@transaction.atomic
def save_application(*, application: Application, actor: Actor, changes: dict[str, tuple[Any, Any]]) -> None:
    """Adds or changes it. `changes` is `{field: (old, new)}`."""
    place = Place(tenant_id=application.tenant_id)
    if application._state.adding:
        application.ring = KeyRing.objects.create()
        application.save()
        record(SetupCreated(label=application.name), actor=actor, subject=application, place=place)
        return
    application.save()
    assign_endpoints(ring=application.ring, tenant=application.tenant, owner_address=application.contact_address)
    if changes:
        kind = SetupUpdated(label=application.name)
        record(kind, actor=actor, subject=application, place=place, changes=in_json(changes))


@transaction.atomic
def add_key(*, application: Application, actor: Actor, ends_others: bool) -> str:
    """A new API key, returned this once. The others stay valid, or end a day later."""
    make = rotate_key if ends_others else create_key
    value = make(ring=application.ring)
    record(
        SetupUpdated(label=application.name),
        actor=actor,
        subject=application,
        place=Place(tenant_id=application.tenant_id),
        changes={"api_key": ("", "")},
    )
    return value
