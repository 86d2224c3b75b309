"""Which change sends which mail to whom. Builds complete messages, before rows are deleted, and queues them."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from msgspec.structs import replace

from activity.actors import Actor
from activity.changes import Changes, in_json
from calendars import recurrence
from calendars.recurrence import Occurrence
from events import answers, messages, unsubscribe
from events.answers import PARTSTAT
from events.models import Event, EventException
from invites import tokens
from invites.models import EmailInvite, EventInvite
from invites.services import code_for
from mailer import outbox, protocol
from mailer.kinds import OF_MEETINGS
from mailer.messages import ExternalUser, Recipient, RegisteredUser, Time, UnregisteredUser
from mailer.protocol import EventMessage
from rooms.guests import admits_guests
from site_settings.values import present
from users.directory import Account, accounts_of, is_local
from users.models import Tenant, User

# Their messages hold no way in.
ENDINGS = frozenset({"cancellation", "uninvite", "refusal"})
AnyInvite = EventInvite | EmailInvite


def created(event: Event, *, cause: uuid.UUID) -> None:
    """The creator's own calendar entry."""
    enqueue(event, for_its_creator("invite", event), cause)


def invited(
    event: Event, invites: Sequence[AnyInvite], *, actor: Actor, inviter: User, causes: Sequence[uuid.UUID]
) -> None:
    """One mail to each person who was just invited; each has a cause of its own."""
    if event.sends_mails:
        built = zip(_for_invites("invite", event, invites, actor, inviter), causes, strict=True)
        outbox.enqueue_all((mail, {"cause": cause, "tenant_id": event.tenant_id}) for mail, cause in built)


def refreshed(event: Event, invite: AnyInvite, *, actor: Actor, cause: uuid.UUID) -> None:
    """The meeting as it is now, to one person who lost it."""
    messages.read([event])
    (message,) = _for_invites("invite", event, [invite], actor, event.created_by)
    enqueue(event, [_with_answers(message, answers.to_occurrences(event).get(invite.pk))], cause)


def updated(
    event: Event,
    *,
    changes: Changes,
    actor: Actor,
    cause: uuid.UUID,
    lost: Sequence[EventException] = (),
    following: Event | None = None,
) -> None:
    """The new state to everybody in it, the creator included. A meeting that has lost its time leaves calendars.

    `lost`: exceptions of occurrences that the series has no more, where it still repeats. `following`: as what a
    series
    goes on that was split.
    """
    told = [messages.lost_exception(exception) for exception in lost] if event.is_recurring else []
    members: dict[str, Any] = {"changes": in_json(changes), "lost": told, "ended": _former_schedule(event, changes)}
    _to_everybody("update", event, actor, cause, goes_on=_schedule(following), **members)


def _schedule(event: Event | None) -> protocol.Schedule | None:
    if event is None or event.starts_at is None or event.ends_at is None:
        return None
    return protocol.Schedule(
        start_time=Time(event.starts_at, event.starts_at_zone),
        end_time=Time(event.ends_at, event.ends_at_zone),
        is_all_day=bool(event.is_all_day),
        rrule="\n".join(event.recurrence_pattern) or None,
    )


def _former_schedule(event: Event, changes: Changes) -> protocol.Schedule | None:
    old = {name: values[0] for name, values in changes.items()}
    if not event.is_time_independent or old.get("starts_at") is None:
        return None
    return protocol.Schedule(
        start_time=Time(old["starts_at"], old["starts_at_zone"]),
        end_time=Time(old["ends_at"], old["ends_at_zone"]),
        is_all_day=bool(old["is_all_day"]),
        rrule="\n".join(old.get("recurrence_pattern", [])) or None,
    )


def instance_updated(
    event: Event, exception: EventException, *, changes: Changes, actor: Actor, cause: uuid.UUID
) -> None:
    """One occurrence as it is now to everybody in it, the creator included. A new time has not been accepted yet."""
    moved = exception.original_starts_at if changes.keys() & answers.MOVES else None
    members = {
        "event_exception": messages.exception_of(exception),
        "changes": in_json(changes),
        "tells_series": _tells_series(event),
    }
    _to_everybody("update", event, actor, cause, just_moved=moved, **members)


