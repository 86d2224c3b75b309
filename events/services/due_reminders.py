"""Sends the reminders whose time has come. What depends on people and meetings is decided here, as they are now.

The rows of `NextReminder` that are due are locked, and move on in the transaction that queues the mails: of two
schedulers each takes its own, and nothing is lost or sent twice when one dies. A clock that goes back meets rows that
look ahead, or a mail's cause, which follows from the occurrence and the rule.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from calendars import reminders
from calendars.recurrence import Occurrence, Override
from calendars.reminders import Rule
from calendars.times import instance_id, is_zone
from events import answers, mails, messages
from events.answers import PARTSTAT, ByOccurrence
from events.mails import AnyInvite
from events.models import Event, NextReminder, Reminder
from events.reminders import next_look, rules_of
from invites.models import EmailInvite
from mailer import outbox
from mailer.messages import PartStat
from mailer.protocol import EventMessage
from users.directory import Account, accounts_of

logger = logging.getLogger(__name__)
BATCH_SIZE = 100
PAUSE = timedelta(hours=1)  # after a meeting whose reminders cannot be found out
_CAUSES = uuid.UUID("6f1b6c4e-3f0e-4b07-9a53-9d6f7c1f2a90")
Queued = tuple[EventMessage, dict[str, Any]]
NO_RULES: frozenset[Rule] = frozenset()


@dataclass(frozen=True)
class _Person:
    """Somebody who wants reminders of a meeting; its creator has no invitation."""

    invite: AnyInvite | None
    rules: frozenset[Rule]
    zone: str
    answer: PartStat
    answers: ByOccurrence  # to single occurrences

    def has_declined(self, occurrence: Occurrence) -> bool:
        return self.answers.get(instance_id(occurrence.original_starts_at), self.answer) == "DECLINED"


@dataclass(frozen=True)
class _Wishes:
    """What the people of a batch's meetings want."""

    rules: dict[tuple[uuid.UUID | None, uuid.UUID | None], frozenset[Rule]]  # by event and user, None for all
    off: frozenset[uuid.UUID | str]  # users and addresses
    accounts: dict[uuid.UUID, dict[str, Account]]  # by tenant and address

    @classmethod
    def of(cls, events: Iterable[Event]) -> "_Wishes":
        users = {user for event in events for user in (event.created_by_id, *_invitees(event))}
        addresses: dict[uuid.UUID, set[str]] = {event.tenant_id: set() for event in events}
        for event in events:
            addresses[event.tenant_id] |= {invite.email for invite in event.email_invites.all()}
        of_events = list(Reminder.objects.filter(event__in=[event.pk for event in events]))
        of_users = list(Reminder.objects.filter(event=None, user__in=users))
        of_addresses = Reminder.objects.filter(address__in=set().union(*addresses.values()), is_off=True)
        return cls(
            rules={(row.event_id, row.user_id): rules_of([row.rules]) for row in (*of_events, *of_users)},
            off=frozenset(row.user_id or row.address for row in (*of_users, *of_addresses) if row.is_off),
            accounts={tenant: accounts_of(tenant, emails, may_wait=False) for tenant, emails in addresses.items()},
        )

    def people(self, event: Event) -> list[_Person]:
        """Who may be reminded, the creator first."""
        if event.is_adhoc or not event.sends_mails or event.created_by.disabled_since is not None:
            return []
        zone, replies = event.starts_at_zone, answers.to_occurrences(event)
        creator = event.created_by
        found = [_Person(None, self._of_user(event, creator.pk), _zone(creator.time_zone, zone), "ACCEPTED", {})]
        for invite in event.invites.all():
            if invite.invitee.disabled_since is None:
                rules, own_zone = self._of_user(event, invite.invitee_id), _zone(invite.invitee.time_zone, zone)
                found.append(_Person(invite, rules, own_zone, PARTSTAT[invite.status], replies.get(invite.pk, {})))
        for address in event.email_invites.all():
            rules, own_zone = self._of_address(event, address), _zone(address.time_zone, zone)
            found.append(_Person(address, rules, own_zone, PARTSTAT[address.status], replies.get(address.pk, {})))
        return [person for person in found if person.rules]

    def _of_user(self, event: Event, user_id: uuid.UUID) -> frozenset[Rule]:
        if user_id in self.off:
            return NO_RULES
        usual = self.rules.get((None, user_id), NO_RULES) | self.rules.get((event.pk, None), NO_RULES)
        return self.rules.get((event.pk, user_id), usual)

    def _of_address(self, event: Event, invite: EmailInvite) -> frozenset[Rule]:
        """None for a guest whose code was revoked: the link would open nothing."""
        code = invite.invite_code
        if invite.email in self.off or (code is not None and not code.is_valid()):
            return NO_RULES
        return self.rules.get((event.pk, None), NO_RULES)


