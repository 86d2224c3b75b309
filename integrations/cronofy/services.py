"""Use cases of an application: invite people, change what they are invited to, take invitations back.

Each goes through the services of events, so that the meeting is one like all others.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from activity.actors import Actor
from calendars.addresses import canonical
from events.models import Event
from events.schedule import InvalidEvent
from events.services.events import create_event, delete_event, locked, update_event
from events.services.invitations import uninvite_email, uninvite_user
from events.services.inviting import Guest, invite_all
from integrations.cronofy import endings
from integrations.cronofy.access import Invited, event_of, invite_of, invited, with_people
from integrations.cronofy.models import Application, Ending, Recipient, SmartInvite
from integrations.cronofy.serializers import MOST_RECIPIENTS, people
from invites.models import EventInvite, Status
from rest.errors import NotFound, field_error
from users.addresses import hold_address
from users.directory import Account, accounts_of

Values = dict[str, Any]


def put_invite(*, application: Application, values: Values, actor: Actor) -> SmartInvite:
    """Plans the meeting, or changes it where the application has used this id before; invites who is not yet invited.

    `values`: those of SmartInviteInput. Raises ValidationFailed.
    """
    # Another server may be asked, which takes its time: before rows are locked.
    accounts = accounts_of(application.tenant_id, [person["email"] for person in people(values)])
    return _put(application, values, actor, accounts)


@transaction.atomic
def _put(application: Application, values: Values, actor: Actor, accounts: dict[str, Account]) -> SmartInvite:
    smart_invite, _is_new = _held(application).get_or_create(
        application=application, smart_invite_id=values["smart_invite_id"]
    )
    # Who signs in for the first time holds an address before the events that it is invited to.
    for address in sorted(canonical(person["email"]) for person in people(values)):
        hold_address(application.tenant_id, address)
    event = _live(smart_invite)
    if event is None:
        smart_invite.endings.all().delete()
        smart_invite.recipients.all().delete()
        event = _plan(application, values, actor)
        smart_invite.event_id = event.pk
    else:
        event = _change(event, values, actor)
    smart_invite.is_for_several = "recipients" in values
    smart_invite.callback_url = values.get("callback_url", smart_invite.callback_url)
    smart_invite.save(update_fields=["event_id", "is_for_several", "callback_url"])
    _invite(smart_invite, event, values, actor, accounts)
    return smart_invite


def _held(application: Application) -> QuerySet[SmartInvite]:
    """Two requests with the same id follow each other. Whoever ends the event only refers to the row."""
    return application.smart_invites.select_for_update(no_key=True)


def _live(smart_invite: SmartInvite) -> Event | None:
    """The event, held; None where it was cancelled or never planned."""
    event = Event.objects.filter(pk__in=[smart_invite.event_id]).first()
    try:
        return locked(event) if event else None
    except NotFound:
        return None


def _plan(application: Application, values: Values, actor: Actor) -> Event:
    organizer = values.get("organizer") or {}
    return create_event(
        creator=application.service_user,
        actor=actor,
        schedule=values["event"]["schedule"],
        organizer_name=organizer.get("name") or application.organizer_name,
        organizer_address=organizer.get("email", ""),
        sends_mails=application.sends_mails,
        **_texts(values["event"]),
    )


def _change(event: Event, values: Values, actor: Actor) -> Event:
    """The organizer's address stays: calendars know the meeting by it."""
    schedule = values["event"]["schedule"]
    times = ("is_all_day", "starts_at", "starts_at_zone", "ends_at", "ends_at_zone")
    columns = _texts(values["event"])
    if name := (values.get("organizer") or {}).get("name"):
        columns["organizer_name"] = name
    given = {name: getattr(schedule, name) for name in times} | {"is_time_independent": False}
    try:
        return update_event(event=event, actor=actor, columns=columns, schedule=given)
    except InvalidEvent as error:
        # Staff have made a series of it, which cannot be at this time.
        raise field_error("event.end", "invalid", str(error.detail)) from None