def _tells_series(event: Event) -> bool:
    own = Tenant.objects.filter(pk=event.tenant_id).values_list("mail_occurrences", flat=True).first()
    return (own or settings.MAIL_OCCURRENCES) == Tenant.MailOccurrences.WHOLE


def continued(event: Event, *, changes: Changes, actor: Actor, cause: uuid.UUID) -> None:
    """The later part of a series that was split, new to all calendars, to everybody in it with the answer each gave.

    `changes`: what is different in it.
    """
    _to_everybody("invite", event, actor, cause, continues=True, changes=in_json(changes))


def cancelled(event: Event, *, actor: Actor, cause: uuid.UUID, now: datetime) -> None:
    """The end of the meeting to everybody in it; nobody is told of what is over anyway."""
    if not event.is_past(now):
        _to_everybody("cancellation", event, actor, cause)


def reminded(
    event: Event,
    occurrence: Occurrence,
    invites: Sequence[AnyInvite],
    accounts: dict[str, Account],
    *,
    for_creator: bool,
) -> list[EventMessage]:
    """One message to each of them, in this order, the creator first; makes no codes, queues nothing."""
    strangers = [invite for invite in invites if isinstance(invite, EmailInvite)]
    known = with_remembered(event, strangers, accounts)
    built = for_its_creator("reminder", event) if for_creator else []
    built += build("reminder", event, invites, known, event.created_by)
    told = occurrence_of(event, occurrence.original_starts_at) if event.is_recurring else None
    people: list[unsubscribe.Subject] = [event.created_by_id] if for_creator else []
    people += [invite.invitee_id if isinstance(invite, EventInvite) else invite.email for invite in invites]
    return [
        replace(
            message,
            event=replace(message.event, exceptions=[]),
            event_exception=told,
            unsubscribe_url=unsubscribe.link_for(person),
        )
        for message, person in zip(built, people, strict=True)
    ]


def is_told(event: Event, address: str) -> bool:
    """Whether this address gets the event's mails."""
    return address == event.created_by.email or _invite_of(event, address) is not None


def made_anew(event: Event, stored: EventMessage, *, actor: Actor) -> EventMessage | None:
    """An invitation or an update as it reads now, to the same address; None where it gets the event's mails no more.

    What changed is said only where nothing has changed since.
    """
    action, address = stored.action, stored.invitee.email
    is_latest = stored.event.revision == event.sequence
    members: dict[str, Any] = {"continues": stored.continues, "changes": stored.changes if is_latest else {}}
    if action == "update":
        members = {
            "event_exception": _exception_now(event, stored.event_exception),
            "changes": stored.changes if is_latest else {},
            "tells_series": _tells_series(event),
            "lost": stored.lost if is_latest else [],
            "goes_on": stored.goes_on if is_latest else None,
            "ended": stored.ended if event.is_time_independent else None,
            "replaced": stored.replaced,
        }
    if address == event.created_by.email:
        built = for_its_creator(action, event)
    elif (invite := _invite_of(event, address)) is not None:
        inviter = invite.created_by if action == "invite" else event.created_by
        (message,) = _for_invites(action, event, [invite], actor, inviter)
        built = [_with_answers(message, answers.to_occurrences(event).get(invite.pk))]
    else:
        built = []
    return replace(built[0], **members) if built else None


def _invite_of(event: Event, address: str) -> AnyInvite | None:
    addresses = ((invite.invitee if isinstance(invite, EventInvite) else invite, invite) for invite in _people(event))
    return next((invite for person, invite in addresses if person.email == address), None)


def _exception_now(event: Event, stored: protocol.DateException | None) -> protocol.DateException | None:
    """The occurrence as it is; None where the series has it no more, and the whole is told."""
    series = event.as_series()
    if stored is None or series is None or not recurrence.is_occurrence(series, stored.exception_date.time):
        return None
    return occurrence_of(event, stored.exception_date.time)


