"""Which mails an address gets, and why it gets none: for staff who are asked for it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from calendars.addresses import canonical, spellings
from events.coming import Coming, coming_of, coming_of_address
from events.digest_models import Digest
from events.models import Event, Reminder
from invites.models import EmailInvite
from mailer.models import HeldDomain, OutgoingMail, SuppressedAddress
from mailer.suppression import suppression_of
from users.models import User

MOST_MAILS = 30
MOST_MEETINGS = 10
State = OutgoingMail.State


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an address was told: its newest mail about a meeting, None where there was none, and why."""

    coming: Coming
    mail: OutgoingMail | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class MailsTo:
    address: str
    people: list[User]
    suppression: SuppressedAddress | None
    held: HeldDomain | None
    remarks: list[str]  # what else there is to know
    meetings: list[Told]
    mails: list[tuple[OutgoingMail, str]]  # with what became of each


def mails_to(
    address: str,
    *,
    people: QuerySet[User],
    invites: QuerySet[EmailInvite],
    mails: QuerySet[OutgoingMail],
    now: datetime,
) -> MailsTo:
    """What there is of the address among what the reader may see. As many statements for many mails as for few."""
    same = spellings(address)
    found = list(people.filter(email__in=same).order_by("pk"))
    own = mails.filter(address__in=same).order_by("-created_at", "id")
    held = HeldDomain.objects.filter(domain=canonical(address).rpartition("@")[2], held_until__gt=now).first()
    coming = [item for person in found for item in coming_of(person, now, count=MOST_MEETINGS)]
    coming += coming_of_address(address, invites, now, count=MOST_MEETINGS)
    newest = _newest(own, [item.event.pk for item in coming])
    return MailsTo(
        address=address,
        people=found,
        suppression=suppression_of(address),
        held=held,
        remarks=_remarks(address, found),
        meetings=[_told(item, newest.get(item.event.pk), found, held) for item in coming],
        mails=[(mail, fate_of(mail, held)) for mail in own.defer("message")[:MOST_MAILS]],
    )


def fate_of(mail: OutgoingMail, held: HeldDomain | None = None) -> str:
    """What became of a mail, and why."""
    if held and mail.state in {State.QUEUED, State.RETRY}:
        text = gettext("waits: %(domain)s takes no mails until %(when)s")
        return text % {"domain": held.domain, "when": _when(held.held_until)}
    match mail.state:
        case State.SENT:
            text = gettext("delivered %(when)s") if mail.delivered_at else gettext("the mail server took it %(when)s")
            return text % {"when": _when(mail.delivered_at or mail.sent_at)}
        case State.RETRY:
            return gettext("next try %(when)s: %(error)s") % {"when": _when(mail.next_try_at), "error": mail.last_error}
        case State.WITHHELD:
            return str(mail.get_withheld_for_display() or mail.last_error)
        case _:
            return mail.last_error


def _newest(mails: QuerySet[OutgoingMail], events: Iterable[uuid.UUID]) -> dict[uuid.UUID | None, OutgoingMail]:
    """The newest of these mails about each event."""
    newest = mails.filter(event_id=OuterRef("pk")).values("pk")[:1]
    named = Event.objects.filter(pk__in=list(events)).values_list(Subquery(newest), flat=True)
    return {mail.event_id: mail for mail in OutgoingMail.objects.filter(pk__in=list(named)).defer("message")}


def _told(item: Coming, mail: OutgoingMail | None, people: list[User], held: HeldDomain | None) -> Told:
    reason = fate_of(mail, held) if mail else _why_none(item, people)
    return Told(coming=item, mail=mail, reason=reason)


def _why_none(item: Coming, people: list[User]) -> str:
    event = item.event
    if not event.sends_mails:
        return gettext("This meeting sends no mails: the program that planned it does.")
    if any(not person.is_active for person in people):
        return gettext("Disabled accounts get no mails.")
    if item.invite is None and event.is_adhoc:
        return gettext("Who begins an ad-hoc meeting gets no mail about it.")
    return gettext("None was made: the program that was used asked for none.")


def _remarks(address: str, people: list[User]) -> list[str]:
    found = [
        gettext("The account of %(who)s is disabled: it gets no mails.") % {"who": person}
        for person in people
        if not person.is_active
    ]
    ids = [person.pk for person in people]
    is_off = Q(user__in=ids) | Q(address__in=spellings(address))
    if Reminder.objects.filter(is_off, is_off=True).exists():
        found.append(gettext("Reminders are switched off."))
    if Digest.objects.filter(user__in=ids, frequency=Digest.Frequency.OFF).exists():
        found.append(gettext("Mails about answers are switched off."))
    return found


def _when(moment: datetime | None) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
