"""Which events a person can access: those in their agenda. Only the creator can change an event."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.db.models.lookups import IsNull

from activity.audiences import Circle, Place
from calendars import recurrence
from calendars.addresses import spellings
from database.folding import folded
from events import rows
from events.intervals import nodes_at
from events.models import Agenda, Event, EventException
from events.rows import AgendaRow, Entry
from invites import tokens
from invites.models import EmailInvite, EventInvite, Reply, Status
from rest.errors import BadRequest, Forbidden
from rest.fields import parse_rfc3339
from rooms.models import Room
from users import directory
from users.models import User

# What services need with the event that they change.
ALONG = ("room__sip_config", "created_by__tariff", "updated_by", "shared_folder")
# What rows are searched by is as long as all the rest.
UNREAD = ("search_text", "created_by__search_text", "updated_by__search_text")

Entries = QuerySet[Any, AgendaRow]
SortKey = tuple[datetime, datetime, uuid.UUID]  # sort_at, created_at, event_id

NO_CURSOR = "The query parameter after is not a cursor of this list"

# How long after the last occurrence the links in mails still open the page for answers.
ANSWERS_KEPT = timedelta(days=30)

# Registered people come before addresses; the newest invitation first (contract 9.1).
INVITE_ORDER = ("-created_at", "-created_by_id", "-invitee_id")
EMAIL_ORDER = ("-created_at", "-created_by_id", "-email")


def agenda(user: User) -> Entries:
    """The person's events with what an answer shows of them, in the order of the list (contract 9.9)."""
    return rows.agenda().filter(user=user)


def readable(user: User, event_id: uuid.UUID) -> AgendaRow:
    """The person's agenda entry of one event, or the 403 that strangers get whether it exists or not."""
    entry = agenda(user).filter(event_id=event_id).first()
    if entry is None:
        raise Forbidden
    return entry


def writable(user: User, event_id: uuid.UUID) -> Event:
    """The creator's own event, for services; the 403 of `readable` for everybody else."""
    return _event(event_id, agenda__user=user, agenda__role=Agenda.Role.CREATOR)


def attended(user: User, event_id: uuid.UUID) -> Event:
    """An event in the person's agenda, for services that change the person's part in it; else the 403 of `readable`."""
    return _event(event_id, agenda__user=user)


def _event(event_id: uuid.UUID, **conditions: Any) -> Event:
    events = Event.objects.filter(pk=event_id, created_by__disabled_since=None, **conditions)
    event = events.select_related(*ALONG).defer(*UNREAD).first()
    if event is None:
        raise Forbidden
    return event


def with_invitees(entries: Sequence[AgendaRow], limit: int) -> Sequence[AgendaRow]:
    """Fills in the first `limit` + 1 invitees of each, so that the cost follows what is shown."""
    if limit:
        shown = {"event__in": [entry.event_id for entry in entries]}
        users = _by(first_of_each_event(invites().filter(**shown), limit=limit), "event_id")
        by_mail = recognized(first_of_each_event(email_invites().filter(**shown), limit=limit))
        addresses = _by(by_mail, "event_id")
        for entry in entries:
            entry.invitees = [*users.get(entry.event_id, ()), *addresses.get(entry.event_id, ())]
    return entries


def with_exceptions(entries: Sequence[AgendaRow]) -> Sequence[AgendaRow]:
    """Fills in the exceptions, by original start; runs no query if there are none."""
    changed = [entry.event_id for entry in entries if entry.entry.an_exception]
    if changed:
        found = _by(rows.exceptions().filter(event__in=changed), "event_id")
        for entry in entries:
            entry.exceptions = found.get(entry.event_id, ())
    return entries


def _by(found: Iterable[Any], name: str) -> dict[uuid.UUID, list[Any]]:
    groups: dict[uuid.UUID, list[Any]] = {}
    for row in found:
        groups.setdefault(getattr(row, name), []).append(row)
    return groups


def invitations(user: User, event_id: uuid.UUID) -> tuple[QuerySet[EventInvite], QuerySet[EmailInvite]]:
    """The invitations to an event, by account and by address; strangers get the 403 of `readable`."""
    if not agenda(user).filter(event_id=event_id).exists():
        raise Forbidden
    return invites().filter(event=event_id), email_invites().filter(event=event_id)


def proposals(event: Event) -> QuerySet[Reply]:
    """Other times that people proposed, the latest first."""
    found = Reply.objects.filter(event_id=event.pk).exclude(proposal_state="")
    return found.select_related("event_invite__invitee", "email_invite").order_by("-received_at", "id")