def occurrence_of(event: Event, original_starts_at: datetime) -> protocol.DateException:
    """As it is now, though it may be as the series says."""
    rows = (row for row in event.exceptions.all() if row.original_starts_at == original_starts_at)
    row = next(rows, None) or EventException(original_starts_at=original_starts_at, kind=EventException.Kind.MODIFIED)
    row.event = event
    return messages.exception_of(row)


def uninvited(event: Event, invite: AnyInvite, *, actor: Actor, cause: uuid.UUID, now: datetime) -> None:
    if not event.is_past(now):
        enqueue(event, _for_invites("uninvite", event, [invite], actor, event.created_by), cause)


def _to_everybody(
    action: str, event: Event, actor: Actor, cause: uuid.UUID, *, just_moved: datetime | None = None, **members: Any
) -> None:
    enqueue(event, for_everybody(action, event, actor, just_moved=just_moved, **members), cause)


def for_everybody(
    action: str, event: Event, actor: Actor, *, just_moved: datetime | None = None, **members: Any
) -> list[EventMessage]:
    """`members` are those that this action's message has beyond the common ones. The creator's own comes first."""
    people = _people(event)
    built = _for_invites(action, event, people, actor, event.created_by)
    to_occurrences = answers.to_occurrences(event, just_moved=just_moved)
    known = [
        _with_answers(message, to_occurrences.get(invite.pk)) for invite, message in zip(people, built, strict=True)
    ]
    return [replace(message, **members) for message in (*for_its_creator(action, event), *known)]


def _people(event: Event) -> list[AnyInvite]:
    messages.read([event])
    people: list[AnyInvite] = [invite for invite in event.invites.all() if invite.invitee.disabled_since is None]
    return people + list(event.email_invites.all())


def _with_answers(message: EventMessage, to_occurrences: answers.ByOccurrence | None) -> EventMessage:
    return replace(message, recipient=replace(message.recipient, answers=to_occurrences)) if to_occurrences else message


def enqueue(event: Event, mails: Iterable[EventMessage], cause: uuid.UUID) -> None:
    """Unless the meeting sends none."""
    if event.sends_mails:
        outbox.enqueue(mails, cause=cause, tenant_id=event.tenant_id)


def as_read_by_a_guest(event: Event, action: str) -> EventMessage:
    """A mail of this action to look at, to nobody in particular with an account."""
    kind = OF_MEETINGS[f"registered_event_{action}"]
    creator = event.created_by
    return kind(
        event=messages.snapshot(event, is_ending=action in ENDINGS),
        inviter=registered(creator),
        invitee=RegisteredUser("guest@example.com", "", "Guest", "Example", creator.language),
        recipient=Recipient(creator.language, creator.time_zone),
    )


def for_its_creator(action: str, event: Event) -> list[EventMessage]:
    """The same object, to the creator as the attendee who has accepted. Ad-hoc meetings begin at once and need none."""
    creator = event.created_by
    if event.is_adhoc or creator.disabled_since is not None:
        return []
    message = _kind("registered", action)(
        event=messages.snapshot(event, is_ending=action in ENDINGS, for_creator=True),
        inviter=registered(creator),
        invitee=registered(creator),
        recipient=Recipient(creator.language, creator.time_zone, partstat="ACCEPTED", rsvp=False),
    )
    return [message]


def _for_invites(
    action: str, event: Event, invites: Sequence[AnyInvite], actor: Actor, inviter: User
) -> list[EventMessage]:
    """One message per person; the event's snapshot and the question who has an account are shared by all."""
    accounts = accounts_in(event, [invite for invite in invites if isinstance(invite, EmailInvite)])
    if action not in ENDINGS:
        _give_codes(invites, accounts, actor, inviter)
    return build(action, event, invites, accounts, inviter)