def _texts(event: Values) -> Values:
    """The columns that are no times. What the application leaves out is taken away."""
    place = event.get("location") or {}
    own = {
        "url": event.get("url"),
        "location": place.get("description"),
        "latitude": place.get("lat"),
        "longitude": place.get("long"),
        "reminders": [reminder["minutes"] for reminder in event.get("reminders", ())],
        "transparency": event.get("transparency"),
        "color": event.get("color"),
    }
    return {
        "title": event["summary"],
        "description": event.get("description") or "",
        "calendar_properties": {name: value for name, value in own.items() if value},
    }


def _invite(
    smart_invite: SmartInvite, event: Event, values: Values, actor: Actor, accounts: dict[str, Account]
) -> None:
    """The application is there to invite anybody: what the server says of outsiders is said to its users."""
    chosen = {canonical(person["email"]): person for person in people(values)}
    guests = [
        Guest(address=address, account=accounts.get(address), status=person.get("status", Status.PENDING))
        for address, person in chosen.items()
    ]
    invite_all(event=event, guests=guests, actor=actor, admits_outsiders=True)
    event = with_people(Event.objects.get(pk=event.pk))
    for number, (address, person) in enumerate(chosen.items()):
        invite = invite_of(event, address)
        if invite is None:
            field = f"recipients.{number}.email" if "recipients" in values else "recipient.email"
            raise field_error(field, "invalid_email", "This is the service user, whose meeting it is")
        known = {"email": person["email"], "invite_id": invite.pk}
        Recipient.objects.update_or_create(smart_invite=smart_invite, address=address, defaults=known)
    smart_invite.endings.filter(address__in=chosen).delete()
    if smart_invite.recipients.count() > MOST_RECIPIENTS:
        raise field_error("recipients", "invalid", f"An invite has at most {MOST_RECIPIENTS} recipients")


@transaction.atomic
def cancel_invite(
    *, application: Application, smart_invite_id: str, emails: Sequence[str], actor: Actor
) -> list[Ending]:
    """Takes these recipients' invitations back; with the last one the meeting is cancelled.

    What is told of it afterwards, for each of them, and behind it for all of them together. A repeated call changes
    nothing and returns the same. Raises NotFound.
    """
    smart_invite = _held(application).select_related("application").filter(smart_invite_id=smart_invite_id).first()
    if smart_invite is None:
        raise NotFound
    chosen = [canonical(email) for email in emails]
    event = _live(smart_invite)
    there = invited(smart_invite, with_people(event)) if event else []
    going = [one for one in there if one.recipient.address in chosen]
    if event is not None and going and len(going) == len(there):
        delete_event(event=event, actor=actor)
    elif event is not None and going:
        return _take_back(smart_invite, event, going, actor)
    return _kept(smart_invite, chosen)


def _take_back(smart_invite: SmartInvite, event: Event, going: list[Invited], actor: Actor) -> list[Ending]:
    """From some of the recipients."""
    for one in going:
        if isinstance(one.invite, EventInvite):
            uninvite_user(event=event, user_id=one.invite.invitee_id, actor=actor)
        else:
            uninvite_email(event=event, email=one.invite.email, actor=actor)
    event = event_of(smart_invite) or event  # with the SEQUENCE that this has
    ended = endings.each(smart_invite, event, going, "uninvite")
    Ending.objects.bulk_create(ended)
    smart_invite.recipients.filter(address__in=[one.recipient.address for one in going]).delete()
    return [*ended, endings.together(smart_invite, event, going, "uninvite")]


def _kept(smart_invite: SmartInvite, chosen: list[str]) -> list[Ending]:
    """Of recipients whose invitations ended, now or before. Raises NotFound for others."""
    kept = {ending.address: ending for ending in smart_invite.endings.all()}
    if not kept.keys() >= set(chosen):
        raise NotFound
    found = [kept[address] for address in chosen]
    return [*found, kept.get("") or endings.joined(found)]
