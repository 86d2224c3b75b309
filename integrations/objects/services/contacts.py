"""Use cases of contacts: an object of the type contact with what an address book keeps."""

from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.changes import assign, changes_of
from integrations.objects.models.contacts import Contact
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked
from integrations.objects.services.objects import create_object, update_object
from users.models import User


@transaction.atomic
def create_contact(*, owner: User, actor: Actor, **fields: Any) -> Contact:
    """`fields`: columns of Contact."""
    name = name_of(fields)
    one = create_object(owner=owner, type=Object.Type.CONTACT, actor=actor, description=name)
    return Contact.objects.create(object=one, **fields)


@transaction.atomic
def update_contact(*, contact: Contact, actor: Actor, **fields: Any) -> Contact:
    """Raises NotFound where it was deleted meanwhile."""
    one = locked(contact.object)
    contact = Contact.objects.get_or_create(object=one)[0]
    changes = changes_of(contact, fields)
    assign(contact, changes)
    if changes:
        contact.save(update_fields=list(changes))
    columns = {name: getattr(contact, name) for name in ("given_name", "family_name", "organization")}
    contact.object, _changes = update_object(one=one, actor=actor, description=name_of(columns), also=changes)
    return contact


def name_of(fields: dict[str, Any]) -> str:
    """Given and family name, else the organization."""
    person = " ".join(filter(None, (fields.get("given_name"), fields.get("family_name"))))
    return (person or str(fields.get("organization", "")))[:255]
