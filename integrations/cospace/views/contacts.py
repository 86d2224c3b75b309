"""api/contact: an address book, whose contacts are shared by tags like all objects."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.resources import told_contact, told_object, told_objects
from integrations.cospace.views.conference import PageQuery
from integrations.objects import access, listing
from integrations.objects.models.contacts import Contact
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services.contacts import create_contact, update_contact
from integrations.objects.services.objects import delete_object
from rest import fields
from rest.errors import field_error

MOST_LINES = 20
NAMES = ("given_name", "family_name", "organization")


class Line(serializers.Serializer[Any]):
    """`{"label": "work", "value": "+49 30 123"}`."""

    label = fields.Text(max_length=64, default="")  # type: ignore[assignment] # DRF has an attribute of this name
    value = fields.Text(min_length=1, max_length=1000)


class Address(Line):
    value = fields.EmailAddress(max_length=254)  # type: ignore[assignment]


class ContactInput(serializers.Serializer[Any]):
    given_name = fields.Text(max_length=255, required=False)
    family_name = fields.Text(max_length=255, required=False)
    organization = fields.Text(max_length=255, required=False)
    numbers = fields.several(Line, MOST_LINES, required=False)
    emails = fields.several(Address, MOST_LINES, required=False)
    addresses = fields.several(Line, MOST_LINES, required=False)
    note = fields.Text(max_length=4096, required=False)


class NewContactInput(ContactInput):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(name) for name in NAMES):
            raise field_error("family_name", "required", "A contact has a name, or the name of an organization.")
        return attrs


class ContactsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        objects = listing.everything(request.user, of_type=Object.Type.CONTACT, **self.query(PageQuery))
        found, told = Contact.objects.in_bulk([one.pk for one in objects]), told_objects(objects)
        contacts = {one.pk: found.get(one.pk) or Contact(object=one) for one in objects}
        return {"contact": {str(key): told_contact(contact, told[str(key)]) for key, contact in contacts.items()}}

    def post(self, request: SessionRequest) -> Json:
        values = self.body(NewContactInput)
        contact = create_contact(owner=request.user, actor=self.actor, **_plain(values))
        return {"contact": told_contact(contact, told_object(contact.object))}


class ContactView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        contact = _found(request, object_id, Level.READ)
        return {"contact": told_contact(contact, told_object(contact.object))}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Changes what is given, for who may write. Raises ValidationFailed, Forbidden, NotFound."""
        values = self.body(ContactInput)
        contact = update_contact(contact=_found(request, object_id, Level.WRITE), actor=self.actor, **_plain(values))
        return {"contact": told_contact(contact, told_object(contact.object))}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Into the trash. Raises Forbidden, NotFound."""
        delete_object(one=_found(request, object_id, Level.OWNER).object, actor=self.actor)
        return {}


def _found(request: SessionRequest, object_id: uuid.UUID, level: Level) -> Contact:
    one = access.found(request.user, object_id, of_type=Object.Type.CONTACT, level=level)
    contact = Contact.objects.filter(object=one).first() or Contact()
    contact.object = one
    return contact


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Lists of dicts as the columns keep them."""
    lists = [name for name in ("numbers", "emails", "addresses") if name in values]
    return values | {name: [dict(line) for line in values[name]] for name in lists}
