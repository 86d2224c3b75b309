"""SIP accounts of people, and the devices that are registered there until they go or their time is over."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.device_kinds import (
    SipAccountCreated,
    SipAccountDeleted,
    SipAccountUpdated,
    SipRegistered,
    SipUnregistered,
)
from activity.log import Entry, record, record_all
from integrations.objects.models.telephony import SipAccount, SipRegistration
from integrations.objects.signals import passing
from rest.errors import NotFound, field_error
from rest.renderers import timestamp
from users.models import User

MOST_CONTACTS = 20  # of one account
MOST_ACCOUNTS = 50  # of one person


@transaction.atomic
def create_sip_account(*, owner: User, user: str, domain: str, description: str = "", actor: Actor) -> SipAccount:
    """Raises ValidationFailed: an address has one owner on the whole site."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if owner.sip_accounts.count() >= MOST_ACCOUNTS:
        raise field_error("", "max_length", f"At most {MOST_ACCOUNTS} SIP accounts")
    account = SipAccount(owner=owner, user=user, domain=domain.lower(), description=description)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise field_error("user", "unique", "This SIP address is taken") from None
    kind = SipAccountCreated(**_address(account), description=description)
    record(kind, actor=actor, subject=account, place=_place(account), after=_circle(account))
    return account


@transaction.atomic
def update_sip_account(*, account: SipAccount, description: str, actor: Actor) -> SipAccount:
    row = _held(account.pk)
    if row.description == description:
        return row
    changes = {"description": (row.description, description)}
    row.description = description
    row.save(update_fields=["description"])
    kind = SipAccountUpdated(**_address(row), description=description)
    people = _circle(row)
    record(kind, actor=actor, subject=row, place=_place(row), before=people, after=people, changes=changes)
    return row


@transaction.atomic
def delete_sip_account(*, account: SipAccount, actor: Actor) -> None:
    row = _held(account.pk)
    record(SipAccountDeleted(**_address(row)), actor=actor, subject=row, place=_place(row), before=_circle(row))
    row.delete()


@transaction.atomic
def register_contact(
    *, account: SipAccount, contact: str, expires_at: datetime, actor: Actor
) -> SipRegistration | None:
    """A device can be called there until `expires_at`; in the past, it no longer can (RFC 3261, 10.2.2).

    Devices repeat this every few minutes: only the first time is logged, the others pass by.
    """
    row, now = _held(account.pk), timezone.now()
    if expires_at <= now:
        _unregister(row, row.registrations.filter(contact=contact), actor)
        return None
    registration = row.registrations.filter(contact=contact).first()
    if registration is not None and registration.expires_at > now:
        registration.expires_at = expires_at
        registration.save(update_fields=["expires_at"])
        _tell(row, registration)
        return registration
    _unregister(row, row.registrations.filter(contact=contact), actor)
    if row.registrations.count() >= MOST_CONTACTS:
        raise field_error("contact", "max_length", f"At most {MOST_CONTACTS} contacts")
    registration = row.registrations.create(contact=contact, expires_at=expires_at)
    kind = SipRegistered(**_address(row), contact=contact, expires_at=timestamp(expires_at))
    record(kind, actor=actor, subject=row, place=_place(row), before=_circle(row), after=_circle(row))
    return registration


@transaction.atomic
def unregister_contact(*, account: SipAccount, contact: str, actor: Actor) -> bool:
    """False where it was not registered."""
    row = _held(account.pk)
    return _unregister(row, row.registrations.filter(contact=contact), actor) > 0


def expired() -> QuerySet[SipRegistration]:
    return SipRegistration.objects.filter(expires_at__lte=timezone.now())


@transaction.atomic
def end_expired(*, account_id: uuid.UUID, actor: Actor) -> int:
    """The registrations of one account whose time is over; how many there were."""
    try:
        row = _held(account_id)
    except NotFound:
        return 0
    return _unregister(row, expired().filter(account=row), actor)


def _unregister(account: SipAccount, rows: QuerySet[SipRegistration], actor: Actor) -> int:
    gone = list(rows.order_by("expires_at", "contact"))
    if not gone:
        return 0
    SipRegistration.objects.filter(pk__in=[row.pk for row in gone]).delete()
    people, where, address = _circle(account), _place(account), _address(account)
    record_all(
        [
            Entry(
                kind=SipUnregistered(**address, contact=row.contact),
                subject=account,
                place=where,
                before=people,
                after=people,
            )
            for row in gone
        ],
        actor=actor,
    )
    return len(gone)


def _tell(account: SipAccount, registration: SipRegistration) -> None:
    told = _address(account) | {"contact": registration.contact, "expire": int(registration.expires_at.timestamp())}
    key = f"sip_register {registration.pk}"
    passing.send(SipAccount, name="sip_register", object_id=None, data=told, user_ids={account.owner_id}, key=key)


def _held(account_id: uuid.UUID) -> SipAccount:
    """The row that guards its registrations."""
    rows = SipAccount.objects.select_for_update(no_key=True, of=("self",)).select_related("owner")
    row = rows.filter(pk=account_id).first()
    if row is None:
        raise NotFound
    return row


def _address(account: SipAccount) -> dict[str, str]:
    return {"user": account.user, "domain": account.domain}


def _circle(account: SipAccount) -> Circle:
    return Circle(owner=account.owner_id)


def _place(account: SipAccount) -> Place:
    return Place(tenant_id=account.owner.tenant_id)