def invites() -> QuerySet[EventInvite]:
    return EventInvite.objects.filter(invitee__disabled_since=None).select_related("invitee").order_by(*INVITE_ORDER)


def email_invites() -> QuerySet[EmailInvite]:
    """To be shown, they go through `recognized`."""
    if not directory.is_local():
        return EmailInvite.objects.annotate(tenant=F("event__tenant")).order_by(*EMAIL_ORDER)
    account = User.objects.unregistered().filter(tenant=OuterRef("event__tenant"), email=OuterRef("email"))
    return EmailInvite.objects.annotate(has_account=Exists(account)).order_by(*EMAIL_ORDER)


def recognized(invites: Iterable[Any]) -> list[Any]:
    """Rows of `email_invites` with `has_account`: whether the address is an account's that never used the API.

    Where another server keeps the accounts it is asked once for all rows, after the database has given them.
    """
    rows = list(invites)
    if directory.is_local():
        return rows
    for tenant in {row.tenant for row in rows}:
        accounts = directory.accounts_of(tenant, [row.email for row in rows if row.tenant == tenant])
        for row in rows:
            # Outsiders got a guest code when they were invited; who had none was known then.
            row.has_account = row.email in accounts or row.invite_code_id is None
    return rows


def first_of_each_event(rows: QuerySet[Any], *, limit: int) -> QuerySet[Any]:
    number = Window(RowNumber(), partition_by=F("event"), order_by=[str(name) for name in rows.query.order_by])
    numbered: QuerySet[Any] = rows.annotate(number=number)
    return numbered.filter(number__lte=limit + 1)


def in_window(entries: Entries, time_min: datetime | None, time_max: datetime | None) -> list[Entries]:
    """Those that may be on in the window, as lists that follow each other; events without time are in none (9.9).

    No index has the order by start and also skips what is over. So those that run when the window begins are found by
    their place in an interval tree, and after them come those that begin in it.
    """
    if time_min is None and time_max is None:
        return [entries]
    entries = with_time(entries)
    if time_max is not None:
        entries = entries.filter(sort_at__lte=time_max)
    if time_min is None:
        return [entries]
    return [running(entries, time_min).filter(sort_at__lt=time_min), entries.filter(sort_at__gte=time_min)]


def running(entries: Entries, at: datetime) -> Entries:
    """Events that have begun and whose last occurrence is not over."""
    return entries.filter(interval_node__in=nodes_at(at), sort_at__lte=at, last_end_at__gte=at)


def with_time(entries: Entries) -> Entries:
    return entries.filter(sort_at__gt=Agenda.NO_TIME)


def without_time(entries: Entries) -> Entries:
    return entries.filter(sort_at=Agenda.NO_TIME)


def matching(entries: Entries, text: str) -> Entries:
    """Those in which every word of `text` occurs: in title, description, or the name or address of somebody in it."""
    for word in dict.fromkeys(folded(text).split()):
        own = Q(event__search_text__contains=word) | Q(event__created_by__search_text__contains=word)
        users = invites().filter(event=OuterRef("event_id"), invitee__search_text__contains=word)
        addresses = EmailInvite.objects.filter(event=OuterRef("event_id"), search_text__contains=word)
        entries = entries.filter(own | _some(users) | _some(addresses))
    return entries


def _some(rows: QuerySet[Any]) -> Q:
    """Whether there are any, asked for each entry. EXISTS PostgreSQL may answer by reading everybody's rows once."""
    return Q(IsNull(Subquery(rows.values("pk")[:1]), False))


def key(entry: Agenda | Entry) -> list[str]:
    """What a cursor holds: the sort key of a row."""
    return [entry.sort_at.isoformat(), entry.created_at.isoformat(), str(entry.event_id)]


def read_key(cursor: list[Any]) -> SortKey:
    """What `key` wrote. Raises BadRequest."""
    try:
        sort_text, created_text, event_text = cursor
        event_id = uuid.UUID(event_text)
    except (ValueError, TypeError, AttributeError):
        raise BadRequest(NO_CURSOR) from None
    return read_instant(sort_text), read_instant(created_text), event_id


def read_instant(text: Any) -> datetime:
    """One of a cursor, which UTC can express: an offset may lead out of the calendar. Raises BadRequest."""
    instant = parse_rfc3339(text) if isinstance(text, str) else None
    if instant is None or not Agenda.NO_TIME <= instant <= Agenda.NO_END:
        raise BadRequest(NO_CURSOR)
    return instant