def _invitees(event: Event) -> list[uuid.UUID]:
    return [invite.invitee_id for invite in event.invites.all()]


def _zone(own: str, planned: str) -> str:
    return own if is_zone(own) else planned


def overdue(now: datetime) -> QuerySet[NextReminder]:
    """The rows to look at now."""
    return NextReminder.objects.filter(look_at__lte=now)


def send_due_reminders() -> int:
    """Returns how many mails were queued."""
    now, sent = timezone.now(), 0
    while (found := _send_batch(now)) is not None:
        sent += found
    return sent


@transaction.atomic
def _send_batch(now: datetime) -> int | None:
    """None where nothing is due. Constant statements."""
    rows = list(overdue(now).select_for_update(skip_locked=True).order_by("look_at", "event")[:BATCH_SIZE])
    if not rows:
        return None
    found = Event.objects.filter(pk__in=[row.event_id for row in rows])
    events = {
        event.pk: event for event in found.select_related("room__sip_config", "created_by__tariff", "shared_folder")
    }
    messages.read(list(events.values()))
    wishes = _Wishes.of(events.values())
    queued: list[Queued] = []
    for row in rows:
        queued += _look(row, events[row.event_id], wishes, now)
    outbox.enqueue_all(queued)
    ended = [row.event_id for row in rows if row.look_at <= now]
    NextReminder.objects.bulk_update([row for row in rows if row.look_at > now], ["look_at", "looked_at"])
    NextReminder.objects.filter(event__in=ended).delete()
    return len(queued)


def _look(row: NextReminder, event: Event, wishes: _Wishes, now: datetime) -> list[Queued]:
    """The event's mails; moves the row on, and leaves it due where nothing is ahead."""
    since, row.looked_at = row.looked_at, now
    try:
        people, overrides = wishes.people(event), _overrides(event)
        queued = list(_mails(event, people, wishes, overrides, since=since, now=now))
        rules, zones = frozenset(rule for person in people for rule in person.rules), {person.zone for person in people}
        row.look_at = next_look(event, rules, overrides, after=now, zones=zones) or row.look_at
    except Exception:
        # One meeting that cannot be read must not keep all others waiting.
        logger.exception("the reminders of event %s cannot be found out", event.pk)
        row.look_at = now + PAUSE
        return []
    return queued


def _overrides(event: Event) -> list[Override]:
    return [exception.as_override() for exception in event.exceptions.all()] if event.is_recurring else []


def _mails(
    event: Event,
    people: Sequence[_Person],
    wishes: _Wishes,
    overrides: Sequence[Override],
    *,
    since: datetime,
    now: datetime,
) -> Iterator[Queued]:
    series = event.as_series()
    if series is None:
        return
    known: dict[tuple[frozenset[Rule], str], list[tuple[Occurrence, Rule]]] = {}
    reminded: dict[datetime, list[tuple[_Person, Occurrence, Rule]]] = {}
    for person in people:
        key = person.rules, person.zone
        if key not in known:
            known[key] = reminders.due(series, key[0], zone=key[1], since=since, now=now, overrides=overrides)
        for occurrence, rule in known[key]:
            if not person.has_declined(occurrence):
                reminded.setdefault(occurrence.original_starts_at, []).append((person, occurrence, rule))
    for found in reminded.values():
        yield from _of_occurrence(event, found, wishes)


def _of_occurrence(event: Event, found: list[tuple[_Person, Occurrence, Rule]], wishes: _Wishes) -> Iterator[Queued]:
    occurrence = found[0][1]
    invites = [person.invite for person, _occurrence, _rule in found if person.invite is not None]
    accounts = wishes.accounts[event.tenant_id]
    for_creator = len(invites) < len(found)
    built = mails.reminded(event, occurrence, invites, accounts, for_creator=for_creator)
    # The creator, who has no invitation, stands first on both sides.
    for (_person, _occurrence, rule), message in zip(found, built, strict=True):
        yield (
            message,
            {
                "cause": cause_of(event, occurrence, rule),
                "tenant_id": event.tenant_id,
                "occurrence": instance_id(occurrence.original_starts_at) if event.is_recurring else "",
                "offset_minutes": rule.minutes + rule.days * 1440,
            },
        )


def cause_of(event: Event, occurrence: Occurrence, rule: Rule) -> uuid.UUID:
    """Nobody is reminded twice of the same start by the same rule; of a start that was moved everybody is again."""
    times = occurrence.original_starts_at.isoformat(), occurrence.starts_at.isoformat()
    return uuid.uuid5(_CAUSES, " ".join((str(event.pk), *times, str(rule))))
