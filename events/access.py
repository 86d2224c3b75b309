"""Which events somebody reaches: those in his agenda. Reading is for everybody in it, changing for the creator."""

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from events.models import Agenda, Event
from invites.models import EmailInvite, EventInvite, Status
from rest.errors import BadRequest, Forbidden
from rest.fields import parse_rfc3339
from rooms.models import Room
from users import directory
from users.models import User

RESOURCE = (
    "event__room__sip_config", "event__created_by__tariff", "event__updated_by", "event__shared_folder",
)  # fmt: skip

# Registered people come before addresses; the newest invitation first (contract 9.1).
INVITE_ORDER = ("-created_at", "-created_by_id", "-invitee_id")
EMAIL_ORDER = ("-created_at", "-created_by_id", "-email")


def agenda(user: User) -> QuerySet[Agenda]:
    """The person's events with all that an answer shows, in the order of the list (contract 9.9)."""
    return (
        Agenda.objects.filter(user=user, event__created_by__disabled_since=None)
        .select_related(*RESOURCE)
        .prefetch_related("event__room__streaming_targets")
        .order_by("sort_at", "created_at", "event_id")
    )


def readable(user: User, event_id: uuid.UUID, *, invitees_max: int = 0) -> Agenda:
    """The person's agenda entry of one event, or the 403 that strangers get whether it exists or not."""
    entry = with_invitees(agenda(user).filter(event_id=event_id), invitees_max).first()
    if entry is None:
        raise Forbidden
    return entry


def writable(user: User, event_id: uuid.UUID) -> Agenda:
    entry = readable(user, event_id)
    if entry.role != Agenda.Role.CREATOR:
        raise Forbidden
    return entry


def with_invitees(entries: QuerySet[Agenda], limit: int) -> QuerySet[Agenda]:
    """Brings along the first `limit` + 1 invitees of each event, so that the cost follows what is shown."""
    if limit == 0:
        return entries
    return entries.prefetch_related(
        Prefetch("event__invites", first_of_each_event(invites(), limit=limit)),
        Prefetch("event__email_invites", first_of_each_event(email_invites(), limit=limit)),
    )


def invitations(user: User, event_id: uuid.UUID) -> tuple[QuerySet[EventInvite], QuerySet[EmailInvite]]:
    """Who is asked to an event, by account and by address; strangers get the 403 of `readable`."""
    if not agenda(user).filter(event_id=event_id).exists():
        raise Forbidden
    return invites().filter(event=event_id), email_invites().filter(event=event_id)


def invites() -> QuerySet[EventInvite]:
    return EventInvite.objects.filter(invitee__disabled_since=None).select_related("invitee").order_by(*INVITE_ORDER)


def email_invites() -> QuerySet[EmailInvite]:
    """With `has_account`: whether the address belongs to an account that never used the API (contract 9.1)."""
    if not directory.is_local():
        return RecognizedInvites(EmailInvite).annotate(tenant=F("event__tenant")).order_by(*EMAIL_ORDER)
    account = User.objects.unregistered().filter(tenant=OuterRef("event__tenant"), email=OuterRef("email"))
    return EmailInvite.objects.annotate(has_account=Exists(account)).order_by(*EMAIL_ORDER)


class RecognizedInvites(QuerySet[EmailInvite]):
    """Rows whose accounts another server knows: it is asked once for all rows that one query brings."""

    def _fetch_all(self) -> None:
        is_new = self._result_cache is None
        super()._fetch_all()
        if is_new:
            _recognize(self._result_cache or [])


def _recognize(rows: list[Any]) -> None:
    for tenant in {row.tenant for row in rows}:
        accounts = directory.accounts_of(tenant, [row.email for row in rows if row.tenant == tenant])
        for row in rows:
            # Outsiders got a guest code when they were invited; who had none was known then.
            row.has_account = row.email in accounts or row.invite_code_id is None


def first_of_each_event(rows: QuerySet[Any], *, limit: int) -> QuerySet[Any]:
    number = Window(RowNumber(), partition_by=F("event"), order_by=[str(name) for name in rows.query.order_by])
    return rows.annotate(number=number).filter(number__lte=limit + 1)


def in_window(entries: QuerySet[Agenda], time_min: datetime | None, time_max: datetime | None) -> QuerySet[Agenda]:
    """Those that may be on in the window; events without time are in none (contract 9.9)."""
    if time_min is None and time_max is None:
        return entries
    entries = entries.filter(is_time_independent=False)
    if time_min is not None:
        entries = entries.filter(last_end_at__gte=time_min)
    return entries if time_max is None else entries.filter(sort_at__lte=time_max)


def key(entry: Agenda) -> list[str]:
    """What a cursor holds: the sort key of a row."""
    return [entry.sort_at.isoformat(), entry.created_at.isoformat(), str(entry.event_id)]


def beyond(entries: QuerySet[Agenda], cursor: list[Any]) -> QuerySet[Agenda]:
    """Rows after the cursor's. The first condition alone keeps the index in use."""
    try:
        sort_text, created_text, event_text = cursor
        event_id, sort_at, created_at = uuid.UUID(event_text), parse_rfc3339(sort_text), parse_rfc3339(created_text)
    except (ValueError, TypeError, AttributeError):
        sort_at = created_at = event_id = None
    if not _is_storable(sort_at) or not _is_storable(created_at):
        raise BadRequest("The query parameter after is not a cursor of this list")
    later = Q(sort_at__gt=sort_at) | Q(created_at__gt=created_at) | Q(created_at=created_at, event_id__gt=event_id)
    return entries.filter(later, sort_at__gte=sort_at)


def _is_storable(instant: datetime | None) -> bool:
    """Whether it is an instant that UTC can express: an offset may lead out of the calendar."""
    return instant is not None and Agenda.NO_TIME <= instant <= Agenda.NO_END


def answered_by(user: User, event_id: uuid.UUID) -> EventInvite:
    """The caller's own invitation; 403 for strangers, 403 for the creator, who is not invited."""
    own = EventInvite.objects.filter(event_id=event_id, invitee=user, event__created_by__disabled_since=None)
    invite = own.select_related("event").first()
    if invite is None:
        raise Forbidden
    return invite


def pending_invites(user: User) -> QuerySet[EventInvite]:
    """What the person did not answer so far, also where it is over (contract 10.9)."""
    return EventInvite.objects.filter(invitee=user, status=Status.PENDING, event__created_by__disabled_since=None)


def shown_to(user: User) -> QuerySet[Event]:
    """Events whose page a signed-in person may read, also by an account that never used the API."""
    people = Q(agenda__user=user) | Q(email_invites__email=user.email, tenant=user.tenant_id)
    in_it = Event.objects.filter(people).values("pk")
    return Event.objects.filter(pk__in=in_it).select_related("room__sip_config", "created_by__tariff")


def latest_of_room(room: Room, now: datetime) -> Event | None:
    """The event that is held in a room: of a split series the part that covers now, else the last one."""
    parts = room.events.select_related("room__sip_config", "created_by__tariff").order_by(F("starts_at").desc())
    started = parts.filter(starts_at__lte=now).filter(Q(series_ends_at__gte=now) | Q(series_ends_at=None)).first()
    return started or parts.filter(continued_by=None).first()
