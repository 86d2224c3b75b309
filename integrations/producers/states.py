"""States that services report: what changed by them becomes events, in the services of the objects."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail

from activity.actors import Actor
from integrations.objects.models import Object
from integrations.objects.models.telephony import SipAccount
from integrations.objects.presence import Member
from integrations.objects.services.conferences import lifetime, report_members
from integrations.objects.services.phones import report_call_reverse
from integrations.objects.services.sip import register_contact, unregister_contact
from integrations.producers.models import Binding, Producer
from rest.errors import NotFound, ValidationFailed
from rooms.models import Room
from users.models import User

T = TypeVar("T")
OFTEN = timedelta(seconds=60)  # how exactly staff see when a service reported last


def bound(producer: Producer, object_id: uuid.UUID, of_type: str) -> Object:
    """An object that the service may report about. Raises NotFound."""
    mine = Binding.objects.filter(producer=producer, object=object_id).values("object")
    rows = Object.objects.select_related("owner", "room").filter(pk__in=mine, type=of_type, deleted_at=None)
    one = rows.filter(owner__tenant=producer.tenant_id).first()
    if one is None:
        raise NotFound
    return one


@transaction.atomic
def report_state(*, producer: Producer, one: Object | None, kind: str, deliver: Callable[[Actor], T]) -> T:
    """`deliver` is the object's service; staff see what was reported last."""
    found = deliver(Actor.by_service(producer.name))
    now = timezone.now()
    is_old = Q(reported_at=None) | Q(reported_at__lt=now - OFTEN)
    if one is not None:
        mine = Binding.objects.filter(is_old | ~Q(reported_kind=kind), producer=producer, object=one)
        mine.update(reported_at=now, reported_kind=kind)
    Producer.objects.filter(is_old, pk=producer.pk).update(reported_at=now)
    return found


def keep_members(*, producer: Producer, room: Room, members: Mapping[str, Any], ttl: int, actor: Actor) -> None:
    """Raises ValidationFailed for people whom nobody here knows."""
    found = {uuid.UUID(key): _member(given) for key, given in members.items()}
    named = {member.user_id for member in found.values() if member.user_id}
    known = set(User.objects.filter(pk__in=named, tenant=producer.tenant_id).values_list("pk", flat=True))
    wrong = {str(key): _nobody() for key, one in found.items() if one.user_id and one.user_id not in known}
    if wrong:
        raise ValidationFailed({"members": wrong})
    report_members(room=room, source=producer.name, members=found, expires_at=lifetime(ttl), actor=actor)


def keep_registration(*, producer: Producer, user: str, domain: str, contact: str, expires: int, actor: Actor) -> None:
    """Raises NotFound where nobody of the tenant has the account."""
    account = SipAccount.objects.filter(user=user, domain=domain.lower(), owner__tenant=producer.tenant_id).first()
    if account is None:
        raise NotFound
    if expires:
        register_contact(account=account, contact=contact, expires_at=lifetime(expires), actor=actor)
    else:
        unregister_contact(account=account, contact=contact, actor=actor)


def keep_call_reverse(*, producer: Producer, user_id: uuid.UUID, actor: Actor, **numbers: Any) -> None:
    report_call_reverse(user=person(producer, user_id), actor=actor, **numbers)


def person(producer: Producer, user_id: uuid.UUID) -> User:
    """Raises ValidationFailed where nobody of the tenant has the id."""
    found: User | None = User.objects.filter(pk=user_id, tenant=producer.tenant_id, disabled_since=None).first()
    if found is None:
        raise ValidationFailed(_nobody())
    return found


def _member(given: Mapping[str, Any]) -> Member:
    return Member(**{name: value for name, value in given.items() if value is not None})


def _nobody() -> dict[str, list[ErrorDetail]]:
    return {"user_id": [ErrorDetail("There is nobody with this id", "invalid_value")]}