def _give_codes(invites: Sequence[AnyInvite], accounts: dict[str, Account], actor: Actor, inviter: User) -> None:
    """Outsiders' links must open the door: a code that was revoked is followed by a new one."""
    for invite in invites:
        if isinstance(invite, EmailInvite) and invite.email not in accounts:
            code_for(invite, user=inviter, actor=actor)


def build(
    action: str, event: Event, invites: Sequence[AnyInvite], accounts: dict[str, Account], inviter: User
) -> list[EventMessage]:
    """The messages as rows are now; changes none."""
    snapshot = messages.snapshot(event, is_ending=action in ENDINGS)
    built = []
    for invite in invites:
        if isinstance(invite, EventInvite):
            built.append(_for_user(action, snapshot, invite, inviter))
        elif invite.email in accounts:
            built.append(_for_account(action, snapshot, invite, inviter, accounts[invite.email]))
        else:
            built.append(_for_outsider(action, snapshot, invite, inviter))
    return built


def accounts_in(event: Event, invites: Sequence[EmailInvite]) -> dict[str, Account]:
    """By address. Rows are locked now, so that no other server is asked: what it said at the invitation counts then."""
    known = accounts_of(event.tenant_id, [invite.email for invite in invites], may_wait=False)
    return with_remembered(event, invites, known)


def with_remembered(event: Event, invites: Sequence[EmailInvite], known: dict[str, Account]) -> dict[str, Account]:
    """And those who had an account when they were invited, or who need one to come in."""
    remembered: Sequence[EmailInvite] = []
    if invites and not admits_guests(event.room):
        remembered = invites  # a guest code opens nothing there: outsiders, too, need an account to come in
    elif not is_local():
        # Outsiders got a guest code when they were invited.
        remembered = [invite for invite in invites if invite.invite_code_id is None]
    return {invite.email: Account(invite.email, invite.first_name, invite.last_name) for invite in remembered} | known


def _for_user(action: str, snapshot: protocol.Event, invite: EventInvite, inviter: User) -> EventMessage:
    person = invite.invitee
    return _kind("registered", action)(
        event=snapshot,
        inviter=registered(inviter),
        invitee=registered(person),
        recipient=Recipient(
            person.language, person.time_zone, PARTSTAT[invite.status], answer_token=_answer_token(action, invite)
        ),
    )


def _for_account(
    action: str, snapshot: protocol.Event, invite: EmailInvite, inviter: User, account: Account
) -> EventMessage:
    return _kind("unregistered", action)(
        event=snapshot,
        inviter=registered(inviter),
        invitee=UnregisteredUser(invite.email, account.first_name, account.last_name),
        recipient=_reads_like(action, invite, inviter, account),
    )


def _for_outsider(action: str, snapshot: protocol.Event, invite: EmailInvite, inviter: User) -> EventMessage:
    code = {} if action in ENDINGS else {"invite_code": str(invite.invite_code.code) if invite.invite_code else ""}
    return _kind("external", action)(
        event=snapshot,
        inviter=registered(inviter),
        invitee=ExternalUser(invite.email),
        recipient=_reads_like(action, invite, inviter, None),
        **code,
    )


def _reads_like(action: str, invite: EmailInvite, inviter: User, account: Account | None) -> Recipient:
    """What the address said of itself, else its account, else the inviter's language; an unset zone is the event's."""
    return Recipient(
        invite.language or (account.language if account else "") or inviter.language,
        invite.time_zone or (account.time_zone if account else ""),
        PARTSTAT[invite.status],
        answer_token=_answer_token(action, invite),
    )


def _answer_token(action: str, invite: AnyInvite) -> str:
    return "" if action in ENDINGS else tokens.token_of(invite)


def _kind(person: str, action: str) -> Callable[..., EventMessage]:
    """The class for e.g. an external person's update."""
    return OF_MEETINGS[f"{person}_event_{action}"]


def registered(user: User) -> RegisteredUser:
    return RegisteredUser(
        email=user.email,
        title=user.title,
        first_name=user.first_name,
        last_name=user.last_name,
        language=user.language or present("DEFAULT_USER_LANGUAGE"),
    )