def beyond(entries: Entries, last: SortKey) -> Entries:
    """Rows after the one with this key. The first condition alone keeps the index in use."""
    sort_at, created_at, event_id = last
    later = Q(sort_at__gt=sort_at) | Q(created_at__gt=created_at) | Q(created_at=created_at, event_id__gt=event_id)
    return entries.filter(later, sort_at__gte=sort_at)


def answered_by(user: User, event_id: uuid.UUID) -> EventInvite:
    """The caller's own invitation; 403 for strangers, 403 for the creator, who is not invited."""
    own = EventInvite.objects.filter(event_id=event_id, invitee=user, event__created_by__disabled_since=None)
    invite = own.select_related("event").first()
    if invite is None:
        raise Forbidden
    return invite


def answered_with(token: str, now: datetime) -> EventInvite | EmailInvite | None:
    """The invitation that a link in a mail answers, with its event.

    None alike for a link that was not made here, an invitation that was taken back, a meeting that is gone or has been
    over for ANSWERS_KEPT, and where the creator's or the invitee's account is disabled.
    """
    invite = tokens.invite_of(token)
    if invite is None or invite.event.created_by.disabled_since is not None:
        return None
    if isinstance(invite, EventInvite) and invite.invitee.disabled_since is not None:
        return None
    return None if last_end_of(invite.event) < now - ANSWERS_KEPT else invite


def has_occurrence(event: Event, original_starts_at: datetime) -> bool:
    """Whether it is a series with this occurrence, which was not cancelled."""
    series = event.as_series()
    if series is None or not event.is_recurring or not recurrence.is_occurrence(series, original_starts_at):
        return False
    cancelled = event.exceptions.filter(kind=EventException.Kind.CANCELLED)
    return not cancelled.filter(original_starts_at=original_starts_at).exists()


def last_end_of(event: Event) -> datetime:
    """Of its last occurrence, also of one that was moved; NO_END where there is none."""
    if event.series_ends_at is None:
        return Agenda.NO_END
    found = Agenda.objects.filter(event=event).values_list("last_end_at", flat=True).first()
    return found or event.series_ends_at


def pending_invites(user: User) -> QuerySet[EventInvite]:
    """What the person did not answer so far, also where it is over (contract 10.9)."""
    return EventInvite.objects.filter(invitee=user, status=Status.PENDING, event__created_by__disabled_since=None)


def shown_to(user: User) -> QuerySet[Event]:
    """Events whose page a signed-in person may read, also by an account that never used the API."""
    people = Q(agenda__user=user) | Q(email_invites__email__in=spellings(user.email), tenant=user.tenant_id)
    in_it = Event.objects.filter(people).values("pk")
    return Event.objects.filter(pk__in=in_it).select_related("room__sip_config", "created_by__tariff")


def circle(event: Event) -> Circle:
    """The people of the event, for the log: its creator and the accounts invited."""
    return circles([event])[event.pk]


def circles(events: Sequence[Event]) -> dict[uuid.UUID, Circle]:
    """By event. One statement."""
    readers: dict[uuid.UUID, set[uuid.UUID]] = {event.pk: set() for event in events}
    for event_id, user_id in EventInvite.objects.filter(event__in=events).values_list("event", "invitee"):
        readers[event_id].add(user_id)
    return {event.pk: Circle(owner=event.created_by_id, readers=frozenset(readers[event.pk])) for event in events}


def place(event: Event) -> Place:
    return Place(tenant_id=event.tenant_id, room_id=event.room_id, event_id=event.pk, title=event.title)


def held_in(room: Room, now: datetime) -> QuerySet[Event]:
    """What calendars still hold of a room: the last part of its series, and parts before it that are not over."""
    return room.events.filter(Q(continued_by=None) | Q(series_ends_at=None) | Q(series_ends_at__gte=now))


def is_held(part: Event, now: datetime) -> bool:
    """Whether it is one of `held_in`."""
    return part.continued_by_id is None or not part.is_past(now)


def latest_of_room(room: Room, now: datetime) -> Event | None:
    """The event that is held in a room: of a split series the part that covers now, else the last one."""
    parts = room.events.select_related("room__sip_config", "created_by__tariff").order_by(F("starts_at").desc())
    started = parts.filter(starts_at__lte=now).filter(Q(series_ends_at__gte=now) | Q(series_ends_at=None)).first()
    return started or parts.filter(continued_by=None).first()
